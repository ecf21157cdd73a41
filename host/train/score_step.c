/* score_step.c - denoising score matching: DESIGN.md 5. */
#include <stdlib.h>

#include "base/status.h"
#include "method/method.h"
#include "model/model.h"
#include "model/optimizer.h"
#include "ops/ops.h"
#include "train/step.h"

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

/* Gradient, clipping, Adam, and the average that is used and saved. */
static int add_update(struct scl_step_graph *s, const struct scl_config *config)
{
    const struct scl_score_config *c = &config->score;
    const struct scl_optim_config adam = {
        .kind = SCL_OPTIM_ADAM, .lr = c->lr, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8
    };
    const int n = scl_model_parameters(s->g, SCL_SCORE_SCOPE ".", NULL);
    struct scl_node **param = malloc(2 * ((size_t)n + 1) * sizeof *param), **grad = param + n;
    struct scl_node *grads;
    int rc;

    if (!param)
        return scl_fail(SCL_NOMEM, "out of memory for %d parameters", n);
    scl_model_parameters(s->g, SCL_SCORE_SCOPE ".", param);
    SCL_TRY(scl_gradients(grad, s->g, s->loss, NULL, n, param));
    grads = scl_bundle(s->g, n, grad);
    if (c->clip_norm > 0)
        scl_clip_by_norm(s->g, grads, scl_sum_squares(s->g, grads), (float)c->clip_norm);
    rc = scl_optimizer(s->g, &(struct scl_update){ .optim = &adam,
                                                   .group = SCL_SCORE_SCOPE,
                                                   .n = n,
                                                   .param = param,
                                                   .grad = grad,
                                                   .lr = s->lr,
                                                   .decay = s->decay });
out:
    free(param);
    return rc;
}

int scl_score_step(struct scl_step_graph *s, const struct scl_config *config,
                   const struct scl_extent *images)
{
    const int n = config->score.batch, side = config->augment.size, small = scl_score_side(config);
    struct scl_node *x, *noise, *noisy, *score;
    int rc;

    *s = (struct scl_step_graph){ .g = scl_graph_new() };
    if (!s->g)
        return SCL_NOMEM;
    s->pixels = scl_input(s->g, "pixels", SCL_U8, SCL_SHAPE2(n, images->bytes));
    s->table = scl_input(s->g, "crops", SCL_I32, SCL_SHAPE2(n, SCL_CROP_COLUMNS));
    s->sigma = scl_input(s->g, "sigma", SCL_F32, SCL_SHAPE1(n));
    s->draw = scl_input(s->g, "draw", SCL_I32, SCL_SHAPE1(4));
    s->index = scl_input(s->g, "index", SCL_I32, SCL_SHAPE1(n));
    s->lr = scl_input(s->g, "lr", SCL_F32, SCL_SHAPE1(1));
    s->decay = scl_input(s->g, "decay", SCL_F32, SCL_SHAPE1(1));

    x = scl_augment_crop(s->g, s->pixels, s->table, side, side, true, images->max_side);
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
