/* ranking.c - the gallery in the order of its distances, and a walk along it. */
#include "eval/ranking_impl.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS, PASSES = 3 }; /* 33 of the 32 bits */

struct item {
    uint32_t key; /* the bits of a distance: of numbers that are not negative they keep the order */
    int32_t label;
};

/* One pass of a radix sort, which leaves equal digits in the order in which they come. */
static void sort_by_digit(struct item *out, const struct item *in, int n, int shift)
{
    int at[DIGITS + 1] = { 0 };

    for (int i = 0; i < n; i++)
        at[(in[i].key >> shift) % DIGITS + 1]++;
    for (int d = 0; d < DIGITS; d++)
        at[d + 1] += at[d];
    for (int i = 0; i < n; i++)
        out[at[(in[i].key >> shift) % DIGITS]++] = in[i];
}

static void walk(struct scl_ranking *out, const struct item *item, int n, int32_t wanted)
{
    int hits = 0;
    double sum = 0;

    for (int i = 0; i < n; i++) {
        if (item[i].label != wanted)
            continue;
        sum += (double)++hits / (i + 1);
        if (hits == 1)
            out->first = i + 1;
    }
    out->average_precision = hits > 0 ? sum / hits : 0;
}

int scl_ranking_find(struct scl_ranking *out, const float *distance, const int32_t *label, int n,
                     int32_t wanted)
{
    struct item *item = malloc(2 * (size_t)n * sizeof *item), *from = item, *to = item + n;

    *out = (struct scl_ranking){ 0 };
    if (!item)
        return scl_fail(SCL_NOMEM, "out of memory for a ranking of %d images", n);
    for (int i = 0; i < n; i++) {
        memcpy(&item[i].key, &distance[i], sizeof item[i].key);
        item[i].label = label[i];
    }
    for (int pass = 0; pass < PASSES; pass++) {
        struct item *const sorted = to;

        sort_by_digit(sorted, from, n, pass * DIGIT_BITS);
        to = from;
        from = sorted;
    }
    walk(out, from, n, wanted);
    free(item);
    return SCL_OK;
}
