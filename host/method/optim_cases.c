/* optim_cases.c - conformance cases of the optimisers. */
#include "base/status.h"
#include "method/method.h"
#include "ops/ops.h"

/* What every optimiser's case has: a parameter that starts as in.param, the gradient of
 * each step, and a learning rate. */
struct optim {
    struct scl_shape shape;
    struct scl_node *param, *grad, *lr;
};

static const struct scl_init zero = { .kind = SCL_INIT_CONSTANT };

static struct optim optim_begin(struct scl_graph *g, struct scl_case *c, double absent_lr)
{
    const float lr = (float)scl_case_float(c, "lr", absent_lr);
    struct optim o = { .shape = scl_case_shape(g, c, "in.param") };

    if (o.shape.rank == 0)
        return o;
    o.param = scl_state(g, "param", o.shape, zero);
    o.grad = scl_input(g, "grad", SCL_F32, o.shape);
    o.lr = scl_constant(g, "lr", SCL_F32, SCL_SHAPE1(1), &lr);
    scl_case_start(g, c, "param", o.param, SCL_CASE_PLAIN);
    scl_case_steps(g, c, "grads", o.grad);
    return o;
}

static int optim_end(struct scl_graph *g, struct scl_case *c, const struct optim *o)
{
    scl_case_output(g, c, "param", o->param, SCL_CASE_PLAIN);
    return scl_graph_check(g);
}

static int sgd_case(struct scl_graph *g, struct scl_case *c)
{
    const struct optim o = optim_begin(g, c, 0.1);
    const struct scl_sgd sgd = {
        .momentum = (float)scl_case_float(c, "momentum", 0),
        .weight_decay = (float)scl_case_float(c, "weight_decay", 0),
        .nesterov = scl_case_bool(c, "nesterov", false),
    };

    scl_sgd(g, o.param, scl_state(g, "momentum", o.shape, zero), o.grad, o.lr, sgd);
    return optim_end(g, c, &o);
}

static int adam_case(struct scl_graph *g, struct scl_case *c)
{
    const struct optim o = optim_begin(g, c, 1e-3);
    const struct scl_adam adam = {
        .beta1 = scl_case_float(c, "beta1", 0.9),
        .beta2 = scl_case_float(c, "beta2", 0.999),
        .eps = scl_case_float(c, "eps", 1e-8),
        .weight_decay = scl_case_float(c, "weight_decay", 0),
    };

    scl_adam(g, o.param, scl_state(g, "mean", o.shape, zero), scl_state(g, "square", o.shape, zero),
             o.grad, scl_state(g, "step", SCL_SHAPE1(1), zero), o.lr, adam);
    return optim_end(g, c, &o);
}

static int lars_case(struct scl_graph *g, struct scl_case *c)
{
    const struct optim o = optim_begin(g, c, 0.1);
    const int32_t segment[] = { 0, (int32_t)scl_shape_count(o.shape),
                                scl_case_bool(c, "exclude", false) };
    const struct scl_lars lars = {
        .momentum = (float)scl_case_float(c, "momentum", 0.9),
        .weight_decay = (float)scl_case_float(c, "weight_decay", 0),
        .eta = (float)scl_case_float(c, "eta", 0.02),
        .clip = scl_case_bool(c, "clip", true),
    };

    scl_lars(g, o.param, scl_state(g, "momentum", o.shape, zero), o.grad,
             scl_constant(g, "segments", SCL_I32, SCL_SHAPE2(1, 3), segment), o.lr, lars);
    return optim_end(g, c, &o);
}

const struct scl_composite scl_optim_cases[] = {
    { "optim.sgd", sgd_case },
    { "optim.adam", adam_case },
    { "optim.lars", lars_case },
    { NULL, NULL },
};
