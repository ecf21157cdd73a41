/* byol.c - Grill et al. 2020, "Bootstrap your own latent". */
#include "method/method_impl.h"
#include "model/model.h"
#include "ops/ops.h"

struct scl_node *scl_byol_loss(struct scl_graph *g, struct scl_node *p, struct scl_node *t,
                               struct scl_node *weight, struct scl_node **pair_loss)
{
    return scl_pair_mean(g, scl_scale(g, scl_cross_cosine(g, p, t), -2, 4), weight, pair_loss);
}

static struct scl_node *mlp(struct scl_graph *g, struct scl_node *x, int hidden, int out)
{
    const struct scl_mlp_spec spec = {
        .n_layer = 2,
        .layer = { { hidden, true, SCL_MLP_NORM, SCL_MLP_RELU },
                   { out, true, SCL_MLP_BARE, SCL_MLP_LINEAR } },
        .views = 2,
    };

    return scl_mlp(g, x, &spec);
}

/* Projector and predictor have one form; facts/methods.md 1.5. */
static struct scl_node *project(struct scl_graph *g, struct scl_node *x,
                                const struct scl_config *config)
{
    return mlp(g, x, config->head.hidden, config->head.out);
}

static struct scl_node *predict(struct scl_graph *g, struct scl_node *z,
                                const struct scl_config *config)
{
    return mlp(g, z, config->head.predictor, config->head.out);
}

static struct scl_node *loss(struct scl_graph *g, struct scl_method_step *step)
{
    return scl_byol_loss(g, step->p, step->target, scl_only_weight(step), scl_only_loss(step));
}

const struct scl_method scl_method_byol = {
    .name = "byol", .has_momentum = true, .project = project, .predict = predict, .loss = loss
};
