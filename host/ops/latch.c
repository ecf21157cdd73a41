/* latch.c - the first value that is not zero stays, in place.
 *
 * Kernel and formula: cl_kernels/latch.cl.
 */
#include "base/status.h"
#include "ops/optim_impl.h"
#include "ops/ops.h"

enum { STATE, X, N_IN };

static int infer(struct scl_node *y)
{
    return scl_optim_check("latch", y, 0, STATE);
}

static int lower(const struct scl_node *y, struct scl_lowering *l)
{
    scl_lower_begin(l, "latch", "latch");
    scl_lower_value(l, y->in[STATE]);
    scl_lower_value(l, y->in[X]);
    scl_lower_groups(l, 1, 1, 1, 1);
    return scl_lower_end(l);
}

static const struct scl_candidate candidates[] = {
    { .name = "item.vec", .family = SCL_VEC, .lower = lower },
    { .name = "item.tile", .family = SCL_TILE, .lower = lower },
    { .name = NULL },
};

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    (void)y;
    (void)out;
    if (in[STATE][0] == 0)
        in[STATE][0] = in[X][0];
}

static double flops(const struct scl_node *y)
{
    (void)y;
    return 1;
}

struct scl_node *scl_latch(struct scl_graph *g, struct scl_node *state, struct scl_node *x)
{
    struct scl_node *in[] = { state, x };

    return scl_apply(g, &scl_op_latch, N_IN, in, NULL, 0);
}

const struct scl_op scl_op_latch = {
    .name = "latch",
    .n_in = N_IN,
    .writes = 1u << STATE,
    .infer = infer,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
};
