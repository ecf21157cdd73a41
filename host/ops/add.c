/* add.c - the sum of two tensors.
 *
 * Kernels and formulas: cl_kernels/add.cl.
 */
#include "graph/case.h"
#include "ops/elementwise_impl.h"
#include "ops/ops.h"

static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    (void)y;
    for (int i = 0; i < 2; i++)
        if (want[i])
            dx[i] = dy;
    return scl_graph_check(g);
}

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    for (size_t i = 0; i < scl_shape_count(y->shape); i++)
        out[i] = in[0][i] + in[1][i];
}

static int from_case(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *a = scl_case_input(g, c, "a", SCL_CASE_IMAGE);
    struct scl_node *b = scl_case_input(g, c, "b", SCL_CASE_IMAGE);

    scl_case_output(g, c, "y", scl_add(g, a, b), SCL_CASE_IMAGE);
    return scl_graph_check(g);
}

struct scl_node *scl_add(struct scl_graph *g, struct scl_node *a, struct scl_node *b)
{
    static const struct scl_elementwise attr = { .file = "add" };
    struct scl_node *in[] = { a, b };

    return scl_apply(g, &scl_op_add, 2, in, &attr, sizeof attr);
}

const struct scl_op scl_op_add = {
    .name = "add",
    .n_in = 2,
    .infer = scl_elementwise_infer,
    .grad = grad,
    .candidates = scl_elementwise_candidates,
    .reference = reference,
    .from_case = from_case,
};
