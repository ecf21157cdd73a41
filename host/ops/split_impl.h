/* split_impl.h - dealing work to groups, and sums that are split between them.
 *
 * A long sum with a small result gives work to few groups; its candidate splits
 * it, each split writes a whole result of its own, and a second pass
 * (cl_kernels/split_sum.cl) adds them in their order:
 *
 *     part = scl_split_scratch(l, y, splits);
 *     scl_lower_begin(...);
 *     scl_split_output(l, y, part);                in the place of y
 *     ...
 *     scl_split_sum(l, y, part, splits, "elementwise.vec");
 */
#ifndef SCL_OPS_SPLIT_IMPL_H
#define SCL_OPS_SPLIT_IMPL_H

#include <stdbool.h>
#include <stddef.h>

#include "graph/graph.h"
#include "graph/lower.h"

static inline size_t scl_divide_up(size_t a, size_t b)
{
    return (a + b - 1) / b;
}

static inline size_t scl_smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t scl_larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Of `nv` vectors of 16 in a register block, as many as so few columns fill: half of them, a
 * quarter. */
static inline int scl_vectors_for(int nv, int columns)
{
    while (nv > 1 && nv % 2 == 0 && 8 * nv >= columns)
        nv /= 2;
    return nv;
}

/* What multiplies a tile: items, through local memory; warps, by matrix units; or a sub-group. */
enum scl_tile_by { SCL_BY_ITEMS, SCL_BY_WARPS, SCL_BY_SUBGROUP, SCL_N_TILE_BY };

/* The tiles of a GPU's product: m by n of the result to a group of `items`. */
struct scl_tile {
    int TM, TN, TK, RM, RN, VW, LV, PAD, BUFFERS; /* cl_kernels/tile.clh */
    enum scl_tile_by by;
    size_t m, n, items; /* a sub-group's SUB */
};

/* From the profile's block `key`; loads of VW floats only where all that is contiguous in memory
 * comes in fours. Parameters that do not divide one another are refused. */
struct scl_tile scl_tile_get(struct scl_lowering *l, const char *key, bool in_fours,
                             enum scl_tile_by by);

/* scl_lower_begin() with the tile's parameters. What depends on the launch's place among the
 * tiles' rows asks for get_global_id(1), so that it may be sliced. */
void scl_tile_begin(struct scl_lowering *l, const struct scl_tile *tile, const char *file,
                    const char *kernel);

/* Cuts the launch, of so many floating point operations, into slices that let a desktop's driver
 * draw in between: those that take seconds are killed by its watchdog. Last of the launch. */
void scl_tile_slice(struct scl_lowering *l, double flops);

/* A candidate's `accepts`: whether a device can run the groups of tiles, 256 items with 16 KiB of
 * local memory. */
bool scl_tile_accepts(const struct scl_node *y, const struct scl_facts *facts);

/* The same for matrix units, with 32 KiB, and for sub-groups. A CPU emulates both: to be checked,
 * not to be used. */
bool scl_mma_accepts(const struct scl_node *y, const struct scl_facts *facts);
bool scl_subgroup_accepts(const struct scl_node *y, const struct scl_facts *facts);

/* In how many parts a sum over `depth` goes when there are `groups` tiles. */
size_t scl_tile_splits(const struct scl_lowering *l, size_t groups, size_t depth);

/* Groups that keep every compute unit busy to the end. */
size_t scl_enough_groups(const struct scl_lowering *l);

/* The scratch of `splits` results; -1 for one split, which needs none. */
int scl_split_scratch(struct scl_lowering *l, const struct scl_node *y, size_t splits);

/* The argument that the first pass writes: that scratch, or y. */
void scl_split_output(struct scl_lowering *l, const struct scl_node *y, int part);

/* The second pass; nothing for one split. */
void scl_split_sum(struct scl_lowering *l, const struct scl_node *y, int part, size_t splits,
                   const char *key);

/* The same where the sum is made piece by piece: with `adds`, what y holds is its first term. */
void scl_split_add(struct scl_lowering *l, const struct scl_node *y, int part, size_t splits,
                   bool adds, const char *key);

#endif
