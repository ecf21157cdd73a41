/* dsm.c - denoising score matching: Vincent 2011; Song and Ermon 2019. */
#include "method/method.h"
#include "ops/ops.h"

struct scl_node *scl_dsm_perturb(struct scl_graph *g, struct scl_node *x, struct scl_node *sigma,
                                 struct scl_node *draw, struct scl_node *index,
                                 struct scl_node **noise)
{
    const struct scl_shape shape = x ? x->shape : (struct scl_shape){ 0 };

    *noise = scl_philox_normal(g, draw, index, shape);
    return scl_add_noise(g, x, *noise, sigma);
}
