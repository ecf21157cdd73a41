/* subset.h - a share of the labelled images, drawn class by class.
 *
 *     SCL_TRY(scl_subset_init(&subset, train, 10, config.seed));
 *     spec.subset = subset.image;                     a loader's (data/loader.h)
 *     spec.n_subset = subset.n;
 *     ...
 *     scl_subset_fini(&subset);
 */
#ifndef SCL_EVAL_SUBSET_H
#define SCL_EVAL_SUBSET_H

#include <stdint.h>

#include "data/dataset.h"

struct scl_subset {
    uint32_t *image; /* [n] numbers in the data set, rising */
    uint32_t n;
};

/* Of each class `percent` of its images to the nearest number, and at least one. The draw depends
 * on the seed alone, and a smaller share is part of a larger one. Refuses a set without labels,
 * and a share that is not 1 to 100. */
int scl_subset_init(struct scl_subset *out, const struct scl_dataset *d, int percent,
                    uint64_t seed);
void scl_subset_fini(struct scl_subset *subset);

#endif
