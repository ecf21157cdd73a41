/* norm_apply.c - the normalise pass, which batch_norm and group_norm share.
 *
 * Kernels and formulas: cl_kernels/norm/apply.cl.
 */
#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/norm_impl.h"
#include "ops/norm_grad_impl.h"
#include "ops/ops.h"

int scl_norm_infer(struct scl_node *y)
{
    y->shape = y->in[0]->shape;
    return SCL_OK;
}

/* The residual's gradient is that of the activation, so it is computed once for all;
 * without a residual it is computed on the way, from x. */
int scl_norm_grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                  struct scl_node *dx[])
{
    const struct scl_norm_in in = scl_norm_inputs(y);
    struct scl_norm norm = *(const struct scl_norm *)y->attr;
    const bool want_affine = norm.affine && (want[2] || want[3]);
    struct scl_node *sums = NULL;

    if (norm.residual) {
        if (norm.act == SCL_ACT_RELU)
            dy = scl_relu_grad(g, dy, y);
        norm.act = SCL_ACT_NONE;
        norm.residual = false;
        if (want[y->n_in - 1])
            dx[y->n_in - 1] = dy;
    }
    if (want_affine || (want[0] && !norm.frozen))
        sums = scl_norm_grad_sums(g, dy, &in, norm);
    if (want_affine) {
        dx[2] = scl_norm_grad_affine(g, sums, norm, 1);
        dx[3] = scl_norm_grad_affine(g, sums, norm, 0);
    }
    if (want[0])
        dx[0] = scl_norm_grad_x(g, dy, &in, sums, norm);
    return scl_graph_check(g);
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const struct scl_norm *norm = y->attr;
    const struct scl_norm_in in = scl_norm_inputs(y);
    const int span = scl_norm_walk(l, "norm/apply", "norm_apply", key, in.x, norm);

    scl_lower_define(l, "RESIDUAL", norm->residual);
    scl_lower_value(l, y);
    scl_lower_value(l, in.x);
    scl_lower_value(l, in.stats);
    scl_lower_value(l, norm->affine ? in.gamma : in.x);
    scl_lower_value(l, norm->affine ? in.beta : in.x);
    scl_lower_value(l, norm->residual ? in.residual : in.x);
    scl_lower_int(l, norm->rows);
    scl_lower_int(l, scl_norm_channels(in.x));
    scl_lower_int(l, span);
    scl_launch_past(l, key, y);
    return scl_lower_end(l);
}

static int lower_vec(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "elementwise.vec");
}

static int lower_tile(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "elementwise.tile");
}

const struct scl_candidate scl_norm_candidates[] = {
    { .name = "walk.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "walk.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

void scl_norm_reference(const struct scl_node *y, double *const in[], double *out)
{
    const struct scl_norm *norm = y->attr;
    const size_t channels = (size_t)scl_norm_channels(y), of_view = (size_t)norm->rows * channels;

    for (size_t i = 0; i < scl_shape_count(y->shape); i++) {
        const size_t c = i % channels, view = i / of_view;
        const double *stats = in[1] + view * 3 * channels + c;
        double v = (in[0][i] - stats[0]) * stats[channels];

        if (norm->affine)
            v = in[2][c] * v + in[3][c];
        if (norm->residual)
            v += in[y->n_in - 1][i];
        out[i] = scl_act_value(norm->act, v);
    }
}

double scl_norm_flops(const struct scl_node *y)
{
    return 4.0 * (double)scl_shape_count(y->shape);
}

struct scl_node *scl_norm_apply(struct scl_graph *g, const struct scl_op *op,
                                const struct scl_norm_in *in, struct scl_norm norm)
{
    struct scl_node *all[5] = { in->x, in->stats };
    int n = 2;

    norm.affine = in->gamma;
    norm.residual = in->residual;
    if (norm.affine) {
        all[n++] = in->gamma;
        all[n++] = in->beta;
    }
    if (norm.residual)
        all[n++] = in->residual;
    return scl_apply(g, op, n, all, &norm, sizeof norm);
}
