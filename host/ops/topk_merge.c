/* topk_merge.c - the k nearest so far, and a chunk of candidates.
 *
 * Kernel and rules: cl_kernels/topk_merge.cl.
 */
#include <math.h>

#include "base/status.h"
#include "ops/knn.h"
#include "ops/launch_impl.h"

enum { VALUE, LABEL, DISTANCE, BANK_LABEL, RANGE, N_IN };

static int infer(struct scl_node *y)
{
    struct scl_node *const *in = y->in;
    const struct scl_shape list = in[VALUE]->shape, distance = in[DISTANCE]->shape;

    if (in[VALUE]->role != SCL_STATE || in[LABEL]->role != SCL_STATE || list.rank != 2 ||
        !scl_shape_equal(list, in[LABEL]->shape))
        return scl_fail(SCL_SHAPE, "topk_merge: lists %s and %s, wanted states [Q, k]",
                        scl_shape_text(list), scl_shape_text(in[LABEL]->shape));
    if (in[DISTANCE]->type != SCL_F32 || distance.rank != 2 || distance.dim[0] != list.dim[0])
        return scl_fail(SCL_SHAPE, "topk_merge: distances %s for lists %s, wanted [Q, M] in fp32",
                        scl_shape_text(distance), scl_shape_text(list));
    if (in[BANK_LABEL]->type != SCL_I32 ||
        !scl_shape_equal(in[BANK_LABEL]->shape, SCL_SHAPE1(distance.dim[1])))
        return scl_fail(SCL_SHAPE, "topk_merge: labels %s for distances %s, wanted [M] integers",
                        scl_shape_text(in[BANK_LABEL]->shape), scl_shape_text(distance));
    if (in[RANGE]->type != SCL_I32 || !scl_shape_equal(in[RANGE]->shape, SCL_SHAPE1(2)))
        return scl_fail(SCL_SHAPE, "topk_merge: range %s, wanted [2] integers",
                        scl_shape_text(in[RANGE]->shape));
    return SCL_OK;
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    scl_launch_rows(l, "topk_merge", "topk_merge", key, (size_t)y->in[VALUE]->shape.dim[0]);
    for (int i = 0; i < N_IN; i++)
        scl_lower_value(l, y->in[i]);
    scl_lower_int(l, y->in[DISTANCE]->shape.dim[1]);
    scl_lower_int(l, y->in[VALUE]->shape.dim[1]);
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

/* Puts (v, l) behind what is not farther, and drops the last. */
static void insert(double *value, double *label, int k, double v, double l)
{
    for (int at = 0; at < k; at++)
        if (v < value[at]) {
            const double next_v = value[at], next_l = label[at];

            value[at] = v;
            label[at] = l;
            v = next_v;
            l = next_l;
        }
}

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const int rows = y->in[VALUE]->shape.dim[0], k = y->in[VALUE]->shape.dim[1];
    const int cols = y->in[DISTANCE]->shape.dim[1];

    (void)out;
    for (int r = 0; r < rows; r++) {
        double *value = in[VALUE] + (size_t)r * k, *label = in[LABEL] + (size_t)r * k;

        for (int i = 0; i < k && in[RANGE][0] == 0; i++) {
            value[i] = INFINITY;
            label[i] = -1;
        }
        for (int c = 0; c < cols && c < in[RANGE][1]; c++)
            insert(value, label, k, in[DISTANCE][(size_t)r * cols + c], in[BANK_LABEL][c]);
    }
}

static double flops(const struct scl_node *y)
{
    return (double)scl_shape_count(y->in[DISTANCE]->shape);
}

struct scl_node *scl_topk_merge(struct scl_graph *g, struct scl_node *value, struct scl_node *label,
                                struct scl_node *distance, struct scl_node *labels,
                                struct scl_node *range)
{
    struct scl_node *in[] = { value, label, distance, labels, range };

    return scl_apply(g, &scl_op_topk_merge, N_IN, in, NULL, 0);
}

const struct scl_op scl_op_topk_merge = {
    .name = "topk_merge",
    .n_in = N_IN,
    .writes = 1u << VALUE | 1u << LABEL,
    .integers = 1u << BANK_LABEL | 1u << RANGE,
    .infer = infer,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
};
