/* optimizer.c - which operator updates which parameters. */
#include "model/optimizer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "ops/ops.h"

bool scl_average_name(char *out, size_t size, const char *name)
{
    const char *dot = strchr(name, '.');

    if (!dot)
        return false;
    snprintf(out, size, "%.*s_ema%s", (int)(dot - name), name, dot);
    return true;
}

/* The bundle of a state beside each parameter: PREFIX.NAME, which starts at zero; without a
 * prefix the averages, which start as the parameters do. */
static struct scl_node *companions(struct scl_graph *g, const char *prefix, int n,
                                   struct scl_node *const param[])
{
    const struct scl_init zero = { SCL_INIT_CONSTANT, 0 };
    struct scl_node **list = malloc(((size_t)n + 1) * sizeof *list), *bundle;
    char name[512];

    if (!list)
        return scl_graph_refuse(g, scl_fail(SCL_NOMEM, "out of memory for an optimiser"));
    if (prefix)
        scl_scope_push(g, "%s", prefix);
    for (int i = 0; i < n; i++) {
        if (!prefix)
            scl_average_name(name, sizeof name, param[i]->name);
        list[i] = scl_state(g, prefix ? param[i]->name : name, param[i]->shape,
                            prefix ? zero : param[i]->init);
    }
    if (prefix)
        scl_scope_pop(g);
    bundle = scl_bundle(g, n, list);
    free(list);
    return bundle;
}

/* Some of the parameters of a group, all with this decay, in one launch. */
static void update(struct scl_graph *g, const struct scl_update *u, const char *part, double decay,
                   int n, struct scl_node *const param[], struct scl_node *const grad[])
{
    const struct scl_init zero = { SCL_INIT_CONSTANT, 0 };
    const struct scl_optim_config *o = u->optim;
    struct scl_node *params = scl_bundle(g, n, param), *grads = scl_bundle(g, n, grad), *step;

    switch (o->kind) {
    case SCL_OPTIM_ADAM:
        scl_scope_push(g, "adam.step.%s", u->group);
        step = scl_state(g, part, SCL_SHAPE1(1), zero);
        scl_scope_pop(g);
        scl_adam(g, params, companions(g, "adam.mean", n, param),
                 companions(g, "adam.square", n, param), grads, step, u->lr,
                 (struct scl_adam){
                     .beta1 = o->beta1, .beta2 = o->beta2, .eps = o->eps, .weight_decay = decay });
        break;
    case SCL_OPTIM_SGD:
        scl_sgd(g, params, companions(g, "sgd.buffer", n, param), grads, u->lr,
                (struct scl_sgd){ .momentum = (float)o->momentum,
                                  .weight_decay = (float)decay,
                                  .nesterov = o->nesterov });
        break;
    default: /* SCL_OPTIM_LARS: its segments know which tensors are excluded */
        scl_lars(g, params, companions(g, "lars.buffer", n, param), grads,
                 scl_lars_segments(g, params, o->exclude_bias_norm), u->lr,
                 (struct scl_lars){ .momentum = (float)o->momentum,
                                    .weight_decay = (float)decay,
                                    .eta = (float)o->eta,
                                    .clip = o->clip_lr });
    }
    if (u->decay)
        scl_ema(g, companions(g, NULL, n, param), params, u->decay);
}

int scl_optimizer(struct scl_graph *g, const struct scl_update *u)
{
    const bool split = u->optim->exclude_bias_norm && u->optim->kind != SCL_OPTIM_LARS;
    struct scl_node **p = malloc(2 * ((size_t)u->n + 1) * sizeof *p), **d = p + u->n;
    int rc = scl_graph_check(g);

    if (rc < 0 || !p) {
        rc = rc < 0 ? rc : scl_fail(SCL_NOMEM, "out of memory for an optimiser");
        goto out;
    }
    if (!split)
        update(g, u, "all", u->optim->weight_decay, u->n, u->param, u->grad);
    for (int vectors = 0; split && vectors < 2; vectors++) {
        int m = 0;

        for (int i = 0; i < u->n; i++)
            if ((u->param[i]->shape.rank == 1) == vectors) {
                p[m] = u->param[i];
                d[m++] = u->grad[i];
            }
        if (m > 0)
            update(g, u, vectors ? "vectors" : "matrices", vectors ? 0 : u->optim->weight_decay, m,
                   p, d);
    }
    rc = scl_graph_check(g);
out:
    free(p);
    return rc;
}
