/* norm_grad_impl.h - the operators of a normalisation's backward pass.
 *
 *     sums = scl_norm_grad_sums(g, dy, &in, norm);
 *     dgamma = scl_norm_grad_affine(g, sums, norm, 1);
 *     dbeta = scl_norm_grad_affine(g, sums, norm, 0);
 *     dx = scl_norm_grad_x(g, dy, &in, sums, norm);
 *
 * `in` are the inputs of the normalise pass. Where norm.act is set, dy is the
 * gradient behind the activation.
 */
#ifndef SCL_OPS_NORM_GRAD_IMPL_H
#define SCL_OPS_NORM_GRAD_IMPL_H

#include "ops/norm_impl.h"

/* Of each view: sum d, sum d xhat -> [views, 2, C]; d is dy before the activation. */
struct scl_node *scl_norm_grad_sums(struct scl_graph *g, struct scl_node *dy,
                                    const struct scl_norm_in *in, struct scl_norm norm);

/* A line of the sums, added over the views -> [C]: 0 is beta's gradient, 1 gamma's. */
struct scl_node *scl_norm_grad_affine(struct scl_graph *g, struct scl_node *sums,
                                      struct scl_norm norm, int line);

/* `sums` is not looked at when the statistics are frozen. */
struct scl_node *scl_norm_grad_x(struct scl_graph *g, struct scl_node *dy,
                                 const struct scl_norm_in *in, struct scl_node *sums,
                                 struct scl_norm norm);

#endif
