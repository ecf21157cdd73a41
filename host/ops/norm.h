/* norm.h - batch and group normalisation, with what follows them fused in; centring.
 *
 *     y = act(gamma (x - mean) / sqrt(variance + eps) + beta [+ residual])
 *
 * Both are one normalise pass ("batch_norm", "group_norm") behind small operators
 * that find the statistics (norm_stats, norm_frozen), and share their backward
 * pass. What feeds the activation is computed again from x there, so that y may go.
 * Kernels with the formulas: cl_kernels/norm/. Variances that normalise are biased.
 */
#ifndef SCL_OPS_NORM_H
#define SCL_OPS_NORM_H

#include <stdbool.h>

#include "graph/graph.h"
#include "graph/op.h"

enum scl_act { SCL_ACT_NONE, SCL_ACT_RELU, SCL_ACT_SILU };

struct scl_batch_norm_attr {
    float eps, momentum; /* momentum: share of the new value in running statistics */
    int views;           /* equal groups of rows with statistics of their own; 1: as usual */
    bool training;       /* statistics of the batch; else the running ones */
    bool relu;           /* max(., 0) at the end */
};

/* x [N, H, W, C] or [N, C]; gamma and beta [C] or both NULL; running_mean and
 * running_var [C] states or, in training, both NULL. In training the running ones are
 * updated view after view, with the unbiased variance. `residual` (x's shape, or NULL)
 * is added before the ReLU. Refuses, in training, fewer than two values per channel and
 * view, and rows that do not divide into views. */
struct scl_node *scl_batch_norm(struct scl_graph *g, struct scl_node *x, struct scl_node *gamma,
                                struct scl_node *beta, struct scl_node *running_mean,
                                struct scl_node *running_var, struct scl_batch_norm_attr attr,
                                struct scl_node *residual);

/* x [N, H, W, C] or [N, C] with statistics of each of `groups` equal groups of channels
 * of each image; gamma and beta [C] or both NULL; then `act`. groups = 1 is layer
 * normalisation over an image (or row). */
struct scl_node *scl_group_norm(struct scl_graph *g, struct scl_node *x, struct scl_node *gamma,
                                struct scl_node *beta, int groups, float eps, enum scl_act act);

/* x [N, D] without the mean of each column; no variance is divided by. A constant column
 * gives exactly zero. */
struct scl_node *scl_center_columns(struct scl_graph *g, struct scl_node *x);

/* The same for every `size` rows by themselves. Refuses N that is no multiple of it. */
struct scl_node *scl_center_slices(struct scl_graph *g, struct scl_node *x, int size);

extern const struct scl_op scl_op_batch_norm, scl_op_group_norm, scl_op_norm_stats,
    scl_op_norm_frozen, scl_op_norm_running, scl_op_norm_grad_sums, scl_op_norm_grad_affine,
    scl_op_norm_grad_means, scl_op_norm_grad_x, scl_op_center_columns;

#endif
