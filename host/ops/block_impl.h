/* block_impl.h - copying blocks of matrices: what concat and slice are made of.
 *
 * Along `axis` a tensor is a matrix: its rows are the indices in front of the axis,
 * its columns everything from the axis on.
 */
#ifndef SCL_OPS_BLOCK_IMPL_H
#define SCL_OPS_BLOCK_IMPL_H

#include <stddef.h>

#include "graph/graph.h"
#include "graph/lower.h"

/* Columns `first` ... first + cols - 1 of `matrix`. */
struct scl_block {
    const struct scl_node *matrix;
    size_t cols, first;
};

/* Columns of x. */
size_t scl_block_columns(const struct scl_node *x, int axis);

/* A launch that copies `from` into `to`, or zeros where `from` is NULL; none for a
 * block without columns. Both blocks have as many rows and columns. */
void scl_block_copy(struct scl_lowering *l, const char *key, int axis, struct scl_block to,
                    const struct scl_block *from);

#endif
