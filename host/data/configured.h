/* configured.h - the data set that a configuration names. */
#ifndef SCL_DATA_CONFIGURED_H
#define SCL_DATA_CONFIGURED_H

#include "config/config.h"
#include "data/dataset.h"

/* Split "train", "validation" (the images held out of it) or "test". */
int scl_dataset_open_configured(struct scl_dataset **out, const struct scl_data_config *config,
                                const char *split);

/* Whether there is a test split to be opened: only a folder of images may be without one. */
int scl_dataset_has_test(bool *out, const struct scl_data_config *config);

/* The extent of its training images without opening it: what is published of CIFAR, what the
 * configuration says of synthetic ones; of a folder, images of up to SCL_EXPECTED_SIDE px in 1000
 * classes, as ImageNet's mostly are, and no number. */
struct scl_extent scl_dataset_expected(const struct scl_data_config *config);
#define SCL_EXPECTED_SIDE 512

#endif
