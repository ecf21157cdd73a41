/* add_noise.c - images with noise of a level each.
 *
 * Kernel and formula: cl_kernels/add_noise.cl.
 */
#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

static int infer(struct scl_node *y)
{
    const struct scl_node *x = y->in[0], *z = y->in[1], *sigma = y->in[2];

    if (x->shape.rank < 2 || !scl_shape_equal(x->shape, z->shape) || x->type != SCL_F32)
        return scl_fail(SCL_SHAPE, "add_noise: images %s and noise %s are not alike",
                        scl_shape_text(x->shape), scl_shape_text(z->shape));
    if (sigma->shape.rank != 1 || sigma->shape.dim[0] != x->shape.dim[0])
        return scl_fail(SCL_SHAPE, "add_noise: sigma is %s, not one to each image of %s",
                        scl_shape_text(sigma->shape), scl_shape_text(x->shape));
    y->shape = x->shape;
    return SCL_OK;
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    scl_launch_rows(l, "add_noise", "add_noise", key, (size_t)y->shape.dim[0]);
    scl_lower_value(l, y);
    for (int i = 0; i < y->n_in; i++)
        scl_lower_value(l, y->in[i]);
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
        out[i] = in[0][i] + in[2][i / cols] * in[1][i];
}

struct scl_node *scl_add_noise(struct scl_graph *g, struct scl_node *x, struct scl_node *z,
                               struct scl_node *sigma)
{
    struct scl_node *in[] = { x, z, sigma };

    return scl_apply(g, &scl_op_add_noise, 3, in, NULL, 0);
}

const struct scl_op scl_op_add_noise = {
    .name = "add_noise",
    .n_in = 3,
    .infer = infer,
    .candidates = candidates,
    .reference = reference,
};
