/* adam.c - a step of Adam, in place; the count of steps lives on the device.
 *
 * Kernels and formulas: cl_kernels/adam.cl.
 */
#include <math.h>

#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/optim_impl.h"
#include "ops/ops.h"

enum { PARAM, MEAN, SQUARE, GRAD, STEP, RATE, N_IN };

static int infer(struct scl_node *y)
{
    return scl_optim_check("adam", y, GRAD + 1, STEP);
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const struct scl_adam *attr = y->attr;
    const size_t n = scl_shape_count(y->in[PARAM]->shape);

    scl_launch_spans(l, "adam", "adam", key, n);
    for (int i = 0; i < N_IN; i++)
        scl_lower_value(l, y->in[i]);
    scl_lower_int(l, (int)n);
    scl_lower_float(l, (float)(1 - attr->beta1));
    scl_lower_float(l, (float)log(attr->beta1));
    scl_lower_float(l, (float)(1 - attr->beta2));
    scl_lower_float(l, (float)log(attr->beta2));
    scl_lower_float(l, (float)attr->eps);
    scl_lower_float(l, (float)attr->weight_decay);

    scl_launch_spans(l, "adam", "adam_step", key, 1);
    scl_lower_value(l, y->in[STEP]);
    scl_lower_groups(l, 1, 1, 1, 1);
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
    const struct scl_adam *attr = y->attr;
    const size_t n = scl_shape_count(y->in[PARAM]->shape);
    const double t = ++in[STEP][0];
    const double rest1 = 1 - pow(attr->beta1, t), rest2 = 1 - pow(attr->beta2, t);
    double *p = in[PARAM], *m = in[MEAN], *v = in[SQUARE];

    (void)out;
    for (size_t i = 0; i < n; i++) {
        const double h = in[GRAD][i] + attr->weight_decay * p[i];

        m[i] = attr->beta1 * m[i] + (1 - attr->beta1) * h;
        v[i] = attr->beta2 * v[i] + (1 - attr->beta2) * h * h;
        p[i] -= in[RATE][0] / rest1 * m[i] / (sqrt(v[i] / rest2) + attr->eps);
    }
}

static double flops(const struct scl_node *y)
{
    return 14.0 * (double)scl_shape_count(y->in[PARAM]->shape);
}

struct scl_node *scl_adam(struct scl_graph *g, struct scl_node *param, struct scl_node *mean,
                          struct scl_node *square, struct scl_node *grad, struct scl_node *step,
                          struct scl_node *lr, struct scl_adam adam)
{
    struct scl_node *in[] = { param, mean, square, grad, step, lr };

    return scl_apply(g, &scl_op_adam, N_IN, in, &adam, sizeof adam);
}

const struct scl_op scl_op_adam = {
    .name = "adam",
    .n_in = N_IN,
    .writes = 1u << PARAM | 1u << MEAN | 1u << SQUARE | 1u << STEP,
    .infer = infer,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
};
