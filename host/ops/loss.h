/* loss.h - operators that losses, pair weights and noise are made of.
 *
 * Kernels with the formulas: cl_kernels/NAME.cl. Losses as methods use them are built
 * from these in host/method.
 */
#ifndef SCL_OPS_LOSS_H
#define SCL_OPS_LOSS_H

#include <stdbool.h>

#include "graph/graph.h"
#include "graph/op.h"

/* Each row of x [rows, cols] over max(its length, eps). */
struct scl_node *scl_l2_normalize(struct scl_graph *g, struct scl_node *x, float eps);

/* Each column of x [R, C] over max(its length, 1e-12): of a linear layer's weight [in, out], the
 * weight normalisation of Salimans and Kingma 2016 with a gain of 1. */
struct scl_node *scl_normalize_columns(struct scl_graph *g, struct scl_node *x);

/* The cross-entropy of each row of logits [N, K] with its label of I32 [N] -> [N]. A label
 * outside 0 ... K - 1 makes it NaN. */
struct scl_node *scl_cross_entropy_rows(struct scl_graph *g, struct scl_node *logits,
                                        struct scl_node *labels);

/* The mean of scl_cross_entropy_rows() -> [1]. */
struct scl_node *scl_softmax_cross_entropy(struct scl_graph *g, struct scl_node *logits,
                                           struct scl_node *labels);

/* The cross-entropy of each row of logits [N, K] with its distribution of q [N, K] -> [N]:
 * -sum_k q_k log softmax(logits)_k. Rows of q add up to about 1; gradient to logits only. */
struct scl_node *scl_soft_cross_entropy(struct scl_graph *g, struct scl_node *logits,
                                        struct scl_node *q);

/* softmax((x - center) / temperature) of each row of x [N, K], for center [K] and temperature
 * [1], which is above 0: the teacher's distributions of Caron et al. 2021 (DINO). No gradient. */
struct scl_node *scl_center_softmax(struct scl_graph *g, struct scl_node *x,
                                    struct scl_node *center, struct scl_node *temperature);

/* The contrastive loss of each pair, (l0_k + l1_k) / 2 -> [N], from similarities over the
 * temperature s [2N, 2N], where rows i and i + N are two views of one image; s[i, i]
 * does not count. Chen et al. 2020, eq. (1). */
struct scl_node *scl_nt_xent(struct scl_graph *g, struct scl_node *s);

/* W-MSE's whitening (Ermolov et al. 2021): x [N, E] in slices of `size` rows, each by its own
 * statistics: z = (x - mean) L^-T, where L L^T = (1 - eps) S + eps I is the Cholesky
 * factorisation of S, the covariance over size - 1. `singular` (NULL: not wanted) gets a node
 * [1]: how many slices have a covariance that is singular in fp32 (a pivot is not above
 * E 2^-23 of its diagonal, as when a column is constant or follows from others); z is NaN
 * there. A slice with values that are not finite gives NaN and does not count. Refuses a
 * size below 2, or that does not divide N, or not above E while eps is 0; eps outside [0, 1]. */
struct scl_node *scl_whiten(struct scl_graph *g, struct scl_node *x, int size, double eps,
                            struct scl_node **singular);

struct scl_correlation_penalty {
    float scale, diagonal, off_diagonal;
    bool hinge; /* f(v) = max(0, 1 - sqrt(v + 1e-4)), VICReg's of variances; else (v - 1)^2 */
};

/* diagonal sum_i f(v_ii) + off_diagonal sum_{i != j} v_ij^2 -> [1], where v is c [D, D] times
 * scale: VICReg's variance and covariance terms (Bardes et al. 2022, eq. 1 to 4), or Barlow
 * Twins (Zbontar et al. 2021, eq. 1). With the hinge a diagonal below -1e-4 makes it NaN. */
struct scl_node *scl_correlation_penalty(struct scl_graph *g, struct scl_node *c,
                                         struct scl_correlation_penalty spec);

/* (1/N) sum w x -> [1], for x and w [N]. */
struct scl_node *scl_weighted_mean(struct scl_graph *g, struct scl_node *x, struct scl_node *w);

/* scl_weighted_mean(), where a w of NULL stands for weights of 1: the same bits as with them. */
struct scl_node *scl_row_mean(struct scl_graph *g, struct scl_node *x, struct scl_node *w);

