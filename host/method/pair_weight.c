/* pair_weight.c - ScoreCL: a weight for each pair from the scores of its views. */
#include "base/status.h"
#include "method/method.h"
#include "ops/ops.h"

struct scl_node *scl_pair_weights(struct scl_graph *g, struct scl_node *score_a,
                                  struct scl_node *score_b, const struct scl_weight_config *weight)
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
    struct scl_node *difference;

    if (weight->kind == SCL_WEIGHT_UNIFORM)
        return scl_graph_refuse(
            g, scl_fail(SCL_CONFIG, "pair weights: kind uniform takes no scores; the loss without "
                                    "weights is the same"));
    difference = scl_pair_difference(g, score_a, score_b, weight->kind == SCL_WEIGHT_SCORE_L2,
                                     (float)weight->sigma);
    return scl_pair_weight(g, difference, spec);
}
