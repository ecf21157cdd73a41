/* l2_normalize.c - scale each row of a matrix to unit length.
 *
 * Kernels and formulas: cl_kernels/l2_normalize.cl.
 */
#include <math.h>

#include "base/status.h"
#include "graph/case.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

struct attr {
    float eps;
};

static int infer(struct scl_node *y)
{
    const struct scl_node *x = y->in[0], *last = y->in[y->n_in - 1];

    if (x->shape.rank != 2 || x->type != SCL_F32)
        return scl_fail(SCL_SHAPE, "l2_normalize: %s is %s, not [rows, cols] in fp32", x->name,
                        scl_shape_text(x->shape));
    if (!scl_shape_equal(x->shape, last->shape))
        return scl_fail(SCL_SHAPE, "l2_normalize: gradient %s does not fit %s",
                        scl_shape_text(x->shape), scl_shape_text(last->shape));
    y->shape = x->shape;
    return SCL_OK;
}

static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    struct scl_node *in[] = { dy, y->in[0] };

    if (want[0])
        dx[0] = scl_apply(g, &scl_op_l2_normalize_grad, 2, in, y->attr, sizeof(struct attr));
    return scl_graph_check(g);
}

/* Forward and backward take a row to a group, and differ in their inputs. */
static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    scl_launch_rows(l, "l2_normalize", y->op->name, key, (size_t)y->shape.dim[0]);
    scl_lower_value(l, y);
    for (int i = 0; i < y->n_in; i++)
        scl_lower_value(l, y->in[i]);
    scl_lower_int(l, y->shape.dim[1]);
    scl_lower_float(l, ((const struct attr *)y->attr)->eps);
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

static double dot(const double *a, const double *b, int n)
{
    double sum = 0;

    for (int i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Unlike fmax(), it keeps a NaN. */
static double at_least(double v, double least)
{
    return v < least ? least : v;
}

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const double eps = ((const struct attr *)y->attr)->eps;
    const int rows = y->shape.dim[0], cols = y->shape.dim[1];

    for (int r = 0; r < rows; r++) {
        const double *x = in[0] + (size_t)r * cols;
        const double norm = at_least(sqrt(dot(x, x, cols)), eps);

        for (int c = 0; c < cols; c++)
            out[(size_t)r * cols + c] = x[c] / norm;
    }
}

static void grad_reference(const struct scl_node *dx, double *const in[], double *out)
{
    const double eps = ((const struct attr *)dx->attr)->eps;
    const int rows = dx->shape.dim[0], cols = dx->shape.dim[1];

    for (int r = 0; r < rows; r++) {
        const double *dy = in[0] + (size_t)r * cols, *x = in[1] + (size_t)r * cols;
        const double norm = sqrt(dot(x, x, cols));
        const double along = norm <= eps ? 0 : dot(x, dy, cols) / (norm * norm);

        for (int c = 0; c < cols; c++)
            out[(size_t)r * cols + c] = (dy[c] - along * x[c]) / at_least(norm, eps);
    }
}

static int from_case(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *x = scl_case_input(g, c, "x", SCL_CASE_PLAIN);
    const double eps = scl_case_float(c, "eps", 1e-12);

    scl_case_output(g, c, "y", scl_l2_normalize(g, x, (float)eps), SCL_CASE_PLAIN);
    return scl_graph_check(g);
}

struct scl_node *scl_l2_normalize(struct scl_graph *g, struct scl_node *x, float eps)
{
    const struct attr attr = { .eps = eps };

    return scl_apply(g, &scl_op_l2_normalize, 1, &x, &attr, sizeof attr);
}

const struct scl_op scl_op_l2_normalize = {
    .name = "l2_normalize",
    .n_in = 1,
    .infer = infer,
    .grad = grad,
    .candidates = candidates,
    .reference = reference,
    .from_case = from_case,
};

const struct scl_op scl_op_l2_normalize_grad = {
    .name = "l2_normalize_grad",
    .n_in = 2,
    .infer = infer,
    .candidates = candidates,
    .reference = grad_reference,
};
