/* augment_color.c - colour jitter and grey, by a table.
 *
 * Kernel and formulas: cl_kernels/augment_color.cl.
 */
#include <math.h>

#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

static int infer(struct scl_node *y)
{
    const struct scl_node *x = y->in[0], *table = y->in[1];

    if (x->type != SCL_F32 || x->shape.rank != 4 || x->shape.dim[3] != 3)
        return scl_fail(SCL_SHAPE, "augment_color: %s is %s, not [M, H, W, 3] in fp32", x->name,
                        scl_shape_text(x->shape));
    if (table->type != SCL_F32 ||
        !scl_shape_equal(table->shape, SCL_SHAPE2(x->shape.dim[0], SCL_COLOR_COLUMNS)))
        return scl_fail(SCL_SHAPE, "augment_color: table is %s, not [%d, %d] in fp32",
                        scl_shape_text(table->shape), x->shape.dim[0], SCL_COLOR_COLUMNS);
    y->shape = x->shape;
    return SCL_OK;
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    scl_launch_rows(l, "augment_color", "augment_color", key, (size_t)y->shape.dim[0]);
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_value(l, y->in[1]);
    scl_lower_int(l, y->shape.dim[1] * y->shape.dim[2]);
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
    { .name = "row.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "row.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

static double grey(const double *v)
{
    return 0.2989 * v[0] + 0.587 * v[1] + 0.114 * v[2];
}

static void mix(double *v, double f, double other)
{
    for (int c = 0; c < 3; c++)
        v[c] = fmin(fmax(f * v[c] + (1 - f) * other, 0), 1);
}

static void to_hsv(double *hsv, const double *v)
{
    const double r = v[0], g = v[1], b = v[2];
    const double top = fmax(r, fmax(g, b)), d = top - fmin(r, fmin(g, b));
    double h = 0;

    if (d > 0)
        h = top == r ? (g - b) / d : top == g ? 2 + (b - r) / d : 4 + (r - g) / d;
    hsv[0] = h / 6 - floor(h / 6);
    hsv[1] = top > 0 ? d / top : 0;
    hsv[2] = top;
}

static void from_hsv(double *out, const double *hsv)
{
    const double s = hsv[1], v = hsv[2], i = floor(hsv[0] * 6), f = hsv[0] * 6 - i;
    const double p = v * (1 - s), q = v * (1 - s * f), t = v * (1 - s * (1 - f));
    const double sector[6][3] = { { v, t, p }, { q, v, p }, { p, v, t },
                                  { p, q, v }, { t, p, v }, { v, p, q } };

    for (int c = 0; c < 3; c++)
        out[c] = sector[(int)i % 6][c];
}

static void turn(double *v, double f)
{
    double hsv[3];

    to_hsv(hsv, v);
    hsv[0] += f;
    hsv[0] -= floor(hsv[0]);
    from_hsv(v, hsv);
}

static double mean_grey(const double *x, size_t pixels)
{
    double sum = 0;

    for (size_t p = 0; p < pixels; p++)
        sum += grey(x + 3 * p);
    return sum / (double)pixels;
}

/* One operation over an image of n pixels, the first `pixels` of which it is. */
static void apply(double *x, size_t n, size_t pixels, enum scl_color_op op, double f)
{
    const double mean = mean_grey(x, pixels);

    for (size_t p = 0; p < n; p++) {
        double *v = x + 3 * p;

        if (op == SCL_COLOR_BRIGHTNESS)
            mix(v, f, 0);
        else if (op == SCL_COLOR_CONTRAST)
            mix(v, f, mean);
        else if (op == SCL_COLOR_SATURATION)
            mix(v, f, grey(v));
        else if (op == SCL_COLOR_HUE)
            turn(v, f);
    }
}

/* All four operations, in an order that turns from image to image; then grey for every other. */
static double value(const struct scl_node *y, int i, size_t at)
{
    const int row = (int)(at / SCL_COLOR_COLUMNS), column = (int)(at % SCL_COLOR_COLUMNS);

    if (i != 1 || (column >= SCL_COLOR_FACTOR && column < SCL_COLOR_GREY))
        return NAN;
    if (column == SCL_COLOR_PIXELS)
        return (double)y->shape.dim[1] * y->shape.dim[2];
    return column == SCL_COLOR_GREY ? row % 2 : 1 + (row + column) % 4;
}

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const size_t size = scl_shape_inner(y->shape, 0), n = size / 3;

    for (int m = 0; m < y->shape.dim[0]; m++) {
        const double *row = in[1] + m * SCL_COLOR_COLUMNS;
        double *own = out + m * size;

        for (size_t i = 0; i < size; i++)
            own[i] = in[0][m * size + i];
        for (int k = 0; k < 4; k++) {
            const int op = (int)row[SCL_COLOR_FIRST + k];

            if (op != SCL_COLOR_NONE)
                apply(own, n, (size_t)row[SCL_COLOR_PIXELS], op, row[SCL_COLOR_FACTOR + op - 1]);
        }
        for (size_t p = 0; row[SCL_COLOR_GREY] != 0 && p < n; p++)
            own[3 * p] = own[3 * p + 1] = own[3 * p + 2] = grey(own + 3 * p);
    }
}

struct scl_node *scl_augment_color(struct scl_graph *g, struct scl_node *x, struct scl_node *table)
{
    struct scl_node *in[] = { x, table };

    return scl_apply(g, &scl_op_augment_color, 2, in, NULL, 0);
}

const struct scl_op scl_op_augment_color = {
    .name = "augment_color",
    .n_in = 2,
    .value = value,
    .infer = infer,
    .candidates = candidates,
    .reference = reference,
};
