/* norm_running.c - running statistics: updated in training, used as they are after it.
 *
 * Kernels and formulas: cl_kernels/norm/channels.cl.
 */
#include <math.h>

#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/norm_impl.h"
#include "ops/ops.h"

enum { MEAN, VARIANCE, STATS, N_IN };

static int infer_frozen(struct scl_node *y)
{
    y->shape = SCL_SHAPE3(1, 3, y->in[MEAN]->shape.dim[0]);
    return SCL_OK;
}

static int lower_frozen(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    scl_launch_rows(l, "norm/channels", "norm_frozen", key, 1);
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[MEAN]);
    scl_lower_value(l, y->in[VARIANCE]);
    scl_lower_int(l, y->shape.dim[2]);
    scl_lower_float(l, ((const struct scl_norm *)y->attr)->eps);
    return scl_lower_end(l);
}

static int frozen_vec(const struct scl_node *y, struct scl_lowering *l)
{
    return lower_frozen(y, l, "rowwise.vec");
}

static int frozen_tile(const struct scl_node *y, struct scl_lowering *l)
{
    return lower_frozen(y, l, "rowwise.tile");
}

static const struct scl_candidate frozen_candidates[] = {
    { .name = "row.vec", .family = SCL_VEC, .lower = frozen_vec },
    { .name = "row.tile", .family = SCL_TILE, .lower = frozen_tile },
    { .name = NULL },
};

static void frozen_reference(const struct scl_node *y, double *const in[], double *out)
{
    const int n = y->shape.dim[2];

    for (int c = 0; c < n; c++) {
        out[c] = in[MEAN][c];
        out[n + c] = 1 / sqrt(in[VARIANCE][c] + (double)((const struct scl_norm *)y->attr)->eps);
        out[2 * n + c] = in[VARIANCE][c];
    }
}

static int infer_running(struct scl_node *y)
{
    y->shape = (struct scl_shape){ 0 };
    return SCL_OK;
}

/* rows / (rows - 1): biased to unbiased. */
static double unbiased(const struct scl_norm *norm)
{
    return (double)norm->rows / (norm->rows - 1);
}

static int lower_running(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const struct scl_norm *norm = y->attr;
    const struct scl_shape stats = y->in[STATS]->shape;

    scl_launch_rows(l, "norm/channels", "norm_running", key, 1);
    for (int i = 0; i < N_IN; i++)
        scl_lower_value(l, y->in[i]);
    scl_lower_int(l, stats.dim[2]);
    scl_lower_int(l, stats.dim[0]);
    scl_lower_float(l, norm->momentum);
    scl_lower_float(l, (float)unbiased(norm));
    return scl_lower_end(l);
}

static int running_vec(const struct scl_node *y, struct scl_lowering *l)
{
    return lower_running(y, l, "rowwise.vec");
}

static int running_tile(const struct scl_node *y, struct scl_lowering *l)
{
    return lower_running(y, l, "rowwise.tile");
}

static const struct scl_candidate running_candidates[] = {
    { .name = "row.vec", .family = SCL_VEC, .lower = running_vec },
    { .name = "row.tile", .family = SCL_TILE, .lower = running_tile },
    { .name = NULL },
};

static void running_reference(const struct scl_node *y, double *const in[], double *out)
{
    const struct scl_norm *norm = y->attr;
    const struct scl_shape stats = y->in[STATS]->shape;
    const double m = (double)norm->momentum;
    const int n = stats.dim[2];

    (void)out;
    for (int view = 0; view < stats.dim[0]; view++)
        for (int c = 0; c < n; c++) {
            const double *now = in[STATS] + (size_t)view * 3 * (size_t)n + c;

            in[MEAN][c] += m * (now[0] - in[MEAN][c]);
            in[VARIANCE][c] += m * (unbiased(norm) * now[2 * n] - in[VARIANCE][c]);
        }
}

static double running_flops(const struct scl_node *y)
{
    return 2.0 * (double)scl_shape_count(y->in[STATS]->shape);
}

struct scl_node *scl_norm_frozen(struct scl_graph *g, struct scl_node *mean,
                                 struct scl_node *variance, struct scl_norm norm)
{
    struct scl_node *in[] = { mean, variance };

    return scl_apply(g, &scl_op_norm_frozen, 2, in, &norm, sizeof norm);
}

struct scl_node *scl_norm_running(struct scl_graph *g, struct scl_node *mean,
                                  struct scl_node *variance, struct scl_node *stats,
                                  struct scl_norm norm)
{
    struct scl_node *in[] = { mean, variance, stats };

    return scl_apply(g, &scl_op_norm_running, N_IN, in, &norm, sizeof norm);
}

const struct scl_op scl_op_norm_frozen = {
    .name = "norm_frozen",
    .n_in = 2,
    .infer = infer_frozen,
    .key = scl_norm_key,
    .candidates = frozen_candidates,
    .reference = frozen_reference,
};

const struct scl_op scl_op_norm_running = {
    .name = "norm_running",
    .n_in = N_IN,
    .writes = 1u << MEAN | 1u << VARIANCE,
    .infer = infer_running,
    .key = scl_norm_key,
    .candidates = running_candidates,
    .reference = running_reference,
    .flops = running_flops,
};
