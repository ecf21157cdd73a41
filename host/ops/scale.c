/* scale.c - alpha x + beta.
 *
 * Kernels and formulas: cl_kernels/scale.cl.
 */
#include "ops/elementwise_impl.h"
#include "ops/ops.h"

static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    const struct scl_elementwise *attr = y->attr;

    if (want[0])
        dx[0] = attr->scalar[0] == 1.0f ? dy : scl_scale(g, dy, attr->scalar[0], 0.0f);
    return scl_graph_check(g);
}

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const struct scl_elementwise *attr = y->attr;

    for (size_t i = 0; i < scl_shape_count(y->shape); i++)
        out[i] = (double)attr->scalar[0] * in[0][i] + (double)attr->scalar[1];
}

struct scl_node *scl_scale(struct scl_graph *g, struct scl_node *x, float alpha, float beta)
{
    const struct scl_elementwise attr = { .file = "scale",
                                          .n_scalar = 2,
                                          .scalar = { alpha, beta } };

    return scl_apply(g, &scl_op_scale, 1, &x, &attr, sizeof attr);
}

const struct scl_op scl_op_scale = {
    .name = "scale",
    .n_in = 1,
    .infer = scl_elementwise_infer,
    .grad = grad,
    .candidates = scl_elementwise_candidates,
    .reference = reference,
};
