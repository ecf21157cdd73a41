/* optimizer.c - which operator updates which parameters. */
#include "model/optimizer.h"

#include <stdlib.h>

#include "base/status.h"
#include "ops/ops.h"

struct scl_node *scl_companions(struct scl_graph *g, const char *prefix, int n,
                                struct scl_node *const param[])
{
    const struct scl_init zero = { SCL_INIT_CONSTANT, 0 };
    struct scl_node **list = malloc(((size_t)n + 1) * sizeof *list), *bundle;

    if (!list)
        return scl_graph_refuse(g, scl_fail(SCL_NOMEM, "out of memory for an optimiser"));
    scl_scope_push(g, "%s", prefix);
    for (int i = 0; i < n; i++)
        list[i] = scl_state(g, param[i]->name, param[i]->shape, zero);
    scl_scope_pop(g);
    bundle = scl_bundle(g, n, list);
    free(list);
    return bundle;
}

/* One launch for n parameters, all with this decay. */
static void update(struct scl_graph *g, const struct scl_optim_config *o, double decay, int n,
                   struct scl_node *const param[], struct scl_node *const grad[],
                   struct scl_node *lr, const char *group)
{
    const struct scl_init zero = { SCL_INIT_CONSTANT, 0 };
    struct scl_node *params = scl_bundle(g, n, param), *grads = scl_bundle(g, n, grad), *step;

    switch (o->kind) {
    case SCL_OPTIM_ADAM:
        scl_scope_push(g, "adam.step");
        step = scl_state(g, group, SCL_SHAPE1(1), zero);
        scl_scope_pop(g);
        scl_adam(g, params, scl_companions(g, "adam.mean", n, param),
                 scl_companions(g, "adam.square", n, param), grads, step, lr,
                 (struct scl_adam){
                     .beta1 = o->beta1, .beta2 = o->beta2, .eps = o->eps, .weight_decay = decay });
        break;
    case SCL_OPTIM_SGD:
        scl_sgd(g, params, scl_companions(g, "sgd.buffer", n, param), grads, lr,
                (struct scl_sgd){ .momentum = (float)o->momentum,
                                  .weight_decay = (float)decay,
                                  .nesterov = o->nesterov });
        break;
    default: /* SCL_OPTIM_LARS: its segments know which tensors are excluded */
        scl_lars(g, params, scl_companions(g, "lars.buffer", n, param), grads,
                 scl_lars_segments(g, params, o->exclude_bias_norm), lr,
                 (struct scl_lars){ .momentum = (float)o->momentum,
                                    .weight_decay = (float)decay,
                                    .eta = (float)o->eta,
                                    .clip = o->clip_lr });
    }
}

int scl_optimizer(struct scl_graph *g, const struct scl_optim_config *o, int n,
                  struct scl_node *const param[], struct scl_node *const grad[],
                  struct scl_node *lr)
{
    const bool split = o->exclude_bias_norm && o->kind != SCL_OPTIM_LARS;
    struct scl_node **p = malloc(((size_t)n + 1) * sizeof *p),
                    **d = malloc(((size_t)n + 1) * sizeof *d);
    int rc = scl_graph_check(g);

    if (rc < 0 || !p || !d) {
        rc = rc < 0 ? rc : scl_fail(SCL_NOMEM, "out of memory for an optimiser");
        goto out;
    }
    if (!split) {
        update(g, o, o->weight_decay, n, param, grad, lr, "all");
        rc = scl_graph_check(g);
        goto out;
    }
    for (int vectors = 0; vectors < 2; vectors++) {
        int m = 0;

        for (int i = 0; i < n; i++)
            if ((param[i]->shape.rank == 1) == vectors) {
                p[m] = param[i];
                d[m++] = grad[i];
            }
        if (m > 0)
            update(g, o, vectors ? 0 : o->weight_decay, m, p, d, lr,
                   vectors ? "vectors" : "matrices");
    }
    rc = scl_graph_check(g);
out:
    free(d);
    free(p);
    return rc;
}
