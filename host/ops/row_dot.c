/* row_dot.c - the inner products of rows with rows.
 *
 * Kernel and formula: cl_kernels/row_dot.cl.
 */
#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

static int infer(struct scl_node *y)
{
    const struct scl_node *a = y->in[0], *b = y->in[1];

    if (a->type != SCL_F32 || b->type != SCL_F32 || a->shape.rank != 2 ||
        !scl_shape_equal(a->shape, b->shape))
        return scl_fail(SCL_SHAPE, "row_dot: %s is %s and %s is %s, not both [N, D] in fp32",
                        a->name, scl_shape_text(a->shape), b->name, scl_shape_text(b->shape));
    y->shape = SCL_SHAPE1(a->shape.dim[0]);
    return SCL_OK;
}

static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    for (int i = 0; i < 2; i++)
        if (want[i])
            dx[i] = scl_scale_rows(g, y->in[1 - i], dy);
    return scl_graph_check(g);
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    scl_launch_rows(l, "row_dot", "row_dot", key, (size_t)y->shape.dim[0]);
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_value(l, y->in[1]);
    scl_lower_int(l, y->in[0]->shape.dim[1]);
    return scl_lower_end(l);
}

static int lower_vec(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "rowwise.vec");
}

static int lower_tile(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "rowwise.tile");
}

static const struct scl_candidate candidates[] = {
    { .name = "row.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "row.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const size_t D = (size_t)y->in[0]->shape.dim[1];

    for (size_t n = 0; n < scl_shape_count(y->shape); n++) {
        out[n] = 0;
        for (size_t d = 0; d < D; d++)
            out[n] += in[0][n * D + d] * in[1][n * D + d];
    }
}

static double flops(const struct scl_node *y)
{
    return 2.0 * (double)scl_shape_count(y->in[0]->shape);
}

struct scl_node *scl_row_dot(struct scl_graph *g, struct scl_node *a, struct scl_node *b)
{
    struct scl_node *in[] = { a, b };

    return scl_apply(g, &scl_op_row_dot, 2, in, NULL, 0);
}

struct scl_node *scl_row_products(struct scl_graph *g, struct scl_node *a, struct scl_node *b)
{
    struct scl_shape rows;

    if (!a || !b)
        return NULL;
    rows = SCL_SHAPE2(a->shape.dim[0], (int)scl_shape_inner(a->shape, 0));
    return scl_row_dot(g, scl_reshape(g, a, rows), scl_reshape(g, b, rows));
}

const struct scl_op scl_op_row_dot = {
    .name = "row_dot",
    .n_in = 2,
    .infer = infer,
    .grad = grad,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
};
