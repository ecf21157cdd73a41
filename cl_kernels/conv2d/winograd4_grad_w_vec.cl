// conv2d/winograd4_grad_w_vec.cl -- the weights' gradient of a 3x3 convolution of stride 1 on a CPU
//
//   dw = G^T [sum over tiles (B^T d B) . (A dy A^T)] G, d the 6 x 6 pixels of x under 4 x 4 of dy
//
//   dw          [3, 3, C, K] fp32
//   product     [splits][36][C][K to whole panels] fp32, the sums over tiles
//   x dy        [N, H, W, C], [N, P, Q, K] fp32
//   inputs      [36][tiles][row] fp32, B^T d B, with plane_x floats to each of the 36
//   grads       [36][panels][tiles][KB] fp32, A dy A^T, with plane_y floats to each
//   work        groups of one item.  Either winograd_split: (splits), each with inputs, grads and a
//               product of its own walks its share of the ranges of `tiles` tiles; or, where
//               products are too large for that, range by range winograd_tiles: (parts of tiles)
//               and winograd_product: (36, parts of C).  Then winograd_grad_w: (panels, C)
//   MR          input channels in a register block                                6
//   NV          float16 vectors of output channels in a register block            1
//   DEPTH       tiles that are summed in registers                                64
//   local       none
//   numerics    fp32 fma; tiles, then ranges, then splits in their order, so bits repeat for
//               the same sizes of work
//   source      Lavin, Gray 2015 (arXiv 1509.09308); conv2d/common.clh

#ifndef MR
#define MR 6
#endif
#ifndef NV
#define NV 1
#endif
#ifndef DEPTH
#define DEPTH 64
#endif
#define KB (16 * NV)

// d[0], d[step], ... d[5 step] := A d, of four
INLINE void transform_grad(float16 *d, const int step)
{
    const float16 d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step];
    const float16 even1 = d0 + d2, odd1 = d1 + d3, even2 = d0 + 4.0f * d2,
                  odd2 = 2.0f * d1 + 8.0f * d3;

    d[step] = even1 + odd1;
    d[2 * step] = even1 - odd1;
    d[3 * step] = even2 + odd2;
    d[4 * step] = even2 - odd2;
    d[5 * step] = d3;
}

// d[0], d[step], d[2 step] := G^T d, of six
INLINE void transform_product(float16 *d, const int step)
{
    const float16 sum1 = d[step] + d[2 * step], sum2 = d[3 * step] + d[4 * step];
    const float16 difference1 = d[step] - d[2 * step], difference2 = d[3 * step] - d[4 * step];

    d[0] = 0.25f * d[0] - (1.0f / 6) * sum1 + (1.0f / 24) * sum2;
    d[step] = (-1.0f / 6) * difference1 + (1.0f / 12) * difference2;
    d[2 * step] = (1.0f / 6) * (sum2 - sum1) + d[5 * step];
}

struct sizes {
    int H, W, C, P, Q, K, pad, tiles, row, plane_x, plane_y;
};

// inputs and grads of tile `first` + t
inline void put_tile(__global float *inputs, __global float *grads, __global const float *x,
                     __global const float *dy, const struct sizes *z, const int first, const int t)
{
    const int3 at = place(first + t, z->P, z->Q);
    __global const float *image = dy + (size_t)at.x * z->P * z->Q * z->K;

    put_inputs(inputs + t * z->row, x + (size_t)at.x * z->H * z->W * z->C, at.y - z->pad,
               at.z - z->pad, z->H, z->W, z->C, (z->C + MR - 1) / MR * MR, z->plane_x);
    for (int k = 0; k < z->K; k += 16) {
        __global float *to = grads + ((size_t)(k / KB) * z->tiles + t) * KB + k % KB;
        float16 d[36];

        load_tile(d, image + k, 4, at.y, at.z, z->P, z->Q, z->K, z->K - k);
#pragma unroll
        for (int j = 0; j < 4; j++)
            transform_grad(d + j, 6);
#pragma unroll
        for (int i = 0; i < 6; i++)
            transform_grad(d + 6 * i, 1);
#pragma unroll
        for (int e = 0; e < 36; e++)
            vstore16(d[e], 0, to + (size_t)e * z->plane_y);
    }
}

