/* image_folder.c - PNG and JPEG files, a folder for each class.
 *
 *     root/train/CLASS/NAME.png  root/test/CLASS/NAME.png    splits by name
 *     root/CLASS/NAME.png                                    no splits: all is "train"
 *     root/train/NAME.png or root/NAME.png                   no classes: unlabelled
 *
 * Names are sorted by their bytes, so that image 17 is image 17 on every machine.
 * Labels count the class folders of "train", in every split; a list of classes
 * takes some of them, in its own order. Hidden names and files that are neither .png,
 * .jpg nor .jpeg are passed over, and so are images beside class folders. A link to
 * nothing, where it may stand for a class, is refused: the run would lack that class.
 * Only these levels are read, so a loop of links is harmless.
 */
#include "data/dataset_impl.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/status.h"
#include "data/class_list_impl.h"
#include "data/parallel.h"
#include "io/image.h"

struct file {
    const char *folder, *name;
    int32_t label;
};

struct image_folder {
    struct file *file; /* [n]; grows while it is being filled */
    size_t room;
    int32_t (*size)[2];         /* [n], in the files */
    int32_t (*kept)[2];         /* [n], as they are decoded: no longer than max_side */
    int max_side;               /* 0: any */
    struct scl_class_list list; /* no names: every class folder is used */
};

static bool is_image_name(const char *name)
{
    const char *dot = strrchr(name, '.');

    return name[0] != '.' && dot &&
           (strcasecmp(dot, ".png") == 0 || strcasecmp(dot, ".jpg") == 0 ||
            strcasecmp(dot, ".jpeg") == 0);
}

static bool is_class(const struct scl_folder_entry *entry)
{
    return entry->kind == SCL_PATH_FOLDER && entry->name[0] != '.';
}

/* The names in a folder of classes. */
static int load_classes(struct scl_folder *out, const char *path)
{
    int rc = scl_folder_load(out, path);

    for (size_t i = 0; rc == SCL_OK && i < out->n; i++) {
        const struct scl_folder_entry *entry = &out->entry[i];

        if (entry->kind == SCL_PATH_NONE && entry->name[0] != '.' && !is_image_name(entry->name))
            rc = scl_fail(SCL_DATA, "%s/%s: is a link to nothing, wanted a class folder", path,
                          entry->name);
    }
    return rc;
}

static int push_file(struct scl_dataset *d, const char *folder, const char *name, int32_t label)
{
    struct image_folder *own = d->own;
    const char *copy = scl_arena_text(&d->arena, "%s", name);

    if (!copy)
        return SCL_NOMEM;
    if (d->n == INT32_MAX)
        return scl_fail(SCL_DATA, "%s: there are more than %d images", folder, INT32_MAX);
    if (d->n == own->room) {
        const size_t room = own->room ? 2 * own->room : 1024;
        struct file *grown = realloc(own->file, room * sizeof *grown);

        if (!grown)
            return scl_fail(SCL_NOMEM, "%s: no memory for %zu file names", folder, room);
        own->file = grown;
        own->room = room;
    }
    own->file[d->n++] = (struct file){ folder, copy, label };
    return SCL_OK;
}

/* The images that lie in one folder; refuses to find none, except of a listed class
 * that is not trained on. */
static int add_images(struct scl_dataset *d, const char *path, const struct scl_folder *folder,
                      int32_t label)
{
    const struct image_folder *own = d->own;
    const bool may_be_empty = own->list.n > 0 && strcmp(d->split, "train") != 0;
    const char *kept = scl_arena_text(&d->arena, "%s", path);
    const uint32_t before = d->n;

    if (!kept)
        return SCL_NOMEM;
    for (size_t i = 0; i < folder->n; i++)
        if (is_image_name(folder->entry[i].name) && folder->entry[i].kind != SCL_PATH_FOLDER) {
            const int rc = push_file(d, kept, folder->entry[i].name, label);

            if (rc < 0)
                return rc;
        }
    return d->n > before || may_be_empty
               ? SCL_OK
               : scl_fail(SCL_DATA, "%s: holds no .png, .jpg or .jpeg image", path);
}

static int add_class(struct scl_dataset *d, const char *root, const char *name, int32_t label)
{
    struct scl_folder folder = { 0 };
    char *path = scl_path_join(root, name);
    int rc = SCL_NOMEM;

    if (!path)
        return rc;
    SCL_TRY(scl_folder_load(&folder, path));
    SCL_TRY(add_images(d, path, &folder, label));
out:
    scl_folder_fini(&folder);
    free(path);
    return rc;
}

