/* method.h - what is minimised, as graphs over embeddings, scores and weights.
 *
 * A loss is a builder (graph/graph.h): nodes in, the loss [1] out, and nothing else:
 *
 *     w = scl_pair_weights(g, score_a, score_b, &config->weight);
 *     loss = scl_simsiam_loss(g, p, z, w, &pair_loss);
 *     stats = scl_weight_stats(g, w, pair_loss);
 *     SCL_TRY(scl_gradients(grad, g, loss, NULL, n, params));
 *
 * Rows i and i + N of its inputs are two views of image i. `weight` is [N] and constant; NULL
 * gives the same bits as weights of 1. *pair_loss (where wanted) is what the weights
 * multiply, [N].
 *
 * A method is a loss with the networks around it: one `const struct scl_method` a file. The
 * training step asks it for its heads and its loss and knows nothing else of it.
 */
#ifndef SCL_METHOD_METHOD_H
#define SCL_METHOD_METHOD_H

#include <stdbool.h>

#include "config/config.h"
#include "graph/case.h"
#include "graph/graph.h"

#define SCL_MAX_PAIRS (SCL_MAX_VIEWS * (SCL_MAX_VIEWS - 1) / 2)

/* SimCLR: z [2N, D], not normalised: (1/N) sum w_k (l0_k + l1_k) / 2. Refuses a temperature
 * that is not above 0. Chen et al. 2020, eq. (1). */
struct scl_node *scl_simclr_loss(struct scl_graph *g, struct scl_node *z, struct scl_node *weight,
                                 double temperature, struct scl_node **pair_loss);

/* SimSiam: predictions p and projections z [2N, D]: -(1/N) sum w_k [cos(p0_k, z1_k) +
 * cos(p1_k, z0_k)] / 2, no gradient to z. Chen and He 2021, eq. (4). */
struct scl_node *scl_simsiam_loss(struct scl_graph *g, struct scl_node *p, struct scl_node *z,
                                  struct scl_node *weight, struct scl_node **pair_loss);

/* BYOL: predictions p, and projections t of the momentum network, [2N, D]: (1/N) sum w_k
 * [4 - 2 cos(p0_k, t1_k) - 2 cos(p1_k, t0_k)], no gradient to t. Grill et al. 2020, eq. (2). */
struct scl_node *scl_byol_loss(struct scl_graph *g, struct scl_node *p, struct scl_node *t,
                               struct scl_node *weight, struct scl_node **pair_loss);

/* VICReg: z [2N, D]: sim (1/(N D)) sum w_k |z0_k - z1_k|^2 + std (v(z0) + v(z1)) / 2 +
 * cov (c(z0) + c(z1)), with v the mean of max(0, 1 - sqrt(variance + 1e-4)) over the columns and c
 * the sum of the squares beside the covariance's diagonal over D. Refuses one pair alone. Bardes
 * et al. 2022, eq. (6), with the two variance terms averaged as its published code does. */
struct scl_node *scl_vicreg_loss(struct scl_graph *g, struct scl_node *z, struct scl_node *weight,
                                 double sim, double std, double cov, struct scl_node **pair_loss);

/* Barlow Twins: z [2N, D]; C the correlation of the columns of its two views: scale
 * [sum_i (C_ii - 1)^2 + lambda sum_{i != j} C_ij^2]. No term belongs to a pair, so there are no
 * weights. Zbontar et al. 2021, eq. (1). */
struct scl_node *scl_barlow_loss(struct scl_graph *g, struct scl_node *z, double lambda,
                                 double scale);

/* MoCo v3: queries q, and keys k of the momentum network, [2N, D], not normalised: (1/N) sum
 * w_k 2 t [CE_k(q0 k1^T / t) + CE_k(q1 k0^T / t)], no gradient to k. Chen, Xie and He 2021,
 * algorithm 1. */
struct scl_node *scl_mocov3_loss(struct scl_graph *g, struct scl_node *q, struct scl_node *k,
                                 struct scl_node *weight, double temperature,
                                 struct scl_node **pair_loss);

/* DINO: logits s of the student and t of the momentum network [2N, K], centre [K]: (1/N) sum w_k
 * [H(q0_k, p1_k) + H(q1_k, p0_k)] / 2, q = softmax((t - centre) / teacher_temperature), p =
 * softmax(s / temperature), H(q, p) = -sum q log p; teacher_temperature [1]; gradient to s
 * only. Caron et al. 2021, algorithm 1. */
