/* fourier.c - a noise level as waves.
 *
 * Kernels and formulas: cl_kernels/fourier.cl.
 */
#include <math.h>

#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

static int infer(struct scl_node *y)
{
    const struct scl_node *sigma = y->in[0], *freq = y->in[1];

    if (sigma->shape.rank != 1 || freq->shape.rank != 1)
        return scl_fail(SCL_SHAPE, "fourier: %s is %s and %s is %s, not [N] and [F]", sigma->name,
                        scl_shape_text(sigma->shape), freq->name, scl_shape_text(freq->shape));
    y->shape = SCL_SHAPE2(sigma->shape.dim[0], 2 * freq->shape.dim[0]);
    return SCL_OK;
}

static int infer_grad(struct scl_node *ds)
{
    ds->shape = ds->in[2]->shape;
    return SCL_OK;
}

static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    struct scl_node *in[] = { dy, y, y->in[0], y->in[1] };

    if (want[0])
        dx[0] = scl_apply(g, &scl_op_fourier_grad, 4, in, NULL, 0);
    return scl_graph_check(g);
}

/* Forward and backward end with sigma and the frequencies. */
static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    scl_launch_rows(l, "fourier", y->op->name, key, (size_t)y->shape.dim[0]);
    scl_lower_value(l, y);
    for (int i = 0; i < y->n_in; i++)
        scl_lower_value(l, y->in[i]);
    scl_lower_int(l, y->in[y->n_in - 1]->shape.dim[0]);
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

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const int rows = y->shape.dim[0], freqs = y->shape.dim[1] / 2;

    for (int n = 0; n < rows; n++)
        for (int f = 0; f < freqs; f++) {
            const double p = 2 * acos(-1.0) * log(in[0][n]) * in[1][f];

            out[n * 2 * freqs + f] = sin(p);
            out[(n * 2 + 1) * freqs + f] = cos(p);
        }
}

static void grad_reference(const struct scl_node *ds, double *const in[], double *out)
{
    const int rows = ds->shape.dim[0], freqs = ds->in[3]->shape.dim[0];

    for (int n = 0; n < rows; n++) {
        const double *dy = in[0] + (size_t)n * 2 * freqs, *y = in[1] + (size_t)n * 2 * freqs;

        out[n] = 0;
        for (int f = 0; f < freqs; f++)
            out[n] += 2 * acos(-1.0) / in[2][n] * in[3][f] *
                      (dy[f] * y[freqs + f] - dy[freqs + f] * y[f]);
    }
}

struct scl_node *scl_fourier(struct scl_graph *g, struct scl_node *sigma, struct scl_node *freq)
{
    struct scl_node *in[] = { sigma, freq };

    return scl_apply(g, &scl_op_fourier, 2, in, NULL, 0);
}

const struct scl_op scl_op_fourier = {
    .name = "fourier",
    .n_in = 2,
    .infer = infer,
    .grad = grad,
    .candidates = candidates,
    .reference = reference,
};

const struct scl_op scl_op_fourier_grad = {
    .name = "fourier_grad",
    .n_in = 4,
    .infer = infer_grad,
    .candidates = candidates,
    .reference = grad_reference,
};
