/* encoder_step.c - a contrastive step, from stored pixels to updated parameters. */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "eval/classifier.h"
#include "model/model.h"
#include "model/optimizer.h"
#include "ops/ops.h"
#include "train/encoder_step_impl.h"
#include "train/step.h"

/* The features of all views, and what the method makes of them, with scopes that end so. */
static struct scl_node *run_network(struct scl_graph *g, struct scl_node *x,
                                    const struct scl_method *method,
                                    const struct scl_config *config, const char *encoder,
                                    const char *head, struct scl_node **features)
{
    *features = scl_encoder(g, x, encoder, &config->encoder, true, config->method.views,
                            config->train.recompute);
    scl_scope_push(g, "%s", head);
    x = method->project(g, *features, config);
    scl_scope_pop(g);
    return x;
}

/* Everything of the method but its loss. */
static struct scl_node *embed(struct scl_step_graph *s, struct scl_method_step *step,
                              struct scl_node *x, const struct scl_method *method)
{
    struct scl_node *features, *unused;

    step->z = run_network(s->g, x, method, step->config, "encoder", "head", &features);
    if (method->predict) {
        scl_scope_push(s->g, "predictor");
        step->p = method->predict(s->g, step->z, step->config);
        scl_scope_pop(s->g);
    }
    if (method->has_momentum) {
        s->decay = scl_input(s->g, "decay", SCL_F32, SCL_SHAPE1(1));
        step->target =
            run_network(s->g, x, method, step->config, "encoder_ema", "head_ema", &unused);
    }
    return features;
}

/* What is logged of the embeddings: their spread, and whether a step had to fail. */
static void watch(struct scl_step_graph *s, const struct scl_method_step *step)
{
    struct scl_node *failed;

    s->spread = scl_column_spread(s->g, scl_l2_normalize(s->g, step->z, 1e-12f));
    s->embedding_dim = step->z ? step->z->shape.dim[1] : 0;
    if (!step->singular)
        return;
    failed = scl_state(s->g, SCL_SINGULAR_STATE, SCL_SHAPE1(1),
                       (struct scl_init){ SCL_INIT_CONSTANT, 0 });
    scl_latch(s->g, failed, step->singular);
}

/* Weights and losses of all pairs of views side by side. */
static void add_weight_stats(struct scl_step_graph *s, const struct scl_pair_terms *terms)
{
    struct scl_node *weight = terms->weight[0], *loss = terms->loss[0];

    for (int p = 1; p < terms->n; p++) {
        weight = scl_concat(s->g, weight, terms->weight[p], 0);
        loss = scl_concat(s->g, loss, terms->loss[p], 0);
    }
    s->weight_stats = scl_weight_stats(s->g, weight, loss);
}

/* A linear layer on features that do not feel it: SL's online probe, facts/methods.md 4.2. */
static void add_probe(struct scl_step_graph *s, struct scl_node *features, int classes, int n,
                      int n_views)
{
    struct scl_node *logits, *sum = NULL;

    s->labels = scl_input(s->g, "labels", SCL_I32, SCL_SHAPE1(n));
    s->probe_lr = scl_input(s->g, "probe_lr", SCL_F32, SCL_SHAPE1(1));
    logits = scl_classifier_layer(s->g, scl_stop_gradient(s->g, features), classes);
    for (int v = 0; v < n_views; v++) {
        struct scl_node *one =
            scl_softmax_cross_entropy(s->g, scl_rows(s->g, logits, v * n, n), s->labels);

        sum = v ? scl_add(s->g, sum, one) : one;
    }
    s->probe_loss = scl_scale(s->g, sum, 1.0f / (float)n_views, 0);
}

/* Updates n of the parameters. */
static int update(struct scl_step_graph *s, const struct scl_optim_config *optim, const char *group,
                  int n, struct scl_node *const param[], struct scl_node *const grad[],
                  struct scl_node *lr, struct scl_node *decay)
{
    if (n == 0)
        return SCL_OK;
    return scl_optimizer(s->g, &(struct scl_update){ .optim = optim,
                                                     .group = group,
                                                     .n = n,
                                                     .param = param,
                                                     .grad = grad,
                                                     .lr = lr,
                                                     .decay = decay });
}

