/* simclr.c - Chen et al. 2020, "A simple framework for contrastive learning". */
#include "base/status.h"
#include "method/method_impl.h"
#include "model/model.h"
#include "ops/ops.h"

struct scl_node *scl_simclr_loss(struct scl_graph *g, struct scl_node *z, struct scl_node *weight,
                                 double temperature, struct scl_node **pair_loss)
{
    struct scl_node *u, *s;

    if (!(temperature > 0))
        return scl_graph_refuse(
            g, scl_fail(SCL_CONFIG, "simclr: temperature is %g, not above 0", temperature));
    u = scl_l2_normalize(g, z, 1e-12f);
    s = scl_scale(g, scl_matmul(g, u, u, false, true), (float)(1 / temperature), 0);
    return scl_pair_mean(g, scl_nt_xent(g, s), weight, pair_loss);
}

/* HT: batch norm after both layers, over all views; SL: none; facts/methods.md 1.1. */
static struct scl_node *project(struct scl_graph *g, struct scl_node *x,
                                const struct scl_config *config)
{
    const enum scl_mlp_norm norm = config->head.norm == SCL_HEAD_HT ? SCL_MLP_NORM : SCL_MLP_BARE;
    const struct scl_mlp_spec spec = {
        .n_layer = 2,
        .layer = { { config->head.hidden, true, norm, SCL_MLP_RELU },
                   { config->head.out, true, norm, SCL_MLP_LINEAR } },
        .views = 1,
    };

    return scl_mlp(g, x, &spec);
}

/* The mean over the pairs of views: HT's for more than two. */
static struct scl_node *loss(struct scl_graph *g, struct scl_method_step *step)
{
    const double temperature = step->config->method.temperature;
    struct scl_pair_terms *t = &step->terms;
    struct scl_node *sum = NULL;

    for (int a = 0; a < step->n_views; a++)
        for (int b = a + 1; b < step->n_views; b++) {
            struct scl_node *z = step->z, *one;

            if (step->n_views > 2)
                z = scl_concat(g, scl_rows(g, z, a * step->n, step->n),
                               scl_rows(g, z, b * step->n, step->n), 0);
            t->weight[t->n] = step->weight ? step->weight[t->n] : NULL;
            one = scl_simclr_loss(g, z, t->weight[t->n], temperature, &t->loss[t->n]);
            sum = t->n ? scl_add(g, sum, one) : one;
            t->n++;
        }
    return t->n > 1 ? scl_scale(g, sum, 1.0f / (float)t->n, 0) : sum;
}

const struct scl_method scl_method_simclr = { .name = "simclr", .project = project, .loss = loss };
