/* configured.h - the data set that a configuration names. */
#ifndef SCL_DATA_CONFIGURED_H
#define SCL_DATA_CONFIGURED_H

#include "config/config.h"
#include "data/dataset.h"

/* Split "train", "validation" (the images held out of it) or "test". */
int scl_dataset_open_configured(struct scl_dataset **out, const struct scl_data_config *config,
                                const char *split);

#endif
