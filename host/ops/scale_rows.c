/* scale_rows.c - each row times, or over, a number of its own.
 *
 * Kernels and formulas: cl_kernels/scale_rows.cl.
 */
#include "base/status.h"
#include "ops/ops.h"
#include "ops/walk_impl.h"

static int infer(struct scl_node *y)
{
    const struct scl_node *x = y->in[0], *d = y->in[1];

    if (x->type != SCL_F32 || d->type != SCL_F32 || x->shape.rank < 1 ||
        !scl_shape_equal(d->shape, SCL_SHAPE1(x->shape.dim[0])))
        return scl_fail(SCL_SHAPE, "%s: %s is %s and %s is %s, not [N, ...] and [N] in fp32",
                        y->op->name, x->name, scl_shape_text(x->shape), d->name,
                        scl_shape_text(d->shape));
    y->shape = x->shape;
    return SCL_OK;
}

/* Linear in x: dy goes through the same operator. Of x / d by d: -y / d. */
static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    struct scl_node *x = y->in[0], *d = y->in[1], *in[] = { dy, d };

    if (want[0])
        dx[0] = scl_apply(g, y->op, 2, in, NULL, 0);
    if (want[1] && y->op == &scl_op_scale_rows)
        dx[1] = scl_row_products(g, x, dy);
    else if (want[1])
        dx[1] = scl_scale(g, scl_divide_rows(g, scl_row_products(g, y, dy), d), -1, 0);
    return scl_graph_check(g);
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const int rows = y->shape.dim[0], cols = (int)scl_shape_inner(y->shape, 0);
    const struct scl_walk walk =
        scl_walk_blocks(l, "scale_rows", y->op->name, key, (size_t)rows, (size_t)cols);

    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_value(l, y->in[1]);
    scl_lower_int(l, rows);
    scl_lower_int(l, cols);
    scl_lower_int(l, walk.height);
    scl_lower_int(l, walk.width);
    return scl_lower_end(l);
}

static int lower_vec(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "elementwise.vec");
}

static int lower_tile(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "elementwise.tile");
}

static const struct scl_candidate candidates[] = {
    { .name = "walk.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "walk.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    for (size_t i = 0; i < scl_shape_count(y->shape); i++)
        out[i] = in[0][i] * in[1][i / scl_shape_inner(y->shape, 0)];
}

static void divide_reference(const struct scl_node *y, double *const in[], double *out)
{
    for (size_t i = 0; i < scl_shape_count(y->shape); i++)
        out[i] = in[0][i] / in[1][i / scl_shape_inner(y->shape, 0)];
}

struct scl_node *scl_scale_rows(struct scl_graph *g, struct scl_node *x, struct scl_node *d)
{
    struct scl_node *in[] = { x, d };

    return scl_apply(g, &scl_op_scale_rows, 2, in, NULL, 0);
}

struct scl_node *scl_divide_rows(struct scl_graph *g, struct scl_node *x, struct scl_node *d)
{
    struct scl_node *in[] = { x, d };

    return scl_apply(g, &scl_op_divide_rows, 2, in, NULL, 0);
}

const struct scl_op scl_op_scale_rows = {
    .name = "scale_rows",
    .n_in = 2,
    .infer = infer,
    .grad = grad,
    .candidates = candidates,
    .reference = reference,
};

const struct scl_op scl_op_divide_rows = {
    .name = "divide_rows",
    .n_in = 2,
    .infer = infer,
    .grad = grad,
    .candidates = candidates,
    .reference = divide_reference,
};
