/* score_step.c - denoising score matching: DESIGN.md 5. */
#include <stdlib.h>

#include "base/status.h"
#include "method/method.h"
#include "model/model.h"
#include "model/optimizer.h"
#include "ops/ops.h"
#include "train/step.h"

bool scl_needs_score(const struct scl_config *config)
{
    return config->weight.kind == SCL_WEIGHT_SCORE_NORM ||
           config->weight.kind == SCL_WEIGHT_SCORE_L2;
}

int scl_score_side(const struct scl_config *config)
{
    const int size = config->augment.size, most = config->weight.score_size;

    return size > most ? most : size;
}

void scl_step_graph_fini(struct scl_step_graph *step)
{
    scl_graph_free(step->g);
    *step = (struct scl_step_graph){ 0 };
}

/* The state of the average that goes with a parameter: score.X and score_ema.X. */
static struct scl_node *average_of(struct scl_graph *g, const struct scl_node *param)
{
    struct scl_node *state;

    scl_scope_push(g, SCL_SCORE_EMA_SCOPE);
    state = scl_state(g, param->name + sizeof SCL_SCORE_SCOPE, param->shape, param->init);
    scl_scope_pop(g);
    return state;
}

/* Gradient, clipping, Adam, and the average that is used and saved. */
static int add_update(struct scl_step_graph *s, const struct scl_config *config)
{
    const struct scl_score_config *c = &config->score;
    const struct scl_optim_config adam = {
        .kind = SCL_OPTIM_ADAM, .lr = c->lr, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8
    };
    const int n = scl_model_parameters(s->g, SCL_SCORE_SCOPE ".", NULL);
    struct scl_node **list = malloc(3 * ((size_t)n + 1) * sizeof *list);
    struct scl_node **param = list, **grad = list + n, **average = list + 2 * n, *grads;
    int rc;

    if (!list)
        return scl_fail(SCL_NOMEM, "out of memory for %d parameters", n);
    scl_model_parameters(s->g, SCL_SCORE_SCOPE ".", param);
    SCL_TRY(scl_gradients(grad, s->g, s->loss, NULL, n, param));
    for (int i = 0; i < n; i++)
        average[i] = average_of(s->g, param[i]);
    grads = scl_bundle(s->g, n, grad);
    if (c->clip_norm > 0)
        scl_clip_by_norm(s->g, grads, scl_sum_squares(s->g, grads), (float)c->clip_norm);
    SCL_TRY(scl_optimizer(s->g, &adam, n, param, grad, s->lr));
    scl_ema(s->g, scl_bundle(s->g, n, average), scl_bundle(s->g, n, param), s->decay);
    rc = scl_graph_check(s->g);
out:
    free(list);
    return rc;
}

int scl_score_step(struct scl_step_graph *s, const struct scl_config *config,
                   struct scl_source source)
{
    const int n = config->score.batch, side = config->augment.size, small = scl_score_side(config);
    struct scl_node *x, *noise, *noisy, *score;
    int rc;

    *s = (struct scl_step_graph){ .g = scl_graph_new() };
    if (!s->g)
        return SCL_NOMEM;
    s->pixels = scl_input(s->g, "pixels", SCL_U8, SCL_SHAPE2(n, source.bytes));
    s->table = scl_input(s->g, "crops", SCL_I32, SCL_SHAPE2(n, SCL_CROP_COLUMNS));
    s->sigma = scl_input(s->g, "sigma", SCL_F32, SCL_SHAPE1(n));
    s->draw = scl_input(s->g, "draw", SCL_I32, SCL_SHAPE1(4));
    s->index = scl_input(s->g, "index", SCL_I32, SCL_SHAPE1(n));
    s->lr = scl_input(s->g, "lr", SCL_F32, SCL_SHAPE1(1));
    s->decay = scl_input(s->g, "decay", SCL_F32, SCL_SHAPE1(1));

    x = scl_augment_crop(s->g, s->pixels, s->table, side, side, true, source.max_side);
    if (small < side)
        x = scl_area_average(s->g, x, small);
    noisy = scl_dsm_perturb(s->g, x, s->sigma, s->draw, s->index, &noise);
    scl_scope_push(s->g, SCL_SCORE_SCOPE);
    score = scl_score_unet(s->g, noisy, s->sigma, config->score.width);
    scl_scope_pop(s->g);
    s->loss = scl_dsm_loss(s->g, score, noise, s->sigma);
    SCL_TRY(scl_graph_check(s->g));
    rc = add_update(s, config);
out:
    if (rc < 0)
        scl_step_graph_fini(s);
    return rc;
}
