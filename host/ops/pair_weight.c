/* pair_weight.c - differences of pairs to weights with mean 1; constants.
 *
 * Kernel and formulas: cl_kernels/pair_weight.cl.
 */
#include <math.h>

#include "base/status.h"
#include "graph/key.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

static int infer(struct scl_node *y)
{
    const struct scl_pair_weight *attr = y->attr;
    const struct scl_node *d = y->in[0];

    if (d->shape.rank != 1)
        return scl_fail(SCL_SHAPE, "pair_weight: %s is %s, not [pairs]", d->name,
                        scl_shape_text(d->shape));
    if (attr->map == SCL_PAIR_SOFTMAX && !(attr->temperature > 0))
        return scl_fail(SCL_CONFIG, "pair_weight: temperature is %g, not above 0",
                        attr->temperature);
    y->shape = d->shape;
    return SCL_OK;
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const struct scl_pair_weight *attr = y->attr;

    scl_launch_rows(l, "pair_weight", "pair_weight", key, 1);
    scl_lower_define(l, "MAP", attr->map);
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_int(l, y->shape.dim[0]);
    scl_lower_float(l, attr->power);
    scl_lower_float(l, attr->map == SCL_PAIR_SOFTMAX ? attr->temperature : attr->lambda);
    scl_lower_float(l, attr->clip);
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
    const struct scl_pair_weight *attr = y->attr;

    scl_node_key_with(out, size, y, "m%d", (int)attr->map);
}

static const struct scl_candidate candidates[] = {
    { .name = "row.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "row.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

/* What the map makes of e[i], given what it needs to know of all. */
static double mapped(const struct scl_pair_weight *attr, double e, double mean, double sd,
                     double mass)
{
    switch (attr->map) {
    case SCL_PAIR_SOFTMAX:
        return exp(e / (attr->temperature * sd)) / mass;
    case SCL_PAIR_AFFINE:
        e = 1 + attr->lambda * (e - mean) / sd;
        return e < 0 ? 0 : e; /* a NaN stays one */
    default:
        return e / mean;
    }
}

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const struct scl_pair_weight *attr = y->attr;
    const int n = y->shape.dim[0];
    double mean = 0, variance = 0, mass = 0;
    bool equal = true;

    for (int i = 0; i < n; i++) {
        out[i] = pow(in[0][i], attr->power);
        mean += out[i] / n;
        equal &= in[0][i] == in[0][0] || out[i] == out[0];
    }
    for (int i = 0; i < n; i++)
        variance += (out[i] - mean) * (out[i] - mean) / n;
    for (int i = 0; i < n; i++)
        mass += exp(out[i] / (attr->temperature * sqrt(variance))) / n;
    for (int i = 0; i < n; i++) {
        out[i] = equal ? 1 : mapped(attr, out[i], mean, sqrt(variance), mass);
        if (attr->clip > 0 && out[i] > attr->clip)
            out[i] = attr->clip;
    }
}

struct scl_node *scl_pair_weight(struct scl_graph *g, struct scl_node *d,
                                 struct scl_pair_weight weight)
{
    return scl_apply(g, &scl_op_pair_weight, 1, &d, &weight, sizeof weight);
}

const struct scl_op scl_op_pair_weight = {
    .name = "pair_weight",
    .n_in = 1,
    .infer = infer,
    .key = node_key,
    .candidates = candidates,
    .reference = reference,
};
