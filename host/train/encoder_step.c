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

/* Elements from which on a value is kept as half: smaller ones are not what fills a memory. */
#define KEPT_LEAST 4096

/* What is made of views, by pieces or of all; rows of NULL are not wanted. */
struct made {
    struct scl_node *features, *target, *evidence; /* target: features of the momentum network */
};

/* Blocks' results are small as halves, and a chain of them from halves would add up its roundings.
 */
static enum scl_recompute_light light_of(const struct scl_config *config)
{
    if (!config->train.recompute_norms)
        return SCL_LIGHT_NOTHING;
    return config->precision == SCL_PRECISION_STORAGE16 ? SCL_LIGHT_IN_BLOCKS : SCL_LIGHT_ALL;
}

static struct scl_node *encode(struct scl_graph *g, struct scl_node *x, const char *scope,
                               const struct scl_config *config)
{
    const struct scl_recompute_choice again = { config->train.recompute, light_of(config) };

    return scl_encoder(g, x, scope, &config->encoder, true, config->method.views, again);
}

/* From pixels to features; where there are several pieces, a block that gradients make again. */
static struct made make_piece(struct scl_step_graph *s, const struct scl_config *config,
                              const struct scl_method *method, int piece, int max_side)
{
    const int n = config->train.batch / s->n_piece;
    struct scl_node *views, *x;
    struct made out = { 0 };

    if (s->n_piece > 1)
        scl_recompute_push(s->g, false);
    views = scl_augment_views(s->g, &s->views[piece], s->pixels, &config->augment, n,
                              config->method.views, max_side);
    x = scl_normalized_views(s->g, views, &config->augment);
    out.features = encode(s->g, x, "encoder", config);
    if (s->n_piece > 1)
        scl_recompute_pop(s->g);
    if (method->has_momentum)
        out.target = encode(s->g, x, "encoder_ema", config);
    out.evidence = scl_step_evidence(s->g, views, config);
    return out;
}

/* The rows of all pieces; NULL if the pieces have none. */
static struct scl_node *whole(struct scl_step_graph *s, struct scl_node *const piece[], int n_views)
{
    if (!piece[0])
        return NULL;
    return scl_pieces_sort(s->g, scl_pieces_join(s->g, s->n_piece, piece), s->n_piece, n_views);
}

/* The same for all pieces, one after another, as the whole batch's. */
static struct made make_all(struct scl_step_graph *s, const struct scl_config *config,
                            const struct scl_method *method, int max_side)
{
    const size_t n = (size_t)s->n_piece;
    struct scl_node **features = scl_graph_keep(s->g, NULL, n * sizeof *features);
    struct scl_node **target = scl_graph_keep(s->g, NULL, n * sizeof *target);
    struct scl_node **evidence = scl_graph_keep(s->g, NULL, n * sizeof *evidence);

    s->views = scl_graph_keep(s->g, NULL, n * sizeof *s->views);
    if (scl_graph_check(s->g) < 0)
        return (struct made){ 0 };
    for (int i = 0; i < s->n_piece; i++) {
        const struct made one = make_piece(s, config, method, i, max_side);

        features[i] = one.features;
        target[i] = one.target;
        evidence[i] = one.evidence;
    }
    return (struct made){ .features = whole(s, features, config->method.views),
                          .target = whole(s, target, config->method.views),
                          .evidence = whole(s, evidence, config->method.views) };
}

static struct scl_node *project(struct scl_graph *g, struct scl_node *features, const char *scope,
                                const struct scl_method *method, const struct scl_config *config)
{
    struct scl_node *z;

    scl_scope_push(g, "%s", scope);
    z = method->project(g, features, config);
    scl_scope_pop(g);
    return z;
}

/* What the method makes of the features but its loss. */
static void embed(struct scl_step_graph *s, struct scl_method_step *step, const struct made *made,
                  const struct scl_method *method)
{
    step->z = project(s->g, made->features, "head", method, step->config);
    if (method->predict) {
        scl_scope_push(s->g, "predictor");
        step->p = method->predict(s->g, step->z, step->config);
        scl_scope_pop(s->g);
    }
    if (method->has_momentum) {
        s->decay = scl_input(s->g, "decay", SCL_F32, SCL_SHAPE1(1));
        step->target = project(s->g, made->target, "head_ema", method, step->config);
    }
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
    const int micro = config->train.micro_batch;
    struct scl_node *weight[SCL_MAX_PAIRS];
    struct scl_method_step step = { .config = config,
                                    .n = config->train.batch,
                                    .n_views = config->method.views };
    struct made made;
    int rc;

    *s = (struct scl_step_graph){ .g = scl_graph_new(),
                                  .n_piece = micro > 0 ? config->train.batch / micro : 1 };
    if (!s->g)
        return SCL_NOMEM;
    s->pixels = scl_input(s->g, "pixels", SCL_U8, SCL_SHAPE2(step.n, images->bytes));
    s->lr = scl_input(s->g, "lr", SCL_F32, SCL_SHAPE1(1));
    made = make_all(s, config, method, images->max_side);
    embed(s, &step, &made, method);
    if (scl_step_weights(weight, s, made.evidence, made.features, config))
        step.weight = weight;
    s->loss = method->loss(s->g, &step);
    s->method = step.inputs;
    watch(s, &step);
    if (step.weight)
        add_weight_stats(s, &step.terms);
    if (config->probe.online && images->classes < 1)
        SCL_TRY(scl_fail(SCL_CONFIG, "probe.online is true, and the data set has no labels"));
    if (config->probe.online)
        add_probe(s, made.features, images->classes, step.n, step.n_views);
    SCL_TRY(scl_graph_check(s->g));
    SCL_TRY(add_updates(s, config, method));
    if (config->precision == SCL_PRECISION_STORAGE16)
        rc = scl_keep_half(s->g, s->loss, KEPT_LEAST);
out:
    if (rc < 0)
        scl_step_graph_fini(s);
    return rc;
}
