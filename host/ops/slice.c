/* slice.c - a part of a tensor along an axis, and its gradient: dy among zeros.
 *
 * Kernels: cl_kernels/block_copy.cl.
 */
#include <string.h>

#include "base/status.h"
#include "graph/key.h"
#include "ops/block_impl.h"
#include "ops/ops.h"

struct slice {
    int axis, first, count, whole; /* whole: x's dimension along the axis, for the gradient */
};

static int infer(struct scl_node *y)
{
    const struct slice *s = y->attr;
    const struct scl_node *x = y->in[0];

    if (s->axis < 0 || s->axis >= x->shape.rank || s->first < 0 || s->count < 1 ||
        s->first > x->shape.dim[s->axis] - s->count)
        return scl_fail(SCL_SHAPE, "slice: %s is %s, which has no indices %d to %d of axis %d",
                        x->name, scl_shape_text(x->shape), s->first, s->first + s->count - 1,
                        s->axis);
    y->shape = x->shape;
    y->shape.dim[s->axis] = s->count;
    return SCL_OK;
}

static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    struct slice s = *(const struct slice *)y->attr;

    s.whole = y->in[0]->shape.dim[s.axis];
    if (want[0])
        dx[0] = scl_apply(g, &scl_op_slice_grad, 1, &dy, &s, sizeof s);
    return scl_graph_check(g);
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const struct slice *s = y->attr;
    const size_t cols = scl_block_columns(y, s->axis), inner = scl_shape_inner(y->shape, s->axis);
    const struct scl_block from = { .matrix = y->in[0],
                                    .cols = cols,
                                    .first = (size_t)s->first * inner };

    scl_block_copy(l, key, s->axis, (struct scl_block){ .matrix = y, .cols = cols }, &from);
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

static void node_key(char *out, size_t size, const struct scl_node *y)
{
    const struct slice *attr = y->attr;

    scl_node_key_with(out, size, y, "a%df%d", attr->axis, attr->first);
}

static const struct scl_candidate candidates[] = {
    { .name = "walk.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "walk.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const struct slice *s = y->attr;
    const size_t cols = scl_block_columns(y, s->axis), all = scl_block_columns(y->in[0], s->axis);
    const size_t first = (size_t)s->first * scl_shape_inner(y->shape, s->axis);

    for (size_t r = 0; r < scl_shape_outer(y->shape, s->axis); r++)
        memcpy(out + r * cols, in[0] + r * all + first, cols * sizeof *out);
}

static int infer_grad(struct scl_node *dx)
{
    const struct slice *s = dx->attr;

    dx->shape = dx->in[0]->shape;
    dx->shape.dim[s->axis] = s->whole;
    return SCL_OK;
}

/* Zeros before it, zeros behind it, and dy. */
static int lower_grad(const struct scl_node *dx, struct scl_lowering *l, const char *key)
{
    const struct slice *s = dx->attr;
    const size_t cols = scl_block_columns(dx->in[0], s->axis), all = scl_block_columns(dx, s->axis);
    const size_t first = (size_t)s->first * scl_shape_inner(dx->shape, s->axis);
    const size_t end = first + cols;
    const struct scl_block from = { .matrix = dx->in[0], .cols = cols };

    scl_block_copy(l, key, s->axis, (struct scl_block){ .matrix = dx, .cols = first }, NULL);
    scl_block_copy(l, key, s->axis,
                   (struct scl_block){ .matrix = dx, .cols = all - end, .first = end }, NULL);
    scl_block_copy(l, key, s->axis,
                   (struct scl_block){ .matrix = dx, .cols = cols, .first = first }, &from);
    return scl_lower_end(l);
}

static int grad_vec(const struct scl_node *dx, struct scl_lowering *l)
{
    return lower_grad(dx, l, "elementwise.vec");
}

static int grad_tile(const struct scl_node *dx, struct scl_lowering *l)
{
    return lower_grad(dx, l, "elementwise.tile");
}

static const struct scl_candidate grad_candidates[] = {
    { .name = "walk.vec", .family = SCL_VEC, .lower = grad_vec },
    { .name = "walk.tile", .family = SCL_TILE, .lower = grad_tile },
    { .name = NULL },
};

static void grad_reference(const struct scl_node *dx, double *const in[], double *out)
{
    const struct slice *s = dx->attr;
    const size_t cols = scl_block_columns(dx->in[0], s->axis), all = scl_block_columns(dx, s->axis);
    const size_t first = (size_t)s->first * scl_shape_inner(dx->shape, s->axis);

    memset(out, 0, scl_shape_count(dx->shape) * sizeof *out);
    for (size_t r = 0; r < scl_shape_outer(dx->shape, s->axis); r++)
        memcpy(out + r * all + first, in[0] + r * cols, cols * sizeof *out);
}

struct scl_node *scl_slice(struct scl_graph *g, struct scl_node *x, int axis, int first, int count)
{
    const struct slice attr = { .axis = axis < 0 && x ? axis + x->shape.rank : axis,
                                .first = first,
                                .count = count };

    return scl_apply(g, &scl_op_slice, 1, &x, &attr, sizeof attr);
}

const struct scl_op scl_op_slice = {
    .name = "slice",
    .n_in = 1,
    .infer = infer,
    .grad = grad,
    .key = node_key,
    .candidates = candidates,
    .reference = reference,
};

const struct scl_op scl_op_slice_grad = {
    .name = "slice_grad",
    .n_in = 1,
    .infer = infer_grad,
    .key = node_key,
    .candidates = grad_candidates,
    .reference = grad_reference,
};
