/* center_softmax.c - rows as distributions: centered and sharpened; constants.
 *
 * Kernel and formulas: cl_kernels/center_softmax.cl.
 */
#include <math.h>

#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

static int infer(struct scl_node *y)
{
    const struct scl_node *x = y->in[0], *center = y->in[1], *temperature = y->in[2];

    if (x->shape.rank != 2 || x->type != SCL_F32)
        return scl_fail(SCL_SHAPE, "center_softmax: %s is %s, not [rows, cols] in fp32", x->name,
                        scl_shape_text(x->shape));
    if (center->type != SCL_F32 || !scl_shape_equal(center->shape, SCL_SHAPE1(x->shape.dim[1])))
        return scl_fail(SCL_SHAPE, "center_softmax: %s is %s, not a number to each column of %s",
                        center->name, scl_shape_text(center->shape), scl_shape_text(x->shape));
    if (temperature->type != SCL_F32 || scl_shape_count(temperature->shape) != 1)
        return scl_fail(SCL_SHAPE, "center_softmax: %s is %s, not one number", temperature->name,
                        scl_shape_text(temperature->shape));
    y->shape = x->shape;
    return SCL_OK;
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    scl_launch_rows(l, "center_softmax", "center_softmax", key, (size_t)y->shape.dim[0]);
    scl_lower_value(l, y);
    for (int i = 0; i < y->n_in; i++)
        scl_lower_value(l, y->in[i]);
    scl_lower_int(l, y->shape.dim[1]);
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
    const int rows = y->shape.dim[0], cols = y->shape.dim[1];

    for (int r = 0; r < rows; r++) {
        const double *x = in[0] + (size_t)r * cols, *center = in[1];
        double *own = out + (size_t)r * cols, top = -INFINITY, mass = 0;

        for (int c = 0; c < cols; c++)
            top = fmax(top, (x[c] - center[c]) / in[2][0]);
        for (int c = 0; c < cols; c++)
            mass += exp((x[c] - center[c]) / in[2][0] - top);
        for (int c = 0; c < cols; c++)
            own[c] = exp((x[c] - center[c]) / in[2][0] - top) / mass;
    }
}

struct scl_node *scl_center_softmax(struct scl_graph *g, struct scl_node *x,
                                    struct scl_node *center, struct scl_node *temperature)
{
    struct scl_node *in[] = { x, center, temperature };

    return scl_apply(g, &scl_op_center_softmax, 3, in, NULL, 0);
}

const struct scl_op scl_op_center_softmax = {
    .name = "center_softmax",
    .n_in = 3,
    .infer = infer,
    .candidates = candidates,
    .reference = reference,
};
