/* clip_by_norm.c - scale a gradient down to a length, in place.
 *
 * Kernel and formula: cl_kernels/clip_by_norm.cl.
 */
#include <math.h>

#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/optim_impl.h"
#include "ops/ops.h"

enum { GRAD, SQUARE, N_IN };

static int infer(struct scl_node *y)
{
    const double limit = *(const float *)y->attr;

    if (!(limit > 0))
        return scl_fail(SCL_CONFIG, "clip_by_norm: the limit is %g, not above 0", limit);
    return scl_optim_check("clip_by_norm", y, GRAD + 1, SQUARE);
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const size_t n = scl_shape_count(y->in[GRAD]->shape);

    scl_launch_spans(l, "clip_by_norm", "clip_by_norm", key, n);
    scl_lower_value(l, y->in[GRAD]);
    scl_lower_value(l, y->in[SQUARE]);
    scl_lower_int(l, (int)n);
    scl_lower_float(l, *(const float *)y->attr);
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
    const size_t n = scl_shape_count(y->in[GRAD]->shape);
    const double limit = *(const float *)y->attr;
    const double scale = limit / (sqrt(in[SQUARE][0]) + 1e-6);

    (void)out;
    for (size_t i = 0; i < n; i++)
        in[GRAD][i] *= scale >= 1 ? 1 : scale; /* a NaN reaches all, as in PyTorch */
}

static double flops(const struct scl_node *y)
{
    return (double)scl_shape_count(y->in[GRAD]->shape);
}

struct scl_node *scl_clip_by_norm(struct scl_graph *g, struct scl_node *grad,
                                  struct scl_node *square, float limit)
{
    struct scl_node *in[] = { grad, square };

    return scl_apply(g, &scl_op_clip_by_norm, N_IN, in, &limit, sizeof limit);
}

const struct scl_op scl_op_clip_by_norm = {
    .name = "clip_by_norm",
    .n_in = N_IN,
    .writes = 1u << GRAD,
    .infer = infer,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
};
