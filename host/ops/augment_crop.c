/* augment_crop.c - crops of stored images, resampled to one size.
 *
 * Kernels and formulas: cl_kernels/augment_crop/.
 */
#include <limits.h>
#include <math.h>

#include "base/status.h"
#include "graph/key.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

struct attr {
    int h, w, max_side;
    bool cubic;
};

static int infer(struct scl_node *y)
{
    const struct scl_node *x = y->in[0], *table = y->in[1];
    const struct attr *attr = y->attr;

    if (attr->h < 1 || attr->w < 1 || attr->max_side < 1)
        return scl_fail(SCL_SHAPE, "augment_crop: size %d by %d from at most %d, wanted above 0",
                        attr->h, attr->w, attr->max_side);
    if (!(x->type == SCL_U8 && x->shape.rank == 2) &&
        !(x->type == SCL_F32 && x->shape.rank == 4 && x->shape.dim[3] == 3))
        return scl_fail(SCL_SHAPE, "augment_crop: %s is %s, not [N, bytes] or [N, H, W, 3] in fp32",
                        x->name, scl_shape_text(x->shape));
    if (table->type != SCL_I32 || table->shape.rank != 2 || table->shape.dim[1] != SCL_CROP_COLUMNS)
        return scl_fail(SCL_SHAPE, "augment_crop: table is %s, not [M, %d] integers",
                        scl_shape_text(table->shape), SCL_CROP_COLUMNS);
    if ((size_t)attr->h * (size_t)attr->w > INT_MAX / 3 / (size_t)table->shape.dim[0])
        return scl_fail(SCL_SHAPE, "augment_crop: %d images of %d by %d are too many pixels",
                        table->shape.dim[0], attr->h, attr->w);
    y->shape = SCL_SHAPE4(table->shape.dim[0], attr->h, attr->w, 3);
    return SCL_OK;
}

/* Room for the weights of one output position. */
static int taps(const struct attr *attr)
{
    const int out = attr->h < attr->w ? attr->h : attr->w;
    const int in = attr->max_side > out ? attr->max_side : out;

    return (attr->cubic ? 4 : 2) * in / out + 1;
}

static int larger_side(const struct attr *attr)
{
    return attr->h > attr->w ? attr->h : attr->w;
}

/* The scratch buffers that the first launch fills. */
struct tables {
    int first, weight;
};

static struct tables lower_taps(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const struct attr *attr = y->attr;
    const size_t n_axis = 2 * (size_t)y->shape.dim[0], n = n_axis * (size_t)larger_side(attr);
    const struct tables tables = {
        .first = scl_lower_scratch(l, n * 2 * sizeof(int)),
        .weight = scl_lower_scratch(l, n * (size_t)taps(attr) * sizeof(float)),
    };

    scl_launch_rows(l, "augment_crop/taps", "augment_crop_taps", key, n_axis);
    scl_lower_define(l, "CUBIC", attr->cubic);
    scl_lower_use(l, tables.first);
    scl_lower_use(l, tables.weight);
    scl_lower_value(l, y->in[1]);
    scl_lower_int(l, attr->h);
    scl_lower_int(l, attr->w);
    scl_lower_int(l, larger_side(attr));
    scl_lower_int(l, taps(attr));
    return tables;
}

static int finish(const struct scl_node *y, struct scl_lowering *l, struct tables tables)
{
    const struct attr *attr = y->attr;

    scl_lower_define(l, "BYTES", y->in[0]->type == SCL_U8);
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_value(l, y->in[1]);
    scl_lower_use(l, tables.first);
    scl_lower_use(l, tables.weight);
    scl_lower_int(l, (int)scl_shape_inner(y->in[0]->shape, 0));
    scl_lower_int(l, attr->h);
    scl_lower_int(l, attr->w);
    scl_lower_int(l, larger_side(attr));
    scl_lower_int(l, taps(attr));
    return scl_lower_end(l);
}

static int lower_vec(const struct scl_node *y, struct scl_lowering *l)
{
    const char *file = "augment_crop/rows_vec";
    const struct attr *attr = y->attr;
    const struct tables tables = lower_taps(y, l, "rowwise.vec");
    const int rows = scl_lower_param(l, file, "ROWS");

    scl_lower_begin(l, file, "augment_crop_rows");
    scl_lower_define(l, "ROWS", rows);
    scl_lower_define(l, "CHUNK", scl_lower_param(l, file, "CHUNK"));
    scl_lower_groups(l, ((size_t)attr->h + (size_t)rows - 1) / (size_t)rows,
                     (size_t)y->shape.dim[0], 1, 1);
    return finish(y, l, tables);
}

static int lower_tile(const struct scl_node *y, struct scl_lowering *l)
{
    const char *file = "augment_crop/pixels_tile";
    const struct attr *attr = y->attr;
    const struct tables tables = lower_taps(y, l, "rowwise.tile");
    const size_t wg = (size_t)scl_lower_param(l, file, "WG");

    scl_lower_begin(l, file, "augment_crop_pixels");
    scl_lower_define(l, "WG", (int)wg);
    scl_lower_groups(l, ((size_t)attr->h * (size_t)attr->w + wg - 1) / wg, (size_t)y->shape.dim[0],
                     1, wg);
    return finish(y, l, tables);
}

