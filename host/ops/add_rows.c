/* add_rows.c - the same vector added to every pixel of an image.
 *
 * Kernels and formulas: cl_kernels/add_rows.cl.
 */
#include "base/status.h"
#include "ops/ops.h"
#include "ops/walk_impl.h"

static int infer(struct scl_node *y)
{
    const struct scl_node *x = y->in[0], *e = y->in[1];

    if (x->shape.rank != 4 ||
        !scl_shape_equal(e->shape, SCL_SHAPE2(x->shape.dim[0], x->shape.dim[3])))
        return scl_fail(SCL_SHAPE, "add_rows: %s is %s and %s is %s, not [N, H, W, C] and [N, C]",
                        x->name, scl_shape_text(x->shape), e->name, scl_shape_text(e->shape));
    y->shape = x->shape;
    return SCL_OK;
}

static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    (void)y;
    if (want[0])
        dx[0] = dy;
    if (want[1])
        dx[1] = scl_pixel_sum(g, dy);
    return scl_graph_check(g);
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const int pixels = y->shape.dim[1] * y->shape.dim[2], channels = y->shape.dim[3];
    const int span = scl_walk_begin(l, "add_rows", "add_rows", key, (size_t)pixels,
                                    (size_t)channels, (size_t)y->shape.dim[0]);

    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_value(l, y->in[1]);
    scl_lower_int(l, pixels);
    scl_lower_int(l, channels);
    scl_lower_int(l, span);
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
    const size_t channels = (size_t)y->shape.dim[3], image = scl_shape_inner(y->shape, 0);

    for (size_t i = 0; i < scl_shape_count(y->shape); i++)
        out[i] = in[0][i] + in[1][i / image * channels + i % channels];
}

struct scl_node *scl_add_rows(struct scl_graph *g, struct scl_node *x, struct scl_node *e)
{
    struct scl_node *in[] = { x, e };

    return scl_apply(g, &scl_op_add_rows, 2, in, NULL, 0);
}

const struct scl_op scl_op_add_rows = {
    .name = "add_rows",
    .n_in = 2,
    .infer = infer,
    .grad = grad,
    .candidates = candidates,
    .reference = reference,
};
