/* divide_rows.c - each row over a number of its own.
 *
 * Kernel and formula: cl_kernels/divide_rows.cl.
 */
#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"
#include "ops/split_impl.h"

static int infer(struct scl_node *y)
{
    const struct scl_node *x = y->in[0], *d = y->in[1];

    if (x->shape.rank < 1 || !scl_shape_equal(d->shape, SCL_SHAPE1(x->shape.dim[0])))
        return scl_fail(SCL_SHAPE, "divide_rows: %s is %s and %s is %s, not [N, ...] and [N]",
                        x->name, scl_shape_text(x->shape), d->name, scl_shape_text(d->shape));
    y->shape = x->shape;
    return SCL_OK;
}

static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    if (want[0])
        dx[0] = scl_divide_rows(g, dy, y->in[1]);
    return scl_graph_check(g);
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const size_t n = scl_shape_inner(y->shape, 0), wg = (size_t)scl_lower_param(l, key, "WG");
    const size_t of_group = wg * (size_t)scl_lower_param(l, key, "SPAN");

    scl_launch_spans(l, "divide_rows", "divide_rows", key, n);
    scl_lower_groups(l, scl_divide_up(n, of_group), (size_t)y->shape.dim[0], 1, wg);
    scl_lower_value(l, y);
    for (int i = 0; i < y->n_in; i++)
        scl_lower_value(l, y->in[i]);
    scl_lower_int(l, (int)n);
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
    { .name = "span.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "span.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    for (size_t i = 0; i < scl_shape_count(y->shape); i++)
        out[i] = in[0][i] / in[1][i / scl_shape_inner(y->shape, 0)];
}

struct scl_node *scl_divide_rows(struct scl_graph *g, struct scl_node *x, struct scl_node *d)
{
    struct scl_node *in[] = { x, d };

    return scl_apply(g, &scl_op_divide_rows, 2, in, NULL, 0);
}

const struct scl_op scl_op_divide_rows = {
    .name = "divide_rows",
    .n_in = 2,
    .infer = infer,
    .grad = grad,
    .candidates = candidates,
    .reference = reference,
};
