/* cifar.c - CIFAR-10 and CIFAR-100 as they are published: the binary versions.
 *
 * A record is a byte for each label (CIFAR-10: the class; CIFAR-100: the coarse one of
 * 20, the fine one of 100), then 32 x 32 red, green and blue values. All of a split is
 * read at once and kept as it is; taking an image out is a transposition.
 *
 * Source: Krizhevsky 2009; https://www.cs.toronto.edu/~kriz/cifar.html
 */
#include "data/dataset_impl.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "io/image.h"

enum { SIDE = 32, PLANE = SIDE * SIDE, MAX_FILES = 5, MAX_LABELS = 2 };

/* One of a record's labels. */
struct labels {
    const char *what; /* refusals call it so */
    const char *file; /* a line for each class: its name */
    int n;
    const char *const *name; /* as published */
};

struct split {
    int n_files, n_records; /* records in each file */
    const char *file[MAX_FILES];
};

struct publication {
    const char *kind, *title, *folder;
    int n_labels;
    struct labels labels[MAX_LABELS]; /* in the record's order, the coarsest first */
    struct split train, test;
};

// clang-format off
static const struct publication publications[] = {
    { .kind = "cifar10", .title = "CIFAR-10", .folder = "cifar-10-batches-bin", .n_labels = 1,
      .labels = { { "label", "batches.meta.txt", 10, scl_cifar10_names } },
      .train = { 5, 10000, { "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                             "data_batch_4.bin", "data_batch_5.bin" } },
      .test = { 1, 10000, { "test_batch.bin" } } },
    { .kind = "cifar100", .title = "CIFAR-100", .folder = "cifar-100-binary", .n_labels = 2,
      .labels = { { "coarse label", "coarse_label_names.txt", 20, scl_cifar100_coarse_names },
                  { "fine label", "fine_label_names.txt", 100, scl_cifar100_fine_names } },
      .train = { 1, 50000, { "train.bin" } },
      .test = { 1, 10000, { "test.bin" } } },
};
// clang-format on

struct cifar {
    const struct publication *of;
    const struct split *split;
    int label; /* the one that is read */
    char *bytes[MAX_FILES];
};

static const struct publication *find_publication(const char *kind)
{
    const struct publication *p = publications;

    while (strcmp(p->kind, kind) != 0)
        p++;
    return p;
}

static size_t record_bytes(const struct publication *p)
{
    return (size_t)p->n_labels + 3 * PLANE;
}

static const uint8_t *record(const struct cifar *own, uint32_t index)
{
    const uint32_t n = (uint32_t)own->split->n_records;

    return (const uint8_t *)own->bytes[index / n] + index % n * record_bytes(own->of);
}

static int check_file(const struct cifar *own, const char *bytes, size_t size, const char *path)
{
    const size_t record = record_bytes(own->of), n = (size_t)own->split->n_records;

    if (size != n * record)
        return scl_fail(SCL_DATA, "%s: is %zu bytes long, not %zu (%zu images of %zu bytes)", path,
                        size, n * record, n, record);
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < own->of->n_labels; k++) {
            const struct labels *labels = &own->of->labels[k];
            const int label = (uint8_t)bytes[i * record + (size_t)k];

            if (label >= labels->n)
                return scl_fail(SCL_DATA, "%s: image %zu has %s %d, not 0 to %d", path, i,
                                labels->what, label, labels->n - 1);
        }
    return SCL_OK;
}

static int load_file(char **out, const struct cifar *own, const char *folder, const char *name)
{
    char *path = scl_path_join(folder, name);
    size_t size;
    int rc = SCL_NOMEM;

    if (!path)
        return rc;
    /* A longer file is read too, for the message to say what is wanted, but not any. */
    SCL_TRY(
        scl_file_read(out, &size, path, 2 * (size_t)own->split->n_records * record_bytes(own->of)));
    SCL_TRY(check_file(own, *out, size, path));
out:
    free(path);
    return rc;
}

/* The lines of the publication's file become the names; without that file, or with
 * another number of lines in it, they are the published ones. */
static int set_class_names(struct scl_dataset *d, const char *folder)
{
    const struct cifar *own = d->own;
    const struct labels *labels = &own->of->labels[own->label];
    const char **names = scl_arena_alloc(&d->arena, (size_t)labels->n * sizeof *names);
    char *path = scl_path_join(folder, labels->file), *text = NULL, *rest = NULL;
    int n = 0, rc = SCL_NOMEM;
    size_t size;

    if (!names || !path)
        goto out;
    rc = SCL_OK;
    d->n_classes = labels->n;
    d->class_name = labels->name;
    if (scl_path_kind(path) != SCL_PATH_FILE)
        goto out;
    SCL_TRY(scl_file_read(&text, &size, path, 1 << 16));
    for (char *line = strtok_r(text, "\r\n", &rest); line && n < labels->n;
         line = strtok_r(NULL, "\r\n", &rest)) {
        names[n] = scl_arena_text(&d->arena, "%s", line);
        if (!names[n++]) {
            rc = SCL_NOMEM;
            goto out;
        }
    }
    if (n == labels->n)
        d->class_name = names;
out:
    free(text);
    free(path);
    return rc;
}

static int set_labels(struct scl_dataset *d)
{
    const struct cifar *own = d->own;
    int32_t *label = scl_arena_alloc(&d->arena, d->n * sizeof *label);

    if (!label)
        return SCL_NOMEM;
    for (uint32_t i = 0; i < d->n; i++)
        label[i] = record(own, i)[own->label];
    d->label = label;
    return SCL_OK;
}

static int open_cifar(struct scl_dataset *d, const struct scl_data_spec *spec)
{
    struct cifar *own = scl_arena_alloc(&d->arena, sizeof *own);
    const struct publication *p = find_publication(d->kind->name);
    const bool train = strcmp(d->split, "train") == 0;
    char *folder = NULL;
    int rc = SCL_NOMEM;

    d->own = own;
    if (!own)
        return rc;
    if (!spec->root)
        return scl_fail(SCL_CONFIG, "data: kind '%s' needs a root folder", p->kind);
    if (!train && strcmp(d->split, "test") != 0)
        return scl_fail(SCL_CONFIG, "%s: %s has the splits 'train' and 'test', not '%s'",
                        spec->root, p->title, d->split);
    folder = scl_path_join(spec->root, p->folder);
    if (!folder)
        return rc;
    if (scl_path_kind(folder) != SCL_PATH_FOLDER)
        folder[strlen(spec->root)] = '\0'; /* the files lie in the root itself */
    own->of = p;
    own->split = train ? &p->train : &p->test;
    own->label = spec->coarse ? 0 : p->n_labels - 1;
    for (int i = 0; i < own->split->n_files; i++)
        SCL_TRY(load_file(&own->bytes[i], own, folder, own->split->file[i]));
    d->n = (uint32_t)(own->split->n_files * own->split->n_records);
    d->height = d->width = SIDE;
    SCL_TRY(set_class_names(d, folder));
    SCL_TRY(set_labels(d));
out:
    free(folder);
    return rc;
}

static int decode(const struct scl_dataset *d, uint32_t index, struct scl_image *out)
{
    const struct cifar *own = d->own;
    const uint8_t *planes = record(own, index) + own->of->n_labels;
    const int rc = scl_image_init(out, SIDE, SIDE, own->of->title);

    if (rc < 0)
        return rc;
    for (int p = 0; p < PLANE; p++)
        for (int c = 0; c < 3; c++)
            out->pixels[p * 3 + c] = planes[c * PLANE + p];
    return SCL_OK;
}

static void close_cifar(struct scl_dataset *d)
{
    struct cifar *own = d->own;

    for (int i = 0; own && i < MAX_FILES; i++)
        free(own->bytes[i]);
}

const struct scl_dataset_kind scl_dataset_cifar10 = {
    .name = "cifar10",
    .in_memory = true,
    .open = open_cifar,
    .decode = decode,
    .close = close_cifar,
};

const struct scl_dataset_kind scl_dataset_cifar100 = {
    .name = "cifar100",
    .in_memory = true,
    .open = open_cifar,
    .decode = decode,
    .close = close_cifar,
};
