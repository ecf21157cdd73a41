/* ema.c - an exponential moving average, in place.
 *
 * Kernel and formula: cl_kernels/ema.cl.
 */
#include "ops/launch_impl.h"
#include "ops/optim_impl.h"
#include "ops/ops.h"

enum { AVERAGE, PARAM, DECAY, N_IN };

static int infer(struct scl_node *y)
{
    return scl_optim_check("ema", y, PARAM + 1, DECAY);
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const size_t n = scl_shape_count(y->in[AVERAGE]->shape);

    scl_launch_spans(l, "ema", "ema", key, n);
    for (int i = 0; i < N_IN; i++)
        scl_lower_value(l, y->in[i]);
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
    const size_t n = scl_shape_count(y->in[AVERAGE]->shape);
    const double decay = in[DECAY][0];

    (void)out;
    for (size_t i = 0; i < n; i++)
        in[AVERAGE][i] = decay * in[AVERAGE][i] + (1 - decay) * in[PARAM][i];
}

static double flops(const struct scl_node *y)
{
    return 3.0 * (double)scl_shape_count(y->in[AVERAGE]->shape);
}

struct scl_node *scl_ema(struct scl_graph *g, struct scl_node *average, struct scl_node *param,
                         struct scl_node *decay)
{
    struct scl_node *in[] = { average, param, decay };

    return scl_apply(g, &scl_op_ema, N_IN, in, NULL, 0);
}

const struct scl_op scl_op_ema = {
    .name = "ema",
    .n_in = N_IN,
    .writes = 1u << AVERAGE,
    .infer = infer,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
};
