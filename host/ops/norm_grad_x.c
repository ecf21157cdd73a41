/* norm_grad_x.c - the gradient of a normalisation with respect to x.
 *
 * Where x goes around the normalisation too, its gradient is a sum, which is made on the way.
 *
 * Kernels and formulas: cl_kernels/norm/grad_x.cl, cl_kernels/norm/channels.cl.
 */
#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/norm_grad_impl.h"
#include "ops/ops.h"

/* Of norm_grad_means: the sums, then gamma if affine. */
static int infer_means(struct scl_node *y)
{
    y->shape = y->in[0]->shape;
    return SCL_OK;
}

static int lower_means(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const struct scl_norm *norm = y->attr;

    scl_launch_rows(l, "norm/channels", "norm_means", key, (size_t)norm->views);
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_value(l, y->in[norm->affine ? 1 : 0]);
    scl_lower_int(l, y->shape.dim[2]);
    scl_lower_int(l, norm->together);
    scl_lower_int(l, norm->affine);
    scl_lower_float(l, (float)(1.0 / norm->rows / norm->together));
    return scl_lower_end(l);
}

static int means_vec(const struct scl_node *y, struct scl_lowering *l)
{
    return lower_means(y, l, "rowwise.vec");
}

static int means_tile(const struct scl_node *y, struct scl_lowering *l)
{
    return lower_means(y, l, "rowwise.tile");
}

static const struct scl_candidate means_candidates[] = {
    { .name = "row.vec", .family = SCL_VEC, .lower = means_vec },
    { .name = "row.tile", .family = SCL_TILE, .lower = means_tile },
    { .name = NULL },
};

static void means_reference(const struct scl_node *y, double *const in[], double *out)
{
    const struct scl_norm *norm = y->attr;
    const int channels = y->shape.dim[2], lines = norm->views * 2;

    for (int line = 0; line < lines; line++)
        for (int c = 0; c < channels; c++) {
            const int first = c / norm->together * norm->together;
            double sum = 0;

            for (int j = first; j < first + norm->together; j++)
                sum += (norm->affine ? in[1][j] : 1) * in[0][line * channels + j];
            out[line * channels + c] = sum / norm->rows / norm->together;
        }
}

/* Inputs of norm_grad_x: these, GAMMA and BETA only if affine, then the means if the
 * statistics are not frozen. */
enum { DY, X, STATS, GAMMA, BETA };

static int infer(struct scl_node *dx)
{
    dx->shape = dx->in[X]->shape;
    return SCL_OK;
}

/* A sum of dx and something else. */
static bool absorbs(const struct scl_node *dx, const struct scl_node *other, bool written)
{
    (void)written;
    return other->op == &scl_op_add && (other->in[0] == dx) != (other->in[1] == dx);
}

static int lower(const struct scl_node *dx, struct scl_lowering *l, const char *key)
{
    const struct scl_norm *norm = dx->attr;
    const struct scl_node *sum = l->absorbed ? l->absorbed->node : NULL;
    const int span = scl_norm_walk(l, "norm/grad_x", "norm_grad_x", key, dx->in[X], norm);

    scl_lower_define(l, "FROZEN", norm->frozen);
    scl_lower_define(l, "SUMMED", sum != NULL);
    scl_lower_define(l, "WRITTEN", !l->unread);
    scl_lower_value(l, l->unread ? sum : dx);
    scl_lower_value(l, sum ? sum : dx);
    scl_lower_value(l, sum ? sum->in[sum->in[0] == dx] : dx->in[X]);
    scl_lower_value(l, dx->in[DY]);
    scl_lower_value(l, dx->in[X]);
    scl_lower_value(l, dx->in[STATS]);
    scl_lower_value(l, dx->in[norm->frozen ? X : dx->n_in - 1]);
    scl_lower_value(l, dx->in[norm->affine ? GAMMA : X]);
    scl_lower_value(l, dx->in[norm->affine ? BETA : X]);
    scl_lower_int(l, norm->rows);
    scl_lower_int(l, scl_norm_channels(dx));
    scl_lower_int(l, span);
    scl_launch_past(l, key, l->unread ? sum : dx);
    return scl_lower_end(l);
}

static int lower_vec(const struct scl_node *dx, struct scl_lowering *l)
{
    return lower(dx, l, "elementwise.vec");
}

static int lower_tile(const struct scl_node *dx, struct scl_lowering *l)
{
    return lower(dx, l, "elementwise.tile");
}

static const struct scl_candidate candidates[] = {
    { .name = "walk.vec", .family = SCL_VEC, .absorbs = absorbs, .lower = lower_vec },
    { .name = "walk.tile", .family = SCL_TILE, .absorbs = absorbs, .lower = lower_tile },
    { .name = NULL },
};

static void reference(const struct scl_node *dx, double *const in[], double *out)
{
    const struct scl_norm *norm = dx->attr;
    const size_t channels = (size_t)scl_norm_channels(dx), of_view = (size_t)norm->rows * channels;

    for (size_t i = 0; i < scl_shape_count(dx->shape); i++) {
        const size_t c = i % channels, view = i / of_view;
        const double *stats = in[STATS] + view * 3 * channels + c;
        const double gamma = norm->affine ? in[GAMMA][c] : 1, beta = norm->affine ? in[BETA][c] : 0;
        const double xhat = (in[X][i] - stats[0]) * stats[channels];
        double d = gamma * in[DY][i] * scl_act_slope(norm->act, gamma * xhat + beta);

        if (!norm->frozen) {
            const double *means = in[dx->n_in - 1] + view * 2 * channels + c;

            d -= means[0] + xhat * means[channels];
        }
        out[i] = stats[channels] * d;
    }
}

static double flops(const struct scl_node *dx)
{
    return 7.0 * (double)scl_shape_count(dx->shape);
}

struct scl_node *scl_norm_grad_x(struct scl_graph *g, struct scl_node *dy,
                                 const struct scl_norm_in *in, struct scl_node *sums,
                                 struct scl_norm norm)
{
    struct scl_node *all[6] = { dy, in->x, in->stats }, *of_means[] = { sums, in->gamma };
    int n = 3;

    if (norm.affine) {
        all[n++] = in->gamma;
        all[n++] = in->beta;
    }
    if (!norm.frozen)
        all[n++] = scl_apply(g, &scl_op_norm_grad_means, norm.affine ? 2 : 1, of_means, &norm,
                             sizeof norm);
    return scl_apply(g, &scl_op_norm_grad_x, n, all, &norm, sizeof norm);
}

const struct scl_op scl_op_norm_grad_means = {
    .name = "norm_grad_means",
    .n_in = -1,
    .infer = infer_means,
    .key = scl_norm_key,
    .candidates = means_candidates,
    .reference = means_reference,
};

const struct scl_op scl_op_norm_grad_x = {
    .name = "norm_grad_x",
    .n_in = -1,
    .infer = infer,
    .key = scl_norm_key,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
};