/* A layer that rests in the first epochs feels no gradient then. */
static void add_gate(struct scl_step_graph *s, const char *state, int n,
                     struct scl_node *const param[], struct scl_node *grad[])
{
    s->gate = scl_input(s->g, "gate", SCL_F32, SCL_SHAPE1(1));
    for (int i = 0; i < n; i++)
        if (strcmp(param[i]->name, state) == 0)
            grad[i] = scl_gate(s->g, grad[i], s->gate);
}

/* All gradients before the first update: it changes what they are computed from. */
static int add_updates(struct scl_step_graph *s, const struct scl_config *config,
                       const struct scl_method *method)
{
    static const char *const prefix[] = { "encoder.", "head.", "predictor.",
                                          SCL_CLASSIFIER_SCOPE "." };
    struct scl_optim_config plain = config->optim;
    int end[4], n = 0, rc;
    struct scl_node **param, **grad;

    for (int i = 0; i < 4; i++)
        end[i] = n += scl_model_parameters(s->g, prefix[i], NULL);
    param = malloc(2 * ((size_t)n + 1) * sizeof *param);
    if (!param)
        return scl_fail(SCL_NOMEM, "out of memory for %d parameters", n);
    grad = param + n;
    for (int i = 0; i < 4; i++)
        scl_model_parameters(s->g, prefix[i], param + (i ? end[i - 1] : 0));
    SCL_TRY(scl_gradients(grad, s->g, s->loss, NULL, end[2], param));
    if (s->probe_loss)
        SCL_TRY(
            scl_gradients(grad + end[2], s->g, s->probe_loss, NULL, n - end[2], param + end[2]));
    if (method->rests && config->method.freeze_epochs > 0)
        add_gate(s, method->rests, n, param, grad);
    if (method->predict && config->optim.static_predictor)
        s->static_lr = scl_input(s->g, "static_lr", SCL_F32, SCL_SHAPE1(1));
    SCL_TRY(update(s, &config->optim, "main", end[1], param, grad, s->lr, s->decay));
    SCL_TRY(update(s, &config->optim, "predictor", end[2] - end[1], param + end[1], grad + end[1],
                   s->static_lr ? s->static_lr : s->lr, NULL));
    plain.weight_decay = 0; /* SL's for the probe */
    rc = update(s, &plain, SCL_CLASSIFIER_SCOPE, n - end[2], param + end[2], grad + end[2],
                s->probe_lr, NULL);
out:
    free(param);
    return rc;
}

int scl_encoder_step(struct scl_step_graph *s, const struct scl_config *config,
                     const struct scl_extent *images)
{
    const struct scl_method *const method = scl_method_find(config->method.kind);
    struct scl_node *weight[SCL_MAX_PAIRS], *views, *features;
    struct scl_method_step step = { .config = config,
                                    .n = config->train.batch,
                                    .n_views = config->method.views };
    int rc;

    *s = (struct scl_step_graph){ .g = scl_graph_new() };
    if (!s->g)
        return SCL_NOMEM;
    s->pixels = scl_input(s->g, "pixels", SCL_U8, SCL_SHAPE2(step.n, images->bytes));
    s->lr = scl_input(s->g, "lr", SCL_F32, SCL_SHAPE1(1));
    views = scl_augment_views(s->g, &s->views, s->pixels, &config->augment, step.n_views,
                              images->max_side);
    features = embed(s, &step, scl_normalized_views(s->g, views, &config->augment), method);
    if (scl_step_weights(weight, s, views, features, config))
        step.weight = weight;
    s->loss = method->loss(s->g, &step);
    s->method = step.inputs;
    watch(s, &step);
    if (step.weight)
        add_weight_stats(s, &step.terms);
    if (config->probe.online && images->classes < 1)
        SCL_TRY(scl_fail(SCL_CONFIG, "probe.online is true, and the data set has no labels"));
    if (config->probe.online)
        add_probe(s, features, images->classes, step.n, step.n_views);
    SCL_TRY(scl_graph_check(s->g));
    rc = add_updates(s, config, method);
out:
    if (rc < 0)
        scl_step_graph_fini(s);
    return rc;
}
