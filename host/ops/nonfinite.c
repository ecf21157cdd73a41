/* nonfinite.c - how many elements are NaN or infinite.
 *
 * Kernel and formula: cl_kernels/nonfinite.cl.
 */
#include <math.h>

#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

static int infer(struct scl_node *y)
{
    if (y->in[0]->type != SCL_F32 || y->in[0]->shape.rank == 0)
        return scl_fail(SCL_SHAPE, "nonfinite: %s is no tensor in fp32", y->in[0]->name);
    y->shape = SCL_SHAPE1(1);
    return SCL_OK;
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const size_t n = scl_shape_count(y->in[0]->shape);
    const size_t blocks = scl_launch_block_count(l, key, n);
    const int part = scl_lower_scratch(l, blocks * sizeof(float));

    scl_launch_blocks(l, "nonfinite", "nonfinite", key, blocks);
    scl_lower_use(l, part);
    scl_lower_value(l, y->in[0]);
    scl_lower_int(l, (int)n);
    scl_launch_total(l, y, part, blocks, 1, key);
    return scl_lower_end(l);
}

static int lower_vec(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "reduce.vec");
}

static int lower_tile(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "reduce.tile");
}

static const struct scl_candidate candidates[] = {
    { .name = "block.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "block.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const size_t n = scl_shape_count(y->in[0]->shape);

    out[0] = 0;
    for (size_t i = 0; i < n; i++)
        out[0] += !isfinite(in[0][i]);
}

struct scl_node *scl_nonfinite(struct scl_graph *g, struct scl_node *x)
{
    return scl_apply(g, &scl_op_nonfinite, 1, &x, NULL, 0);
}

const struct scl_op scl_op_nonfinite = {
    .name = "nonfinite",
    .n_in = 1,
    .infer = infer,
    .candidates = candidates,
    .reference = reference,
};
