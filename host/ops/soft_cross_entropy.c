/* soft_cross_entropy.c - the cross-entropy of rows of logits with distributions.
 *
 * Kernels and formulas: cl_kernels/softmax_cross_entropy.cl.
 */
#include <math.h>

#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

static int check_inputs(const struct scl_node *x, const struct scl_node *q)
{
    if (x->shape.rank != 2 || x->type != SCL_F32)
        return scl_fail(SCL_SHAPE, "soft_cross_entropy: %s is %s, not [rows, classes] in fp32",
                        x->name, scl_shape_text(x->shape));
    if (q->type != SCL_F32 || !scl_shape_equal(q->shape, x->shape))
        return scl_fail(SCL_SHAPE, "soft_cross_entropy: %s is %s, not fp32 in the shape %s of %s",
                        q->name, scl_shape_text(q->shape), scl_shape_text(x->shape), x->name);
    return SCL_OK;
}

static int infer(struct scl_node *y)
{
    y->shape = SCL_SHAPE1(y->in[0]->shape.dim[0]);
    return check_inputs(y->in[0], y->in[1]);
}

static int grad_infer(struct scl_node *dx)
{
    dx->shape = dx->in[1]->shape;
    return check_inputs(dx->in[1], dx->in[2]);
}

static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    struct scl_node *in[] = { dy, y->in[0], y->in[1] };

    if (want[0])
        dx[0] = scl_apply(g, &scl_op_soft_cross_entropy_grad, 3, in, NULL, 0);
    return scl_graph_check(g);
}

/* A group to a row in both directions. */
static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const struct scl_node *x = y->in[y->n_in - 2];

    scl_launch_rows(l, "softmax_cross_entropy", y->op->name, key, (size_t)x->shape.dim[0]);
    scl_lower_value(l, y);
    for (int i = 0; i < y->n_in; i++)
        scl_lower_value(l, y->in[i]);
    scl_lower_int(l, x->shape.dim[1]);
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

/* log sum exp of a row. */
static double log_mass(const double *x, int n)
{
    double top = x[0], mass = 0;

    for (int i = 1; i < n; i++)
        top = fmax(top, x[i]);
    for (int i = 0; i < n; i++)
        mass += exp(x[i] - top);
    return log(mass) + top;
}

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const int rows = y->in[0]->shape.dim[0], cols = y->in[0]->shape.dim[1];

    for (int r = 0; r < rows; r++) {
        const double *x = in[0] + (size_t)r * cols, *q = in[1] + (size_t)r * cols;
        const double mass = log_mass(x, cols);

        out[r] = 0;
        for (int c = 0; c < cols; c++)
            out[r] -= q[c] * (x[c] - mass);
    }
}

static void grad_reference(const struct scl_node *dx, double *const in[], double *out)
{
    const int rows = dx->shape.dim[0], cols = dx->shape.dim[1];

    for (int r = 0; r < rows; r++) {
        const double *x = in[1] + (size_t)r * cols, *q = in[2] + (size_t)r * cols;
        const double mass = log_mass(x, cols);
        double total = 0;

        for (int c = 0; c < cols; c++)
            total += q[c];
        for (int c = 0; c < cols; c++)
            out[(size_t)r * cols + c] = in[0][r] * (exp(x[c] - mass) * total - q[c]);
    }
}

struct scl_node *scl_soft_cross_entropy(struct scl_graph *g, struct scl_node *logits,
                                        struct scl_node *q)
{
    struct scl_node *in[] = { logits, q };

    return scl_apply(g, &scl_op_soft_cross_entropy, 2, in, NULL, 0);
}

const struct scl_op scl_op_soft_cross_entropy = {
    .name = "soft_cross_entropy",
    .n_in = 2,
    .infer = infer,
    .grad = grad,
    .candidates = candidates,
    .reference = reference,
};

const struct scl_op scl_op_soft_cross_entropy_grad = {
    .name = "soft_cross_entropy_grad",
    .n_in = 3,
    .infer = grad_infer,
    .candidates = candidates,
    .reference = grad_reference,
};
