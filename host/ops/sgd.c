/* sgd.c - a step of gradient descent with momentum, in place.
 *
 * Kernel and formulas: cl_kernels/sgd.cl.
 */
#include "base/status.h"
#include "graph/key.h"
#include "ops/launch_impl.h"
#include "ops/optim_impl.h"
#include "ops/ops.h"

enum { PARAM, BUFFER, GRAD, RATE, N_IN };

static int infer(struct scl_node *y)
{
    return scl_optim_check("sgd", y, GRAD + 1, RATE);
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const struct scl_sgd *attr = y->attr;
    const size_t n = scl_shape_count(y->in[PARAM]->shape);

    scl_launch_spans(l, "sgd", "sgd", key, n);
    for (int i = 0; i < N_IN; i++)
        scl_lower_value(l, y->in[i]);
    scl_lower_int(l, (int)n);
    scl_lower_int(l, attr->nesterov);
    scl_lower_float(l, attr->momentum);
    scl_lower_float(l, attr->weight_decay);
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

static void node_key(char *out, size_t size, const struct scl_node *y)
{
    const struct scl_sgd *attr = y->attr;

    scl_node_key_with(out, size, y, "n%d", attr->nesterov);
}

static const struct scl_candidate candidates[] = {
    { .name = "span.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "span.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const struct scl_sgd *attr = y->attr;
    const size_t n = scl_shape_count(y->in[PARAM]->shape);
    double *p = in[PARAM], *v = in[BUFFER];

    (void)out;
    for (size_t i = 0; i < n; i++) {
        const double h = in[GRAD][i] + attr->weight_decay * p[i];

        v[i] = attr->momentum * v[i] + h;
        p[i] -= in[RATE][0] * (attr->nesterov ? h + attr->momentum * v[i] : v[i]);
    }
}

/* Five operations, and two more with weight decay or Nesterov's term. */
static double flops(const struct scl_node *y)
{
    return 7.0 * (double)scl_shape_count(y->in[PARAM]->shape);
}

struct scl_node *scl_sgd(struct scl_graph *g, struct scl_node *param, struct scl_node *buffer,
                         struct scl_node *grad, struct scl_node *lr, struct scl_sgd sgd)
{
    struct scl_node *in[] = { param, buffer, grad, lr };

    return scl_apply(g, &scl_op_sgd, N_IN, in, &sgd, sizeof sgd);
}

const struct scl_op scl_op_sgd = {
    .name = "sgd",
    .n_in = N_IN,
    .writes = 1u << PARAM | 1u << BUFFER,
    .infer = infer,
    .key = node_key,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
};
