/* cifar.c - CIFAR-10 as it is published: the binary version.
 *
 * A batch file is 10 000 records of 3073 bytes: the label, then 32 x 32 red,
 * green and blue values. All of a split is read at once and kept as it is; taking
 * an image out is a transposition.
 *
 * Source: Krizhevsky 2009; https://www.cs.toronto.edu/~kriz/cifar.html
 */
#include "data/dataset_impl.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "io/image.h"

enum { SIDE = 32, PLANE = SIDE * SIDE, RECORD = 1 + 3 * PLANE, RECORDS = 10000, CLASSES = 10 };

static const char *const folder_name = "cifar-10-batches-bin";

static const char *const class_names[CLASSES] = {
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
};

static const char *const train_files[] = { "data_batch_1.bin", "data_batch_2.bin",
                                           "data_batch_3.bin", "data_batch_4.bin",
                                           "data_batch_5.bin" };
static const char *const test_files[] = { "test_batch.bin" };

struct cifar {
    char *batch[5];
};

static int check_batch(const char *bytes, size_t size, const char *path)
{
    if (size != (size_t)RECORD * RECORDS)
        return scl_fail(SCL_DATA, "%s: is %zu bytes long, not %d (%d images of %d bytes)", path,
                        size, RECORD * RECORDS, RECORDS, RECORD);
    for (int i = 0; i < RECORDS; i++) {
        const int label = (uint8_t)bytes[(size_t)i * RECORD];

        if (label >= CLASSES)
            return scl_fail(SCL_DATA, "%s: image %d has label %d, not 0 to %d", path, i, label,
                            CLASSES - 1);
    }
    return SCL_OK;
}

static int load_batch(char **out, const char *folder, const char *name)
{
    char *path = scl_path_join(folder, name);
    size_t size;
    int rc = SCL_NOMEM;

    if (!path)
        return rc;
    /* A longer file is read too, up to a bound, for the message to say how long. */
    SCL_TRY(scl_file_read(out, &size, path, (size_t)1 << 30));
    SCL_TRY(check_batch(*out, size, path));
out:
    free(path);
    return rc;
}

/* The ten lines of batches.meta.txt become the names; without that file, or with
 * another number of lines in it, they are the published ones. */
static int set_class_names(struct scl_dataset *d, const char *folder)
{
    const char **names = scl_arena_alloc(&d->arena, CLASSES * sizeof *names);
    char *path = scl_path_join(folder, "batches.meta.txt"), *text = NULL, *rest = NULL;
    int n = 0, rc = SCL_NOMEM;
    size_t size;

    if (!names || !path)
        goto out;
    rc = SCL_OK;
    d->n_classes = CLASSES;
    d->class_name = class_names;
    if (scl_path_kind(path) != SCL_PATH_FILE)
        goto out;
    SCL_TRY(scl_file_read(&text, &size, path, 1 << 16));
    for (char *line = strtok_r(text, "\r\n", &rest); line && n < CLASSES;
         line = strtok_r(NULL, "\r\n", &rest)) {
        names[n] = scl_arena_text(&d->arena, "%s", line);
        if (!names[n++]) {
            rc = SCL_NOMEM;
            goto out;
        }
    }
    if (n == CLASSES)
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
        label[i] = (uint8_t)own->batch[i / RECORDS][(size_t)(i % RECORDS) * RECORD];
    d->label = label;
    return SCL_OK;
}

static int open_cifar(struct scl_dataset *d, const struct scl_data_spec *spec)
{
    struct cifar *own = scl_arena_alloc(&d->arena, sizeof *own);
    const bool train = strcmp(d->split, "train") == 0;
    const char *const *files = train ? train_files : test_files;
    const int n_files = train ? 5 : 1;
    char *folder = NULL;
    int rc = SCL_NOMEM;

    d->own = own;
    if (!own)
        return rc;
    if (!spec->root)
        return scl_fail(SCL_CONFIG, "data: kind 'cifar10' needs a root folder");
    if (!train && strcmp(d->split, "test") != 0)
        return scl_fail(SCL_CONFIG, "%s: CIFAR-10 has the splits 'train' and 'test', not '%s'",
                        spec->root, d->split);
    folder = scl_path_join(spec->root, folder_name);
    if (!folder)
        return rc;
    if (scl_path_kind(folder) != SCL_PATH_FOLDER)
        folder[strlen(spec->root)] = '\0'; /* the files lie in the root itself */
    for (int i = 0; i < n_files; i++)
        SCL_TRY(load_batch(&own->batch[i], folder, files[i]));
    d->n = (uint32_t)(n_files * RECORDS);
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
    const char *planes = own->batch[index / RECORDS] + (size_t)(index % RECORDS) * RECORD + 1;
    const int rc = scl_image_init(out, SIDE, SIDE, "CIFAR-10");

    if (rc < 0)
        return rc;
    for (int p = 0; p < PLANE; p++)
        for (int c = 0; c < 3; c++)
            out->pixels[p * 3 + c] = (uint8_t)planes[c * PLANE + p];
    return SCL_OK;
}

static void close_cifar(struct scl_dataset *d)
{
    struct cifar *own = d->own;

    for (int i = 0; own && i < 5; i++)
        free(own->batch[i]);
}

const struct scl_dataset_kind scl_dataset_cifar10 = {
    .name = "cifar10",
    .in_memory = true,
    .open = open_cifar,
    .decode = decode,
    .close = close_cifar,
};
