/* encoder_step.c - a contrastive step, from stored pixels to updated parameters. */
#include <stdlib.h>

#include "base/status.h"
#include "method/method.h"
#include "model/model.h"
#include "model/optimizer.h"
#include "ops/ops.h"
#include "train/step.h"

/* Scores of all views at one small sigma: what the weights are made of. */
static struct scl_node *scores(struct scl_graph *g, struct scl_node *views,
                               const struct scl_config *config)
{
    const int n = config->train.batch * 2, small = scl_score_side(config);
    const struct scl_shape shape = SCL_SHAPE1(n);
    float *sigma = scl_graph_keep(g, NULL, (size_t)n * sizeof *sigma);
    struct scl_node *score;

    if (!sigma)
        return NULL;
    for (int i = 0; i < n; i++)
        sigma[i] = (float)config->weight.sigma;
    if (small < config->augment.size)
        views = scl_area_average(g, views, small);
    scl_scope_push(g, SCL_SCORE_EMA_SCOPE);
    score = scl_score_unet(g, views, scl_constant(g, "sigma", SCL_F32, shape, sigma),
                           config->score.width);
    scl_scope_pop(g);
    return score;
}

static struct scl_node *pair_weights(struct scl_graph *g, struct scl_node *views,
                                     const struct scl_config *config)
{
    const int n = config->train.batch;
    struct scl_node *score;

    if (!scl_needs_score(config))
        return NULL;
    score = scl_stop_gradient(g, scores(g, views, config));
    return scl_pair_weights(g, scl_rows(g, score, 0, n), scl_rows(g, score, n, n), &config->weight);
}

static struct scl_node *embed(struct scl_graph *g, struct scl_node *x,
                              const struct scl_config *config)
{
    const struct scl_resnet_spec encoder = { .stem = config->encoder.stem,
                                             .width = config->encoder.width,
                                             .zero_init_residual =
                                                 config->encoder.zero_init_residual,
                                             .training = true,
                                             .views = 2 };
    const bool ht = config->head.norm == SCL_HEAD_HT;
    const struct scl_head_spec head = { .hidden = config->head.hidden,
                                        .out = config->head.out,
                                        .norm_hidden = ht,
                                        .norm_out = ht,
                                        .training = true };

    scl_scope_push(g, "encoder");
    x = scl_resnet18(g, x, &encoder);
    scl_scope_pop(g);
    scl_scope_push(g, "head");
    x = scl_projection_head(g, x, &head);
    scl_scope_pop(g);
    return x;
}

static int add_update(struct scl_step_graph *s, const struct scl_config *config)
{
    const int n_encoder = scl_model_parameters(s->g, "encoder.", NULL);
    const int n = n_encoder + scl_model_parameters(s->g, "head.", NULL);
    struct scl_node **param = malloc(2 * ((size_t)n + 1) * sizeof *param), **grad = param + n;
    int rc;

    if (!param)
        return scl_fail(SCL_NOMEM, "out of memory for %d parameters", n);
    scl_model_parameters(s->g, "encoder.", param);
    scl_model_parameters(s->g, "head.", param + n_encoder);
    SCL_TRY(scl_gradients(grad, s->g, s->loss, NULL, n, param));
    rc = scl_optimizer(s->g, &config->optim, n, param, grad, s->lr);
out:
    free(param);
    return rc;
}

int scl_encoder_step(struct scl_step_graph *s, const struct scl_config *config,
                     struct scl_source source)
{
    struct scl_node *views, *weight, *x, *pair_loss;
    float mean[3], std[3];
    int rc;

    *s = (struct scl_step_graph){ .g = scl_graph_new() };
    if (!s->g)
        return SCL_NOMEM;
    for (int c = 0; c < 3; c++) {
        mean[c] = (float)config->augment.mean[c];
        std[c] = (float)config->augment.std[c];
    }
    s->pixels = scl_input(s->g, "pixels", SCL_U8, SCL_SHAPE2(config->train.batch, source.bytes));
    s->lr = scl_input(s->g, "lr", SCL_F32, SCL_SHAPE1(1));
    views = scl_augment_views(s->g, &s->views, s->pixels, &config->augment, 2, source.max_side);
    weight = pair_weights(s->g, views, config);
    x = embed(s->g, scl_augment_normalize(s->g, views, mean, std), config);
    s->loss = scl_simclr_loss(s->g, x, weight, config->method.temperature, &pair_loss);
    if (weight)
        s->weight_stats = scl_weight_stats(s->g, weight, pair_loss);
    SCL_TRY(scl_graph_check(s->g));
    rc = add_update(s, config);
out:
    if (rc < 0)
        scl_step_graph_fini(s);
    return rc;
}
