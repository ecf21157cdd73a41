/* vicreg.c - Bardes et al. 2022, "Variance-invariance-covariance regularization". */
#include "base/status.h"
#include "method/method_impl.h"
#include "ops/ops.h"

/* std v(z) / 2 + cov c(z) of one view. */
static struct scl_node *regularizer(struct scl_graph *g, struct scl_node *z, double std, double cov)
{
    const int n = z ? z->shape.dim[0] : 2, d = z ? z->shape.dim[1] : 1;
    const struct scl_correlation_penalty penalty = { .scale = 1.0f / (float)(n - 1),
                                                     .diagonal = (float)(std / 2 / d),
                                                     .off_diagonal = (float)(cov / d),
                                                     .hinge = true };
    struct scl_node *centered = scl_center_columns(g, z);

    return scl_correlation_penalty(g, scl_matmul(g, centered, centered, true, false), penalty);
}

struct scl_node *scl_vicreg_loss(struct scl_graph *g, struct scl_node *z, struct scl_node *weight,
                                 double sim, double std, double cov, struct scl_node **pair_loss)
{
    struct scl_node *a = scl_half(g, z, 0), *b = scl_half(g, z, 1), *difference, *pair, *loss;

    if (!a || !b)
        return NULL;
    if (a->shape.dim[0] < 2)
        return scl_graph_refuse(g, scl_fail(SCL_SHAPE,
                                            "vicreg: z is %s; two pairs or more have a "
                                            "variance",
                                            scl_shape_text(z->shape)));
    difference = scl_add(g, a, scl_scale(g, b, -1, 0));
    pair = scl_scale(g, scl_row_dot(g, difference, difference), 1.0f / (float)z->shape.dim[1], 0);
    loss = scl_scale(g, scl_pair_mean(g, pair, weight, pair_loss), (float)sim, 0);
    loss = scl_add(g, loss, regularizer(g, a, std, cov));
    return scl_add(g, loss, regularizer(g, b, std, cov));
}

static struct scl_node *loss(struct scl_graph *g, struct scl_method_step *step)
{
    const struct scl_method_config *m = &step->config->method;

    return scl_vicreg_loss(g, step->z, scl_only_weight(step), m->sim, m->std, m->cov,
                           scl_only_loss(step));
}

const struct scl_method scl_method_vicreg = { .name = "vicreg",
                                              .project = scl_expand,
                                              .loss = loss };
