/* pair_weight.c - ScoreCL: a weight for each pair from how far its views lie apart. */
#include "base/status.h"
#include "method/method.h"
#include "ops/ops.h"

/* 1 - cos(a, b), rounding not below 0. */
static struct scl_node *angle(struct scl_graph *g, struct scl_node *a, struct scl_node *b)
{
    struct scl_node *cosine =
        scl_row_dot(g, scl_l2_normalize(g, a, 1e-12f), scl_l2_normalize(g, b, 1e-12f));

    return scl_relu(g, scl_scale(g, cosine, -1, 1));
}

static struct scl_node *difference(struct scl_graph *g, struct scl_node *a, struct scl_node *b,
                                   const struct scl_weight_config *weight)
{
    const float sigma = (float)weight->sigma;

    switch (weight->kind) {
    case SCL_WEIGHT_SCORE_NORM:
        return scl_pair_difference(g, a, b, false, sigma);
    case SCL_WEIGHT_SCORE_L2:
    case SCL_WEIGHT_RANDOM:
        return scl_pair_difference(g, a, b, true, sigma);
    case SCL_WEIGHT_SSIM:
        return scl_ssim_difference(g, a, b);
    case SCL_WEIGHT_FEATURE:
        return angle(g, a, b);
    default: /* pixels, drawn parameters */
        return scl_pair_difference(g, a, b, true, 1);
    }
}

struct scl_node *scl_pair_weights(struct scl_graph *g, struct scl_node *a, struct scl_node *b,
                                  const struct scl_weight_config *weight)
{
    static const enum scl_pair_map map[] = {
        [SCL_MAP_MEAN] = SCL_PAIR_MEAN,
        [SCL_MAP_SOFTMAX] = SCL_PAIR_SOFTMAX,
        [SCL_MAP_AFFINE] = SCL_PAIR_AFFINE,
    };
    const struct scl_pair_weight spec = {
        .map = map[weight->map],
        .power = (float)weight->power,
        .temperature = (float)weight->temperature,
        .lambda = (float)weight->lambda,
        .clip = (float)weight->clip,
    };

    if (weight->kind == SCL_WEIGHT_UNIFORM)
        return scl_graph_refuse(
            g, scl_fail(SCL_CONFIG, "pair weights: kind uniform takes no scores; the loss without "
                                    "weights is the same"));
    a = scl_stop_gradient(g, a);
    b = scl_stop_gradient(g, b);
    return scl_pair_weight(g, difference(g, a, b, weight), spec);
}
