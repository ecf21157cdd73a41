/* normalize_columns.c - scale each column of a matrix to unit length.
 *
 * Kernels and formulas: cl_kernels/normalize_columns.cl.
 */
#include <math.h>

#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"
#include "ops/split_impl.h"

/* What a shorter column is divided by. */
#define EPS 1e-12f

static int infer(struct scl_node *y)
{
    const struct scl_node *x = y->in[0], *last = y->in[y->n_in - 1];

    if (x->shape.rank != 2 || x->type != SCL_F32)
        return scl_fail(SCL_SHAPE, "normalize_columns: %s is %s, not [rows, cols] in fp32", x->name,
                        scl_shape_text(x->shape));
    if (!scl_shape_equal(x->shape, last->shape))
        return scl_fail(SCL_SHAPE, "normalize_columns: gradient %s does not fit %s",
                        scl_shape_text(x->shape), scl_shape_text(last->shape));
    y->shape = x->shape;
    return SCL_OK;
}

static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    struct scl_node *in[] = { dy, y->in[0] };

    if (want[0])
        dx[0] = scl_apply(g, &scl_op_normalize_columns_grad, 2, in, NULL, 0);
    return scl_graph_check(g);
}

/* An item to LANES columns in both directions, which differ in their inputs. */
static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const size_t wg = (size_t)scl_lower_param(l, key, "WG");
    const size_t width = wg * (size_t)scl_lower_param(l, key, "LANES");

    scl_launch_rows(l, "normalize_columns", y->op->name, key, 1);
    scl_lower_groups(l, scl_divide_up((size_t)y->shape.dim[1], width), 1, 1, wg);
    scl_lower_value(l, y);
    for (int i = 0; i < y->n_in; i++)
        scl_lower_value(l, y->in[i]);
    scl_lower_int(l, y->shape.dim[0]);
    scl_lower_int(l, y->shape.dim[1]);
    scl_lower_float(l, EPS);
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
    { .name = "columns.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "columns.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

/* Of columns of [rows, cols]. */
static double dot(const double *a, const double *b, int rows, int cols)
{
    double sum = 0;

    for (int r = 0; r < rows; r++)
        sum += a[(size_t)r * cols] * b[(size_t)r * cols];
    return sum;
}

/* Unlike fmax(), it keeps a NaN. */
static double at_least(double v, double least)
{
    return v < least ? least : v;
}

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const int rows = y->shape.dim[0], cols = y->shape.dim[1];

    for (int c = 0; c < cols; c++) {
        const double *x = in[0] + c;
        const double norm = at_least(sqrt(dot(x, x, rows, cols)), EPS);

        for (int r = 0; r < rows; r++)
            out[(size_t)r * cols + c] = x[(size_t)r * cols] / norm;
    }
}

static void grad_reference(const struct scl_node *dx, double *const in[], double *out)
{
    const int rows = dx->shape.dim[0], cols = dx->shape.dim[1];

    for (int c = 0; c < cols; c++) {
        const double *dy = in[0] + c, *x = in[1] + c;
        const double norm = sqrt(dot(x, x, rows, cols));
        const double along = norm <= EPS ? 0 : dot(x, dy, rows, cols) / (norm * norm);

        for (int r = 0; r < rows; r++) {
            const size_t i = (size_t)r * cols;

            out[i + c] = (dy[i] - along * x[i]) / at_least(norm, EPS);
        }
    }
}

struct scl_node *scl_normalize_columns(struct scl_graph *g, struct scl_node *x)
{
    return scl_apply(g, &scl_op_normalize_columns, 1, &x, NULL, 0);
}

const struct scl_op scl_op_normalize_columns = {
    .name = "normalize_columns",
    .n_in = 1,
    .infer = infer,
    .grad = grad,
    .candidates = candidates,
    .reference = reference,
};

const struct scl_op scl_op_normalize_columns_grad = {
    .name = "normalize_columns_grad",
    .n_in = 2,
    .infer = infer,
    .candidates = candidates,
    .reference = grad_reference,
};
