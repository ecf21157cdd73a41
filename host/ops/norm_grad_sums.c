/* norm_grad_sums.c - the sums over rows in a normalisation's gradient, and from them
 * the gradients of gamma and beta.
 *
 * At the end of a residual block dy is the sum of two gradients behind a ReLU: both are computed on
 * the way, so that the sum need not be written before it is gated.
 *
 * Kernels and formulas: cl_kernels/norm/grad_sums.cl, cl_kernels/norm/channels.cl.
 */
#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/norm_grad_impl.h"
#include "ops/ops.h"
#include "ops/split_impl.h"

enum { DY, X, STATS, GAMMA, BETA };

static int infer(struct scl_node *y)
{
    y->shape =
        SCL_SHAPE3(((const struct scl_norm *)y->attr)->views, 2, scl_norm_channels(y->in[X]));
    return SCL_OK;
}

static bool absorbs(const struct scl_node *y, const struct scl_node *other, bool written)
{
    const struct scl_node *dy = y->in[DY];

    if (other == dy)
        return dy->op == &scl_op_relu_grad || dy->op == &scl_op_add;
    return !written && dy->op == &scl_op_relu_grad && other == dy->in[0] &&
           other->op == &scl_op_add;
}

/* What dy is made of: dy + more where gate > 0. NULL: there is no such part. */
struct gradient {
    const struct scl_node *dy, *more, *gate;
    bool written;
};

static struct gradient find_gradient(const struct scl_node *y, const struct scl_lowering *l)
{
    struct gradient from = { .dy = y->in[DY] };
    const struct scl_absorbed *absorbed = scl_lower_absorbed(l, from.dy);

    from.written = absorbed && absorbed->written;
    if (absorbed && from.dy->op == &scl_op_relu_grad) {
        from.gate = from.dy->in[1];
        from.dy = from.dy->in[0];
        absorbed = scl_lower_absorbed(l, from.dy);
    }
    if (absorbed && from.dy->op == &scl_op_add) {
        from.more = from.dy->in[1];
        from.dy = from.dy->in[0];
    }
    return from;
}

static void lower_gradient(const struct scl_node *y, struct scl_lowering *l, int part)
{
    const struct gradient from = find_gradient(y, l);

    scl_lower_define(l, "ADDED", from.more != NULL);
    scl_lower_define(l, "GATED", from.gate != NULL);
    scl_lower_define(l, "WRITTEN", from.written);
    scl_split_output(l, y, part);
    if (from.written)
        scl_lower_value(l, y->in[DY]);
    else
        scl_split_output(l, y, part);
    scl_lower_value(l, from.dy);
    scl_lower_value(l, from.more ? from.more : from.dy);
    scl_lower_value(l, from.gate ? from.gate : from.dy);
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key,
                 const char *sum_key)
{
    const struct scl_norm *norm = y->attr;
    const struct scl_norm_grid grid = scl_norm_grid(l, key, y->in[X], norm);
    const int part = scl_split_scratch(l, y, (size_t)grid.chunks);

    scl_norm_begin(l, "norm/grad_sums", "norm_grad_sums", &grid, false);
    scl_lower_define(l, "ACT", (int)norm->act);
    scl_lower_define(l, "AFFINE", norm->affine);
    lower_gradient(y, l, part);
    scl_lower_value(l, y->in[X]);
    scl_lower_value(l, y->in[STATS]);
    scl_lower_value(l, y->in[norm->affine ? GAMMA : X]);
    scl_lower_value(l, y->in[norm->affine ? BETA : X]);
    scl_lower_int(l, grid.rows);
    scl_lower_int(l, grid.channels);
    scl_lower_int(l, grid.chunk);
    scl_lower_int(l, grid.sub);
    scl_lower_int(l, grid.blocks);
    scl_launch_past(l, key, y->in[DY]);
    scl_split_sum(l, y, part, (size_t)grid.chunks, sum_key);
    return scl_lower_end(l);
}

static int lower_vec(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "norm/grad_sums.vec", "elementwise.vec");
}

static int lower_tile(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "norm/grad_sums.tile", "elementwise.tile");
}