/* The class folders in `folder` become the classes, in order. */
static int set_classes(struct scl_dataset *d, const struct scl_folder *folder)
{
    const char **names = scl_arena_alloc(&d->arena, (folder->n + 1) * sizeof *names);

    if (!names)
        return SCL_NOMEM;
    for (size_t i = 0; i < folder->n; i++)
        if (is_class(&folder->entry[i])) {
            names[d->n_classes] = scl_arena_text(&d->arena, "%s", folder->entry[i].name);
            if (!names[d->n_classes++])
                return SCL_NOMEM;
        }
    d->class_name = names;
    return SCL_OK;
}

/* The classes are those of the list, each with a folder in train's, which is `path`. */
static int set_listed_classes(struct scl_dataset *d, const struct scl_folder *train,
                              const char *path, const char *list)
{
    struct image_folder *own = d->own;
    int rc;

    SCL_TRY(scl_class_list_load(&own->list, &d->arena, list));
    SCL_TRY(scl_class_list_check(&own->list, train, path));
    d->n_classes = own->list.n;
    d->class_name = own->list.name;
out:
    return rc;
}

static int compare_name(const void *name, const void *class_name)
{
    return strcmp(name, *(const char *const *)class_name);
}

/* The label, or the code of a refusal; train's folders are sorted. */
static int find_label(const struct scl_dataset *d, const char *root, const char *name)
{
    const char *const *found = NULL;

    if (d->n_classes > 0)
        found =
            bsearch(name, d->class_name, (size_t)d->n_classes, sizeof *d->class_name, compare_name);
    if (found)
        return (int)(found - d->class_name);
    return scl_fail(SCL_DATA, "%s: its folder '%s' is not one of the %d classes of train", root,
                    name, d->n_classes);
}

/* All images of the split whose folder is `path`; d has train's classes. */
static int add_split(struct scl_dataset *d, const char *path)
{
    struct scl_folder folder = { 0 };
    bool labelled = false;
    int rc;

    SCL_TRY(load_classes(&folder, path));
    for (size_t i = 0; i < folder.n; i++) {
        const char *name = folder.entry[i].name;
        int label;

        if (!is_class(&folder.entry[i]))
            continue;
        labelled = true;
        SCL_TRY(label = find_label(d, path, name));
        SCL_TRY(add_class(d, path, name, label));
    }
    if (!labelled) {
        d->n_classes = 0;
        SCL_TRY(add_images(d, path, &folder, -1));
    }
out:
    scl_folder_fini(&folder);
    return rc;
}

/* The same for the listed classes: each has a folder, and at least one an image. */
static int add_listed(struct scl_dataset *d, const char *path)
{
    const struct image_folder *own = d->own;
    struct scl_folder folder = { 0 };
    int rc;

    SCL_TRY(scl_folder_load(&folder, path));
    SCL_TRY(scl_class_list_check(&own->list, &folder, path));
    for (int c = 0; c < d->n_classes; c++)
        SCL_TRY(add_class(d, path, d->class_name[c], c));
    if (d->n == 0)
        rc = scl_fail(SCL_DATA, "%s: holds no image of the classes of %s", path, own->list.path);
out:
    scl_folder_fini(&folder);
    return rc;
}

/* Where the split and train's classes are; both are yours to free. */
static int find_split(char **split, char **train, const struct scl_dataset *d, const char *root)
{
    char *path = scl_path_join(root, d->split);
    char *train_path = scl_path_join(root, "train");
    int rc = SCL_OK;

    if (!path || !train_path) {
        rc = SCL_NOMEM;
    } else if (scl_path_kind(root) != SCL_PATH_FOLDER) {
        rc = scl_fail(SCL_DATA, "%s: there is no such folder", root);
    } else if (scl_path_kind(train_path) == SCL_PATH_FOLDER) {
        if (scl_path_kind(path) != SCL_PATH_FOLDER)
            rc =
                scl_fail(SCL_DATA, "%s: there is no such folder, so no split '%s'", path, d->split);
    } else if (strcmp(d->split, "train") != 0) {
        rc = scl_fail(SCL_DATA,
                      "%s: has no folder 'train', so all of it is the split 'train' and "
                      "there is no '%s'",
                      root, d->split);
    } else {
        path[strlen(root)] = train_path[strlen(root)] = '\0'; /* the root itself */
    }
    if (rc < 0) {
        free(path);
        free(train_path);
        return rc;
    }
    *split = path;
    *train = train_path;
    return SCL_OK;
}

