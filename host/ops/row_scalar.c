/* row_scalar.c - divide_rows and axpy_rows: rows with a number of their own.
 *
 * Kernels and formulas: cl_kernels/row_scalar.cl.
 */
#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"
#include "ops/split_impl.h"

/* The last input has the numbers, the others are the rows. */
static int infer(struct scl_node *y)
{
    const struct scl_node *x = y->in[0], *d = y->in[y->n_in - 1];

    if (x->shape.rank < 1 || !scl_shape_equal(d->shape, SCL_SHAPE1(x->shape.dim[0])))
        return scl_fail(SCL_SHAPE, "%s: %s is %s and %s is %s, not [N, ...] and [N]", y->op->name,
                        x->name, scl_shape_text(x->shape), d->name, scl_shape_text(d->shape));
    if (y->n_in == 3 && !scl_shape_equal(y->in[1]->shape, x->shape))
        return scl_fail(SCL_SHAPE, "%s: %s is %s, and %s is %s; they have one shape", y->op->name,
                        x->name, scl_shape_text(x->shape), y->in[1]->name,
                        scl_shape_text(y->in[1]->shape));
    y->shape = x->shape;
    return SCL_OK;
}

static int divide_grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy,
                       const bool want[], struct scl_node *dx[])
{
    if (want[0])
        dx[0] = scl_divide_rows(g, dy, y->in[1]);
    return scl_graph_check(g);
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const size_t n = scl_shape_inner(y->shape, 0), wg = (size_t)scl_lower_param(l, key, "WG");
    const size_t of_group = wg * (size_t)scl_lower_param(l, key, "SPAN");

    scl_launch_spans(l, "row_scalar", y->op->name, key, n);
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

static void divide_reference(const struct scl_node *y, double *const in[], double *out)
{
    for (size_t i = 0; i < scl_shape_count(y->shape); i++)
        out[i] = in[0][i] / in[1][i / scl_shape_inner(y->shape, 0)];
}

static void axpy_reference(const struct scl_node *y, double *const in[], double *out)
{
    for (size_t i = 0; i < scl_shape_count(y->shape); i++)
        out[i] = in[0][i] + in[2][i / scl_shape_inner(y->shape, 0)] * in[1][i];
}

struct scl_node *scl_divide_rows(struct scl_graph *g, struct scl_node *x, struct scl_node *d)
{
    struct scl_node *in[] = { x, d };

    return scl_apply(g, &scl_op_divide_rows, 2, in, NULL, 0);
}

struct scl_node *scl_axpy_rows(struct scl_graph *g, struct scl_node *x, struct scl_node *z,
                               struct scl_node *s)
{
    struct scl_node *in[] = { x, z, s };

    return scl_apply(g, &scl_op_axpy_rows, 3, in, NULL, 0);
}

const struct scl_op scl_op_divide_rows = {
    .name = "divide_rows",
    .n_in = 2,
    .infer = infer,
    .grad = divide_grad,
    .candidates = candidates,
    .reference = divide_reference,
};

const struct scl_op scl_op_axpy_rows = {
    .name = "axpy_rows",
    .n_in = 3,
    .infer = infer,
    .candidates = candidates,
    .reference = axpy_reference,
};
