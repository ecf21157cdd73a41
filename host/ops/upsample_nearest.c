/* upsample_nearest.c - every pixel as a square of pixels.
 *
 * Kernels and formulas: cl_kernels/upsample_nearest.cl.
 */
#include <limits.h>
#include <string.h>

#include "base/status.h"
#include "graph/case.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

static int scale_of(const struct scl_node *y)
{
    return *(const int *)y->attr;
}

static int infer(struct scl_node *y)
{
    const struct scl_node *x = y->in[0];
    const int s = scale_of(y);

    if (x->shape.rank != 4)
        return scl_fail(SCL_SHAPE, "upsample_nearest: %s is %s, not [N, H, W, C]", x->name,
                        scl_shape_text(x->shape));
    if (s < 1 || (size_t)s * (size_t)s > INT_MAX / scl_shape_count(x->shape))
        return scl_fail(SCL_SHAPE, "upsample_nearest: %s is %s, which cannot be scaled by %d",
                        x->name, scl_shape_text(x->shape), s);
    y->shape = x->shape;
    y->shape.dim[1] *= s;
    y->shape.dim[2] *= s;
    return SCL_OK;
}

static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    if (want[0])
        dx[0] = scl_apply(g, &scl_op_upsample_nearest_grad, 1, &dy, y->attr, sizeof(int));
    return scl_graph_check(g);
}

/* Forward and backward have a group for each row of pixels that they write. */
static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const struct scl_node *small = y->op == &scl_op_upsample_nearest ? y->in[0] : y;

    scl_launch_rows(l, "upsample_nearest", y->op->name, key,
                    (size_t)y->shape.dim[0] * (size_t)y->shape.dim[1]);
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_int(l, small->shape.dim[2]);
    scl_lower_int(l, y->shape.dim[3]);
    scl_lower_int(l, scale_of(y));
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
    { .name = "walk.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "walk.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

/* Where element i of the large image lies in the small one. */
static size_t source(const struct scl_node *large, int s, size_t i)
{
    const size_t channels = (size_t)large->shape.dim[3], w = (size_t)large->shape.dim[2];
    const size_t pixel = i / channels, row = pixel / w, scale = (size_t)s;

    return (row / scale * (w / scale) + pixel % w / scale) * channels + i % channels;
}

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    for (size_t i = 0; i < scl_shape_count(y->shape); i++)
        out[i] = in[0][source(y, scale_of(y), i)];
}

static int infer_grad(struct scl_node *dx)
{
    dx->shape = dx->in[0]->shape;
    dx->shape.dim[1] /= scale_of(dx);
    dx->shape.dim[2] /= scale_of(dx);
    return SCL_OK;
}

static void grad_reference(const struct scl_node *dx, double *const in[], double *out)
{
    const struct scl_node *dy = dx->in[0];

    memset(out, 0, scl_shape_count(dx->shape) * sizeof *out);
    for (size_t i = 0; i < scl_shape_count(dy->shape); i++)
        out[source(dy, scale_of(dx), i)] += in[0][i];
}

static int from_case(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *x = scl_case_input(g, c, "x", SCL_CASE_IMAGE);

    scl_case_output(g, c, "y", scl_upsample_nearest(g, x, scl_case_int(c, "scale", 2)),
                    SCL_CASE_IMAGE);
    return scl_graph_check(g);
}

struct scl_node *scl_upsample_nearest(struct scl_graph *g, struct scl_node *x, int scale)
{
    return scl_apply(g, &scl_op_upsample_nearest, 1, &x, &scale, sizeof scale);
}

const struct scl_op scl_op_upsample_nearest = {
    .name = "upsample_nearest",
    .n_in = 1,
    .infer = infer,
    .grad = grad,
    .candidates = candidates,
    .reference = reference,
    .from_case = from_case,
};

const struct scl_op scl_op_upsample_nearest_grad = {
    .name = "upsample_nearest_grad",
    .n_in = 1,
    .infer = infer_grad,
    .candidates = candidates,
    .reference = grad_reference,
};
