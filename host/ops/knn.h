/* knn.h - k nearest neighbours of queries in a bank, chunk by chunk.
 *
 * A bank of any size passes through the device in chunks; two states hold the
 * k nearest so far. The host runs the graph once for each chunk of the bank, in
 * the bank's order, and reads the prediction after the last one:
 *
 *     range = scl_input(g, "range", SCL_I32, SCL_SHAPE1(2));
 *     y = scl_knn(g, query, bank, labels, range, &(struct scl_knn_spec){ .k = 5 });
 *     for (m = 0; m < n_bank; m += chunk)
 *         write bank, labels and range = { m, min(chunk, n_bank - m) }; run
 *     read y
 */
#ifndef SCL_OPS_KNN_H
#define SCL_OPS_KNN_H

#include <stdbool.h>

#include "graph/case.h"
#include "graph/op.h"

struct scl_knn_spec {
    int k;
    bool cosine;       /* rows are normalised first; else Euclidean */
    bool exp_vote;     /* exp(cos / T) or exp(-distance / T); else each neighbour has one vote */
    float temperature; /* T, above 0; of exp_vote */
};

/* query [Q, D], bank [M, D], labels I32 [M] from 0 up (below 2^24), range I32 [2]: how many of the
 * bank came before this chunk, and how many of its M rows count. I32 [Q]: the
 * predicted labels; of equal votes the smallest; of equal distances the smaller
 * bank index is nearer. States "knn.value" and "knn.label", [Q, k]. */
struct scl_node *scl_knn(struct scl_graph *g, struct scl_node *query, struct scl_node *bank,
                         struct scl_node *labels, struct scl_node *range,
                         const struct scl_knn_spec *spec);

/* y[i, j] = |a_i - b_j|^2 for a [Q, D], b [M, D]: by differences, not by norms and products, whose
 * rounding would swap near neighbours. No gradient. */
struct scl_node *scl_squared_distance(struct scl_graph *g, struct scl_node *a, struct scl_node *b);

/* Merges distance [Q, M] and labels I32 [M] into the states value and label [Q, k], in place. */
struct scl_node *scl_topk_merge(struct scl_graph *g, struct scl_node *value, struct scl_node *label,
                                struct scl_node *distance, struct scl_node *labels,
                                struct scl_node *range);

/* The vote over value and label [Q, k]: I32 [Q]. */
struct scl_node *scl_knn_vote(struct scl_graph *g, struct scl_node *value, struct scl_node *label,
                              const struct scl_knn_spec *spec);

extern const struct scl_op scl_op_squared_distance, scl_op_topk_merge, scl_op_knn_vote;

/* The case "knn"; ended by a NULL name. */
extern const struct scl_composite scl_knn_cases[];

#endif
