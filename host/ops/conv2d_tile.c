/* conv2d_tile.c - the launches of the convolution on GPUs: cl_kernels/conv2d/direct_tile.cl
 * and grad_w_tile.cl.
 */
#include "ops/conv2d_impl.h"
#include "ops/split_impl.h"

#define DIRECT "conv2d/direct_tile"
#define GRAD_W "conv2d/grad_w_tile"

bool scl_conv2d_tile_accepts(const struct scl_node *y, const struct scl_facts *facts)
{
    (void)y;
    return scl_tile_fits(facts);
}

static int lower_direct(struct scl_lowering *l, const struct scl_node *y,
                        const struct scl_conv2d_size *z, bool turned)
{
    const struct scl_node *bias = y->n_in == 3 ? y->in[2] : y->in[1];
    const int u = z->stride, pad = z->padding;
    const int forward[] = { z->N, z->H, z->W, z->C, z->P, z->Q, z->K, z->R, z->S, u, 1, pad, pad };
    const int gradient[] = { z->N, z->P, z->Q, z->K, z->H,           z->W,          z->C,
                             z->R, z->S, 1,    u,    z->R - 1 - pad, z->S - 1 - pad };
    const int *sizes = turned ? gradient : forward, out_stride = sizes[10];
    const size_t phase = scl_divide_up((size_t)sizes[4], (size_t)out_stride) *
                         scl_divide_up((size_t)sizes[5], (size_t)out_stride);
    const struct scl_tile tile = scl_tile_get(l, DIRECT, z->C % 4 == 0 && z->K % 4 == 0);

    scl_tile_begin(l, &tile, DIRECT, "direct_tile");
    scl_lower_define(l, "TURNED", turned);
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_value(l, y->in[1]);
    scl_lower_value(l, bias);
    for (size_t i = 0; i < sizeof forward / sizeof *forward; i++)
        scl_lower_int(l, sizes[i]);
    scl_lower_int(l, y->n_in == 3);
    scl_lower_groups(l, scl_divide_up((size_t)sizes[6], tile.n),
                     scl_divide_up((size_t)z->N * phase, tile.m),
                     (size_t)out_stride * (size_t)out_stride, tile.items);
    scl_tile_slice(l, scl_node_flops(y));
    return scl_lower_end(l);
}

int scl_conv2d_tile(const struct scl_node *y, struct scl_lowering *l)
{
    const struct scl_conv2d_size z = scl_conv2d_size(y);

    return lower_direct(l, y, &z, false);
}

int scl_conv2d_tile_grad_x(const struct scl_node *dx, struct scl_lowering *l)
{
    const struct scl_conv2d_size z = scl_conv2d_size(dx);

    return lower_direct(l, dx, &z, true);
}

int scl_conv2d_tile_grad_w(const struct scl_node *dw, struct scl_lowering *l)
{
    const struct scl_conv2d_size z = scl_conv2d_size(dw);
    const int sizes[] = { z.N, z.H, z.W, z.C, z.P, z.Q, z.K, z.R, z.S, z.stride, z.padding };
    const size_t rows = (size_t)z.R * (size_t)z.S * (size_t)z.C;
    const struct scl_tile tile = scl_tile_get(l, GRAD_W, z.C % 4 == 0 && z.K % 4 == 0);
    const size_t groups = scl_divide_up((size_t)z.K, tile.n) * scl_divide_up(rows, tile.m);
    const size_t splits = scl_tile_splits(l, groups, (size_t)z.N * (size_t)z.P * (size_t)z.Q);
    const int part = scl_split_scratch(l, dw, splits);

    scl_tile_begin(l, &tile, GRAD_W, "grad_w_tile");
    scl_split_output(l, dw, part);
    scl_lower_value(l, dw->in[0]);
    scl_lower_value(l, dw->in[1]);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        scl_lower_int(l, sizes[i]);
    scl_lower_groups(l, scl_divide_up((size_t)z.K, tile.n), scl_divide_up(rows, tile.m), splits,
                     tile.items);
    scl_tile_slice(l, scl_node_flops(dw));
    scl_split_sum(l, dw, part, splits, "elementwise.tile");
    return scl_lower_end(l);
}
