/* gate.c - a tensor times one number, which is an input.
 *
 * Kernel and formula: cl_kernels/gate.cl.
 */
#include <limits.h>

#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

static int infer(struct scl_node *y)
{
    const struct scl_node *x = y->in[0], *s = y->in[1];

    if (x->type != SCL_F32 || !scl_shape_count(x->shape) || scl_shape_count(x->shape) > INT_MAX)
        return scl_fail(SCL_SHAPE, "gate: %s is %s, not 1 to 2^31 - 1 elements in fp32", x->name,
                        scl_shape_text(x->shape));
    if (s->type != SCL_F32 || scl_shape_count(s->shape) != 1)
        return scl_fail(SCL_SHAPE, "gate: %s is %s, not one number", s->name,
                        scl_shape_text(s->shape));
    y->shape = x->shape;
    return SCL_OK;
}

static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    if (want[0])
        dx[0] = scl_gate(g, dy, y->in[1]);
    return scl_graph_check(g);
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const size_t n = scl_shape_count(y->shape);

    scl_launch_spans(l, "gate", "gate", key, n);
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_value(l, y->in[1]);
    scl_lower_int(l, (int)n);
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
    { .name = "span.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "span.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    for (size_t i = 0; i < scl_shape_count(y->shape); i++)
        out[i] = in[1][0] * in[0][i];
}

struct scl_node *scl_gate(struct scl_graph *g, struct scl_node *x, struct scl_node *s)
{
    struct scl_node *in[] = { x, s };

    return scl_apply(g, &scl_op_gate, 2, in, NULL, 0);
}

const struct scl_op scl_op_gate = {
    .name = "gate",
    .n_in = 2,
    .infer = infer,
    .grad = grad,
    .candidates = candidates,
    .reference = reference,
};
