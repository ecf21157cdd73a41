/* norm_stats.c - mean and variance of the channels of x, per view.
 *
 * Kernels and formulas: cl_kernels/norm/stats.cl, cl_kernels/norm/channels.cl.
 * Gradients do not pass through: the normalise pass has them all.
 */
#include <math.h>

#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/norm_impl.h"
#include "ops/ops.h"

static int infer(struct scl_node *y)
{
    const struct scl_norm *norm = y->attr;

    y->shape = SCL_SHAPE3(norm->views, 3, scl_norm_channels(y->in[0]));
    return SCL_OK;
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key,
                 const char *row_key)
{
    const struct scl_norm *norm = y->attr;
    const struct scl_norm_grid grid = scl_norm_grid(l, key, y->in[0], norm);
    const size_t part_floats = (size_t)grid.chunks * (size_t)grid.views * 2 * (size_t)grid.channels;
    const int part = scl_lower_scratch(l, part_floats * sizeof(float));

    scl_norm_begin(l, "norm/stats", "norm_stats_part", &grid, false);
    scl_lower_use(l, part);
    scl_lower_value(l, y->in[0]);
    scl_lower_int(l, grid.rows);
    scl_lower_int(l, grid.channels);
    scl_lower_int(l, grid.chunk);
    scl_lower_int(l, grid.sub);
    scl_lower_int(l, grid.blocks);

    scl_norm_begin(l, "norm/stats", "norm_stats_join", &grid, true);
    scl_lower_value(l, y);
    scl_lower_use(l, part);
    scl_lower_int(l, grid.rows);
    scl_lower_int(l, grid.channels);
    scl_lower_int(l, grid.chunk);
    scl_lower_float(l, norm->eps);
    if (norm->together == 1)
        return scl_lower_end(l);

    scl_launch_rows(l, "norm/channels", "norm_share", row_key, (size_t)grid.views);
    scl_lower_value(l, y);
    scl_lower_int(l, grid.channels);
    scl_lower_int(l, norm->together);
    scl_lower_float(l, norm->eps);
    return scl_lower_end(l);
}

static int lower_vec(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "norm/stats.vec", "rowwise.vec");
}

static int lower_tile(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "norm/stats.tile", "rowwise.tile");
}

static const struct scl_candidate candidates[] = {
    { .name = "chunks.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "chunks.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

/* Mean (about = 0) of x, or of (x - about)^2, over a view's channels first ...
 * first + together - 1. */
static double mean_of(const double *x, const struct scl_norm *norm, int channels, int first,
                      bool square, double about)
{
    double sum = 0;

    for (int r = 0; r < norm->rows; r++)
        for (int c = first; c < first + norm->together; c++) {
            const double d = x[(size_t)r * (size_t)channels + (size_t)c] - about;

            sum += square ? d * d : d;
        }
    return sum / norm->rows / norm->together;
}

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const struct scl_norm *norm = y->attr;
    const int channels = scl_norm_channels(y->in[0]);

    for (int view = 0; view < norm->views; view++)
        for (int c = 0; c < channels; c++) {
            const double *x = in[0] + (size_t)view * (size_t)norm->rows * (size_t)channels;
            const int first = c / norm->together * norm->together;
            const double mean = mean_of(x, norm, channels, first, false, 0);
            const double variance = mean_of(x, norm, channels, first, true, mean);
            double *stats = out + (size_t)view * 3 * (size_t)channels + c;

            stats[0] = mean;
            stats[channels] = 1 / sqrt(variance + (double)norm->eps);
            stats[2 * channels] = variance;
        }
}

static double flops(const struct scl_node *y)
{
    return 4.0 * (double)scl_shape_count(y->in[0]->shape);
}

struct scl_node *scl_norm_stats(struct scl_graph *g, struct scl_node *x, struct scl_norm norm)
{
    return scl_apply(g, &scl_op_norm_stats, 1, &x, &norm, sizeof norm);
}

const struct scl_op scl_op_norm_stats = {
    .name = "norm_stats",
    .n_in = 1,
    .summary = true,
    .infer = infer,
    .key = scl_norm_key,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
};