/* Mean over the images of 1/2 sum (sigma_n s + z)^2 -> [1], for score s and unit noise z
 * [N, ...] and sigma [N]. */
struct scl_node *scl_dsm_loss(struct scl_graph *g, struct scl_node *score, struct scl_node *noise,
                              struct scl_node *sigma);

/* x + sigma_n z for images x and unit noise z [N, ...] and sigma [N]. No gradient. */
struct scl_node *scl_add_noise(struct scl_graph *g, struct scl_node *x, struct scl_node *z,
                               struct scl_node *sigma);

/* Standard normal [N, ...]: row n is scl_rng_normal() again and again from
 * scl_rng_at(seed, purpose, epoch, index[n], view), up to rounding. draw I32 [4] holds
 * the words: seed's lower, seed's upper, epoch, purpose << 24 | view; index is I32 [N]. */
struct scl_node *scl_philox_normal(struct scl_graph *g, struct scl_node *draw,
                                   struct scl_node *index, struct scl_shape shape);

/* How far scores a, b [N, ...] lie apart -> [N]: sigma |a - b| if `vector`, else sigma
 * abs(|a| - |b|). No gradient. */
struct scl_node *scl_pair_difference(struct scl_graph *g, struct scl_node *a, struct scl_node *b,
                                     bool vector, float sigma);

/* 1 - SSIM of images a, b [N, H, W, C] in 0 ... 1 -> [N], not below 0; 0 where they are equal.
 * Wang et al. 2004: Gaussian window of 11 by 11, sigma 1.5, c1 = 0.01^2, c2 = 0.03^2, the mean
 * over the windows that lie inside the image and over the channels. Where a side is below 11, so
 * is the window: the largest odd square that fits. No gradient. */
struct scl_node *scl_ssim_difference(struct scl_graph *g, struct scl_node *a, struct scl_node *b);

enum scl_pair_map { SCL_PAIR_MEAN, SCL_PAIR_SOFTMAX, SCL_PAIR_AFFINE };

struct scl_pair_weight {
    enum scl_pair_map map;
    float power, temperature, lambda; /* temperature: of softmax, lambda: of affine */
    float clip;                       /* largest weight; 0: off */
};

/* Differences d [N], not negative, to weights [N]: e = d^power, then e / mean e, or
 * N softmax(e / (temperature sd e)), or max(0, 1 + lambda (e - mean e) / sd e); where
 * all e are equal exactly 1; then min(w, clip). No gradient. */
struct scl_node *scl_pair_weight(struct scl_graph *g, struct scl_node *d,
                                 struct scl_pair_weight weight);

/* Of weights and pair losses, both [N] -> [6]: mean, standard deviation, smallest and
 * largest weight, effective sample size (sum w)^2 / sum w^2, correlation of weight and
 * loss (0 where one of them does not vary). */
struct scl_node *scl_weight_stats(struct scl_graph *g, struct scl_node *w, struct scl_node *loss);

/* The mean over the columns of x [N, D] of their standard deviation (divided by N) -> [1]. Of
 * embeddings at unit length it is about 1 / sqrt(D), and near 0 where they have collapsed into
 * one (Chen and He 2021, SimSiam). No gradient. */
struct scl_node *scl_column_spread(struct scl_graph *g, struct scl_node *x);

extern const struct scl_op scl_op_l2_normalize, scl_op_l2_normalize_grad, scl_op_normalize_columns,
    scl_op_normalize_columns_grad, scl_op_softmax_cross_entropy, scl_op_softmax_cross_entropy_grad,
    scl_op_soft_cross_entropy, scl_op_soft_cross_entropy_grad, scl_op_center_softmax,
    scl_op_nt_xent, scl_op_nt_xent_grad, scl_op_weighted_mean, scl_op_weighted_mean_grad,
    scl_op_dsm_loss, scl_op_dsm_loss_grad, scl_op_add_noise, scl_op_philox_normal,
    scl_op_pair_difference, scl_op_ssim_difference, scl_op_pair_weight, scl_op_weight_stats,
    scl_op_column_spread, scl_op_correlation_penalty, scl_op_correlation_penalty_grad,
    scl_op_whiten_factor, scl_op_whiten_singular, scl_op_whiten, scl_op_whiten_grad;

#endif
