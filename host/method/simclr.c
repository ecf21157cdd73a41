/* simclr.c - Chen et al. 2020, "A simple framework for contrastive learning". */
#include "base/status.h"
#include "method/method.h"
#include "ops/ops.h"

/* Weights of 1 for the pairs of `pair`. */
static struct scl_node *ones(struct scl_graph *g, const struct scl_node *pair)
{
    float *one;

    if (!pair || !(one = scl_graph_keep(g, NULL, scl_shape_count(pair->shape) * sizeof *one)))
        return NULL;
    for (size_t i = 0; i < scl_shape_count(pair->shape); i++)
        one[i] = 1.0f;
    return scl_constant(g, "ones", SCL_F32, pair->shape, one);
}

struct scl_node *scl_simclr_loss(struct scl_graph *g, struct scl_node *z, struct scl_node *weight,
                                 double temperature, struct scl_node **pair_loss)
{
    struct scl_node *u, *s, *pair;

    if (!(temperature > 0))
        return scl_graph_refuse(
            g, scl_fail(SCL_CONFIG, "simclr: temperature is %g, not above 0", temperature));
    u = scl_l2_normalize(g, z, 1e-12f);
    s = scl_scale(g, scl_matmul(g, u, u, false, true), (float)(1 / temperature), 0);
    pair = scl_nt_xent(g, s);
    if (pair_loss)
        *pair_loss = pair;
    return scl_weighted_mean(g, pair, weight ? weight : ones(g, pair));
}
