/* knn.c - distances, lists and vote, put together. */
#include "ops/knn.h"

#include <string.h>

#include "base/status.h"
#include "ops/ops.h"

/* Of the normalisation: torch.nn.functional.normalize's. */
#define NORM_EPS 1e-12f

/* Cosines come as distances of normalised rows, |u - v|^2 = 2 - 2 cos: the same
 * order, and without the rounding of a cosine near 1. */
struct scl_node *scl_knn(struct scl_graph *g, struct scl_node *query, struct scl_node *bank,
                         struct scl_node *labels, struct scl_node *range,
                         const struct scl_knn_spec *spec)
{
    const struct scl_init zero = { 0 };
    struct scl_node *value, *label, *distance;
    struct scl_shape list;

    if (!query || !bank)
        return NULL;
    if (spec->k < 1 || query->shape.rank != 2) {
        scl_fail(SCL_SHAPE, "knn: k %d and queries %s, wanted 1 or more and [Q, D]", spec->k,
                 scl_shape_text(query->shape));
        return scl_graph_refuse(g, SCL_SHAPE);
    }
    list = SCL_SHAPE2(query->shape.dim[0], spec->k);
    value = scl_state(g, "knn.value", list, zero);
    label = scl_state(g, "knn.label", list, zero);
    if (spec->cosine) {
        query = scl_l2_normalize(g, query, NORM_EPS);
        bank = scl_l2_normalize(g, bank, NORM_EPS);
    }
    distance = scl_squared_distance(g, query, bank);
    scl_topk_merge(g, value, label, distance, labels, range);
    return scl_knn_vote(g, value, label, spec);
}

/* 0 or 1: which of the two words the attribute is; -1, with words, for another. */
static int choice(struct scl_case *c, const char *name, const char *first, const char *second)
{
    const char *word = scl_case_text(c, name, first);

    if (!word)
        return -1;
    if (strcmp(word, first) == 0 || strcmp(word, second) == 0)
        return strcmp(word, second) == 0;
    return scl_fail(SCL_DATA, "%s: found \"%.40s\", wanted %s or %s", name, word, first, second);
}

static int knn_case(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *query = scl_case_input(g, c, "query", SCL_CASE_PLAIN);
    struct scl_node *bank = scl_case_input(g, c, "bank", SCL_CASE_PLAIN);
    struct scl_node *labels = scl_case_input(g, c, "labels", SCL_CASE_INDEX), *range;
    const int cosine = choice(c, "metric", "euclidean", "cosine");
    const int exp_vote = choice(c, "vote", "majority", "exp");
    const struct scl_knn_spec spec = { .k = scl_case_int(c, "k", 5),
                                       .cosine = cosine > 0,
                                       .exp_vote = exp_vote > 0,
                                       .temperature =
                                           (float)scl_case_float(c, "temperature", 0.07) };

    if (cosine < 0 || exp_vote < 0)
        return SCL_DATA;
    if (!query || !bank || !labels)
        return scl_graph_check(g);
    if (spec.k > bank->shape.dim[0])
        return scl_fail(SCL_DATA, "knn: found k %d, wanted at most the bank's %d rows", spec.k,
                        bank->shape.dim[0]);
    range = scl_constant(g, "range", SCL_I32, SCL_SHAPE1(2), (int[]){ 0, bank->shape.dim[0] });
    scl_case_output(g, c, "prediction", scl_knn(g, query, bank, labels, range, &spec),
                    SCL_CASE_INDEX);
    return scl_graph_check(g);
}

const struct scl_composite scl_knn_cases[] = {
    { "knn", knn_case },
    { NULL, NULL },
};
