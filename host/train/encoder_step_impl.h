/* encoder_step_impl.h - the weights of a step's pairs; for host/train only. */
#ifndef SCL_TRAIN_ENCODER_STEP_IMPL_H
#define SCL_TRAIN_ENCODER_STEP_IMPL_H

#include "train/step.h"

/* weight[p] [N] of each pair of views, from the views in [0, 1], their features, or what was
 * drawn for them, as config->weight says; sets the inputs of the step that this needs. False
 * for kind uniform, which has no weights. */
bool scl_step_weights(struct scl_node *weight[], struct scl_step_graph *s, struct scl_node *views,
                      struct scl_node *features, const struct scl_config *config);

#endif
