/* optimizer.h - the update of a network's parameters, appended to its graph.
 *
 * Parameters, gradients and the optimiser's own states are bundles of one order,
 * so that each group of parameters is one launch. States are named after what
 * they belong to: "adam.mean.encoder.conv1.weight".
 */
#ifndef SCL_MODEL_OPTIMIZER_H
#define SCL_MODEL_OPTIMIZER_H

#include "config/config.h"
#include "graph/graph.h"

/* param[i] moves by grad[i]; lr [1] is an input. With exclude_bias_norm, tensors of
 * rank 1 have no weight decay, and no LARS scaling. */
int scl_optimizer(struct scl_graph *g, const struct scl_optim_config *optim, int n,
                  struct scl_node *const param[], struct scl_node *const grad[],
                  struct scl_node *lr);

/* The bundle of n states of zeros, PREFIX.NAME for each parameter's NAME and shape. */
struct scl_node *scl_companions(struct scl_graph *g, const char *prefix, int n,
                                struct scl_node *const param[]);

#endif
