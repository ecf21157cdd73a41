// conv2d/winograd4_grad_w_vec.cl -- the weights' gradient of a 3x3 convolution of stride 1 on a CPU
//
//   dw = G^T [sum over tiles (B^T d B) . (A dy A^T)] G, d the 6 x 6 pixels of x under 4 x 4 of dy
//
//   dw          [splits, 3, 3, C, K] fp32, each split sums its share of the tiles
//   x dy        [N, H, W, C], [N, P, Q, K] fp32
//   scratch     a piece a group: inputs, grads and product of each of 36 points, POINT floats each
//   inputs      [TILES][ROW] fp32, B^T d B of BC channels
//   grads       [BK / KB][TILES][KB] fp32, A dy A^T of BK channels
//   product     [BC to whole register blocks][BK] fp32, the sums over tiles
//   work        (groups) of one item; each walks its share of the jobs, which are the blocks of BC
//               by BK channels, times the splits
//   BC          channels of x in a block, a multiple of 16                        128
//   BK          channels of dy in a block, a multiple of 16 NV                    128
//   TILES       tiles that are transformed, and then summed in registers          64
//   MR          input channels in a register block                                6
//   NV          float16 vectors of output channels in a register block            1
//   local       none
//   numerics    fp32 fma; the tiles of a split in their order, so bits repeat for the same splits
//   source      Lavin, Gray 2015 (arXiv 1509.09308); conv2d/common.clh

#ifndef BC
#define BC 128
#endif
#ifndef BK
#define BK 128
#endif
#ifndef TILES
#define TILES 64
#endif
#ifndef MR
#define MR 6
#endif
#ifndef NV
#define NV 1
#endif
#define KB (16 * NV)
// Rows and points a multiple of 4096 bytes apart would want the same few sets of the first cache.
#define ROW (BC + 16)
#define POINT (TILES * (ROW + BK) + (BC + MR) * BK + 16)

DEFINE_GRAD_TRANSFORMS(float16)

// to[j POINT] := d B, of six, as row i of B^T d B
INLINE void put_x_row(__global float *to, const float8 d[6], const int i)
{
    const float8 even = d[4] - 4.0f * d[2], odd = d[3] - 4.0f * d[1];
    const float8 near = d[4] - d[2], far = 2.0f * (d[3] - d[1]);

    to += 6 * i * POINT;
    vstore8(4.0f * d[0] - 5.0f * d[2] + d[4], 0, to);
    vstore8(even + odd, 0, to + POINT);
    vstore8(even - odd, 0, to + 2 * POINT);
    vstore8(near + far, 0, to + 3 * POINT);
    vstore8(near - far, 0, to + 4 * POINT);
    vstore8(4.0f * d[1] - 5.0f * d[3] + d[5], 0, to + 5 * POINT);
}

// to[e POINT] := B^T d B. Two rows at a time, so that what is computed stays in registers.
INLINE void transform_x(__global float *to, const float8 *d)
{
#define D(i) d[(6 * (i) + j) * (BC / 8)]
    float8 sum[6], difference[6];

#pragma unroll
    for (int j = 0; j < 6; j++)
        sum[j] = 4.0f * D(0) - 5.0f * D(2) + D(4);
    put_x_row(to, sum, 0);
#pragma unroll
    for (int j = 0; j < 6; j++) {
        const float8 even = D(4) - 4.0f * D(2), odd = D(3) - 4.0f * D(1);

        sum[j] = even + odd;
        difference[j] = even - odd;
    }
    put_x_row(to, sum, 1);
    put_x_row(to, difference, 2);
#pragma unroll
    for (int j = 0; j < 6; j++) {
        const float8 near = D(4) - D(2), far = 2.0f * (D(3) - D(1));

        sum[j] = near + far;
        difference[j] = near - far;
    }
    put_x_row(to, sum, 3);
    put_x_row(to, difference, 4);
#pragma unroll
    for (int j = 0; j < 6; j++)
        sum[j] = 4.0f * D(1) - 5.0f * D(3) + D(5);
    put_x_row(to, sum, 5);
#undef D
}

