/* method.h - what is minimised, as graphs over embeddings, scores and weights.
 *
 * A method is a builder (graph/graph.h): nodes in, the loss [1] out, and nothing else;
 * networks, optimisers and schedules are not its business.
 *
 *     w = scl_pair_weights(g, score_a, score_b, &config->weight);
 *     loss = scl_simclr_loss(g, z, w, temperature, &pair_loss);
 *     stats = scl_weight_stats(g, w, pair_loss);
 *     SCL_TRY(scl_gradients(grad, g, loss, NULL, n, params));
 */
#ifndef SCL_METHOD_METHOD_H
#define SCL_METHOD_METHOD_H

#include "config/groups.h"
#include "graph/case.h"
#include "graph/graph.h"

/* SimCLR over embeddings z [2N, D], not normalised, where rows i and i + N are two views
 * of one image: (1/N) sum w_k (l0_k + l1_k) / 2 -> [1]. weight is [N] and constant; NULL
 * gives the same bits as weights of 1. *pair_loss (where wanted) is (l0 + l1) / 2 [N].
 * Refuses a temperature that is not above 0. Chen et al. 2020, eq. (1). */
struct scl_node *scl_simclr_loss(struct scl_graph *g, struct scl_node *z, struct scl_node *weight,
                                 double temperature, struct scl_node **pair_loss);

/* The weights [N] of pairs from the scores of their two views [N, H, W, C], as `weight`
 * says (kind, map, sigma, power, temperature, lambda, clip); constant in the backward
 * pass. Refuses kind `uniform`, which needs no scores: give NULL to the loss. */
struct scl_node *scl_pair_weights(struct scl_graph *g, struct scl_node *score_a,
                                  struct scl_node *score_b, const struct scl_weight_config *weight);

/* Images x [N, H, W, C] with noise of level sigma [N], which is drawn on the device:
 * x + sigma z. *noise is z, for scl_dsm_loss() (ops/loss.h); draw and index are those of
 * scl_philox_normal(). */
struct scl_node *scl_dsm_perturb(struct scl_graph *g, struct scl_node *x, struct scl_node *sigma,
                                 struct scl_node *draw, struct scl_node *index,
                                 struct scl_node **noise);

/* `loss.*`, `weight` and `optim.*` of the conformance cases; ended by a NULL name. */
extern const struct scl_composite scl_method_cases[];

#endif
