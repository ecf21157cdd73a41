/* augment.c - views of stored images: DESIGN.md 6. */
#include "model/augment.h"

#include <math.h>

#include "data/augment.h"
#include "ops/ops.h"

/* Reaches three deviations of the widest blur, and not past the borders. */
static int blur_kernel(const struct scl_augment_config *config)
{
    const int wanted = 2 * (int)ceil(3 * config->blur_sigma[1]) + 1, most = 2 * config->size - 1;

    return wanted < most ? wanted : most;
}

static struct scl_node *add_color(struct scl_graph *g, struct scl_view_inputs *inputs,
                                  struct scl_node *x, int n)
{
    inputs->color = scl_input(g, "color", SCL_F32, SCL_SHAPE2(n, SCL_COLOR_COLUMNS));
    return scl_augment_color(g, x, inputs->color);
}

struct scl_node *scl_augment_views(struct scl_graph *g, struct scl_view_inputs *inputs,
                                   struct scl_node *pixels, const struct scl_augment_config *config,
                                   int n, int n_views, int max_side)
{
    const bool cubic = config->interpolation == SCL_BICUBIC;
    const int rows = n_views * n;
    struct scl_node *x = pixels;

    *inputs = (struct scl_view_inputs){ 0 };
    if (!pixels)
        return NULL;
    if (scl_views_unpack(config)) {
        inputs->unpack = scl_input(g, "unpack", SCL_I32, SCL_SHAPE2(rows, SCL_UNPACK_COLUMNS));
        /* Sizes differ from image to image, so a row is just pixels side by side. */
        x = scl_augment_unpack(g, x, inputs->unpack, 1, (pixels->shape.dim[1] + 2) / 3);
        x = add_color(g, inputs, x, rows);
    }
    inputs->crop = scl_input(g, "crop", SCL_I32, SCL_SHAPE2(rows, SCL_CROP_COLUMNS));
    x = scl_augment_crop(g, x, inputs->crop, config->size, config->size, cubic, max_side);
    if (scl_views_color(config) && !inputs->color)
        x = add_color(g, inputs, x, rows);
    if (scl_views_blur(config, n_views)) {
        inputs->sigma = scl_input(g, "sigma", SCL_F32, SCL_SHAPE1(rows));
        x = scl_augment_blur(g, x, inputs->sigma, blur_kernel(config));
    }
    if (scl_views_solarize(config, n_views)) {
        inputs->threshold = scl_input(g, "threshold", SCL_F32, SCL_SHAPE1(rows));
        x = scl_augment_solarize(g, x, inputs->threshold);
    }
    return x;
}

struct scl_node *scl_normalized_views(struct scl_graph *g, struct scl_node *x,
                                      const struct scl_augment_config *c)
{
    const float mean[] = { (float)c->mean[0], (float)c->mean[1], (float)c->mean[2] };
    const float std[] = { (float)c->std[0], (float)c->std[1], (float)c->std[2] };

    return scl_augment_normalize(g, x, mean, std);
}
