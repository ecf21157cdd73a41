/* silu.c - x sigmoid(x).
 *
 * Kernels and formulas: cl_kernels/silu.cl.
 */
#include <math.h>

#include "graph/case.h"
#include "ops/elementwise_impl.h"
#include "ops/ops.h"

static const struct scl_elementwise attr = { .file = "silu" };

static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    struct scl_node *in[] = { dy, y->in[0] };

    if (want[0])
        dx[0] = scl_apply(g, &scl_op_silu_grad, 2, in, &attr, sizeof attr);
    return scl_graph_check(g);
}

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    for (size_t i = 0; i < scl_shape_count(y->shape); i++)
        out[i] = in[0][i] / (1 + exp(-in[0][i]));
}

static void grad_reference(const struct scl_node *dx, double *const in[], double *out)
{
    for (size_t i = 0; i < scl_shape_count(dx->shape); i++) {
        const double x = in[1][i], s = 1 / (1 + exp(-x));

        out[i] = in[0][i] * s * (1 + x * (1 - s));
    }
}

static int from_case(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *x = scl_case_input(g, c, "x", SCL_CASE_IMAGE);

    scl_case_output(g, c, "y", scl_silu(g, x), SCL_CASE_IMAGE);
    return scl_graph_check(g);
}

struct scl_node *scl_silu(struct scl_graph *g, struct scl_node *x)
{
    return scl_apply(g, &scl_op_silu, 1, &x, &attr, sizeof attr);
}

const struct scl_op scl_op_silu = {
    .name = "silu",
    .n_in = 1,
    .infer = scl_elementwise_infer,
    .grad = grad,
    .candidates = scl_elementwise_candidates,
    .reference = reference,
    .from_case = from_case,
};

const struct scl_op scl_op_silu_grad = {
    .name = "silu_grad",
    .n_in = 2,
    .infer = scl_elementwise_infer,
    .candidates = scl_elementwise_candidates,
    .reference = grad_reference,
};
