/* conv2d_tile.c - the launches of the convolution on GPUs, by items, matrix units and sub-groups:
 * cl_kernels/conv2d/direct_tile.cl and grad_w_tile.cl.
 */
#include "ops/conv2d_impl.h"
#include "ops/ops.h"
#include "ops/split_impl.h"

/* The kernel file, and the profile's block. */
struct names {
    const char *file, *key;
};

static const struct names direct_names[SCL_N_TILE_BY] = {
    [SCL_BY_ITEMS] = { "conv2d/direct_tile", "conv2d/direct_tile" },
    [SCL_BY_WARPS] = { "conv2d/direct_tile", "conv2d/direct_mma" },
    [SCL_BY_SUBGROUP] = { "conv2d/direct_subgroup", "conv2d/direct_subgroup" },
};
static const struct names grad_w_names[SCL_N_TILE_BY] = {
    [SCL_BY_ITEMS] = { "conv2d/grad_w_tile", "conv2d/grad_w_tile" },
    [SCL_BY_WARPS] = { "conv2d/grad_w_tile", "conv2d/grad_w_mma" },
    [SCL_BY_SUBGROUP] = { "conv2d/grad_w_subgroup", "conv2d/grad_w_subgroup" },
};

static int direct(const struct scl_node *y, struct scl_lowering *l, enum scl_tile_by by)
{
    const struct scl_conv2d_gather s = scl_conv2d_gather(y);
    const struct scl_conv2d_size *z = &s.z;
    const struct scl_node *bias = y->n_in == 3 ? y->in[2] : y->in[1];
    const size_t u = (size_t)s.out_stride;
    const size_t phase = scl_divide_up((size_t)z->P, u) * scl_divide_up((size_t)z->Q, u);
    const struct scl_tile tile =
        scl_tile_get(l, direct_names[by].key, z->C % 4 == 0 && z->K % 4 == 0, by);

    scl_tile_begin(l, &tile, direct_names[by].file, "direct_tile");
    scl_lower_define(l, "TURNED", s.turned);
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_value(l, y->in[1]);
    scl_lower_value(l, bias);
    scl_conv2d_gather_sizes(l, &s);
    scl_lower_int(l, y->n_in == 3);
    scl_lower_groups(l, scl_divide_up((size_t)z->K, tile.n),
                     scl_divide_up((size_t)z->N * phase, tile.m), u * u, tile.items);
    scl_tile_slice(l, scl_node_flops(y));
    return scl_lower_end(l);
}

static int grad_w(const struct scl_node *dw, struct scl_lowering *l, enum scl_tile_by by)
{
    const struct scl_conv2d_size z = scl_conv2d_size(dw);
    const int sizes[] = { z.N, z.H, z.W, z.C, z.P, z.Q, z.K, z.R, z.S, z.stride, z.padding };
    const size_t rows = (size_t)z.R * (size_t)z.S * (size_t)z.C;
    const struct scl_tile tile =
        scl_tile_get(l, grad_w_names[by].key, z.C % 4 == 0 && z.K % 4 == 0, by);
    const size_t groups = scl_divide_up((size_t)z.K, tile.n) * scl_divide_up(rows, tile.m);
    const size_t splits = scl_tile_splits(l, groups, (size_t)z.N * (size_t)z.P * (size_t)z.Q);
    const int part = scl_split_scratch(l, dw, splits);

    scl_tile_begin(l, &tile, grad_w_names[by].file, "grad_w_tile");
    scl_split_output(l, dw, part);
    scl_lower_value(l, dw->in[0]);
    scl_lower_value(l, dw->in[1]);
    scl_lower_ints(l, sizes, sizeof sizes / sizeof *sizes);
    scl_lower_groups(l, scl_divide_up((size_t)z.K, tile.n), scl_divide_up(rows, tile.m), splits,
                     tile.items);
    scl_tile_slice(l, scl_node_flops(dw));
    scl_split_sum(l, dw, part, splits, "elementwise.tile");
    return scl_lower_end(l);
}

static int lower(const struct scl_node *y, struct scl_lowering *l, enum scl_tile_by by)
{
    return y->op == &scl_op_conv2d_grad_w ? grad_w(y, l, by) : direct(y, l, by);
}

int scl_conv2d_tile(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, SCL_BY_ITEMS);
}

int scl_conv2d_mma(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, SCL_BY_WARPS);
}

int scl_conv2d_subgroup(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, SCL_BY_SUBGROUP);
}
