/* conv2d.h - convolution of images, and its gradients.
 *
 *     y[n,p,q,k] = bias[k] + sum_{r,s,c} x[n, p u - pad + r, q u - pad + s, c] w[r,s,c,k]
 *
 * x [N, H, W, C], w [R, S, C, K], bias [K] or NULL; stride u >= 1, padding >= 0 with zeros;
 * y [N, P, Q, K] with P = (H + 2 padding - R) / u + 1, Q likewise. Refuses other
 * ranks, channels that differ, and a kernel larger than the padded image.
 */
#ifndef SCL_OPS_CONV2D_H
#define SCL_OPS_CONV2D_H

#include "graph/op.h"

struct scl_node *scl_conv2d(struct scl_graph *g, struct scl_node *x, struct scl_node *w,
                            struct scl_node *bias, int stride, int padding);

/* dL/dx of shape `x`, given dL/dy. */
struct scl_node *scl_conv2d_grad_x(struct scl_graph *g, struct scl_node *dy, struct scl_node *w,
                                   struct scl_shape x, int stride, int padding);

/* dL/dw of shape `w`, given dL/dy. */
struct scl_node *scl_conv2d_grad_w(struct scl_graph *g, struct scl_node *x, struct scl_node *dy,
                                   struct scl_shape w, int stride, int padding);

extern const struct scl_op scl_op_conv2d, scl_op_conv2d_grad_x, scl_op_conv2d_grad_w;

#endif
