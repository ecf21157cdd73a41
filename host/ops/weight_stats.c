/* weight_stats.c - what a log says of a batch's weights.
 *
 * Kernel and formulas: cl_kernels/weight_stats.cl.
 */
#include <math.h>

#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

static int infer(struct scl_node *y)
{
    const struct scl_node *w = y->in[0], *loss = y->in[1];

    if (w->shape.rank != 1 || !scl_shape_equal(w->shape, loss->shape))
        return scl_fail(SCL_SHAPE, "weight_stats: weights %s and losses %s are not both [pairs]",
                        scl_shape_text(w->shape), scl_shape_text(loss->shape));
    y->shape = SCL_SHAPE1(6);
    return SCL_OK;
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    scl_launch_rows(l, "weight_stats", "weight_stats", key, 1);
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_value(l, y->in[1]);
    scl_lower_int(l, y->in[0]->shape.dim[0]);
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

static double mean_of(const double *x, int n)
{
    double sum = 0;

    for (int i = 0; i < n; i++)
        sum += x[i];
    return sum / n;
}

/* The mean of (a - mean a) (b - mean b). */
static double covariance(const double *a, const double *b, int n)
{
    const double mean_a = mean_of(a, n), mean_b = mean_of(b, n);
    double sum = 0;

    for (int i = 0; i < n; i++)
        sum += (a[i] - mean_a) * (b[i] - mean_b);
    return sum / n;
}

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const int n = y->in[0]->shape.dim[0];
    const double *w = in[0], *loss = in[1];
    double square = 0, low = w[0], high = w[0], loss_low = loss[0], loss_high = loss[0];

    for (int i = 0; i < n; i++) {
        square += w[i] * w[i];
        low = fmin(low, w[i]);
        high = fmax(high, w[i]);
        loss_low = fmin(loss_low, loss[i]);
        loss_high = fmax(loss_high, loss[i]);
    }
    out[0] = mean_of(w, n);
    out[1] = sqrt(covariance(w, w, n));
    out[2] = low;
    out[3] = high;
    out[4] = square > 0 ? out[0] * n * out[0] * n / square : 0;
    out[5] = low == high || loss_low == loss_high
                 ? 0
                 : covariance(w, loss, n) / sqrt(covariance(w, w, n) * covariance(loss, loss, n));
}

struct scl_node *scl_weight_stats(struct scl_graph *g, struct scl_node *w, struct scl_node *loss)
{
    struct scl_node *in[] = { w, loss };

    return scl_apply(g, &scl_op_weight_stats, 2, in, NULL, 0);
}

const struct scl_op scl_op_weight_stats = {
    .name = "weight_stats",
    .n_in = 2,
    .infer = infer,
    .candidates = candidates,
    .reference = reference,
};
