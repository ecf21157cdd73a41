/* launch_impl.h - the three shapes of launches that small operators have.
 *
 * Each begins a launch of `kernel` in `file`, defines its parameters from the
 * profile's block `key` ("rowwise.vec") and sets its groups; the caller adds the
 * arguments:
 *
 *     scl_launch_rows(l, "l2_normalize", "l2_normalize", "rowwise.vec", rows);
 *     scl_lower_value(l, y);
 *     ...
 *     return scl_lower_end(l);
 */
#ifndef SCL_OPS_LAUNCH_IMPL_H
#define SCL_OPS_LAUNCH_IMPL_H

#include <stddef.h>

#include "graph/lower.h"

/* A group to a row; defines WG and LANES. */
void scl_launch_rows(struct scl_lowering *l, const char *file, const char *kernel, const char *key,
                     size_t rows);

/* An item to SPAN of n elements; defines WG, LANES and SPAN. */
void scl_launch_spans(struct scl_lowering *l, const char *file, const char *kernel, const char *key,
                      size_t n);

/* A group to each of `blocks` blocks, of BLOCK elements at most; defines WG,
 * LANES and BLOCK. */
void scl_launch_blocks(struct scl_lowering *l, const char *file, const char *kernel,
                       const char *key, size_t blocks);

/* The argument `past` of a kernel that writes y: whether y goes past the caches, as it has STREAM
 * KiB of `key` or more (0: never), in whole vectors of 16 from a begin of its own. */
void scl_launch_past(struct scl_lowering *l, const char *key, const struct scl_node *y);

/* How many blocks of this key n elements make. */
size_t scl_launch_block_count(struct scl_lowering *l, const char *key, size_t n);

/* The whole second stage of a reduction: y[0] = scale * the sum of the n floats
 * in the scratch `part`. */
void scl_launch_total(struct scl_lowering *l, const struct scl_node *y, int part, size_t n,
                      double scale, const char *key);

#endif
