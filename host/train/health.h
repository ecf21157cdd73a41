/* health.h - when embeddings have collapsed. */
#ifndef SCL_TRAIN_HEALTH_H
#define SCL_TRAIN_HEALTH_H

#include <stdbool.h>

/* Whether embeddings of length `dim`, each of unit length, have collapsed when their entries
 * deviate by `spread` over a batch: by less than a tenth of 1 / sqrt(dim), which is what
 * directions that are spread evenly give (Chen and He 2021, section 4.1). */
bool scl_collapsed(double spread, int dim);

#endif
