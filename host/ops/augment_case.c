/* augment_case.c - conformance cases of augmentations: one operator with the same
 * parameters for each image.
 */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "graph/case.h"
#include "ops/ops.h"

/* A constant with the same values in each row, but for column 0, the source,
 * which is the row's own number. */
static struct scl_node *int_table(struct scl_graph *g, int rows, int columns, const int *values)
{
    int *table = scl_graph_keep(g, NULL, (size_t)rows * (size_t)columns * sizeof *table);

    if (!table)
        return NULL;
    for (int m = 0; m < rows; m++)
        for (int k = 0; k < columns; k++)
            table[m * columns + k] = k == 0 ? m : values[k];
    return scl_constant(g, "table", SCL_I32, SCL_SHAPE2(rows, columns), table);
}

static struct scl_node *float_table(struct scl_graph *g, struct scl_shape shape,
                                    const float *values)
{
    const size_t columns = shape.rank == 2 ? (size_t)shape.dim[1] : 1, n = scl_shape_count(shape);
    float *table = scl_graph_keep(g, NULL, n * sizeof *table);

    if (!table)
        return NULL;
    for (size_t i = 0; i < n; i++)
        table[i] = values[i % columns];
    return scl_constant(g, "table", SCL_F32, shape, table);
}

/* The images in.x; NULL, with words, when they are not [N, 3, H, W]. */
static struct scl_node *images(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *x = scl_case_input(g, c, "x", SCL_CASE_IMAGE);

    if (x && (x->shape.rank != 4 || x->shape.dim[3] != 3)) {
        scl_fail(SCL_SHAPE, "in.x: found %s in our layout, wanted [N, H, W, 3]",
                 scl_shape_text(x->shape));
        return scl_graph_refuse(g, SCL_SHAPE);
    }
    return x;
}

static int finish(struct scl_graph *g, struct scl_case *c, struct scl_node *y)
{
    scl_case_output(g, c, "y", y, SCL_CASE_IMAGE);
    return scl_graph_check(g);
}

static bool inside(int begin, int size, int side)
{
    return begin >= 0 && size >= 1 && begin <= side - size;
}

static int resized_crop(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *x = images(g, c);
    const char *kind = scl_case_text(c, "interpolation", "bilinear");
    const int top = scl_case_int(c, "top", 0), left = scl_case_int(c, "left", 0);
    const int size = scl_case_int(c, "size", 0);
    int h, w, height, width;

    if (!x || !kind)
        return scl_graph_check(g);
    h = x->shape.dim[1];
    w = x->shape.dim[2];
    height = scl_case_int(c, "height", h);
    width = scl_case_int(c, "width", w);
    if (!inside(top, height, h) || !inside(left, width, w))
        return scl_fail(SCL_DATA, "crop: found %d by %d at (%d, %d), wanted one inside %d by %d",
                        height, width, top, left, h, w);
    if (strcmp(kind, "bicubic") != 0 && strcmp(kind, "bilinear") != 0)
        return scl_fail(SCL_DATA, "interpolation: found \"%.40s\", wanted bicubic or bilinear",
                        kind);
    const int row[SCL_CROP_COLUMNS] = { 0, h, w, top, left, height, width, 0 };
    struct scl_node *table = int_table(g, x->shape.dim[0], SCL_CROP_COLUMNS, row);

    return finish(
        g, c,
        scl_augment_crop(g, x, table, size, size, strcmp(kind, "bicubic") == 0, h > w ? h : w));
}

static int hflip(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *x = images(g, c);

    if (!x)
        return scl_graph_check(g);
    const int h = x->shape.dim[1], w = x->shape.dim[2], row[SCL_UNPACK_COLUMNS] = { 0, h, w, 1 };

    return finish(
        g, c,
        scl_augment_unpack(g, x, int_table(g, x->shape.dim[0], SCL_UNPACK_COLUMNS, row), h, w));
}

static int color(struct scl_graph *g, struct scl_case *c, enum scl_color_op op)
{
    struct scl_node *x = images(g, c);
    const double factor = op == SCL_COLOR_NONE ? 0 : scl_case_float(c, "factor", 1);
    float row[SCL_COLOR_COLUMNS] = { 0 };

    if (!x)
        return scl_graph_check(g);
    row[SCL_COLOR_PIXELS] = (float)(x->shape.dim[1] * x->shape.dim[2]);
    row[SCL_COLOR_FIRST] = (float)op;
    if (op == SCL_COLOR_NONE)
        row[SCL_COLOR_GREY] = 1;
    else
        row[SCL_COLOR_FACTOR + (int)op - 1] = (float)factor;
    return finish(g, c,
                  scl_augment_color(
                      g, x, float_table(g, SCL_SHAPE2(x->shape.dim[0], SCL_COLOR_COLUMNS), row)));
}

static int grayscale(struct scl_graph *g, struct scl_case *c)
{
    return color(g, c, SCL_COLOR_NONE);
}

static int brightness(struct scl_graph *g, struct scl_case *c)
{
    return color(g, c, SCL_COLOR_BRIGHTNESS);
}

static int contrast(struct scl_graph *g, struct scl_case *c)
{
    return color(g, c, SCL_COLOR_CONTRAST);
}

static int saturation(struct scl_graph *g, struct scl_case *c)
{
    return color(g, c, SCL_COLOR_SATURATION);
}

static int hue(struct scl_graph *g, struct scl_case *c)
{
    return color(g, c, SCL_COLOR_HUE);
}

static int gaussian_blur(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *x = images(g, c);
    const float sigma = (float)scl_case_float(c, "sigma", 1);
    const int kernel = scl_case_int(c, "kernel_size", 0);

    if (!x)
        return scl_graph_check(g);
    return finish(
        g, c, scl_augment_blur(g, x, float_table(g, SCL_SHAPE1(x->shape.dim[0]), &sigma), kernel));
}

static int solarize(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *x = images(g, c);
    const float threshold = (float)scl_case_float(c, "threshold", 0.5);

    if (!x)
        return scl_graph_check(g);
    return finish(
        g, c, scl_augment_solarize(g, x, float_table(g, SCL_SHAPE1(x->shape.dim[0]), &threshold)));
}

static int normalize(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *x = images(g, c);
    float mean[3], std[3];
    int rc;

    SCL_TRY(scl_case_floats(c, "mean", 3, mean));
    SCL_TRY(scl_case_floats(c, "std", 3, std));
    SCL_TRY(finish(g, c, scl_augment_normalize(g, x, mean, std)));
out:
    return rc;
}

const struct scl_composite scl_augment_cases[] = {
    { "augment.resized_crop", resized_crop },
    { "augment.hflip", hflip },
    { "augment.grayscale", grayscale },
    { "augment.brightness", brightness },
    { "augment.contrast", contrast },
    { "augment.saturation", saturation },
    { "augment.hue", hue },
    { "augment.gaussian_blur", gaussian_blur },
    { "augment.solarize", solarize },
    { "augment.normalize", normalize },
    { NULL, NULL },
};
