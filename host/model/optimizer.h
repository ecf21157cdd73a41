/* optimizer.h - the update of a network's parameters, appended to its graph.
 *
 * Parameters, gradients and the optimiser's own states are bundles of one order,
 * so that each group of parameters is one launch. States are named after what
 * they belong to: "adam.mean.encoder.conv1.weight". The running average of
 * "encoder.conv1.weight" is "encoder_ema.conv1.weight".
 */
#ifndef SCL_MODEL_OPTIMIZER_H
#define SCL_MODEL_OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"
#include "graph/graph.h"

/* A group of parameters with one learning rate. */
struct scl_update {
    const struct scl_optim_config *optim;
    const char *group; /* its name, unique in the graph: "main" */
    int n;
    struct scl_node *const *param, *const *grad;
    struct scl_node *lr;    /* [1] */
    struct scl_node *decay; /* [1]: an average of each parameter follows it; NULL: none does */
};

/* param[i] moves by grad[i]. With exclude_bias_norm, tensors of rank 1 have no weight decay, and
 * no LARS scaling. */
int scl_optimizer(struct scl_graph *g, const struct scl_update *update);

/* The name of the average of a state: "score.in.weight", "score_ema.in.weight". False for a name
 * without a scope, which has none. */
bool scl_average_name(char *out, size_t size, const char *name);

#endif
