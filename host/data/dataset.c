/* dataset.c - the list of kinds, and what all kinds share: sizes, the cache. */
#include "data/dataset_impl.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "data/parallel.h"
#include "io/image.h"

static const struct scl_dataset_kind *const kinds[] = {
    &scl_dataset_synthetic,
    &scl_dataset_image_folder,
    &scl_dataset_cifar10,
    &scl_dataset_cifar100,
};

/* One byte an image; FILLING is held by the one thread that copies into it. */
enum { EMPTY, FILLING, READY };

static int find_kind(const struct scl_dataset_kind **out, const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i]->name, name) == 0) {
            *out = kinds[i];
            return SCL_OK;
        }
    return scl_fail(
        SCL_CONFIG,
        "data: there is no kind '%s'; there are synthetic, image_folder, cifar10, cifar100", name);
}

static size_t image_bytes(const struct scl_dataset *d, uint32_t index)
{
    return d->image_size ? (size_t)d->image_size[index][0] * (size_t)d->image_size[index][1] * 3
                         : d->max_bytes;
}

/* The largest image, and the bytes of all together. */
static size_t measure(struct scl_dataset *d)
{
    size_t sum = 0;

    if (!d->image_size) {
        d->max_bytes = (size_t)d->height * (size_t)d->width * 3;
        return d->max_bytes * d->n;
    }
    for (uint32_t i = 0; i < d->n; i++) {
        const size_t bytes = image_bytes(d, i);

        sum += bytes;
        if (bytes > d->max_bytes)
            d->max_bytes = bytes;
    }
    return sum;
}

static int open_cache(struct scl_dataset *d, size_t bytes)
{
    d->cache = malloc(bytes);
    d->cache_state = calloc(d->n, sizeof *d->cache_state);
    if (d->image_size)
        d->cache_at = malloc(d->n * sizeof *d->cache_at);
    if (!d->cache || !d->cache_state || (d->image_size && !d->cache_at))
        return scl_fail(SCL_NOMEM, "data: no memory to keep %u images (%zu bytes)", d->n, bytes);
    for (uint32_t i = 0; d->cache_at && i < d->n; i++)
        d->cache_at[i] = i == 0 ? 0 : d->cache_at[i - 1] + image_bytes(d, i - 1);
    return SCL_OK;
}

/* Leaves the images of one part: those held out, or the others. */
static int hold_out(struct scl_dataset *d, const struct scl_data_spec *spec)
{
    if (spec->hold_out == 0)
        return SCL_OK;
    if (spec->hold_out >= d->n)
        return scl_fail(SCL_CONFIG, "data: %u images are to be held out of the %u of split %s",
                        spec->hold_out, d->n, d->split);
    if (!(d->shown = malloc(d->n * sizeof *d->shown)))
        return scl_fail(SCL_NOMEM, "data: no memory for the numbers of %u images", d->n);
    scl_data_hold_out(d->shown, d->n, spec->hold_out, spec->seed);
    d->n_shown = spec->held_out ? spec->hold_out : d->n - spec->hold_out;
    if (!spec->held_out)
        memmove(d->shown, d->shown + spec->hold_out, d->n_shown * sizeof *d->shown);
    return SCL_OK;
}

int scl_dataset_open(struct scl_dataset **out, const struct scl_data_spec *spec)
{
    const struct scl_dataset_kind *kind = NULL;
    struct scl_dataset *d;
    size_t bytes;
    int rc = find_kind(&kind, spec->kind);

    if (rc < 0)
        return rc;
    d = calloc(1, sizeof *d);
    if (!d)
        return scl_fail(SCL_NOMEM, "data: no memory for a data set");
    d->kind = kind;
    d->split = scl_arena_text(&d->arena, "%s", spec->split ? spec->split : "train");
    if (!d->split) {
        rc = SCL_NOMEM;
        goto out;
    }
    SCL_TRY(kind->open(d, spec));
    SCL_TRY(hold_out(d, spec));
    bytes = measure(d);
    if (!kind->in_memory && bytes <= spec->cache_bytes) {
        SCL_TRY(open_cache(d, bytes));
        if (kind->in_files)
            SCL_TRY(scl_dataset_check(d, spec));
    }
    *out = d;
    d = NULL;
out:
    scl_dataset_close(d);
    return rc;
}

