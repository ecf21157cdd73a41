/* registry.c - every operator, once; verify, the self-test and the dumps walk it. */
#include "ops/ops.h"

#include <stddef.h>

const struct scl_op *const scl_ops[] = {
    &scl_op_reshape,
    &scl_op_rows,
    &scl_op_stop_gradient,
    &scl_op_bundle,
    &scl_op_l2_normalize,
    &scl_op_l2_normalize_grad,
    &scl_op_softmax_cross_entropy,
    &scl_op_softmax_cross_entropy_grad,
    &scl_op_nt_xent,
    &scl_op_nt_xent_grad,
    &scl_op_weighted_mean,
    &scl_op_weighted_mean_grad,
    &scl_op_dsm_loss,
    &scl_op_dsm_loss_grad,
    &scl_op_add_noise,
    &scl_op_philox_normal,
    &scl_op_pair_difference,
    &scl_op_pair_weight,
    &scl_op_weight_stats,
    &scl_op_sum_squares,
    &scl_op_nonfinite,
    &scl_op_sgd,
    &scl_op_adam,
    &scl_op_lars,
    &scl_op_ema,
    &scl_op_clip_by_norm,
    NULL,
};
