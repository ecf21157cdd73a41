/* softmax_cross_entropy.c - the cross-entropy of rows of logits: with labels, and with
 * distributions.
 *
 * Kernels and formulas: cl_kernels/softmax_cross_entropy.cl.
 */
#include <math.h>

#include "base/status.h"
#include "graph/case.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

static int check_labels(const struct scl_node *x, const struct scl_node *label)
{
    if (label->type != SCL_I32 || label->shape.rank != 1 || label->shape.dim[0] != x->shape.dim[0])
        return scl_fail(SCL_SHAPE,
                        "softmax_cross_entropy: %s is %s, not an integer to each row of %s",
                        label->name, scl_shape_text(label->shape), scl_shape_text(x->shape));
    return SCL_OK;
}

static int check_soft(const struct scl_node *x, const struct scl_node *q)
{
    if (q->type != SCL_F32 || !scl_shape_equal(q->shape, x->shape))
        return scl_fail(SCL_SHAPE, "soft_cross_entropy: %s is %s, not fp32 in the shape %s of %s",
                        q->name, scl_shape_text(q->shape), scl_shape_text(x->shape), x->name);
    return SCL_OK;
}

/* The last two inputs are logits and targets, forward and backward. */
static int infer(struct scl_node *y)
{
    const struct scl_node *x = y->in[y->n_in - 2], *target = y->in[y->n_in - 1];
    const bool soft =
        y->op == &scl_op_soft_cross_entropy || y->op == &scl_op_soft_cross_entropy_grad;

    if (x->shape.rank != 2 || x->type != SCL_F32)
        return scl_fail(SCL_SHAPE, "%s: %s is %s, not [rows, classes] in fp32",
                        soft ? "soft_cross_entropy" : "softmax_cross_entropy", x->name,
                        scl_shape_text(x->shape));
    y->shape = y->n_in == 2 ? SCL_SHAPE1(x->shape.dim[0]) : x->shape;
    return soft ? check_soft(x, target) : check_labels(x, target);
}

static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    const struct scl_op *op = y->op == &scl_op_soft_cross_entropy
                                  ? &scl_op_soft_cross_entropy_grad
                                  : &scl_op_softmax_cross_entropy_grad;
    struct scl_node *in[] = { dy, y->in[0], y->in[1] };

    if (want[0])
        dx[0] = scl_apply(g, op, 3, in, NULL, 0);
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

/* Labels of all classes in turn. */
static double value(const struct scl_node *y, int i, size_t at)
{
    const struct scl_node *x = y->in[y->n_in - 2];

    return i == y->n_in - 1 ? (double)(at % (size_t)x->shape.dim[1]) : NAN;
}

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
        const double *x = in[0] + (size_t)r * cols, label = in[1][r];

        out[r] = label >= 0 && label < cols ? log_mass(x, cols) - x[(int)label] : NAN;
    }
}

static void grad_reference(const struct scl_node *dx, double *const in[], double *out)
{
    const int rows = dx->shape.dim[0], cols = dx->shape.dim[1];

    for (int r = 0; r < rows; r++) {
        const double *x = in[1] + (size_t)r * cols, label = in[2][r];
        const double dy = label >= 0 && label < cols ? in[0][r] : NAN;

        for (int c = 0; c < cols; c++)
            out[(size_t)r * cols + c] = dy * (exp(x[c] - log_mass(x, cols)) - (c == label));
    }
}

static void soft_reference(const struct scl_node *y, double *const in[], double *out)
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

static void soft_grad_reference(const struct scl_node *dx, double *const in[], double *out)
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

static int from_case(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *logits = scl_case_input(g, c, "logits", SCL_CASE_PLAIN);
    struct scl_node *labels = scl_case_input(g, c, "labels", SCL_CASE_INDEX);

    scl_case_output(g, c, "loss", scl_softmax_cross_entropy(g, logits, labels), SCL_CASE_PLAIN);
    return scl_graph_check(g);
}

struct scl_node *scl_cross_entropy_rows(struct scl_graph *g, struct scl_node *logits,
                                        struct scl_node *labels)
{
    struct scl_node *in[] = { logits, labels };

    return scl_apply(g, &scl_op_softmax_cross_entropy, 2, in, NULL, 0);
}

struct scl_node *scl_softmax_cross_entropy(struct scl_graph *g, struct scl_node *logits,
                                           struct scl_node *labels)
{
    return scl_row_mean(g, scl_cross_entropy_rows(g, logits, labels), NULL);
}

struct scl_node *scl_soft_cross_entropy(struct scl_graph *g, struct scl_node *logits,
                                        struct scl_node *q)
{
    struct scl_node *in[] = { logits, q };

    return scl_apply(g, &scl_op_soft_cross_entropy, 2, in, NULL, 0);
}

const struct scl_op scl_op_softmax_cross_entropy = {
    .name = "softmax_cross_entropy",
    .n_in = 2,
    .integers = 1u << 1,
    .value = value,
    .infer = infer,
    .grad = grad,
    .candidates = candidates,
    .reference = reference,
    .from_case = from_case,
};

const struct scl_op scl_op_softmax_cross_entropy_grad = {
    .name = "softmax_cross_entropy_grad",
    .n_in = 3,
    .integers = 1u << 2,
    .value = value,
    .infer = infer,
    .candidates = candidates,
    .reference = grad_reference,
};

const struct scl_op scl_op_soft_cross_entropy = {
    .name = "soft_cross_entropy",
    .n_in = 2,
    .infer = infer,
    .grad = grad,
    .candidates = candidates,
    .reference = soft_reference,
};

const struct scl_op scl_op_soft_cross_entropy_grad = {
    .name = "soft_cross_entropy_grad",
    .n_in = 3,
    .infer = infer,
    .candidates = candidates,
    .reference = soft_grad_reference,
};
