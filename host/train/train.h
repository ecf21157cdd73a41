/* train.h - a run from its configuration to its last checkpoint. */
#ifndef SCL_TRAIN_TRAIN_H
#define SCL_TRAIN_TRAIN_H

#include <stdbool.h>

#include "config/config.h"

/* Trains what the configuration names: the score network, when the weight needs one
 * and no checkpoint of one is named, then the encoder, with k-NN after every
 * eval.knn_every epochs. Goes on with the run folder that exists, to the same bits as
 * without the interruption. *started is set before the first step runs.
 * SCL_INTERRUPTED, with all saved, after SIGINT or SIGTERM; SCL_NUMERIC when the loss
 * is not finite. */
int scl_train(const struct scl_config *config, bool *started);

#endif