static const struct scl_candidate candidates[] = {
    { .name = "chunks.vec", .family = SCL_VEC, .absorbs = absorbs, .lower = lower_vec },
    { .name = "chunks.tile", .family = SCL_TILE, .absorbs = absorbs, .lower = lower_tile },
    { .name = NULL },
};

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const struct scl_norm *norm = y->attr;
    const size_t channels = (size_t)scl_norm_channels(y->in[X]);
    const size_t of_view = (size_t)norm->rows * channels;

    for (size_t i = 0; i < scl_shape_count(y->shape); i++)
        out[i] = 0;
    for (size_t i = 0; i < scl_shape_count(y->in[X]->shape); i++) {
        const size_t c = i % channels, view = i / of_view;
        const double *stats = in[STATS] + view * 3 * channels + c;
        const double xhat = (in[X][i] - stats[0]) * stats[channels];
        const double v = norm->affine ? in[GAMMA][c] * xhat + in[BETA][c] : xhat;
        const double d = in[DY][i] * scl_act_slope(norm->act, v);

        out[view * 2 * channels + c] += d;
        out[(view * 2 + 1) * channels + c] += d * xhat;
    }
}

static double flops(const struct scl_node *y)
{
    return 5.0 * (double)scl_shape_count(y->in[X]->shape);
}

static int infer_affine(struct scl_node *y)
{
    y->shape = SCL_SHAPE1(y->in[0]->shape.dim[2]);
    return SCL_OK;
}

static int lower_affine(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const struct scl_shape sums = y->in[0]->shape;
    const size_t wg = (size_t)scl_lower_param(l, key, "WG");
    const size_t width = wg * (size_t)scl_lower_param(l, key, "LANES");

    scl_launch_rows(l, "norm/channels", "norm_affine", key, 1);
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_int(l, sums.dim[2]);
    scl_lower_int(l, sums.dim[0]);
    scl_lower_int(l, ((const struct scl_norm *)y->attr)->line);
    scl_lower_groups(l, scl_divide_up((size_t)sums.dim[2], width), 1, 1, wg);
    return scl_lower_end(l);
}

static int affine_vec(const struct scl_node *y, struct scl_lowering *l)
{
    return lower_affine(y, l, "rowwise.vec");
}

static int affine_tile(const struct scl_node *y, struct scl_lowering *l)
{
    return lower_affine(y, l, "rowwise.tile");
}

static const struct scl_candidate affine_candidates[] = {
    { .name = "columns.vec", .family = SCL_VEC, .lower = affine_vec },
    { .name = "columns.tile", .family = SCL_TILE, .lower = affine_tile },
    { .name = NULL },
};

static void affine_reference(const struct scl_node *y, double *const in[], double *out)
{
    const struct scl_shape sums = y->in[0]->shape;
    const int line = ((const struct scl_norm *)y->attr)->line;

    for (int c = 0; c < sums.dim[2]; c++) {
        out[c] = 0;
        for (int view = 0; view < sums.dim[0]; view++)
            out[c] += in[0][(view * 2 + line) * sums.dim[2] + c];
    }
}

struct scl_node *scl_norm_grad_sums(struct scl_graph *g, struct scl_node *dy,
                                    const struct scl_norm_in *in, struct scl_norm norm)
{
    struct scl_node *all[] = { dy, in->x, in->stats, in->gamma, in->beta };

    return scl_apply(g, &scl_op_norm_grad_sums, norm.affine ? 5 : 3, all, &norm, sizeof norm);
}

struct scl_node *scl_norm_grad_affine(struct scl_graph *g, struct scl_node *sums,
                                      struct scl_norm norm, int line)
{
    norm.line = line;
    return scl_apply(g, &scl_op_norm_grad_affine, 1, &sums, &norm, sizeof norm);
}

const struct scl_op scl_op_norm_grad_sums = {
    .name = "norm_grad_sums",
    .n_in = -1,
    .infer = infer,
    .key = scl_norm_key,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
};

const struct scl_op scl_op_norm_grad_affine = {
    .name = "norm_grad_affine",
    .n_in = 1,
    .infer = infer_affine,
    .key = scl_norm_key,
    .candidates = affine_candidates,
    .reference = affine_reference,
};