// to[j POINT] := d A^T, of four, as row i of A d A^T
INLINE void put_dy_row(__global float *to, const float8 d[4], const int i)
{
    const float8 even1 = d[0] + d[2], odd1 = d[1] + d[3];
    const float8 even2 = d[0] + 4.0f * d[2], odd2 = 2.0f * d[1] + 8.0f * d[3];

    to += 6 * i * POINT;
    vstore8(d[0], 0, to);
    vstore8(even1 + odd1, 0, to + POINT);
    vstore8(even1 - odd1, 0, to + 2 * POINT);
    vstore8(even2 + odd2, 0, to + 3 * POINT);
    vstore8(even2 - odd2, 0, to + 4 * POINT);
    vstore8(d[3], 0, to + 5 * POINT);
}

// to[e POINT] := A d A^T
INLINE void transform_dy(__global float *to, const float8 *d)
{
#define D(i) d[(4 * (i) + j) * (BK / 8)]
    float8 sum[4], difference[4];

#pragma unroll
    for (int j = 0; j < 4; j++)
        sum[j] = D(0);
    put_dy_row(to, sum, 0);
#pragma unroll
    for (int j = 0; j < 4; j++) {
        const float8 even = D(0) + D(2), odd = D(1) + D(3);

        sum[j] = even + odd;
        difference[j] = even - odd;
    }
    put_dy_row(to, sum, 1);
    put_dy_row(to, difference, 2);
#pragma unroll
    for (int j = 0; j < 4; j++) {
        const float8 even = D(0) + 4.0f * D(2), odd = 2.0f * D(1) + 8.0f * D(3);

        sum[j] = even + odd;
        difference[j] = even - odd;
    }
    put_dy_row(to, sum, 3);
    put_dy_row(to, difference, 4);
#pragma unroll
    for (int j = 0; j < 4; j++)
        sum[j] = D(3);
    put_dy_row(to, sum, 5);
#undef D
}

// to[n][n][block] := the n x n pixels from (h, w) on; zeros outside the image, and in channels
// from `left` on
INLINE void copy_pixels(float16 *to, const int n, const int block, __global const float *image,
                        const int h, const int w, const int H, const int W, const int C,
                        const int left)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++, to += block / 16) {
            __global const float *pixel = image + ((h + i) * W + w + j) * C;

            if ((uint)(h + i) >= (uint)H || (uint)(w + j) >= (uint)W) {
#pragma unroll
                for (int v = 0; v < block / 16; v++)
                    to[v] = 0.0f;
            } else if (left >= block) {
#pragma unroll
                for (int v = 0; v < block / 16; v++)
                    to[v] = vload16(v, pixel);
            } else
                for (int v = 0; v < block / 16; v++)
                    to[v] = load_part(pixel + 16 * v, left - 16 * v);
        }
}

// Of n tiles from `first` on, and BC channels of which there are `left`
inline void put_x(__global float *inputs, __global const float *x, const int first, const int n,
                  const int H, const int W, const int C, const int P, const int Q, const int pad,
                  const int left)
{
    float16 d[36 * BC / 16];

    for (int t = 0; t < n; t++, inputs += ROW) {
        const int3 at = place(first + t, P, Q);

        copy_pixels(d, 6, BC, x + (size_t)at.x * H * W * C, at.y - pad, at.z - pad, H, W, C, left);
        for (int c = 0; c < BC; c += 8)
            transform_x(inputs + c, (const float8 *)d + c / 8);
    }
}

