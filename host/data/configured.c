/* configured.c - from the group `data` of a configuration to a data set. */
#include "data/configured.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"

int scl_dataset_open_configured(struct scl_dataset **out, const struct scl_data_config *c,
                                const char *split)
{
    static const char *const kind[] = { [SCL_DATA_SYNTHETIC] = "synthetic",
                                        [SCL_DATA_IMAGE_FOLDER] = "image_folder",
                                        [SCL_DATA_CIFAR10] = "cifar10",
                                        [SCL_DATA_CIFAR100] = "cifar100" };
    const bool test = strcmp(split, "test") == 0;
    const struct scl_data_spec spec = {
        .kind = kind[c->kind],
        .root = c->root,
        .split = test ? "test" : "train",
        .classes = c->classes[0] ? c->classes : NULL,
        .max_side = c->max_side,
        .coarse = c->labels == SCL_LABELS_COARSE,
        .n = (uint32_t)(test ? c->test_size : c->train_size),
        .seed = c->seed,
        .hold_out = test ? 0 : (uint32_t)c->validation,
        .held_out = strcmp(split, "validation") == 0,
        .cache_bytes = c->cache_bytes,
        .threads = c->threads,
    };

    return scl_dataset_open(out, &spec);
}

int scl_dataset_has_test(bool *out, const struct scl_data_config *c)
{
    char *path;

    *out = true;
    if (c->kind != SCL_DATA_IMAGE_FOLDER)
        return SCL_OK;
    if (!(path = scl_path_join(c->root, "test")))
        return SCL_NOMEM;
    *out = scl_path_kind(path) != SCL_PATH_NONE;
    free(path);
    return SCL_OK;
}

struct scl_extent scl_dataset_expected(const struct scl_data_config *c)
{
    const bool folder = c->kind == SCL_DATA_IMAGE_FOLDER;
    const int side = !folder ? 32 : c->max_side > 0 ? c->max_side : SCL_EXPECTED_SIDE;
    struct scl_extent e = { .max_side = side, .bytes = 3 * side * side, .classes = 10 };

    if (folder)
        e.classes = 1000;
    else
        e.count =
            (uint32_t)((c->kind == SCL_DATA_SYNTHETIC ? c->train_size : 50000) - c->validation);
    if (c->kind == SCL_DATA_CIFAR100)
        e.classes = c->labels == SCL_LABELS_COARSE ? 20 : 100;
    return e;
}
