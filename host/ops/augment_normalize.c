/* augment_normalize.c - subtracts a mean and divides by a deviation, by channel.
 *
 * Kernel: cl_kernels/augment_normalize.cl.
 */
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

struct attr {
    float mean[3], std[3];
};

static int infer(struct scl_node *y)
{
    const struct scl_node *x = y->in[0];
    const struct attr *attr = y->attr;

    if (x->type != SCL_F32 || x->shape.rank != 4 || x->shape.dim[3] != 3)
        return scl_fail(SCL_SHAPE, "augment_normalize: %s is %s, not [M, H, W, 3] in fp32", x->name,
                        scl_shape_text(x->shape));
    for (int c = 0; c < 3; c++)
        if (!isfinite(attr->mean[c]) || !isfinite(attr->std[c]) || !(attr->std[c] > 0))
            return scl_fail(SCL_SHAPE,
                            "augment_normalize: mean %g and std %g of channel %d, "
                            "wanted numbers, the second above 0",
                            attr->mean[c], attr->std[c], c);
    y->shape = x->shape;
    return SCL_OK;
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const struct attr *attr = y->attr;

    scl_launch_rows(l, "augment_normalize", "augment_normalize", key, (size_t)y->shape.dim[0]);
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_int(l, (int)scl_shape_inner(y->shape, 0));
    for (int c = 0; c < 3; c++)
        scl_lower_float(l, attr->mean[c]);
    for (int c = 0; c < 3; c++)
        scl_lower_float(l, attr->std[c]);
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
    const struct attr *attr = y->attr;
    const size_t n = scl_shape_count(y->shape);

    for (size_t i = 0; i < n; i++)
        out[i] = (in[0][i] - (double)attr->mean[i % 3]) / (double)attr->std[i % 3];
}

struct scl_node *scl_augment_normalize(struct scl_graph *g, struct scl_node *x, const float mean[3],
                                       const float std[3])
{
    struct attr attr;

    memcpy(attr.mean, mean, sizeof attr.mean);
    memcpy(attr.std, std, sizeof attr.std);
    return scl_apply(g, &scl_op_augment_normalize, 1, &x, &attr, sizeof attr);
}

const struct scl_op scl_op_augment_normalize = {
    .name = "augment_normalize",
    .n_in = 1,
    .infer = infer,
    .candidates = candidates,
    .reference = reference,
};
