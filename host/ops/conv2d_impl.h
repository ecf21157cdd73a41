/* conv2d_impl.h - what the files of the convolution share. */
#ifndef SCL_OPS_CONV2D_IMPL_H
#define SCL_OPS_CONV2D_IMPL_H

#include <stdbool.h>

#include "graph/op.h"

struct scl_conv2d_attr {
    int stride, padding;
    struct scl_shape shape; /* of what a gradient computes; rank 0 forward */
};

/* All sizes of y = conv2d(x, w), in the alphabet of the house. */
struct scl_conv2d_size {
    int N, H, W, C, P, Q, K, R, S, stride, padding;
};

/* The sizes of a conv2d, conv2d_grad_x or conv2d_grad_w node. */
struct scl_conv2d_size scl_conv2d_size(const struct scl_node *y);

/* Of the gradient of x, R by R and of stride 1, as the convolution of dy that it is, with w turned
 * round: H, W and C are dy's, P, Q and K dx's. */
struct scl_conv2d_size scl_conv2d_turned(struct scl_conv2d_size z);

/* What direct_vec.cl and direct_tile.cl compute: the convolution, or turned the gradient of x,
 * whose images and kernel are dy's and w's. */
struct scl_conv2d_gather {
    struct scl_conv2d_size z; /* as the kernels see it */
    int in_stride, out_stride, pad_h, pad_w;
    bool turned;
};
struct scl_conv2d_gather scl_conv2d_gather(const struct scl_node *y);

/* N, H, W, C, P, Q, K, R, S, strides and padding, as both kernels take them. */
void scl_conv2d_gather_sizes(struct scl_lowering *l, const struct scl_conv2d_gather *s);

/* conv2d_vec.c, conv2d_tile.c: all three operators. */
int scl_conv2d_vec(const struct scl_node *y, struct scl_lowering *l);
int scl_conv2d_tile(const struct scl_node *y, struct scl_lowering *l);
int scl_conv2d_mma(const struct scl_node *y, struct scl_lowering *l);
int scl_conv2d_subgroup(const struct scl_node *y, struct scl_lowering *l);

/* conv2d_winograd.c: 3x3, stride 1, padding 0 to 2. */
bool scl_conv2d_winograd_accepts(const struct scl_node *y, const struct scl_facts *facts);
bool scl_conv2d_winograd4_suits(const struct scl_node *y);
bool scl_conv2d_winograd2_suits(const struct scl_node *y);
int scl_conv2d_winograd4(const struct scl_node *y, struct scl_lowering *l);
int scl_conv2d_winograd4_grad_x(const struct scl_node *dx, struct scl_lowering *l);
int scl_conv2d_winograd2(const struct scl_node *y, struct scl_lowering *l);
int scl_conv2d_winograd2_grad_x(const struct scl_node *dx, struct scl_lowering *l);
int scl_conv2d_winograd_grad_w(const struct scl_node *dw, struct scl_lowering *l);

/* conv2d_im2col.c: as dense products, CLBlast's without a bias. */
bool scl_conv2d_im2col_clblast_accepts(const struct scl_node *y, const struct scl_facts *facts);
int scl_conv2d_im2col_vec(const struct scl_node *y, struct scl_lowering *l);
int scl_conv2d_im2col_tile(const struct scl_node *y, struct scl_lowering *l);
int scl_conv2d_im2col_clblast(const struct scl_node *y, struct scl_lowering *l);
int scl_conv2d_im2col_vec_grad_x(const struct scl_node *dx, struct scl_lowering *l);
int scl_conv2d_im2col_tile_grad_x(const struct scl_node *dx, struct scl_lowering *l);
int scl_conv2d_im2col_clblast_grad_x(const struct scl_node *dx, struct scl_lowering *l);
int scl_conv2d_im2col_vec_grad_w(const struct scl_node *dw, struct scl_lowering *l);
int scl_conv2d_im2col_tile_grad_w(const struct scl_node *dw, struct scl_lowering *l);
int scl_conv2d_im2col_clblast_grad_w(const struct scl_node *dw, struct scl_lowering *l);

/* conv2d_fft.c: kernels of 7x7 and more. */
bool scl_conv2d_fft_accepts(const struct scl_node *y, const struct scl_facts *facts);
int scl_conv2d_fft(const struct scl_node *y, struct scl_lowering *l);
int scl_conv2d_fft_grad_x(const struct scl_node *dx, struct scl_lowering *l);
int scl_conv2d_fft_grad_w(const struct scl_node *dw, struct scl_lowering *l);

/* conv2d_winograd_tile.c: the same on GPUs. */
bool scl_conv2d_winograd_tile_accepts(const struct scl_node *y, const struct scl_facts *facts);
int scl_conv2d_winograd_tile(const struct scl_node *y, struct scl_lowering *l);
int scl_conv2d_winograd_tile_grad_x(const struct scl_node *dx, struct scl_lowering *l);
int scl_conv2d_winograd_tile_grad_w(const struct scl_node *dw, struct scl_lowering *l);

/* conv2d_reference.c: the definitions. */
void scl_conv2d_reference(const struct scl_node *y, double *const in[], double *out);
void scl_conv2d_reference_grad_x(const struct scl_node *dx, double *const in[], double *out);
void scl_conv2d_reference_grad_w(const struct scl_node *dw, double *const in[], double *out);

#endif
