/* relu.c - max(x, 0). The gradient needs y only, so that x may go.
 *
 * Kernels and formulas: cl_kernels/relu.cl.
 */
#include "graph/case.h"
#include "ops/elementwise_impl.h"
#include "ops/ops.h"

static const struct scl_elementwise attr = { .file = "relu" };

static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    if (want[0])
        dx[0] = scl_relu_grad(g, dy, y);
    return scl_graph_check(g);
}

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    for (size_t i = 0; i < scl_shape_count(y->shape); i++)
        out[i] = in[0][i] < 0 ? 0 : in[0][i];
}

static void grad_reference(const struct scl_node *dx, double *const in[], double *out)
{
    for (size_t i = 0; i < scl_shape_count(dx->shape); i++)
        out[i] = in[1][i] <= 0 ? 0 : in[0][i];
}

static int from_case(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *x = scl_case_input(g, c, "x", SCL_CASE_IMAGE);

    scl_case_output(g, c, "y", scl_relu(g, x), SCL_CASE_IMAGE);
    return scl_graph_check(g);
}

struct scl_node *scl_relu(struct scl_graph *g, struct scl_node *x)
{
    return scl_apply(g, &scl_op_relu, 1, &x, &attr, sizeof attr);
}

struct scl_node *scl_relu_grad(struct scl_graph *g, struct scl_node *dy, struct scl_node *y)
{
    struct scl_node *in[] = { dy, y };

    return scl_apply(g, &scl_op_relu_grad, 2, in, &attr, sizeof attr);
}

const struct scl_op scl_op_relu = {
    .name = "relu",
    .n_in = 1,
    .infer = scl_elementwise_infer,
    .grad = grad,
    .candidates = scl_elementwise_candidates,
    .reference = reference,
    .from_case = from_case,
};

const struct scl_op scl_op_relu_grad = {
    .name = "relu_grad",
    .n_in = 2,
    .infer = scl_elementwise_infer,
    .candidates = scl_elementwise_candidates,
    .reference = grad_reference,
};
