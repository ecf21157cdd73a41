/* basic.h - element-wise operators, operators on rows, and moving parts of tensors.
 *
 * Kernels with the formulas: cl_kernels/NAME.cl. All tensors are fp32. A row is
 * everything that shares the outermost index: an image of [N, H, W, C], a line of
 * [N, D].
 */
#ifndef SCL_OPS_BASIC_H
#define SCL_OPS_BASIC_H

#include "graph/graph.h"
#include "graph/op.h"

/* max(x, 0). */
struct scl_node *scl_relu(struct scl_graph *g, struct scl_node *x);

/* dy where y > 0, else 0; y has dy's shape. No gradient. */
struct scl_node *scl_relu_grad(struct scl_graph *g, struct scl_node *dy, struct scl_node *y);

/* x sigmoid(x). */
struct scl_node *scl_silu(struct scl_graph *g, struct scl_node *x);

/* x Phi(x), Phi the distribution function of the standard normal: the GELU that is exact, not
 * its approximation by tanh. */
struct scl_node *scl_gelu(struct scl_graph *g, struct scl_node *x);

/* a + b, which have one shape. */
struct scl_node *scl_add(struct scl_graph *g, struct scl_node *a, struct scl_node *b);

/* alpha x + beta. */
struct scl_node *scl_scale(struct scl_graph *g, struct scl_node *x, float alpha, float beta);

/* x times s [1]; gradient to x only. With an s of 0 or 1 that is an input, a gradient is shut off
 * for some runs. */
struct scl_node *scl_gate(struct scl_graph *g, struct scl_node *x, struct scl_node *s);

/* Images x [N, H, W, C] with e [N, C] added to every pixel. */
struct scl_node *scl_add_rows(struct scl_graph *g, struct scl_node *x, struct scl_node *e);

/* x [N, ...] with row n times, or over, d [N]. */
struct scl_node *scl_scale_rows(struct scl_graph *g, struct scl_node *x, struct scl_node *d);
struct scl_node *scl_divide_rows(struct scl_graph *g, struct scl_node *x, struct scl_node *d);

/* sum_d a b -> [N], for a and b [N, D]; both may be one node. */
struct scl_node *scl_row_dot(struct scl_graph *g, struct scl_node *a, struct scl_node *b);

/* The same of the rows of any tensors a and b [N, ...]. */
struct scl_node *scl_row_products(struct scl_graph *g, struct scl_node *a, struct scl_node *b);

/* a and b side by side along `axis` (negative: from the end, -1 is the channels);
 * all their other dimensions are equal. */
struct scl_node *scl_concat(struct scl_graph *g, struct scl_node *a, struct scl_node *b, int axis);

/* A copy of x's indices first ... first + count - 1 of `axis` (negative: from the end).
 * Of rows, scl_rows() is the view that costs nothing. */
struct scl_node *scl_slice(struct scl_graph *g, struct scl_node *x, int axis, int first, int count);

/* y[k] = x[index[k]] -> [K, ...] for x [M, ...] and index I32 [K]; a row of NaN where the
 * index is not one of 0 ... M - 1. Gradient to x only, and only for a permutation, each
 * row once: refused where K is not M, and not defined for M indices that repeat some. */
struct scl_node *scl_gather_rows(struct scl_graph *g, struct scl_node *x, struct scl_node *index);

/* x as half, rounded to the nearest, beyond the largest half the largest; and from there to fp32.
 * Gradients pass through as they are. */
struct scl_node *scl_to_half(struct scl_graph *g, struct scl_node *x);
struct scl_node *scl_from_half(struct scl_graph *g, struct scl_node *h);

/* [sin p, cos p] -> [N, 2F] with p[n, f] = 2 pi ln(sigma_n) freq_f, for sigma [N] above 0
 * and freq [F]: the noise level as a network reads it (Song et al. 2021). Gradient to sigma
 * only. */
struct scl_node *scl_fourier(struct scl_graph *g, struct scl_node *sigma, struct scl_node *freq);

extern const struct scl_op scl_op_relu, scl_op_relu_grad, scl_op_silu, scl_op_silu_grad,
    scl_op_gelu, scl_op_gelu_grad, scl_op_add, scl_op_scale, scl_op_gate, scl_op_add_rows,
    scl_op_scale_rows, scl_op_divide_rows, scl_op_row_dot, scl_op_concat, scl_op_slice,
    scl_op_slice_grad, scl_op_gather_rows, scl_op_scatter_rows, scl_op_to_half, scl_op_from_half,
    scl_op_fourier, scl_op_fourier_grad;

#endif
