/* hold_out.c - a validation split drawn from the training images. */
#include "data/dataset_impl.h"

#include <stdlib.h>

#include "base/rng.h"

static int compare(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

void scl_data_hold_out(uint32_t *subset, uint32_t n, uint32_t held_out, uint64_t seed)
{
    struct scl_rng rng = scl_rng_at(seed, SCL_RNG_SPLIT, 0, 0, 0);

    scl_rng_shuffle(&rng, subset, n);
    qsort(subset, held_out, sizeof *subset, compare);
    qsort(subset + held_out, n - held_out, sizeof *subset, compare);
}
