/* center_columns.c - columns without their mean, in slices of rows.
 *
 * Kernels and formulas: cl_kernels/center_columns.cl.
 */
#include "base/status.h"
#include "graph/key.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"
#include "ops/split_impl.h"

/* Each block adds up the sums of all, so there are not many of them. */
#define MAX_BLOCKS 64
#define MIN_SPAN 32

/* The attribute is the number of rows of a slice. */
static size_t slice_rows(const struct scl_node *y)
{
    const int size = *(const int *)y->attr;

    return (size_t)size;
}

static int infer(struct scl_node *y)
{
    const struct scl_node *x = y->in[0];
    const int size = *(const int *)y->attr;

    if (x->type != SCL_F32 || x->shape.rank != 2)
        return scl_fail(SCL_SHAPE, "center_columns: %s is %s, not [N, D] in fp32", x->name,
                        scl_shape_text(x->shape));
    if (size < 1 || x->shape.dim[0] % size != 0)
        return scl_fail(SCL_SHAPE, "center_columns: %d rows do not divide into slices of %d",
                        x->shape.dim[0], size);
    y->shape = x->shape;
    return SCL_OK;
}

/* To subtract the mean is to project, and that is its own transpose. */
static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    if (want[0])
        dx[0] = scl_center_slices(g, dy, *(const int *)y->attr);
    return scl_graph_check(g);
}

/* Sizes, and the same groups for both kernels. */
static void finish(struct scl_lowering *l, const struct scl_node *y, const char *key, size_t span)
{
    const size_t rows = slice_rows(y), cols = (size_t)y->shape.dim[1];
    const size_t wg = (size_t)scl_lower_param(l, key, "WG");
    const size_t width = wg * (size_t)scl_lower_param(l, key, "LANES");

    scl_lower_int(l, (int)rows);
    scl_lower_int(l, (int)cols);
    scl_lower_int(l, (int)span);
    scl_lower_groups(l, scl_divide_up(cols, width), scl_divide_up(rows, span),
                     (size_t)y->shape.dim[0] / rows, wg);
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const size_t rows = slice_rows(y), slices = (size_t)y->shape.dim[0] / rows;
    const size_t span = scl_larger(MIN_SPAN, scl_divide_up(rows, MAX_BLOCKS));
    const size_t sums = slices * scl_divide_up(rows, span) * (size_t)y->shape.dim[1];
    const int part = scl_lower_scratch(l, sums * sizeof(float));

    scl_launch_rows(l, "center_columns", "center_sum", key, 1);
    scl_lower_use(l, part);
    scl_lower_value(l, y->in[0]);
    finish(l, y, key, span);

    scl_launch_rows(l, "center_columns", "center_apply", key, 1);
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_use(l, part);
    finish(l, y, key, span);
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

static void node_key(char *out, size_t size, const struct scl_node *y)
{
    scl_node_key_with(out, size, y, "s%zu", slice_rows(y));
}

static const struct scl_candidate candidates[] = {
    { .name = "blocks.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "blocks.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

/* About the first row, as the kernels: a constant column gives exactly zero. */
static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const size_t rows = slice_rows(y), cols = (size_t)y->shape.dim[1];

    for (size_t i = 0; i < scl_shape_count(y->shape) / rows; i++) {
        const size_t first = i / cols * rows * cols + i % cols;
        const double *x = in[0] + first;
        double sum = 0;

        for (size_t r = 0; r < rows; r++)
            sum += x[r * cols] - x[0];
        for (size_t r = 0; r < rows; r++)
            out[first + r * cols] = (x[r * cols] - x[0]) - sum / (double)rows;
    }
}

static double flops(const struct scl_node *y)
{
    return 4.0 * (double)scl_shape_count(y->shape);
}

struct scl_node *scl_center_slices(struct scl_graph *g, struct scl_node *x, int size)
{
    return scl_apply(g, &scl_op_center_columns, 1, &x, &size, sizeof size);
}

struct scl_node *scl_center_columns(struct scl_graph *g, struct scl_node *x)
{
    return scl_center_slices(g, x, x && x->shape.rank > 0 ? x->shape.dim[0] : 1);
}

const struct scl_op scl_op_center_columns = {
    .name = "center_columns",
    .n_in = 1,
    .infer = infer,
    .grad = grad,
    .key = node_key,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
};
