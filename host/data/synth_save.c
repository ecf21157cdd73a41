/* synth_save.c - the built-in data set written out as folders of PNG files. */
#include "data/dataset_impl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "io/image.h"

static int save_image(struct scl_dataset *d, const char *split_folder, uint32_t index)
{
    char pixels_name[32];
    char *folder =
        scl_path_join(split_folder, scl_dataset_class_name(d, scl_dataset_label(d, index)));
    struct scl_image image = { 0 };
    char *path = NULL;
    int rc = SCL_NOMEM;

    if (!folder)
        return rc;
    snprintf(pixels_name, sizeof pixels_name, "%05u.png", index);
    path = scl_path_join(folder, pixels_name);
    if (!path)
        goto out;
    SCL_TRY(d->kind->decode(d, index, &image));
    if (index < SCL_SYNTH_CLASSES) /* the first of its class */
        SCL_TRY(scl_folder_make(folder));
    SCL_TRY(scl_image_save_png(path, &image));
out:
    scl_image_fini(&image);
    free(path);
    free(folder);
    return rc;
}

static int save_split(const char *root, const char *split, uint32_t n, uint64_t seed)
{
    const struct scl_data_spec spec = { .kind = "synthetic", .split = split, .n = n, .seed = seed };
    struct scl_dataset *d = NULL;
    char *folder = scl_path_join(root, split);
    int rc = SCL_NOMEM;

    if (!folder)
        return rc;
    SCL_TRY(scl_folder_make(folder));
    if (n > 0) /* 0 would ask for the usual number */
        SCL_TRY(scl_dataset_open(&d, &spec));
    for (uint32_t i = 0; i < n; i++)
        SCL_TRY(save_image(d, folder, i));
out:
    scl_dataset_close(d);
    free(folder);
    return rc;
}

/* Free for a new set: nothing there, or an empty folder. */
static int check_root(const char *root)
{
    struct scl_folder folder = { 0 };
    size_t n;
    int rc;

    if (scl_path_kind(root) == SCL_PATH_NONE)
        return SCL_OK;
    rc = scl_folder_load(&folder, root);
    if (rc < 0)
        return rc;
    n = folder.n;
    scl_folder_fini(&folder);
    return n == 0 ? SCL_OK
                  : scl_fail(SCL_DATA, "%s: exists and is not empty; choose another folder", root);
}

int scl_data_synth_save(const char *root, uint32_t n_train, uint32_t n_test, uint64_t seed)
{
    size_t length = strlen(root);
    char *partial = malloc(length + sizeof ".partial"), *final = strdup(root);
    int rc = SCL_OK;

    if (!partial || !final) {
        rc = scl_fail(SCL_NOMEM, "%s: no memory for a path", root);
        goto out;
    }
    while (length > 1 && final[length - 1] == '/')
        final[--length] = '\0';
    snprintf(partial, length + sizeof ".partial", "%s.partial", final);
    SCL_TRY(check_root(final));
    if (scl_path_kind(partial) != SCL_PATH_NONE) {
        rc =
            scl_fail(SCL_DATA, "%s: is left from a write that was interrupted; remove it", partial);
        goto out;
    }
    SCL_TRY(save_split(partial, "train", n_train, seed));
    SCL_TRY(save_split(partial, "test", n_test, seed));
    if (rename(partial, final) < 0)
        rc = scl_fail(SCL_IO, "%s: cannot be renamed to %s: %s", partial, final, strerror(errno));
out:
    free(partial);
    free(final);
    return rc;
}
