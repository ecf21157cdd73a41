/* half.c - values kept as half, and back. Gradients pass straight through both.
 *
 * Kernels and formulas: cl_kernels/half.cl.
 */
#include <math.h>

#include "base/status.h"
#include "ops/elementwise_impl.h"
#include "ops/ops.h"

static const struct scl_elementwise attr = { .file = "half" };

static int infer_to(struct scl_node *h)
{
    const int rc = scl_elementwise_infer(h);

    h->type = SCL_F16;
    return rc;
}

static int infer_from(struct scl_node *y)
{
    if (y->in[0]->type != SCL_F16)
        return scl_fail(SCL_SHAPE, "from_half: %s is not half", y->in[0]->name);
    y->shape = y->in[0]->shape;
    return SCL_OK;
}

static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    (void)y;
    if (want[0])
        dx[0] = dy;
    return scl_graph_check(g);
}

/* Steps of halves are 2^(e - 10) from 2^e on, and 2^-24 below 2^-14. */
static double nearest_half(double x)
{
    const double largest = 65504;
    int exponent;

    if (!isfinite(x) || x == 0)
        return x;
    if (fabs(x) > largest)
        return copysign(largest, x);
    frexp(x, &exponent);
    return ldexp(nearbyint(ldexp(x, 11 - fmax(exponent, -13))), fmax(exponent, -13) - 11);
}

static void to_reference(const struct scl_node *h, double *const in[], double *out)
{
    for (size_t i = 0; i < scl_shape_count(h->shape); i++)
        out[i] = nearest_half(in[0][i]);
}

static void from_reference(const struct scl_node *y, double *const in[], double *out)
{
    for (size_t i = 0; i < scl_shape_count(y->shape); i++)
        out[i] = in[0][i];
}

struct scl_node *scl_to_half(struct scl_graph *g, struct scl_node *x)
{
    return scl_apply(g, &scl_op_to_half, 1, &x, &attr, sizeof attr);
}

struct scl_node *scl_from_half(struct scl_graph *g, struct scl_node *h)
{
    return scl_apply(g, &scl_op_from_half, 1, &h, &attr, sizeof attr);
}

const struct scl_op scl_op_to_half = {
    .name = "to_half",
    .n_in = 1,
    .infer = infer_to,
    .grad = grad,
    .candidates = scl_elementwise_candidates,
    .reference = to_reference,
};

const struct scl_op scl_op_from_half = {
    .name = "from_half",
    .n_in = 1,
    .integers = 1u << 0,
    .infer = infer_from,
    .grad = grad,
    .candidates = scl_elementwise_candidates,
    .reference = from_reference,
};
