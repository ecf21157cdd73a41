/* view.c - reshape, rows, stop_gradient and bundle: names for memory that is
 * there already.
 */
#include "ops/view.h"

#include <string.h>

#include "base/status.h"
#include "ops/ops.h"

static struct scl_node *view(struct scl_graph *g, const struct scl_op *op, struct scl_node *x,
                             struct scl_shape shape, size_t offset)
{
    struct scl_node *y = scl_apply(g, op, 1, &x, &shape, sizeof shape);

    if (!y)
        return NULL;
    y->base = x;
    y->base_offset = offset;
    return y;
}

static int infer_view(struct scl_node *y)
{
    y->shape = *(const struct scl_shape *)y->attr;
    y->type = y->in[0]->type;
    return SCL_OK;
}

static int reshape_grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy,
                        const bool want[], struct scl_node *dx[])
{
    if (want[0])
        dx[0] = scl_reshape(g, dy, y->in[0]->shape);
    return scl_graph_check(g);
}

/* The rows that were left out get zeros around dy. */
static int rows_grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy,
                     const bool want[], struct scl_node *dx[])
{
    const struct scl_shape all = y->in[0]->shape;
    const int first = (int)(y->base_offset / scl_shape_inner(all, 0));
    const int behind = all.dim[0] - first - y->shape.dim[0];
    struct scl_shape zeros = all;

    if (!want[0])
        return SCL_OK;
    if (first > 0) {
        zeros.dim[0] = first;
        dy = scl_concat(g, scl_constant(g, "zeros", SCL_F32, zeros, NULL), dy, 0);
    }
    if (behind > 0) {
        zeros.dim[0] = behind;
        dy = scl_concat(g, dy, scl_constant(g, "zeros", SCL_F32, zeros, NULL), 0);
    }
    dx[0] = dy;
    return scl_graph_check(g);
}

struct scl_node *scl_reshape(struct scl_graph *g, struct scl_node *x, struct scl_shape shape)
{
    if (x && scl_shape_count(shape) != scl_shape_count(x->shape))
        return scl_graph_refuse(g,
                                scl_fail(SCL_SHAPE, "reshape: %s is %s, which does not fit %s",
                                         x->name, scl_shape_text(x->shape), scl_shape_text(shape)));
    return view(g, &scl_op_reshape, x, shape, 0);
}

struct scl_node *scl_rows(struct scl_graph *g, struct scl_node *x, int first, int count)
{
    struct scl_shape shape;

    if (!x)
        return view(g, &scl_op_rows, x, (struct scl_shape){ 0 }, 0);
    shape = x->shape;
    if (shape.rank < 1 || first < 0 || count < 1 || first > shape.dim[0] - count)
        return scl_graph_refuse(g,
                                scl_fail(SCL_SHAPE, "rows: %s is %s; there are no rows %d to %d",
                                         x->name, scl_shape_text(shape), first, first + count - 1));
    if (first * scl_shape_inner(shape, 0) % SCL_BUNDLE_ALIGN != 0)
        return scl_slice(g, x, 0, first, count);
    shape.dim[0] = count;
    return view(g, &scl_op_rows, x, shape, (size_t)first * scl_shape_inner(x->shape, 0));
}

struct scl_node *scl_stop_gradient(struct scl_graph *g, struct scl_node *x)
{
    return view(g, &scl_op_stop_gradient, x, x ? x->shape : (struct scl_shape){ 0 }, 0);
}

size_t scl_bundle_offset(const struct scl_node *bundle, int member)
{
    size_t offset = 0;

    for (int i = 0; i < member; i++)
        offset += scl_bundle_room(bundle->in[i]);
    return offset;
}

static int infer_bundle(struct scl_node *y)
{
    size_t total = 0;

    for (int i = 0; i < y->n_in; i++) {
        if (y->in[i]->type != SCL_F32 ||
            (y->in[i]->role == SCL_STATE) != (y->in[0]->role == SCL_STATE))
            return scl_fail(SCL_SHAPE,
                            "bundle: %s and %s do not go together: all are states, or "
                            "all are computed, in fp32",
                            y->in[0]->name, y->in[i]->name);
        total += scl_bundle_room(y->in[i]);
    }
    if (y->n_in < 1 || total > 0x7fffffff)
        return scl_fail(SCL_SHAPE,
                        "bundle: %d tensors of %zu elements; 1 or more tensors and "
                        "fewer than 2^31 elements fit",
                        y->n_in, total);
    y->shape = SCL_SHAPE1((int)total);
    return SCL_OK;
}

struct scl_node *scl_bundle(struct scl_graph *g, int n, struct scl_node *const members[])
{
    struct scl_node **in = scl_graph_keep(g, members, (size_t)n * sizeof *in), *y;

    if (!in)
        return NULL;
    /* What lies elsewhere already, or is no value of its own, is copied. */
    for (int i = 0; i < n; i++)
        if (in[i] && in[i]->role != SCL_STATE && (in[i]->base || in[i]->role != SCL_VALUE))
            in[i] = scl_scale(g, in[i], 1.0f, 0.0f);
    if (!(y = scl_apply(g, &scl_op_bundle, n, in, NULL, 0)))
        return NULL;
    y->is_bundle = true;
    if (in[0]->role == SCL_STATE) {
        y->base = in[0]; /* the model keeps the members in this order */
        return y;
    }
    for (int i = 0; i < n; i++) {
        in[i]->base = y;
        in[i]->base_offset = scl_bundle_offset(y, i);
    }
    return y;
}

const struct scl_op scl_op_reshape = {
    .name = "reshape", .n_in = 1, .infer = infer_view, .grad = reshape_grad
};
const struct scl_op scl_op_rows = {
    .name = "rows", .n_in = 1, .infer = infer_view, .grad = rows_grad
};
const struct scl_op scl_op_stop_gradient = { .name = "stop_gradient",
                                             .n_in = 1,
                                             .infer = infer_view };
const struct scl_op scl_op_bundle = { .name = "bundle", .n_in = -1, .infer = infer_bundle };
