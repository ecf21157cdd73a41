/* column_spread.c - how far rows lie apart: the mean over the columns of their standard deviation.
 *
 * Kernel and formulas: cl_kernels/column_spread.cl.
 */
#include <math.h>

#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"
#include "ops/split_impl.h"

static int infer(struct scl_node *y)
{
    const struct scl_node *x = y->in[0];

    if (x->shape.rank != 2 || x->type != SCL_F32)
        return scl_fail(SCL_SHAPE, "column_spread: %s is %s, not [rows, cols] in fp32", x->name,
                        scl_shape_text(x->shape));
    y->shape = SCL_SHAPE1(1);
    return SCL_OK;
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const size_t cols = (size_t)y->in[0]->shape.dim[1];
    const size_t wg = (size_t)scl_lower_param(l, key, "WG");
    const size_t width = wg * (size_t)scl_lower_param(l, key, "LANES");
    const int spread = scl_lower_scratch(l, cols * sizeof(float));

    scl_launch_rows(l, "column_spread", "column_spread", key, 1);
    scl_lower_groups(l, scl_divide_up(cols, width), 1, 1, wg);
    scl_lower_use(l, spread);
    scl_lower_value(l, y->in[0]);
    scl_lower_int(l, y->in[0]->shape.dim[0]);
    scl_lower_int(l, (int)cols);
    scl_launch_total(l, y, spread, cols, 1.0 / (double)cols, key);
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

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const int rows = y->in[0]->shape.dim[0], cols = y->in[0]->shape.dim[1];

    out[0] = 0;
    for (int c = 0; c < cols; c++) {
        double mean = 0, variance = 0;

        for (int r = 0; r < rows; r++)
            mean += in[0][(size_t)r * cols + c] / rows;
        for (int r = 0; r < rows; r++)
            variance += pow(in[0][(size_t)r * cols + c] - mean, 2) / rows;
        out[0] += sqrt(variance) / cols;
    }
}

static double flops(const struct scl_node *y)
{
    return 5.0 * (double)scl_shape_count(y->in[0]->shape);
}

struct scl_node *scl_column_spread(struct scl_graph *g, struct scl_node *x)
{
    return scl_apply(g, &scl_op_column_spread, 1, &x, NULL, 0);
}

const struct scl_op scl_op_column_spread = {
    .name = "column_spread",
    .n_in = 1,
    .infer = infer,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
};
