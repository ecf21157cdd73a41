/* gather_rows.c - the rows that an index names, and the way back.
 *
 * Kernels and formulas: cl_kernels/gather_rows.cl.
 */
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "ops/ops.h"
#include "ops/walk_impl.h"

static int infer(struct scl_node *y)
{
    const struct scl_node *x = y->in[0], *index = y->in[1];

    if (x->type != SCL_F32 || x->shape.rank < 1)
        return scl_fail(SCL_SHAPE, "%s: %s is no tensor in fp32", y->op->name, x->name);
    if (index->type != SCL_I32 || index->shape.rank != 1)
        return scl_fail(SCL_SHAPE, "%s: %s is %s, not [K] integers", y->op->name, index->name,
                        scl_shape_text(index->shape));
    y->shape = x->shape;
    y->shape.dim[0] = index->shape.dim[0];
    return SCL_OK;
}

/* With fewer indices rows would stay unwritten, with more some would be written twice. */
static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    struct scl_node *in[] = { dy, y->in[1] };
    const int rows = y->in[0]->shape.dim[0];

    if (!want[0])
        return SCL_OK;
    if (y->shape.dim[0] != rows)
        return scl_fail(SCL_SHAPE,
                        "gather_rows: %d indices of %d rows; only a permutation has a "
                        "gradient",
                        y->shape.dim[0], rows);
    dx[0] = scl_apply(g, &scl_op_scatter_rows, 2, in, NULL, 0);
    return scl_graph_check(g);
}

/* Each row once, where there are as many indices. */
static double value(const struct scl_node *y, int i, size_t at)
{
    const int rows = (y->op == &scl_op_gather_rows ? y->in[0] : y)->shape.dim[0];

    return i == 1 ? rows - 1 - (double)(at % (size_t)rows) : NAN;
}

/* Both directions walk over the K rows of the index. */
static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const struct scl_node *x = y->in[0], *index = y->in[1];
    const size_t cols = scl_shape_inner(y->shape, 0);
    const struct scl_walk walk =
        scl_walk_blocks(l, "gather_rows", y->op->name, key, (size_t)index->shape.dim[0], cols);

    scl_lower_value(l, y);
    scl_lower_value(l, x);
    scl_lower_value(l, index);
    scl_lower_int(l, index->shape.dim[0]);
    scl_lower_int(l, y->op == &scl_op_gather_rows ? x->shape.dim[0] : y->shape.dim[0]);
    scl_lower_int(l, (int)cols);
    scl_lower_int(l, walk.height);
    scl_lower_int(l, walk.width);
    return scl_lower_end(l);
}

static int lower_vec(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "elementwise.vec");
}

static int lower_tile(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "elementwise.tile");
}

static const struct scl_candidate candidates[] = {
    { .name = "walk.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "walk.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const size_t cols = scl_shape_inner(y->shape, 0);

    for (size_t i = 0; i < scl_shape_count(y->shape); i++) {
        const double m = in[1][i / cols];

        out[i] = m >= 0 && m < y->in[0]->shape.dim[0] ? in[0][(size_t)m * cols + i % cols] : NAN;
    }
}

static void scatter_reference(const struct scl_node *dx, double *const in[], double *out)
{
    const size_t cols = scl_shape_inner(dx->shape, 0);

    for (int k = 0; k < dx->shape.dim[0]; k++)
        if (in[1][k] >= 0 && in[1][k] < dx->shape.dim[0])
            memcpy(out + (size_t)in[1][k] * cols, in[0] + (size_t)k * cols, cols * sizeof *out);
}

struct scl_node *scl_gather_rows(struct scl_graph *g, struct scl_node *x, struct scl_node *index)
{
    struct scl_node *in[] = { x, index };

    return scl_apply(g, &scl_op_gather_rows, 2, in, NULL, 0);
}

const struct scl_op scl_op_gather_rows = {
    .name = "gather_rows",
    .n_in = 2,
    .integers = 1u << 1,
    .value = value,
    .infer = infer,
    .grad = grad,
    .candidates = candidates,
    .reference = reference,
};

const struct scl_op scl_op_scatter_rows = {
    .name = "scatter_rows",
    .n_in = 2,
    .integers = 1u << 1,
    .value = value,
    .infer = infer,
    .candidates = candidates,
    .reference = scatter_reference,
};
