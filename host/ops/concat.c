/* concat.c - two tensors side by side along an axis.
 *
 * Kernels: cl_kernels/block_copy.cl.
 */
#include <string.h>

#include "base/status.h"
#include "ops/block_impl.h"
#include "ops/ops.h"
#include "ops/walk_impl.h"

#define LONG_ROW 4096

static int infer(struct scl_node *y)
{
    const struct scl_node *a = y->in[0], *b = y->in[1];
    const int axis = *(const int *)y->attr;
    struct scl_shape other = b->shape;

    if (axis < 0 || axis >= a->shape.rank)
        return scl_fail(SCL_SHAPE, "concat: %s is %s, and there is no axis %d", a->name,
                        scl_shape_text(a->shape), axis);
    if (other.rank == a->shape.rank)
        other.dim[axis] = a->shape.dim[axis];
    if (!scl_shape_equal(a->shape, other))
        return scl_fail(SCL_SHAPE, "concat: %s is %s and %s is %s; only axis %d may differ",
                        a->name, scl_shape_text(a->shape), b->name, scl_shape_text(b->shape), axis);
    y->shape = a->shape;
    y->shape.dim[axis] += b->shape.dim[axis];
    return SCL_OK;
}

static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    const int axis = *(const int *)y->attr;
    const int n = y->in[0]->shape.dim[axis], m = y->in[1]->shape.dim[axis];

    if (want[0])
        dx[0] = scl_slice(g, dy, axis, 0, n);
    if (want[1])
        dx[1] = scl_slice(g, dy, axis, n, m);
    return scl_graph_check(g);
}

/* A group writes whole rows: writing half of each, twice, takes twice as long. */
static int join(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const int axis = *(const int *)y->attr;
    const size_t rows = scl_shape_outer(y->shape, axis);
    const int height =
        scl_walk_begin(l, "block_copy", "block_join", key, rows, scl_block_columns(y, axis), 1);

    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_value(l, y->in[1]);
    scl_lower_int(l, (int)rows);
    scl_lower_int(l, (int)scl_block_columns(y->in[0], axis));
    scl_lower_int(l, (int)scl_block_columns(y->in[1], axis));
    scl_lower_int(l, height);
    return scl_lower_end(l);
}

/* Few long rows are work for too few groups. */
static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const int axis = *(const int *)y->attr;
    const struct scl_block a = { .matrix = y->in[0], .cols = scl_block_columns(y->in[0], axis) };
    const struct scl_block b = { .matrix = y->in[1], .cols = scl_block_columns(y->in[1], axis) };
    const struct scl_block y_a = { .matrix = y, .cols = a.cols };
    const struct scl_block y_b = { .matrix = y, .cols = b.cols, .first = a.cols };

    if (a.cols + b.cols <= LONG_ROW)
        return join(y, l, key);
    scl_block_copy(l, key, axis, y_a, &a);
    scl_block_copy(l, key, axis, y_b, &b);
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
    const int axis = *(const int *)y->attr;

    for (size_t r = 0; r < scl_shape_outer(y->shape, axis); r++)
        for (int k = 0; k < 2; k++) {
            const size_t cols = scl_block_columns(y->in[k], axis);

            memcpy(out, in[k] + r * cols, cols * sizeof *out);
            out += cols;
        }
}

struct scl_node *scl_concat(struct scl_graph *g, struct scl_node *a, struct scl_node *b, int axis)
{
    const int attr = axis < 0 && a ? axis + a->shape.rank : axis;
    struct scl_node *in[] = { a, b };

    return scl_apply(g, &scl_op_concat, 2, in, &attr, sizeof attr);
}

const struct scl_op scl_op_concat = {
    .name = "concat",
    .n_in = 2,
    .infer = infer,
    .grad = grad,
    .candidates = candidates,
    .reference = reference,
};
