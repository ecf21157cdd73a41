/* step_weights.c - what the weights of a step's pairs are made of: DESIGN.md 5. */
#include "data/augment.h"
#include "model/model.h"
#include "ops/ops.h"
#include "train/encoder_step_impl.h"

/* Scores of all views at one small sigma. */
static struct scl_node *scores(struct scl_graph *g, struct scl_node *views,
                               const struct scl_config *config)
{
    const int n = views ? views->shape.dim[0] : 0;
    float *sigma = scl_graph_keep(g, NULL, (size_t)n * sizeof *sigma);
    struct scl_node *score;

    if (!sigma)
        return NULL;
    for (int i = 0; i < n; i++)
        sigma[i] = (float)config->weight.sigma;
    scl_scope_push(g, SCL_SCORE_EMA_SCOPE);
    score = scl_score_unet(g, views, scl_constant(g, "sigma", SCL_F32, SCL_SHAPE1(n), sigma),
                           config->score.width);
    scl_scope_pop(g);
    return score;
}

/* Pixels are looked at at the score network's size, so that the baselines see what it sees, and
 * cost no more at any size. */
struct scl_node *scl_step_evidence(struct scl_graph *g, struct scl_node *views,
                                   const struct scl_config *config)
{
    const int kind = config->weight.kind, small = scl_score_side(config);

    if (kind == SCL_WEIGHT_UNIFORM || kind == SCL_WEIGHT_FEATURE || kind == SCL_WEIGHT_AUGMENTATION)
        return NULL;
    if (small < config->augment.size)
        views = scl_area_average(g, views, small);
    return scl_config_needs_score(config) ? scores(g, views, config) : views;
}

static struct scl_node *drawn(struct scl_step_graph *s, const struct scl_config *config)
{
    const int n_views = config->method.views, n = config->train.batch * n_views;

    s->parameters = scl_input(s->g, "parameters", SCL_F32, SCL_SHAPE2(n, SCL_VIEW_PARAMETERS));
    return scl_pieces_sort(s->g, s->parameters, s->n_piece, n_views);
}

bool scl_step_weights(struct scl_node *weight[], struct scl_step_graph *s,
                      struct scl_node *evidence, struct scl_node *features,
                      const struct scl_config *config)
{
    const int n = config->train.batch, n_views = config->method.views;
    struct scl_node *rows;
    int p = 0;

    if (config->weight.kind == SCL_WEIGHT_UNIFORM)
        return false;
    rows = config->weight.kind == SCL_WEIGHT_FEATURE        ? features
           : config->weight.kind == SCL_WEIGHT_AUGMENTATION ? drawn(s, config)
                                                            : evidence;
    rows = scl_stop_gradient(s->g, rows);
    if (config->weight.kind == SCL_WEIGHT_RANDOM)
        s->order = scl_input(s->g, "order", SCL_I32, SCL_SHAPE1(n));
    for (int a = 0; a < n_views; a++)
        for (int b = a + 1; b < n_views; b++, p++) {
            weight[p] = scl_pair_weights(s->g, scl_rows(s->g, rows, a * n, n),
                                         scl_rows(s->g, rows, b * n, n), &config->weight);
            if (s->order)
                weight[p] = scl_gather_rows(s->g, weight[p], s->order);
        }
    return true;
}
