/* global_avg_pool.c - global_avg_pool, pixel_sum and their gradient, pixel_spread. All
 * have the same attribute: the factor, which an average sets to 1 / pixels.
 *
 * Kernels and formulas: cl_kernels/global_avg_pool.cl.
 */
#include "base/status.h"
#include "graph/case.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"
#include "ops/split_impl.h"
#include "ops/walk_impl.h"

struct attr {
    double scale;
    int h, w; /* of the image */
};

static int pixels(const struct scl_node *y)
{
    const struct attr *attr = y->attr;

    return attr->h * attr->w;
}

static int infer(struct scl_node *y)
{
    const struct scl_shape x = y->in[0]->shape;

    y->shape = SCL_SHAPE2(x.dim[0], x.dim[3]);
    return SCL_OK;
}

static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    if (want[0])
        dx[0] = scl_apply(g, &scl_op_pixel_spread, 1, &dy, y->attr, sizeof(struct attr));
    return scl_graph_check(g);
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const int channels = y->shape.dim[1];
    const size_t wg = (size_t)scl_lower_param(l, key, "WG");
    const size_t width = wg * (size_t)scl_lower_param(l, key, "LANES");

    scl_launch_rows(l, "global_avg_pool", "pixel_sum", key, 1);
    scl_lower_groups(l, scl_divide_up((size_t)channels, width), (size_t)y->shape.dim[0], 1, wg);
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_int(l, pixels(y));
    scl_lower_int(l, channels);
    scl_lower_float(l, (float)((const struct attr *)y->attr)->scale);
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
    { .name = "columns.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "columns.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const struct attr *attr = y->attr;
    const int channels = y->shape.dim[1];

    for (int n = 0; n < y->shape.dim[0]; n++)
        for (int c = 0; c < channels; c++) {
            double sum = 0;

            for (int p = 0; p < pixels(y); p++)
                sum += in[0][((size_t)n * (size_t)pixels(y) + (size_t)p) * (size_t)channels +
                             (size_t)c];
            out[n * channels + c] = attr->scale * sum;
        }
}

static double flops(const struct scl_node *y)
{
    return (double)scl_shape_count(y->in[0]->shape);
}

static int infer_spread(struct scl_node *dx)
{
    const struct attr *attr = dx->attr;
    const struct scl_shape dy = dx->in[0]->shape;

    dx->shape = SCL_SHAPE4(dy.dim[0], attr->h, attr->w, dy.dim[1]);
    return SCL_OK;
}

/* A sum's gradient is a spread, and a spread's a sum. */
static int spread_grad(struct scl_graph *g, struct scl_node *dx, struct scl_node *d,
                       const bool want[], struct scl_node *of[])
{
    if (want[0])
        of[0] = scl_apply(g, &scl_op_pixel_sum, 1, &d, dx->attr, sizeof(struct attr));
    return scl_graph_check(g);
}

static int lower_spread(const struct scl_node *dx, struct scl_lowering *l, const char *key)
{
    const int channels = dx->shape.dim[3];
    const int span = scl_walk_begin(l, "global_avg_pool", "pixel_spread", key, (size_t)pixels(dx),
                                    (size_t)channels, (size_t)dx->shape.dim[0]);

    scl_lower_value(l, dx);
    scl_lower_value(l, dx->in[0]);
    scl_lower_int(l, pixels(dx));
    scl_lower_int(l, channels);
    scl_lower_float(l, (float)((const struct attr *)dx->attr)->scale);
    scl_lower_int(l, span);
    return scl_lower_end(l);
}

static int spread_vec(const struct scl_node *dx, struct scl_lowering *l)
{
    return lower_spread(dx, l, "elementwise.vec");
}

static int spread_tile(const struct scl_node *dx, struct scl_lowering *l)
{
    return lower_spread(dx, l, "elementwise.tile");
}

static const struct scl_candidate spread_candidates[] = {
    { .name = "walk.vec", .family = SCL_VEC, .lower = spread_vec },
    { .name = "walk.tile", .family = SCL_TILE, .lower = spread_tile },
    { .name = NULL },
};

static void spread_reference(const struct scl_node *dx, double *const in[], double *out)
{
    const struct attr *attr = dx->attr;
    const size_t channels = (size_t)dx->shape.dim[3], image = scl_shape_inner(dx->shape, 0);

    for (size_t i = 0; i < scl_shape_count(dx->shape); i++)
        out[i] = attr->scale * in[0][i / image * channels + i % channels];
}

static struct scl_node *sum(struct scl_graph *g, const struct scl_op *op, struct scl_node *x,
                            bool mean)
{
    struct attr attr = { .scale = 1 };

    if (x && x->shape.rank != 4)
        return scl_graph_refuse(g, scl_fail(SCL_SHAPE, "%s: %s is %s, not [N, H, W, C]", op->name,
                                            x->name, scl_shape_text(x->shape)));
    if (x) {
        attr.h = x->shape.dim[1];
        attr.w = x->shape.dim[2];
    }
    if (mean)
        attr.scale = 1.0 / attr.h / attr.w;
    return scl_apply(g, op, 1, &x, &attr, sizeof attr);
}

struct scl_node *scl_global_avg_pool(struct scl_graph *g, struct scl_node *x)
{
    return sum(g, &scl_op_global_avg_pool, x, true);
}

struct scl_node *scl_pixel_sum(struct scl_graph *g, struct scl_node *x)
{
    return sum(g, &scl_op_pixel_sum, x, false);
}

static int from_case(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *x = scl_case_input(g, c, "x", SCL_CASE_IMAGE);

    scl_case_output(g, c, "y", scl_global_avg_pool(g, x), SCL_CASE_PLAIN);
    return scl_graph_check(g);
}

const struct scl_op scl_op_global_avg_pool = {
    .name = "global_avg_pool",
    .n_in = 1,
    .infer = infer,
    .grad = grad,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
    .from_case = from_case,
};

const struct scl_op scl_op_pixel_sum = {
    .name = "pixel_sum",
    .n_in = 1,
    .infer = infer,
    .grad = grad,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
};

const struct scl_op scl_op_pixel_spread = {
    .name = "pixel_spread",
    .n_in = 1,
    .infer = infer_spread,
    .grad = spread_grad,
    .candidates = spread_candidates,
    .reference = spread_reference,
};
