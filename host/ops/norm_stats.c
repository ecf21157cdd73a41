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

bool scl_moments_absorbs(const struct scl_node *y, const struct scl_node *other, bool written)
{
    (void)written;
    return other->op == &scl_op_norm_stats && other->in[0] == y &&
           ((const struct scl_norm *)other->attr)->together == 1;
}

struct scl_moments scl_moments_of(const struct scl_lowering *l, const struct scl_node *y)
{
    for (const struct scl_absorbed *a = l->absorbed; a; a = a->next)
        if (scl_moments_absorbs(y, a->node, a->written))
            return (struct scl_moments){ .stats = a->node, .views = a->node->shape.dim[0] };
    return (struct scl_moments){ .views = 1 };
}

void scl_moments_scratch(struct scl_lowering *l, struct scl_moments *m, size_t chunks)
{
    const size_t n = chunks * (size_t)m->views;

    m->chunks = (int)chunks;
    if (!m->stats)
        return;
    m->part = scl_lower_scratch(l, n * 2 * (size_t)m->stats->shape.dim[2] * sizeof(float));
    m->counts = scl_lower_scratch(l, n * sizeof(float));
}

void scl_moments_use(struct scl_lowering *l, const struct scl_moments *m, int other)
{
    scl_lower_use(l, m->stats ? m->part : other);
    scl_lower_use(l, m->stats ? m->counts : other);
}

static void join(struct scl_lowering *l, const struct scl_moments *m,
                 const struct scl_norm_grid *grid, const char *row_key)
{
    const struct scl_norm *norm = m->stats->attr;

    scl_norm_begin(l, "norm/stats", "norm_stats_join", grid, true);
    scl_lower_value(l, m->stats);
    scl_lower_use(l, m->part);
    scl_lower_use(l, m->counts);
    scl_lower_int(l, grid->rows);
    scl_lower_int(l, grid->channels);
    scl_lower_int(l, m->chunks);
    scl_lower_float(l, norm->eps);
    if (norm->together == 1)
        return;
    scl_launch_rows(l, "norm/channels", "norm_share", row_key, (size_t)grid->views);
    scl_lower_value(l, m->stats);
    scl_lower_int(l, grid->channels);
    scl_lower_int(l, norm->together);
    scl_lower_float(l, norm->eps);
}

void scl_moments_join_vec(struct scl_lowering *l, const struct scl_moments *m)
{
    struct scl_norm_grid grid;

    if (!m->stats)
        return;
    grid = scl_norm_grid(l, "norm/stats.vec", m->stats->in[0], m->stats->attr);
    join(l, m, &grid, "rowwise.vec");
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key,
                 const char *row_key)
{
    const struct scl_norm *norm = y->attr;
    const struct scl_norm_grid grid = scl_norm_grid(l, key, y->in[0], norm);
    struct scl_moments moments = { .stats = y, .views = grid.views };

    scl_moments_scratch(l, &moments, (size_t)grid.chunks);
    scl_norm_begin(l, "norm/stats", "norm_stats_part", &grid, false);
    scl_lower_use(l, moments.part);
    scl_lower_use(l, moments.counts);
    scl_lower_value(l, y->in[0]);
    scl_lower_int(l, grid.rows);
    scl_lower_int(l, grid.channels);
    scl_lower_int(l, grid.chunk);
    scl_lower_int(l, grid.sub);
    scl_lower_int(l, grid.blocks);
    join(l, &moments, &grid, row_key);
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
