/* barlow.c - Zbontar et al. 2021, "Barlow Twins". */
#include "method/method_impl.h"
#include "ops/ops.h"

struct scl_node *scl_barlow_loss(struct scl_graph *g, struct scl_node *z, double lambda,
                                 double scale)
{
    const struct scl_batch_norm_attr norm = { .eps = 1e-5f, .views = 2, .training = true };
    const int n = z ? z->shape.dim[0] / 2 : 1;
    const struct scl_correlation_penalty penalty = { .scale = 1.0f / (float)n,
                                                     .diagonal = (float)scale,
                                                     .off_diagonal = (float)(scale * lambda) };
    struct scl_node *u = scl_batch_norm(g, z, NULL, NULL, NULL, NULL, norm, NULL);

    return scl_correlation_penalty(
        g, scl_matmul(g, scl_half(g, u, 0), scl_half(g, u, 1), true, false), penalty);
}

static struct scl_node *loss(struct scl_graph *g, struct scl_method_step *step)
{
    return scl_barlow_loss(g, step->z, step->config->method.lambda, step->config->method.scale);
}

const struct scl_method scl_method_barlow = { .name = "barlow",
                                              .project = scl_expand,
                                              .loss = loss };
