/* column_sum.c - the sum of a tensor over all dimensions but the last: the
 * gradient of a bias.
 *
 * Kernels and formulas: cl_kernels/column_sum.cl.
 */
#include <string.h>

#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

/* Blocks of rows in the first stage: enough for any device, little work for the second. */
#define MAX_BLOCKS 256
#define MIN_SPAN 32

static int infer(struct scl_node *y)
{
    const struct scl_shape x = y->in[0]->shape;

    if (x.rank < 2)
        return scl_fail(SCL_SHAPE, "column_sum: %s is %s, without rows to add", y->in[0]->name,
                        scl_shape_text(x));
    y->shape = SCL_SHAPE1(x.dim[x.rank - 1]);
    return SCL_OK;
}

static void begin(struct scl_lowering *l, const char *key, size_t cols, size_t blocks)
{
    const size_t wg = (size_t)scl_lower_param(l, key, "WG");
    const size_t width = wg * (size_t)scl_lower_param(l, key, "LANES");

    scl_launch_rows(l, "column_sum", "column_sum", key, 1);
    scl_lower_groups(l, (cols + width - 1) / width, blocks, 1, wg);
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const size_t cols = (size_t)y->shape.dim[0];
    const size_t rows = scl_shape_count(y->in[0]->shape) / cols;
    size_t span = (rows + MAX_BLOCKS - 1) / MAX_BLOCKS, blocks;
    int part = -1;

    span = span < MIN_SPAN ? MIN_SPAN : span;
    blocks = (rows + span - 1) / span;
    if (blocks > 1)
        part = scl_lower_scratch(l, blocks * cols * sizeof(float));

    begin(l, key, cols, blocks);
    if (part >= 0)
        scl_lower_use(l, part);
    else
        scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_int(l, (int)rows);
    scl_lower_int(l, (int)cols);
    scl_lower_int(l, (int)span);
    if (part < 0)
        return scl_lower_end(l);

    begin(l, key, cols, 1);
    scl_lower_value(l, y);
    scl_lower_use(l, part);
    scl_lower_int(l, (int)blocks);
    scl_lower_int(l, (int)cols);
    scl_lower_int(l, (int)blocks);
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
    { .name = "blocks.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "blocks.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const size_t cols = (size_t)y->shape.dim[0], n = scl_shape_count(y->in[0]->shape);

    memset(out, 0, cols * sizeof *out);
    for (size_t i = 0; i < n; i++)
        out[i % cols] += in[0][i];
}

static double flops(const struct scl_node *y)
{
    return (double)scl_shape_count(y->in[0]->shape);
}

struct scl_node *scl_column_sum(struct scl_graph *g, struct scl_node *x)
{
    return scl_apply(g, &scl_op_column_sum, 1, &x, NULL, 0);
}

const struct scl_op scl_op_column_sum = {
    .name = "column_sum",
    .n_in = 1,
    .infer = infer,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
};
