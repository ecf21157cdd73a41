/* augment_blur.c - Gaussian blur, of a width of each image's own.
 *
 * Kernels and formulas: cl_kernels/augment_blur/.
 */
#include <math.h>
#include <stdlib.h>

#include "base/status.h"
#include "graph/key.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

struct attr {
    int kernel;
};

static int infer(struct scl_node *y)
{
    const struct scl_node *x = y->in[0], *sigma = y->in[1];
    const int kernel = ((const struct attr *)y->attr)->kernel;

    if (x->type != SCL_F32 || x->shape.rank != 4 || x->shape.dim[3] != 3)
        return scl_fail(SCL_SHAPE, "augment_blur: %s is %s, not [M, H, W, 3] in fp32", x->name,
                        scl_shape_text(x->shape));
    if (sigma->type != SCL_F32 || !scl_shape_equal(sigma->shape, SCL_SHAPE1(x->shape.dim[0])))
        return scl_fail(SCL_SHAPE, "augment_blur: sigma is %s, not one to each image of %s",
                        scl_shape_text(sigma->shape), scl_shape_text(x->shape));
    if (kernel < 1 || kernel % 2 == 0 || kernel / 2 >= x->shape.dim[1] ||
        kernel / 2 >= x->shape.dim[2])
        return scl_fail(SCL_SHAPE, "augment_blur: kernel %d on %s, wanted odd and below 2 sides",
                        kernel, scl_shape_text(x->shape));
    y->shape = x->shape;
    return SCL_OK;
}

static int lower_vec(const struct scl_node *y, struct scl_lowering *l)
{
    const char *file = "augment_blur/rows_vec";
    const int rows = scl_lower_param(l, file, "ROWS"), h = y->shape.dim[1];

    scl_lower_begin(l, file, "augment_blur_rows");
    scl_lower_define(l, "K", ((const struct attr *)y->attr)->kernel);
    scl_lower_define(l, "WIDTH", y->shape.dim[2]);
    scl_lower_define(l, "ROWS", rows);
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_value(l, y->in[1]);
    scl_lower_int(l, h);
    scl_lower_groups(l, ((size_t)h + (size_t)rows - 1) / (size_t)rows, (size_t)y->shape.dim[0], 1,
                     1);
    return scl_lower_end(l);
}

/* One axis of an image; n pixels along it, `step` floats apart. Input and output
 * are y and the scratch, in the order that the caller says. */
static void begin_axis(const struct scl_node *y, struct scl_lowering *l)
{
    const char *file = "augment_blur/axis_tile";
    const size_t wg = (size_t)scl_lower_param(l, file, "WG");

    scl_lower_begin(l, file, "augment_blur_axis");
    scl_lower_define(l, "K", ((const struct attr *)y->attr)->kernel);
    scl_lower_define(l, "WG", (int)wg);
    scl_lower_groups(l, (scl_shape_inner(y->shape, 0) + wg - 1) / wg, (size_t)y->shape.dim[0], 1,
                     wg);
}

static void end_axis(const struct scl_node *y, struct scl_lowering *l, int n, int step)
{
    scl_lower_value(l, y->in[1]);
    scl_lower_int(l, n);
    scl_lower_int(l, step);
    scl_lower_int(l, (int)scl_shape_inner(y->shape, 0));
}

static int lower_tile(const struct scl_node *y, struct scl_lowering *l)
{
    const int middle = scl_lower_scratch(l, scl_shape_count(y->shape) * sizeof(float));

    begin_axis(y, l);
    scl_lower_use(l, middle);
    scl_lower_value(l, y->in[0]);
    end_axis(y, l, y->shape.dim[2], 3);
    begin_axis(y, l);
    scl_lower_value(l, y);
    scl_lower_use(l, middle);
    end_axis(y, l, y->shape.dim[1], 3 * y->shape.dim[2]);
    return scl_lower_end(l);
}

static void node_key(char *out, size_t size, const struct scl_node *y)
{
    const struct attr *attr = y->attr;

    scl_node_key_with(out, size, y, "k%d", attr->kernel);
}

static const struct scl_candidate candidates[] = {
    { .name = "rows.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "axis.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

static int reflect(int i, int n)
{
    return i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i;
}

/* The float at line p, place j (column and channel) of an image of h lines, w columns. */
static double blurred(const double *x, int p, int j, int h, int w, int kernel, double sigma)
{
    double sum = 0, total = 0;

    for (int u = -(kernel / 2); u <= kernel / 2; u++)
        for (int t = -(kernel / 2); t <= kernel / 2; t++) {
            const double weight = exp(-(u * u + t * t) / (2 * sigma * sigma));

            sum += weight * x[((size_t)reflect(p + u, h) * w + reflect(j / 3 + t, w)) * 3 + j % 3];
            total += weight;
        }
    return sum / total;
}

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const int kernel = ((const struct attr *)y->attr)->kernel;
    const int h = y->shape.dim[1], w = y->shape.dim[2];

    for (int m = 0; m < y->shape.dim[0]; m++) {
        const size_t at = (size_t)m * h * w * 3;

        for (int p = 0; p < h; p++)
            for (int j = 0; j < 3 * w; j++) {
                const size_t i = at + (size_t)p * w * 3 + j;

                out[i] =
                    in[1][m] > 0 ? blurred(in[0] + at, p, j, h, w, kernel, in[1][m]) : in[0][i];
            }
    }
}

static double flops(const struct scl_node *y)
{
    return 4.0 * ((const struct attr *)y->attr)->kernel * (double)scl_shape_count(y->shape);
}

struct scl_node *scl_augment_blur(struct scl_graph *g, struct scl_node *x, struct scl_node *sigma,
                                  int kernel)
{
    const struct attr attr = { .kernel = kernel };
    struct scl_node *in[] = { x, sigma };

    return scl_apply(g, &scl_op_augment_blur, 2, in, &attr, sizeof attr);
}

const struct scl_op scl_op_augment_blur = {
    .name = "augment_blur",
    .n_in = 2,
    .infer = infer,
    .key = node_key,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
};
