/* walk_impl.h - launches whose groups walk over matrices: WALK() of
 * cl_kernels/common.clh.
 *
 *     height = scl_walk_begin(l, "add_rows", "add_rows", "elementwise.vec", rows, cols, images);
 *     scl_lower_value(l, y);
 *     ...
 *     scl_lower_int(l, height);
 */
#ifndef SCL_OPS_WALK_IMPL_H
#define SCL_OPS_WALK_IMPL_H

#include <stddef.h>

#include "graph/lower.h"

/* Begins a launch with WG and LANES of `key`, for `count` matrices [rows, cols] (groups
 * in y) of which a group takes as many rows as have about WG SPAN floats; returns how
 * many those are. */
int scl_walk_begin(struct scl_lowering *l, const char *file, const char *kernel, const char *key,
                   size_t rows, size_t cols, size_t count);

struct scl_walk {
    int height, width;
};

/* Begins a launch for one matrix [rows, cols], whose rows may be long: a group (in x and
 * y) takes a block of `height` rows of `width` columns. LANES is 1 where rows are shorter
 * than a vector. */
struct scl_walk scl_walk_blocks(struct scl_lowering *l, const char *file, const char *kernel,
                                const char *key, size_t rows, size_t cols);

#endif