struct scl_node *scl_dino_loss(struct scl_graph *g, struct scl_node *s, struct scl_node *t,
                               struct scl_node *center, struct scl_node *weight, double temperature,
                               struct scl_node *teacher_temperature, struct scl_node **pair_loss);

/* The terms of the pairs of more than two views, in the order (0,1), (0,2) ... (1,2) ... */
struct scl_pair_terms {
    int n;
    struct scl_node *loss[SCL_MAX_PAIRS];   /* [N] */
    struct scl_node *weight[SCL_MAX_PAIRS]; /* that multiplied them, row by row; NULL: 1 */
};

struct scl_wmse {
    int n_views, size; /* of a slice */
    double eps;
};

/* W-MSE: h [V N, E], row v N + i view v of image i: the mean over the pairs of views a, b of (1/N)
 * sum w_k (2 - 2 cos(z^a_k, z^b_k)), z whitened in slices of `size` images; slice s is the
 * images permutation[s size ...], permutation I32 [N]. weight[p] is [N] by the images' own order;
 * a NULL array is all NULL. *singular (where wanted) is [1]: covariances that could not be
 * factored. Ermolov et al. 2021, eq. (3) and algorithm 1. */
struct scl_node *scl_wmse_loss(struct scl_graph *g, struct scl_node *h,
                               struct scl_node *permutation, struct scl_node *const *weight,
                               struct scl_wmse wmse, struct scl_pair_terms *terms,
                               struct scl_node **singular);

/* The weights [N] of pairs from what the views a, b of each are judged by, as `weight` says;
 * constant in the backward pass:
 *   score_norm, score_l2, random   their scores [N, H, W, C] (random: before it is permuted)
 *   pixel_l2, ssim                 the views themselves [N, H, W, C]
 *   augmentation                   what was drawn for them [N, P]
 *   feature                        their features [N, D]
 * Refuses kind `uniform`, which needs nothing: give NULL to the loss. */
struct scl_node *scl_pair_weights(struct scl_graph *g, struct scl_node *a, struct scl_node *b,
                                  const struct scl_weight_config *weight);

/* Images x [N, H, W, C] with noise of level sigma [N], which is drawn on the device:
 * x + sigma z. *noise is z, for scl_dsm_loss() (ops/loss.h); draw and index are those of
 * scl_philox_normal(). */
struct scl_node *scl_dsm_perturb(struct scl_graph *g, struct scl_node *x, struct scl_node *sigma,
                                 struct scl_node *draw, struct scl_node *index,
                                 struct scl_node **noise);

/* What a method asks the host for before each run; NULL: nothing. */
struct scl_method_inputs {
    struct scl_node *permutation;         /* I32 [N] */
    struct scl_node *teacher_temperature; /* [1] */
};

/* What a step gives to its method, and what it gets back. Row v N + i is view v of image i. */
struct scl_method_step {
    const struct scl_config *config;
    int n, n_views;
    struct scl_node *z;             /* [V N, D]: project() */
    struct scl_node *p;             /* predict() of it, where the method has one */
    struct scl_node *target;        /* project() of the momentum network, where there is one */
    struct scl_node *const *weight; /* [N] for each pair of views, or NULL */

    struct scl_method_inputs inputs;
    struct scl_pair_terms terms;
    struct scl_node *singular; /* [1], above 0 when the step had to fail; or NULL */
};

struct scl_method {
    const char *name;
    bool has_momentum; /* an average of encoder and head is run beside them */
    const char
        *rests; /* the parameter that does not move for method.freeze_epochs epochs, or NULL */

    /* The head on features x, and what follows it (NULL: nothing), under the caller's scope. */
    struct scl_node *(*project)(struct scl_graph *g, struct scl_node *x,
                                const struct scl_config *config);
    struct scl_node *(*predict)(struct scl_graph *g, struct scl_node *z,
                                const struct scl_config *config);

    struct scl_node *(*loss)(struct scl_graph *g, struct scl_method_step *step);
};

/* By enum scl_method_kind. */
const struct scl_method *scl_method_find(int kind);

/* `loss.*`, `weight` and `optim.*` of the conformance cases; each ended by a NULL name. */
extern const struct scl_composite scl_loss_cases[], scl_optim_cases[];

#endif
