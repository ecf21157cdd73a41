/* layout.h - our tensors and PyTorch's, at the border of the program.
 *
 * Inside, images are [N, H, W, C], convolution weights [R, S, C, K] and linear
 * weights [in, out]; files have [N, C, H, W], [K, C, R, S] and [out, in].
 */
#ifndef SCL_GRAPH_LAYOUT_H
#define SCL_GRAPH_LAYOUT_H

#include <stddef.h>

#include "graph/graph.h"

#define SCL_LAYOUT_MAX_DIM 8

/* out's dimension d is in's dimension order[d]; elements of `bytes` bytes. */
void scl_permute(void *out, const void *in, size_t bytes, int rank, const size_t in_dim[],
                 const int order[]);

/* A parameter of our `shape` in PyTorch's layout: its shape there, its values to it,
 * and back. By rank: 4 is a convolution, 2 a linear layer, others are the same. */
struct scl_shape scl_layout_torch_shape(struct scl_shape shape);
void scl_layout_to_torch(float *out, const float *in, struct scl_shape shape);
void scl_layout_from_torch(float *out, const float *in, struct scl_shape shape);

#endif