static void node_key(char *out, size_t size, const struct scl_node *y)
{
    const struct attr *attr = y->attr;

    scl_node_key_with(out, size, y, "m%dc%d", attr->max_side, attr->cubic);
}

static const struct scl_candidate candidates[] = {
    { .name = "rows.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "pixels.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

static double filter(double t, bool cubic)
{
    const double a = fabs(t);

    if (!cubic)
        return fmax(0, 1 - a);
    if (a < 1)
        return (1.5 * a - 2.5) * a * a + 1;
    return a < 2 ? ((-0.5 * a + 2.5) * a - 4) * a + 2 : 0;
}

/* Along one axis: output p of `out`, from `in` source positions. */
struct axis {
    double centre, wide;
    int begin, end; /* outside of which weights are 0 */
};

static struct axis axis_at(int p, int in, int out)
{
    const double wide = in > out ? (double)in / out : 1, centre = (p + 0.5) * in / out;

    return (struct axis){ .centre = centre,
                          .wide = wide,
                          .begin = (int)fmax(0, floor(centre - 2 * wide)),
                          .end = (int)fmin(in, ceil(centre + 2 * wide)) };
}

static double weight(const struct axis *axis, int i, bool cubic)
{
    return filter((i + 0.5 - axis->centre) / axis->wide, cubic);
}

/* One channel of one output pixel; `corner` is the crop's, `w` the source's width. */
static double sample(const double *corner, int w, const struct axis *down,
                     const struct axis *across, bool cubic)
{
    double sum = 0, total = 0;

    for (int i = down->begin; i < down->end; i++)
        for (int j = across->begin; j < across->end; j++) {
            const double f = weight(down, i, cubic) * weight(across, j, cubic);

            sum += f * corner[((size_t)i * w + j) * 3];
            total += f;
        }
    return sum / total;
}

/* crop: a row of the table; pixels: its source's. */
static void reference_image(double *out, const double *pixels, const double *crop, double unit,
                            const struct attr *attr)
{
    const int w = (int)crop[SCL_CROP_SOURCE_W];
    const double *corner =
        pixels + ((size_t)crop[SCL_CROP_TOP] * w + (size_t)crop[SCL_CROP_LEFT]) * 3;

    for (int p = 0; p < attr->h; p++)
        for (int q = 0; q < attr->w; q++) {
            const struct axis down = axis_at(p, (int)crop[SCL_CROP_H], attr->h);
            const struct axis across = axis_at(q, (int)crop[SCL_CROP_W], attr->w);
            const int to = crop[SCL_CROP_FLIP] != 0 ? attr->w - 1 - q : q;

            for (int c = 0; c < 3; c++) {
                const double v = unit * sample(corner + c, w, &down, &across, attr->cubic);

                out[((size_t)p * attr->w + to) * 3 + c] = fmin(fmax(v, 0), 1);
            }
        }
}

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const size_t stride = scl_shape_inner(y->in[0]->shape, 0), size = scl_shape_inner(y->shape, 0);
    const double unit = y->in[0]->type == SCL_U8 ? 1.0 / 255 : 1;

    for (int m = 0; m < y->shape.dim[0]; m++) {
        const double *crop = in[1] + m * SCL_CROP_COLUMNS;

        reference_image(out + m * size, in[0] + (size_t)crop[SCL_CROP_SOURCE] * stride, crop, unit,
                        y->attr);
    }
}

/* Crops of three quarters of the images and less, at places that differ. */
static double value(const struct scl_node *y, int i, size_t at)
{
    const struct scl_node *x = y->in[0];
    const struct attr *attr = y->attr;
    const int row = (int)(at / SCL_CROP_COLUMNS);
    const double stored = x->type == SCL_U8 ? floor(sqrt(x->shape.dim[1] / 3.0)) : x->shape.dim[1];
    const int side = (int)fmin(stored, attr->max_side), size = side - (side / 4 + row % 3) % side;
    const double crop[SCL_CROP_COLUMNS] = {
        [SCL_CROP_SOURCE] = row % x->shape.dim[0],
        [SCL_CROP_SOURCE_H] = side,
        [SCL_CROP_SOURCE_W] = x->type == SCL_U8 ? side : x->shape.dim[2],
        [SCL_CROP_TOP] = 5 * row % (side - size + 1),
        [SCL_CROP_LEFT] = 7 * row % (side - size + 1),
        [SCL_CROP_H] = size,
        [SCL_CROP_W] = size,
        [SCL_CROP_FLIP] = row % 2,
    };

    return i == 1 ? crop[at % SCL_CROP_COLUMNS] : NAN;
}

/* Two multiply-adds a channel for each weight. */
static double flops(const struct scl_node *y)
{
    return 4.0 * taps(y->attr) * (double)scl_shape_count(y->shape);
}

struct scl_node *scl_augment_crop(struct scl_graph *g, struct scl_node *x, struct scl_node *table,
                                  int h, int w, bool cubic, int max_side)
{
    const struct attr attr = { .h = h, .w = w, .max_side = max_side, .cubic = cubic };
    struct scl_node *in[] = { x, table };

    return scl_apply(g, &scl_op_augment_crop, 2, in, &attr, sizeof attr);
}

const struct scl_op scl_op_augment_crop = {
    .name = "augment_crop",
    .n_in = 2,
    .integers = 1u << 0 | 1u << 1,
    .value = value,
    .infer = infer,
    .key = node_key,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
};
