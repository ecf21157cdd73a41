/* augment_solarize.c - inverts what is bright.
 *
 * Kernel and formula: cl_kernels/augment_solarize.cl.
 */
#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

static int infer(struct scl_node *y)
{
    const struct scl_node *x = y->in[0], *threshold = y->in[1];

    if (x->type != SCL_F32 || x->shape.rank < 2)
        return scl_fail(SCL_SHAPE, "augment_solarize: %s is %s, not images in fp32", x->name,
                        scl_shape_text(x->shape));
    if (threshold->type != SCL_F32 ||
        !scl_shape_equal(threshold->shape, SCL_SHAPE1(x->shape.dim[0])))
        return scl_fail(SCL_SHAPE, "augment_solarize: threshold is %s, not one to each image of %s",
                        scl_shape_text(threshold->shape), scl_shape_text(x->shape));
    y->shape = x->shape;
    return SCL_OK;
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    scl_launch_rows(l, "augment_solarize", "augment_solarize", key, (size_t)y->shape.dim[0]);
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_value(l, y->in[1]);
    scl_lower_int(l, (int)scl_shape_inner(y->shape, 0));
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

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const size_t n = scl_shape_count(y->shape), cols = scl_shape_inner(y->shape, 0);

    for (size_t i = 0; i < n; i++)
        out[i] = in[0][i] >= in[1][i / cols] ? 1 - in[0][i] : in[0][i];
}

struct scl_node *scl_augment_solarize(struct scl_graph *g, struct scl_node *x,
                                      struct scl_node *threshold)
{
    struct scl_node *in[] = { x, threshold };

    return scl_apply(g, &scl_op_augment_solarize, 2, in, NULL, 0);
}

const struct scl_op scl_op_augment_solarize = {
    .name = "augment_solarize",
    .n_in = 2,
    .infer = infer,
    .candidates = candidates,
    .reference = reference,
};
