/* gelu.c - x Phi(x), of the normal distribution function.
 *
 * Kernels and formulas: cl_kernels/gelu.cl.
 */
#include <math.h>

#include "graph/case.h"
#include "ops/elementwise_impl.h"
#include "ops/ops.h"

static const struct scl_elementwise attr = { .file = "gelu" };

static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    struct scl_node *in[] = { dy, y->in[0] };

    if (want[0])
        dx[0] = scl_apply(g, &scl_op_gelu_grad, 2, in, &attr, sizeof attr);
    return scl_graph_check(g);
}

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    for (size_t i = 0; i < scl_shape_count(y->shape); i++)
        out[i] = in[0][i] * (1 + erf(in[0][i] / sqrt(2))) / 2;
}

static void grad_reference(const struct scl_node *dx, double *const in[], double *out)
{
    const double pi = acos(-1);

    for (size_t i = 0; i < scl_shape_count(dx->shape); i++) {
        const double x = in[1][i], slope = x * exp(-x * x / 2) / sqrt(2 * pi);

        out[i] = in[0][i] * ((1 + erf(x / sqrt(2))) / 2 + slope);
    }
}

static int from_case(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *x = scl_case_input(g, c, "x", SCL_CASE_IMAGE);

    scl_case_output(g, c, "y", scl_gelu(g, x), SCL_CASE_IMAGE);
    return scl_graph_check(g);
}

struct scl_node *scl_gelu(struct scl_graph *g, struct scl_node *x)
{
    return scl_apply(g, &scl_op_gelu, 1, &x, &attr, sizeof attr);
}

const struct scl_op scl_op_gelu = {
    .name = "gelu",
    .n_in = 1,
    .infer = scl_elementwise_infer,
    .grad = grad,
    .candidates = scl_elementwise_candidates,
    .reference = reference,
    .from_case = from_case,
};

const struct scl_op scl_op_gelu_grad = {
    .name = "gelu_grad",
    .n_in = 2,
    .infer = scl_elementwise_infer,
    .candidates = scl_elementwise_candidates,
    .reference = grad_reference,
};
