/* mocov3.c - Chen, Xie and He 2021, "An empirical study of training self-supervised vision
 * transformers": MoCo v3, keys from the batch. */
#include "base/status.h"
#include "method/method_impl.h"
#include "model/model.h"
#include "ops/ops.h"

/* Query k's key is row k of the keys. */
static struct scl_node *own_keys(struct scl_graph *g, int n)
{
    int32_t *label = scl_graph_keep(g, NULL, (size_t)n * sizeof *label);

    for (int i = 0; label && i < n; i++)
        label[i] = i;
    return label ? scl_constant(g, "own_keys", SCL_I32, SCL_SHAPE1(n), label) : NULL;
}

static struct scl_node *one_way(struct scl_graph *g, struct scl_node *q, struct scl_node *k,
                                double temperature)
{
    struct scl_node *s =
        scl_scale(g, scl_matmul(g, q, k, false, true), (float)(1 / temperature), 0);

    return scl_cross_entropy_rows(g, s, s ? own_keys(g, s->shape.dim[0]) : NULL);
}

struct scl_node *scl_mocov3_loss(struct scl_graph *g, struct scl_node *q, struct scl_node *k,
                                 struct scl_node *weight, double temperature,
                                 struct scl_node **pair_loss)
{
    struct scl_node *u = scl_l2_normalize(g, q, 1e-12f);
    struct scl_node *v = scl_l2_normalize(g, scl_stop_gradient(g, k), 1e-12f), *pair;

    if (!(temperature > 0))
        return scl_graph_refuse(
            g, scl_fail(SCL_CONFIG, "mocov3: temperature is %g, not above 0", temperature));
    pair = scl_add(g, one_way(g, scl_half(g, u, 0), scl_half(g, v, 1), temperature),
                   one_way(g, scl_half(g, u, 1), scl_half(g, v, 0), temperature));
    return scl_pair_mean(g, scl_scale(g, pair, (float)(2 * temperature), 0), weight, pair_loss);
}

/* facts/methods.md 1.7. */
static struct scl_node *project(struct scl_graph *g, struct scl_node *x,
                                const struct scl_config *config)
{
    const struct scl_mlp_spec spec = {
        .n_layer = 2,
        .layer = { { config->head.hidden, false, SCL_MLP_NORM, SCL_MLP_RELU },
                   { config->head.out, false, SCL_MLP_NORM_FIXED, SCL_MLP_LINEAR } },
        .views = 2,
    };

    return scl_mlp(g, x, &spec);
}

static struct scl_node *predict(struct scl_graph *g, struct scl_node *z,
                                const struct scl_config *config)
{
    const struct scl_mlp_spec spec = {
        .n_layer = 2,
        .layer = { { config->head.predictor, false, SCL_MLP_NORM, SCL_MLP_RELU },
                   { config->head.out, false, SCL_MLP_BARE, SCL_MLP_LINEAR } },
        .views = 2,
    };

    return scl_mlp(g, z, &spec);
}

static struct scl_node *loss(struct scl_graph *g, struct scl_method_step *step)
{
    return scl_mocov3_loss(g, step->p, step->target, scl_only_weight(step),
                           step->config->method.temperature, scl_only_loss(step));
}

const struct scl_method scl_method_mocov3 = {
    .name = "mocov3", .has_momentum = true, .project = project, .predict = predict, .loss = loss
};