// product[c][k] = the sum over n tiles of inputs[t][c] grads[t][k], for c from `begin` to `end`;
// added to it if it `goes_on`
inline void sum_tiles(__global float *product, __global const float *inputs,
                      __global const float *grads, const struct sizes *z, const int begin,
                      const int end, const int n, const int goes_on)
{
    const int n_panel = (z->K + KB - 1) / KB;

    for (int t = 0; t < n; t += DEPTH)
        for (int c = begin; c < end; c += MR)
            for (int j = 0; j < n_panel; j++) {
                __global const float *a = inputs + (size_t)t * z->row + c;
                __global const float *b = grads + ((size_t)j * z->tiles + t) * KB;
                float16 acc[MR][NV];

                BLOCK_SET(acc, (float16)(0.0f));
                for (int m = min(DEPTH, n - t); m > 0; m--, a += z->row, b += KB)
                    BLOCK_ADD(acc, a[i], b);
#pragma unroll
                for (int i = 0; i < MR; i++) {
                    __global float *to = product + ((size_t)(c + i) * n_panel + j) * KB;

                    if (c + i >= z->C)
                        continue;
#pragma unroll
                    for (int v = 0; v < NV; v++) {
                        if (goes_on || t > 0)
                            acc[i][v] += vload16(v, to);
                        vstore16(acc[i][v], v, to);
                    }
                }
            }
}

__kernel GROUP(1) void winograd_tiles(
    __global float *restrict inputs, __global float *restrict grads,
    __global const float *restrict x, __global const float *restrict dy, const int H, const int W,
    const int C, const int P, const int Q, const int K, const int pad, const int tiles,
    const int row, const int plane_x, const int plane_y, const int first, const int n)
{
    const struct sizes z = { H, W, C, P, Q, K, pad, tiles, row, plane_x, plane_y };

    const int end = share_begin(get_group_id(0) + 1, get_num_groups(0), n);

    for (int t = share_begin(get_group_id(0), get_num_groups(0), n); t < end; t++)
        put_tile(inputs, grads, x, dy, &z, first, t);
}

__kernel GROUP(1) void winograd_product(__global float *restrict product,
                                        __global const float *restrict inputs,
                                        __global const float *restrict grads, const int H,
                                        const int W, const int C, const int P, const int Q,
                                        const int K, const int pad, const int tiles, const int row,
                                        const int plane_x, const int plane_y, const int first,
                                        const int n)
{
    const struct sizes z = { H, W, C, P, Q, K, pad, tiles, row, plane_x, plane_y };
    const int e = get_group_id(0), blocks = (C + MR - 1) / MR;

    sum_tiles(product + (size_t)e * C * ((K + KB - 1) / KB) * KB, inputs + (size_t)e * plane_x,
              grads + (size_t)e * plane_y, &z,
              share_begin(get_group_id(1), get_num_groups(1), blocks) * MR,
              min(C, share_begin(get_group_id(1) + 1, get_num_groups(1), blocks) * MR), n,
              first > 0);
}

__kernel GROUP(1) void winograd_split(__global float *restrict product,
                                      __global float *restrict inputs,
                                      __global float *restrict grads,
                                      __global const float *restrict x,
                                      __global const float *restrict dy, const int H, const int W,
                                      const int C, const int P, const int Q, const int K,
                                      const int pad, const int tiles, const int row,
                                      const int plane_x, const int plane_y, const int all)
{
    const struct sizes z = { H, W, C, P, Q, K, pad, tiles, row, plane_x, plane_y };
    const int id = get_group_id(0), splits = get_num_groups(0), ranges = (all + tiles - 1) / tiles;
    const size_t size = (size_t)C * ((K + KB - 1) / KB) * KB;
    const int begin = share_begin(id, splits, ranges), end = share_begin(id + 1, splits, ranges);

    product += (size_t)id * 36 * size;
    inputs += (size_t)id * 36 * plane_x;
    grads += (size_t)id * 36 * plane_y;
    for (int range = begin; range < end; range++) {
        const int first = range * tiles, n = min(tiles, all - first);

        for (int t = 0; t < n; t++)
            put_tile(inputs, grads, x, dy, &z, first, t);
        for (int e = 0; e < 36; e++)
            sum_tiles(product + e * size, inputs + (size_t)e * plane_x, grads + (size_t)e * plane_y,
                      &z, 0, C, n, range > begin);
    }
}

__kernel GROUP(1) void winograd_grad_w(__global float *restrict dw,
                                       __global const float *restrict product, const int C,
                                       const int K, const int splits)
{
    const int k0 = get_group_id(0) * KB, c = get_group_id(1);
    const size_t row = (size_t)get_num_groups(0) * KB;

    for (int k = k0; k < min(K, k0 + KB); k += 16) {
        float16 d[36];

#pragma unroll
        for (int e = 0; e < 36; e++) {
            d[e] = vload16(0, product + ((size_t)e * C + c) * row + k);
            for (int z = 1; z < splits; z++)
                d[e] += vload16(0, product + ((size_t)(z * 36 + e) * C + c) * row + k);
        }
#pragma unroll
        for (int j = 0; j < 6; j++)
            transform_product(d + j, 6);
#pragma unroll
        for (int r = 0; r < 3; r++)
            transform_product(d + 6 * r, 1);
#pragma unroll
        for (int r = 0; r < 3; r++)
#pragma unroll
            for (int s = 0; s < 3; s++)
                store_part(d[6 * r + s], dw + ((size_t)(3 * r + s) * C + c) * K + k, K - k);
    }
}