static char *file_path(const struct scl_dataset *d, uint32_t index)
{
    const struct image_folder *own = d->own;

    return scl_path_join(own->file[index].folder, own->file[index].name);
}

static int read_size(void *context, uint32_t index)
{
    const struct scl_dataset *d = context;
    struct image_folder *own = d->own;
    char *path = file_path(d, index);
    struct scl_image image;
    int rc;

    if (!path)
        return SCL_NOMEM;
    rc = scl_image_info(&image, path);
    if (rc == SCL_OK) {
        own->size[index][0] = own->kept[index][0] = image.height;
        own->size[index][1] = own->kept[index][1] = image.width;
        if (own->max_side > 0)
            scl_image_shrunk_size(own->kept[index], own->max_side);
    }
    free(path);
    return rc;
}

/* From what the files said: greatest size, labels. */
static int set_sizes(struct scl_dataset *d)
{
    const struct image_folder *own = d->own;
    int32_t *label = scl_arena_alloc(&d->arena, d->n * sizeof *label);
    bool equal = true;

    if (!label)
        return SCL_NOMEM;
    for (uint32_t i = 0; i < d->n; i++) {
        const int32_t *size = own->kept[i];

        d->height = size[0] > d->height ? size[0] : d->height;
        d->width = size[1] > d->width ? size[1] : d->width;
        equal = equal && size[0] == own->kept[0][0] && size[1] == own->kept[0][1];
        label[i] = own->file[i].label;
    }
    d->image_size = equal ? NULL : (const int32_t(*)[2])own->kept;
    d->label = d->n_classes ? label : NULL;
    return SCL_OK;
}

static int open_folder(struct scl_dataset *d, const struct scl_data_spec *spec)
{
    struct image_folder *own = scl_arena_alloc(&d->arena, sizeof *own);
    struct scl_folder train = { 0 };
    char *path = NULL, *train_path = NULL;
    int rc = SCL_NOMEM;

    d->own = own;
    if (!own)
        return rc;
    if (!spec->root)
        return scl_fail(SCL_CONFIG, "data: kind 'image_folder' needs a root folder");
    SCL_TRY(find_split(&path, &train_path, d, spec->root));
    if (spec->classes) {
        SCL_TRY(scl_folder_load(&train, train_path));
        SCL_TRY(set_listed_classes(d, &train, train_path, spec->classes));
        SCL_TRY(add_listed(d, path));
    } else {
        SCL_TRY(load_classes(&train, train_path));
        SCL_TRY(set_classes(d, &train));
        SCL_TRY(add_split(d, path));
    }
    own->max_side = spec->max_side;
    own->size = scl_arena_alloc(&d->arena, d->n * sizeof *own->size);
    own->kept = scl_arena_alloc(&d->arena, d->n * sizeof *own->kept);
    if (!own->size || !own->kept) {
        rc = SCL_NOMEM;
        goto out;
    }
    SCL_TRY(scl_parallel_run(d->n, spec->threads, read_size, d, spec->progress,
                             spec->progress_context));
    SCL_TRY(set_sizes(d));
out:
    scl_folder_fini(&train);
    free(path);
    free(train_path);
    return rc;
}

static int decode(const struct scl_dataset *d, uint32_t index, struct scl_image *out)
{
    const struct image_folder *own = d->own;
    const int32_t *size = own->size[index];
    struct scl_image image = { 0 };
    char *path = file_path(d, index);
    int rc = SCL_NOMEM;

    if (!path)
        return rc;
    SCL_TRY(scl_image_load(&image, path));
    if (image.height != size[0] || image.width != size[1]) {
        rc = scl_fail(SCL_DATA, "%s: has changed: it is %d x %d pixels, and was %d x %d", path,
                      image.width, image.height, size[1], size[0]);
        goto out;
    }
    if (own->max_side > 0)
        SCL_TRY(scl_image_shrink(&image, own->max_side));
    *out = image;
    image = (struct scl_image){ 0 };
out:
    scl_image_fini(&image);
    free(path);
    return rc;
}

static void close_folder(struct scl_dataset *d)
{
    struct image_folder *own = d->own;

    if (own)
        free(own->file);
}

const struct scl_dataset_kind scl_dataset_image_folder = {
    .name = "image_folder",
    .in_files = true,
    .open = open_folder,
    .decode = decode,
    .close = close_folder,
};
