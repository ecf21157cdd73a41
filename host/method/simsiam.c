/* simsiam.c - Chen and He 2021, "Exploring simple Siamese representation learning". */
#include "method/method_impl.h"
#include "model/model.h"
#include "ops/ops.h"

struct scl_node *scl_simsiam_loss(struct scl_graph *g, struct scl_node *p, struct scl_node *z,
                                  struct scl_node *weight, struct scl_node **pair_loss)
{
    return scl_pair_mean(g, scl_scale(g, scl_cross_cosine(g, p, z), -0.5f, 0), weight, pair_loss);
}

/* Three layers, each normalised, the last without scale and shift; facts/methods.md 1.2. The
 * published code gives the last layer a bias that is never trained: what follows takes the mean
 * away again, so there is none here. */
static struct scl_node *project(struct scl_graph *g, struct scl_node *x,
                                const struct scl_config *config)
{
    const int hidden = config->head.hidden;
    const struct scl_mlp_spec spec = {
        .n_layer = 3,
        .layer = { { hidden, false, SCL_MLP_NORM, SCL_MLP_RELU },
                   { hidden, false, SCL_MLP_NORM, SCL_MLP_RELU },
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
                   { config->head.out, true, SCL_MLP_BARE, SCL_MLP_LINEAR } },
        .views = 2,
    };

    return scl_mlp(g, z, &spec);
}

static struct scl_node *loss(struct scl_graph *g, struct scl_method_step *step)
{
    return scl_simsiam_loss(g, step->p, step->z, scl_only_weight(step), scl_only_loss(step));
}

const struct scl_method scl_method_simsiam = {
    .name = "simsiam", .project = project, .predict = predict, .loss = loss
};
