/* max_pool2d.c - the largest value of each window.
 *
 * Kernels and formulas: cl_kernels/max_pool2d.cl.
 */
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "graph/case.h"
#include "graph/key.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

struct attr {
    int kernel, stride, padding;
};

static int infer(struct scl_node *y)
{
    const struct attr *attr = y->attr;
    const struct scl_node *x = y->in[0];

    if (x->shape.rank != 4)
        return scl_fail(SCL_SHAPE, "max_pool2d: %s is %s, not [N, H, W, C]", x->name,
                        scl_shape_text(x->shape));
    if (attr->kernel < 1 || attr->kernel > 1024 || attr->stride < 1 || attr->stride > 1024 ||
        attr->padding < 0 || attr->padding > attr->kernel / 2)
        return scl_fail(SCL_SHAPE,
                        "max_pool2d: kernel %d, stride %d, padding %d; kernel and stride are 1 to "
                        "1024, padding at most half the kernel",
                        attr->kernel, attr->stride, attr->padding);
    y->shape = x->shape;
    for (int i = 1; i <= 2; i++) {
        const int span = x->shape.dim[i] + 2 * attr->padding - attr->kernel;

        if (span < 0)
            return scl_fail(SCL_SHAPE, "max_pool2d: %s is %s, smaller than the kernel of %d",
                            x->name, scl_shape_text(x->shape), attr->kernel);
        y->shape.dim[i] = span / attr->stride + 1;
    }
    return SCL_OK;
}

static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    struct scl_node *in[] = { dy, y->in[0] };

    if (want[0])
        dx[0] = scl_apply(g, &scl_op_max_pool2d_grad, 2, in, y->attr, sizeof(struct attr));
    return scl_graph_check(g);
}

/* Forward and backward have a group for each row of pixels that they write. */
static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const struct attr *attr = y->attr;
    const struct scl_node *large = y->op == &scl_op_max_pool2d ? y->in[0] : y;
    const struct scl_node *small = y->op == &scl_op_max_pool2d ? y : y->in[0];

    scl_launch_rows(l, "max_pool2d", y->op->name, key,
                    (size_t)y->shape.dim[0] * (size_t)y->shape.dim[1]);
    scl_lower_value(l, y);
    for (int i = 0; i < y->n_in; i++)
        scl_lower_value(l, y->in[i]);
    scl_lower_int(l, large->shape.dim[1]);
    scl_lower_int(l, large->shape.dim[2]);
    scl_lower_int(l, small->shape.dim[1]);
    scl_lower_int(l, small->shape.dim[2]);
    scl_lower_int(l, y->shape.dim[3]);
    scl_lower_int(l, attr->kernel);
    scl_lower_int(l, attr->stride);
    scl_lower_int(l, attr->padding);
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

static void node_key(char *out, size_t size, const struct scl_node *y)
{
    const struct attr *attr = y->attr;

    scl_node_key_with(out, size, y, "k%du%dp%d", attr->kernel, attr->stride, attr->padding);
}

static const struct scl_candidate candidates[] = {
    { .name = "window.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "window.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

/* Where the window of y's element i has its first largest value in x. */
static size_t winner(const double *x, struct scl_shape in, struct scl_shape out,
                     const struct attr *attr, size_t i)
{
    const int channels = out.dim[3], c = (int)(i % (size_t)channels);
    const size_t pixel = i / (size_t)channels, row = pixel / (size_t)out.dim[2];
    const int q = (int)(pixel % (size_t)out.dim[2]), p = (int)(row % (size_t)out.dim[1]);
    const size_t first = row / (size_t)out.dim[1] * scl_shape_inner(in, 0);
    double best = -INFINITY;
    size_t at = first;

    for (int a = 0; a < attr->kernel; a++)
        for (int b = 0; b < attr->kernel; b++) {
            const int h = p * attr->stride + a - attr->padding;
            const int w = q * attr->stride + b - attr->padding;
            const size_t here =
                first + (size_t)((h * in.dim[2] + w) * channels + c); /* used when inside */

            if (h >= 0 && h < in.dim[1] && w >= 0 && w < in.dim[2] &&
                (x[here] > best || isnan(x[here]))) {
                best = x[here];
                at = here;
            }
        }
    return at;
}

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    for (size_t i = 0; i < scl_shape_count(y->shape); i++)
        out[i] = in[0][winner(in[0], y->in[0]->shape, y->shape, y->attr, i)];
}

static int infer_grad(struct scl_node *dx)
{
    dx->shape = dx->in[1]->shape;
    return SCL_OK;
}

static void grad_reference(const struct scl_node *dx, double *const in[], double *out)
{
    const struct scl_node *dy = dx->in[0];

    memset(out, 0, scl_shape_count(dx->shape) * sizeof *out);
    for (size_t i = 0; i < scl_shape_count(dy->shape); i++)
        out[winner(in[1], dx->shape, dy->shape, dx->attr, i)] += in[0][i];
}

static double flops(const struct scl_node *y)
{
    const struct attr *attr = y->attr;

    return (double)scl_shape_count(y->shape) * attr->kernel * attr->kernel;
}

static int from_case(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *x = scl_case_input(g, c, "x", SCL_CASE_IMAGE);
    const int kernel = scl_case_int(c, "kernel", 2);

    scl_case_output(g, c, "y",
                    scl_max_pool2d(g, x, kernel, scl_case_int(c, "stride", kernel),
                                   scl_case_int(c, "padding", 0)),
                    SCL_CASE_IMAGE);
    return scl_graph_check(g);
}

struct scl_node *scl_max_pool2d(struct scl_graph *g, struct scl_node *x, int kernel, int stride,
                                int padding)
{
    const struct attr attr = { .kernel = kernel, .stride = stride, .padding = padding };

    return scl_apply(g, &scl_op_max_pool2d, 1, &x, &attr, sizeof attr);
}

const struct scl_op scl_op_max_pool2d = {
    .name = "max_pool2d",
    .n_in = 1,
    .infer = infer,
    .grad = grad,
    .key = node_key,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
    .from_case = from_case,
};

const struct scl_op scl_op_max_pool2d_grad = {
    .name = "max_pool2d_grad",
    .n_in = 2,
    .infer = infer_grad,
    .key = node_key,
    .candidates = candidates,
    .reference = grad_reference,
    .flops = flops,
};
