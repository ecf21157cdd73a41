/* subset.c - images by class, each class in an order of its own. */
#include "eval/subset.h"

#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"

static int compare(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* Images of class c go to image[begin[c] ... begin[c + 1] - 1]. */
static void sort_by_class(uint32_t *image, uint32_t *begin, const struct scl_dataset *d)
{
    const uint32_t n = scl_dataset_count(d);
    const int classes = scl_dataset_classes(d);

    for (uint32_t i = 0; i < n; i++)
        begin[scl_dataset_label(d, i) + 1]++;
    for (int c = 0; c < classes; c++)
        begin[c + 1] += begin[c];
    for (uint32_t i = n; i-- > 0;)
        image[--begin[scl_dataset_label(d, i) + 1]] = i;
    /* begin[c + 1] is now where class c begins */
    for (int c = 0; c < classes; c++)
        begin[c] = begin[c + 1];
    begin[classes] = n;
}

/* Moves what is drawn to the front of the list; returns how many. `order` is scratch. The streams
 * are not those of the validation split, whose epoch is 0. */
static uint32_t draw(uint32_t *image, const uint32_t *begin, int classes, int percent,
                     uint64_t seed, uint32_t *order)
{
    uint32_t n = 0;

    for (int c = 0; c < classes; c++) {
        struct scl_rng rng = scl_rng_at(seed, SCL_RNG_SPLIT, 1, (uint32_t)c, 0);
        const uint32_t all = begin[c + 1] - begin[c];
        uint32_t share = (uint32_t)(((uint64_t)all * (unsigned)percent + 50) / 100);

        if (all == 0)
            continue;
        share = share < 1 ? 1 : share;
        scl_rng_shuffle(&rng, order, all);
        qsort(order, share, sizeof *order, compare); /* so that none is moved onto a later one */
        for (uint32_t i = 0; i < share; i++)
            image[n++] = image[begin[c] + order[i]];
    }
    return n;
}

int scl_subset_init(struct scl_subset *out, const struct scl_dataset *d, int percent, uint64_t seed)
{
    const uint32_t n = scl_dataset_count(d);
    const int classes = scl_dataset_classes(d);
    uint32_t *begin, *order;

    *out = (struct scl_subset){ 0 };
    if (classes == 0)
        return scl_fail(SCL_DATA, "subset: the data set has no labels");
    if (percent < 1 || percent > 100)
        return scl_fail(SCL_USAGE, "subset: found %d percent, wanted 1 to 100", percent);
    begin = calloc((size_t)classes + 1, sizeof *begin);
    order = calloc((size_t)n + 1, sizeof *order);
    out->image = calloc((size_t)n + 1, sizeof *out->image);
    if (!begin || !order || !out->image) {
        free(begin);
        free(order);
        scl_subset_fini(out);
        return scl_fail(SCL_NOMEM, "out of memory for the numbers of %u images", n);
    }
    sort_by_class(out->image, begin, d);
    out->n = draw(out->image, begin, classes, percent, seed, order);
    qsort(out->image, out->n, sizeof *out->image, compare);
    free(begin);
    free(order);
    return SCL_OK;
}

void scl_subset_fini(struct scl_subset *subset)
{
    free(subset->image);
    *subset = (struct scl_subset){ 0 };
}