// Of n tiles from `first` on, and BK channels of which there are `left`
inline void put_dy(__global float *grads, __global const float *dy, const int first, const int n,
                   const int P, const int Q, const int K, const int left)
{
    float16 d[16 * BK / 16];

    for (int t = 0; t < n; t++, grads += KB) {
        const int3 at = place(first + t, P, Q);

        copy_pixels(d, 4, BK, dy + (size_t)at.x * P * Q * K, at.y, at.z, P, Q, K, left);
        for (int k = 0; k < BK; k += 8)
            transform_dy(grads + k / KB * TILES * KB + k % KB, (const float8 *)d + k / 8);
    }
}

// product[c][k] = the sum over n tiles of inputs[t][c] grads[t][k], for whole register blocks that
// hold c < n_c, k < n_k; added to it if it `goes_on`
inline void sum_tiles(__global float *product, __global const float *inputs,
                      __global const float *grads, const int n, const int n_c, const int n_k,
                      const int goes_on)
{
    for (int k = 0; k < n_k; k += KB)
        for (int c = 0; c < n_c; c += MR) {
            __global const float *a = inputs + c, *b = grads + k * TILES;
            float16 acc[MR][NV];

            BLOCK_SET(acc, (float16)(0.0f));
#pragma unroll 4
            for (int m = n; m > 0; m--, a += ROW, b += KB)
                BLOCK_ADD(acc, a[i], b);
#pragma unroll
            for (int i = 0; i < MR; i++) {
                __global float *to = product + (c + i) * BK + k;

#pragma unroll
                for (int v = 0; v < NV; v++) {
                    if (goes_on)
                        acc[i][v] += vload16(v, to);
                    vstore16(acc[i][v], v, to);
                }
            }
        }
}

// The first 16 output channels, `left` at most, of an input channel; taps are `apart`
INLINE void put_weights(__global float *dw, __global const float *product, const size_t apart,
                        const int left)
{
    float16 d[36];

#pragma unroll
    for (int e = 0; e < 36; e++)
        d[e] = vload16(0, product + e * POINT);
#pragma unroll
    for (int j = 0; j < 6; j++)
        transform_product(d + j, 6);
#pragma unroll
    for (int r = 0; r < 3; r++) {
        transform_product(d + 6 * r, 1);
#pragma unroll
        for (int s = 0; s < 3; s++)
            store_part(d[6 * r + s], dw + (3 * r + s) * apart, left);
    }
}

__kernel GROUP(1) void winograd_grad_w(__global float *restrict dw,
                                       __global float *restrict scratch,
                                       __global const float *restrict x,
                                       __global const float *restrict dy, const int H, const int W,
                                       const int C, const int P, const int Q, const int K,
                                       const int pad, const int tiles, const int splits)
{
    const int n_block = (K + BK - 1) / BK, jobs = (C + BC - 1) / BC * n_block * splits;
    const int id = get_group_id(0), last = share_begin(id + 1, get_num_groups(0), jobs);
    __global float *inputs = scratch + (size_t)id * 36 * POINT, *grads = inputs + TILES * ROW,
                   *product = grads + TILES * BK;

    for (int job = share_begin(id, get_num_groups(0), jobs); job < last; job++) {
        const int block = job / splits, split = job - block * splits, line = block / n_block;
        const int c = line * BC, k = (block - line * n_block) * BK;
        const int begin = share_begin(split, splits, tiles),
                  end = share_begin(split + 1, splits, tiles);

        for (int t = begin; t < end; t += TILES) {
            const int n = min(TILES, end - t);

            put_x(inputs, x + c, t, n, H, W, C, P, Q, pad, C - c);
            put_dy(grads, dy + k, t, n, P, Q, K, K - k);
            for (int e = 0; e < 36; e++)
                sum_tiles(product + e * POINT, inputs + e * POINT, grads + e * POINT, n,
                          min(BC, C - c), min(BK, K - k), t > begin);
        }
        for (int i = 0; i < min(BC, C - c); i++)
            for (int j = 0; j < min(BK, K - k); j += 16)
                put_weights(dw + ((size_t)split * 9 * C + c + i) * K + k + j, product + i * BK + j,
                            (size_t)C * K, K - k - j);
    }
}
