/* ssim_difference.c - how little two images have of one structure: 1 - SSIM; a constant.
 *
 * Kernel and formulas: cl_kernels/ssim_difference.cl.
 */
#include <limits.h>
#include <math.h>

#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

#define SIDE 11

static int infer(struct scl_node *y)
{
    const struct scl_node *a = y->in[0], *b = y->in[1];

    if (a->type != SCL_F32 || a->shape.rank != 4)
        return scl_fail(SCL_SHAPE, "ssim_difference: %s is %s, not [N, H, W, C] in fp32", a->name,
                        scl_shape_text(a->shape));
    if (b->type != SCL_F32 || !scl_shape_equal(a->shape, b->shape))
        return scl_fail(SCL_SHAPE, "ssim_difference: %s is %s, and %s is %s; they have one shape",
                        a->name, scl_shape_text(a->shape), b->name, scl_shape_text(b->shape));
    if (!scl_shape_count(a->shape) || scl_shape_inner(a->shape, 0) > INT_MAX)
        return scl_fail(SCL_SHAPE, "ssim_difference: images of %s have not 1 to 2^31 - 1 elements",
                        scl_shape_text(a->shape));
    y->shape = SCL_SHAPE1(a->shape.dim[0]);
    return SCL_OK;
}

/* Of the window: SIDE, or the largest odd one that fits. */
static int side_of(struct scl_shape x)
{
    const int least = x.dim[1] < x.dim[2] ? x.dim[1] : x.dim[2];

    return least >= SIDE ? SIDE : least - 1 + least % 2;
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const struct scl_shape x = y->in[0]->shape;

    scl_launch_rows(l, "ssim_difference", "ssim_difference", key, (size_t)x.dim[0]);
    scl_lower_define(l, "K", side_of(x));
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_value(l, y->in[1]);
    for (int i = 1; i < 4; i++)
        scl_lower_int(l, x.dim[i]);
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
    { .name = "strips.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "strips.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

/* `side` pixels of `side` lines; pixels are `step` elements apart, lines `pitch`. */
struct window {
    int side, pitch, step;
};

/* The mean over a window, whose first pixels are a[0] and b[0], of (a - mean_a) (b - mean_b), or
 * where b is NULL of a. */
static double moment(struct window w, const double *a, double mean_a, const double *b,
                     double mean_b)
{
    double sum = 0, total = 0;

    for (int i = 0; i < w.side; i++)
        for (int j = 0; j < w.side; j++) {
            const size_t at = (size_t)i * (size_t)w.pitch + (size_t)j * (size_t)w.step;
            const int y = i - w.side / 2, x = j - w.side / 2;
            const double weight = exp(-(x * x + y * y) / (2 * 1.5 * 1.5));

            sum += weight * (b ? (a[at] - mean_a) * (b[at] - mean_b) : a[at]);
            total += weight;
        }
    return sum / total;
}

static double ssim(struct window w, const double *a, const double *b)
{
    const double c1 = 0.01 * 0.01, c2 = 0.03 * 0.03;
    const double mean_a = moment(w, a, 0, NULL, 0), mean_b = moment(w, b, 0, NULL, 0);
    const double aa = moment(w, a, mean_a, a, mean_a), bb = moment(w, b, mean_b, b, mean_b);
    const double ab = moment(w, a, mean_a, b, mean_b);

    return (2 * mean_a * mean_b + c1) * (2 * ab + c2) /
           ((mean_a * mean_a + mean_b * mean_b + c1) * (aa + bb + c2));
}

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const struct scl_shape x = y->in[0]->shape;
    const int side = side_of(x), channels = x.dim[3], pitch = x.dim[2] * channels;
    const int lines = x.dim[1] - side + 1, count = (x.dim[2] - side + 1) * channels;
    const struct window w = { .side = side, .pitch = pitch, .step = channels };

    for (int n = 0; n < x.dim[0]; n++) {
        double sum = 0;

        for (int p = 0; p < lines; p++)
            for (int q = 0; q < count; q++) {
                const size_t at = ((size_t)n * x.dim[1] + p) * pitch + q;

                sum += ssim(w, in[0] + at, in[1] + at);
            }
        out[n] = 1 - sum / ((double)lines * count);
    }
}

/* A filter of four sums along each line, one down the lines, and the difference of each window. */
static double flops(const struct scl_node *y)
{
    const struct scl_shape x = y->in[0]->shape;
    const double side = side_of(x), lines = x.dim[1] - side + 1, cols = x.dim[2] - side + 1;

    return x.dim[0] * cols * x.dim[3] * (x.dim[1] * 11 * side + lines * (8 * side + 18));
}

struct scl_node *scl_ssim_difference(struct scl_graph *g, struct scl_node *a, struct scl_node *b)
{
    struct scl_node *in[] = { a, b };

    return scl_apply(g, &scl_op_ssim_difference, 2, in, NULL, 0);
}

const struct scl_op scl_op_ssim_difference = {
    .name = "ssim_difference",
    .n_in = 2,
    .infer = infer,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
};
