/* pair_difference.c - how far the scores of two views lie apart; a constant.
 *
 * Kernel and formulas: cl_kernels/pair_difference.cl.
 */
#include <math.h>

#include "base/status.h"
#include "graph/key.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

struct attr {
    bool vector;
    float sigma;
};

static int infer(struct scl_node *y)
{
    const struct scl_node *a = y->in[0], *b = y->in[1];

    if (a->shape.rank < 2 || !scl_shape_equal(a->shape, b->shape))
        return scl_fail(SCL_SHAPE, "pair_difference: scores %s and %s are not alike and by image",
                        scl_shape_text(a->shape), scl_shape_text(b->shape));
    y->shape = SCL_SHAPE1(a->shape.dim[0]);
    return SCL_OK;
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const struct attr *attr = y->attr;

    scl_launch_rows(l, "pair_difference", "pair_difference", key, (size_t)y->shape.dim[0]);
    scl_lower_define(l, "VECTOR", attr->vector);
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_value(l, y->in[1]);
    scl_lower_int(l, (int)scl_shape_inner(y->in[0]->shape, 0));
    scl_lower_float(l, attr->sigma);
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
    const struct attr *attr = y->attr;

    scl_node_key_with(out, size, y, "v%d", attr->vector);
}

static const struct scl_candidate candidates[] = {
    { .name = "row.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "row.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const struct attr *attr = y->attr;
    const size_t cols = scl_shape_inner(y->in[0]->shape, 0);

    for (int i = 0; i < y->shape.dim[0]; i++) {
        const double *a = in[0] + (size_t)i * cols, *b = in[1] + (size_t)i * cols;
        double aa = 0, bb = 0, apart = 0;

        for (size_t c = 0; c < cols; c++) {
            aa += a[c] * a[c];
            bb += b[c] * b[c];
            apart += (a[c] - b[c]) * (a[c] - b[c]);
        }
        out[i] = attr->sigma * (attr->vector ? sqrt(apart) : fabs(sqrt(aa) - sqrt(bb)));
    }
}

struct scl_node *scl_pair_difference(struct scl_graph *g, struct scl_node *a, struct scl_node *b,
                                     bool vector, float sigma)
{
    const struct attr attr = { .vector = vector, .sigma = sigma };
    struct scl_node *in[] = { a, b };

    return scl_apply(g, &scl_op_pair_difference, 2, in, &attr, sizeof attr);
}

const struct scl_op scl_op_pair_difference = {
    .name = "pair_difference",
    .n_in = 2,
    .infer = infer,
    .key = node_key,
    .candidates = candidates,
    .reference = reference,
};
