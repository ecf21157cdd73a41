/* image.h - operators on images [N, H, W, C]: pooling and resizing.
 *
 * Kernels with the formulas: cl_kernels/NAME.cl.
 */
#ifndef SCL_OPS_IMAGE_H
#define SCL_OPS_IMAGE_H

#include "graph/graph.h"
#include "graph/op.h"

/* The largest value of each window of kernel x kernel pixels, `stride` apart; the
 * border of `padding` pixels never wins. Of equal values the first in the window has
 * the gradient, as in PyTorch. Refuses a padding of more than half a kernel. */
struct scl_node *scl_max_pool2d(struct scl_graph *g, struct scl_node *x, int kernel, int stride,
                                int padding);

/* The mean of the pixels of each image -> [N, C]. */
struct scl_node *scl_global_avg_pool(struct scl_graph *g, struct scl_node *x);

/* The sum of the pixels of each image -> [N, C]; the gradient of what is added to
 * every pixel. */
struct scl_node *scl_pixel_sum(struct scl_graph *g, struct scl_node *x);

/* Every pixel as a square of scale x scale pixels. */
struct scl_node *scl_upsample_nearest(struct scl_graph *g, struct scl_node *x, int scale);

/* Images of size x size pixels, each the mean of those that it covers (PyTorch's
 * adaptive_avg_pool2d). No gradient. */
struct scl_node *scl_area_average(struct scl_graph *g, struct scl_node *x, int size);

extern const struct scl_op scl_op_max_pool2d, scl_op_max_pool2d_grad, scl_op_global_avg_pool,
    scl_op_pixel_sum, scl_op_pixel_spread, scl_op_upsample_nearest, scl_op_upsample_nearest_grad,
    scl_op_area_average;

#endif
