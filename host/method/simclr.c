/* simclr.c - Chen et al. 2020, "A simple framework for contrastive learning". */
#include "base/status.h"
#include "method/method.h"
#include "ops/ops.h"

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
    return scl_row_mean(g, pair, weight);
}
