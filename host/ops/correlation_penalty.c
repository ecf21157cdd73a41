/* correlation_penalty.c - how far a matrix is from what a correlation should be.
 *
 * Kernels and formulas: cl_kernels/correlation_penalty.cl.
 */
#include <limits.h>
#include <math.h>

#include "base/status.h"
#include "graph/key.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

static int infer(struct scl_node *y)
{
    const struct scl_node *c = y->in[0];

    if (c->type != SCL_F32 || c->shape.rank != 2 || c->shape.dim[0] != c->shape.dim[1] ||
        scl_shape_count(c->shape) > INT_MAX)
        return scl_fail(SCL_SHAPE,
                        "correlation_penalty: %s is %s, not [D, D] in fp32 with fewer than 2^31 "
                        "elements",
                        c->name, scl_shape_text(c->shape));
    y->shape = SCL_SHAPE1(1);
    return SCL_OK;
}

static int grad_infer(struct scl_node *dc)
{
    dc->shape = dc->in[0]->shape;
    return SCL_OK;
}

static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    struct scl_node *in[] = { y->in[0], dy };

    if (want[0])
        dx[0] = scl_apply(g, &scl_op_correlation_penalty_grad, 2, in, y->attr,
                          sizeof(struct scl_correlation_penalty));
    return scl_graph_check(g);
}

/* Inputs, sizes and scalars: the same for both directions. */
static void add_arguments(struct scl_lowering *l, const struct scl_node *y)
{
    const struct scl_correlation_penalty *spec = y->attr;

    for (int i = 0; i < y->n_in; i++)
        scl_lower_value(l, y->in[i]);
    scl_lower_int(l, (int)scl_shape_count(y->in[0]->shape));
    scl_lower_int(l, y->in[0]->shape.dim[0]);
    scl_lower_int(l, spec->hinge);
    scl_lower_float(l, spec->scale);
    scl_lower_float(l, spec->diagonal);
    scl_lower_float(l, spec->off_diagonal);
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const size_t blocks = scl_launch_block_count(l, key, scl_shape_count(y->in[0]->shape));
    const int part = scl_lower_scratch(l, blocks * sizeof(float));

    scl_launch_blocks(l, "correlation_penalty", "correlation_penalty", key, blocks);
    scl_lower_use(l, part);
    add_arguments(l, y);
    scl_launch_total(l, y, part, blocks, 1, key);
    return scl_lower_end(l);
}

static int lower_vec(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "reduce.vec");
}

static int lower_tile(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "reduce.tile");
}

static void node_key(char *out, size_t size, const struct scl_node *y)
{
    const struct scl_correlation_penalty *attr = y->attr;

    scl_node_key_with(out, size, y, "h%d", attr->hinge);
}

static const struct scl_candidate candidates[] = {
    { .name = "block.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "block.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

static int lower_grad(const struct scl_node *dc, struct scl_lowering *l, const char *key)
{
    scl_launch_spans(l, "correlation_penalty", "correlation_penalty_grad", key,
                     scl_shape_count(dc->shape));
    scl_lower_value(l, dc);
    add_arguments(l, dc);
    return scl_lower_end(l);
}

static int grad_vec(const struct scl_node *dc, struct scl_lowering *l)
{
    return lower_grad(dc, l, "elementwise.vec");
}

static int grad_tile(const struct scl_node *dc, struct scl_lowering *l)
{
    return lower_grad(dc, l, "elementwise.tile");
}

static const struct scl_candidate grad_candidates[] = {
    { .name = "span.vec", .family = SCL_VEC, .lower = grad_vec },
    { .name = "span.tile", .family = SCL_TILE, .lower = grad_tile },
    { .name = NULL },
};

static double penalty(double v, bool hinge)
{
    const double d = 1 - sqrt(v + 1e-4);

    if (hinge)
        return d < 0 ? 0 : d;
    return (v - 1) * (v - 1);
}

static double slope(double v, bool hinge)
{
    const double root = sqrt(v + 1e-4);

    if (hinge)
        return root >= 1 ? 0 : -0.5 / root;
    return 2 * (v - 1);
}

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const struct scl_correlation_penalty *spec = y->attr;
    const size_t D = (size_t)y->in[0]->shape.dim[0];

    out[0] = 0;
    for (size_t i = 0; i < D * D; i++) {
        const double v = (double)spec->scale * in[0][i];

        out[0] += i % (D + 1) == 0 ? (double)spec->diagonal * penalty(v, spec->hinge)
                                   : (double)spec->off_diagonal * v * v;
    }
}

static void grad_reference(const struct scl_node *dc, double *const in[], double *out)
{
    const struct scl_correlation_penalty *spec = dc->attr;
    const size_t D = (size_t)dc->shape.dim[0];

    for (size_t i = 0; i < D * D; i++) {
        const double v = (double)spec->scale * in[0][i];
        const double dv = i % (D + 1) == 0 ? (double)spec->diagonal * slope(v, spec->hinge)
                                           : (double)spec->off_diagonal * 2 * v;

        out[i] = in[1][0] * (double)spec->scale * dv;
    }
}

static double flops(const struct scl_node *y)
{
    return 2.0 * (double)scl_shape_count(y->in[0]->shape);
}

struct scl_node *scl_correlation_penalty(struct scl_graph *g, struct scl_node *c,
                                         struct scl_correlation_penalty spec)
{
    return scl_apply(g, &scl_op_correlation_penalty, 1, &c, &spec, sizeof spec);
}

const struct scl_op scl_op_correlation_penalty = {
    .name = "correlation_penalty",
    .n_in = 1,
    .infer = infer,
    .grad = grad,
    .key = node_key,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
};

const struct scl_op scl_op_correlation_penalty_grad = {
    .name = "correlation_penalty_grad",
    .n_in = 2,
    .infer = grad_infer,
    .key = node_key,
    .candidates = grad_candidates,
    .reference = grad_reference,
};