void scl_dataset_close(struct scl_dataset *d)
{
    if (!d)
        return;
    if (d->kind->close)
        d->kind->close(d);
    free(d->cache);
    free(d->cache_at);
    free(d->cache_state);
    free(d->shown);
    scl_arena_fini(&d->arena);
    free(d);
}

uint32_t scl_dataset_count(const struct scl_dataset *d)
{
    return d->shown ? d->n_shown : d->n;
}

/* The kind's number of an image. */
static uint32_t number_of(const struct scl_dataset *d, uint32_t index)
{
    assert(index < scl_dataset_count(d));
    return d->shown ? d->shown[index] : index;
}

int scl_dataset_classes(const struct scl_dataset *d)
{
    return d->n_classes;
}

const char *scl_dataset_class_name(const struct scl_dataset *d, int label)
{
    assert(label >= 0 && label < d->n_classes);
    return d->class_name[label];
}

int scl_dataset_label(const struct scl_dataset *d, uint32_t index)
{
    return d->label ? d->label[number_of(d, index)] : -1;
}

void scl_dataset_max_size(const struct scl_dataset *d, int *height, int *width)
{
    *height = d->height;
    *width = d->width;
}

bool scl_dataset_same_size(const struct scl_dataset *d)
{
    return !d->image_size;
}

size_t scl_dataset_max_bytes(const struct scl_dataset *d)
{
    return d->max_bytes;
}

int scl_dataset_extent(struct scl_extent *out, const struct scl_dataset *d)
{
    const size_t bytes = scl_dataset_max_bytes(d);
    int h, w;

    if (bytes > INT_MAX / 4)
        return scl_fail(SCL_DATA, "the data set's largest image has %zu bytes; at most %d fit",
                        bytes, INT_MAX / 4);
    scl_dataset_max_size(d, &h, &w);
    *out = (struct scl_extent){ .count = scl_dataset_count(d),
                                .bytes = (int)bytes,
                                .max_side = h > w ? h : w,
                                .classes = scl_dataset_classes(d) };
    return SCL_OK;
}

/* Keeps a decoded image, unless another thread is doing so. */
static void keep(struct scl_dataset *d, uint32_t index, const uint8_t *pixels, size_t bytes,
                 size_t at)
{
    uint8_t state = EMPTY;

    if (!atomic_compare_exchange_strong(&d->cache_state[index], &state, FILLING))
        return;
    memcpy(d->cache + at, pixels, bytes);
    atomic_store_explicit(&d->cache_state[index], READY, memory_order_release);
}

int scl_dataset_read(struct scl_dataset *d, uint32_t shown, uint8_t *pixels, int32_t size[2])
{
    const uint32_t index = number_of(d, shown);
    const size_t bytes = image_bytes(d, index),
                 at = d->cache_at ? d->cache_at[index] : index * bytes;
    struct scl_image image = { 0 };
    int rc;

    size[0] = d->image_size ? d->image_size[index][0] : d->height;
    size[1] = d->image_size ? d->image_size[index][1] : d->width;
    if (d->cache && atomic_load_explicit(&d->cache_state[index], memory_order_acquire) == READY) {
        memcpy(pixels, d->cache + at, bytes);
        return SCL_OK;
    }
    rc = d->kind->decode(d, index, &image);
    if (rc < 0)
        return rc;
    assert(image.height == size[0] && image.width == size[1]);
    memcpy(pixels, image.pixels, bytes);
    if (d->cache)
        keep(d, index, image.pixels, bytes, at);
    scl_image_fini(&image);
    return SCL_OK;
}

/* Fills the cache where there is one, else throws the image away. */
static int check_image(void *context, uint32_t index)
{
    struct scl_dataset *d = context;
    struct scl_image image = { 0 };
    const int rc = d->kind->decode(d, index, &image);

    if (rc == SCL_OK && d->cache)
        keep(d, index, image.pixels, image_bytes(d, index),
             d->cache_at ? d->cache_at[index] : index * d->max_bytes);
    scl_image_fini(&image);
    return rc;
}

int scl_dataset_check(struct scl_dataset *d, const struct scl_data_spec *spec)
{
    return scl_parallel_run(d->n, spec->threads, check_image, d, spec->progress,
                            spec->progress_context);
}
