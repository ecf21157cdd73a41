/* knn_vote.c - the label that a query's nearest neighbours agree on.
 *
 * Kernel and formulas: cl_kernels/knn_vote.cl.
 */
#include <math.h>

#include "base/status.h"
#include "graph/key.h"
#include "ops/knn.h"
#include "ops/launch_impl.h"

static int infer(struct scl_node *y)
{
    const struct scl_node *value = y->in[0], *label = y->in[1];
    const struct scl_knn_spec *spec = y->attr;

    if (value->shape.rank != 2 || !scl_shape_equal(value->shape, label->shape) ||
        value->type != SCL_F32 || label->type != SCL_F32)
        return scl_fail(SCL_SHAPE, "knn_vote: lists %s and %s, wanted [Q, k] in fp32",
                        scl_shape_text(value->shape), scl_shape_text(label->shape));
    if (spec->exp_vote && !(spec->temperature > 0))
        return scl_fail(SCL_SHAPE, "knn_vote: temperature %g, wanted above 0", spec->temperature);
    y->shape = SCL_SHAPE1(value->shape.dim[0]);
    y->type = SCL_I32;
    return SCL_OK;
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const struct scl_knn_spec *spec = y->attr;
    const size_t rows = (size_t)y->shape.dim[0], wg = (size_t)scl_lower_param(l, key, "WG");

    scl_launch_rows(l, "knn_vote", "knn_vote", key, (rows + wg - 1) / wg);
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_value(l, y->in[1]);
    scl_lower_int(l, y->shape.dim[0]);
    scl_lower_int(l, y->in[0]->shape.dim[1]);
    scl_lower_int(l, spec->exp_vote ? 1 + spec->cosine : 0);
    scl_lower_float(l, spec->temperature);
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
    const struct scl_knn_spec *attr = y->attr;

    scl_node_key_with(out, size, y, "c%de%d", attr->cosine, attr->exp_vote);
}

static const struct scl_candidate candidates[] = {
    { .name = "item.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "item.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

/* Relative to the nearest neighbour's, so that a small temperature cannot overflow. */
static double weight(const struct scl_knn_spec *spec, double nearest, double value)
{
    if (!spec->exp_vote)
        return 1;
    if (spec->cosine)
        return exp((nearest - value) / (2 * (double)spec->temperature));
    return exp((sqrt(nearest) - sqrt(value)) / (double)spec->temperature);
}

static double vote(const struct scl_knn_spec *spec, const double *value, const double *label, int k)
{
    double most = 0, best = -1;

    for (int j = 0; j < k; j++) {
        double sum = 0;

        for (int n = 0; n < k; n++)
            if (label[j] >= 0 && label[n] == label[j])
                sum += weight(spec, value[0], value[n]);
        if (sum > most || (sum == most && label[j] >= 0 && label[j] < best)) {
            most = sum;
            best = label[j];
        }
    }
    return best;
}

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const int k = y->in[0]->shape.dim[1];

    for (int r = 0; r < y->shape.dim[0]; r++)
        out[r] = vote(y->attr, in[0] + (size_t)r * k, in[1] + (size_t)r * k, k);
}

static double flops(const struct scl_node *y)
{
    return (double)scl_shape_count(y->in[0]->shape) * y->in[0]->shape.dim[1];
}

struct scl_node *scl_knn_vote(struct scl_graph *g, struct scl_node *value, struct scl_node *label,
                              const struct scl_knn_spec *spec)
{
    struct scl_node *in[] = { value, label };

    return scl_apply(g, &scl_op_knn_vote, 2, in, spec, sizeof *spec);
}

const struct scl_op scl_op_knn_vote = {
    .name = "knn_vote",
    .n_in = 2,
    .infer = infer,
    .key = node_key,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
};
