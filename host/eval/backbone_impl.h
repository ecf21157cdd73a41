/* backbone_impl.h - the encoder of a configuration as evaluations build it; for host/eval
 * only.
 */
#ifndef SCL_EVAL_BACKBONE_IMPL_H
#define SCL_EVAL_BACKBONE_IMPL_H

#include <stdbool.h>

#include "config/config.h"
#include "graph/graph.h"

/* Images x [N, size, size, 3] in [0, 1] to features [N, D]: normalised with augment.mean and
 * augment.std, which are part of the encoder whatever the data set; states "encoder.*".
 * Running statistics unless `training`, so that features do not depend on what else is in
 * the batch. */
struct scl_node *scl_backbone(struct scl_graph *g, struct scl_node *x,
                              const struct scl_config *config, bool training);

#endif
