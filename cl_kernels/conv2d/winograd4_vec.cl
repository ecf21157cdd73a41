// conv2d/winograd4_vec.cl -- 3x3 convolution of stride 1 and its gradient of x on a CPU
//
//   forward     F(4x4, 3x3): a tile of 4 x 4 outputs is A^T [(G w G^T) . sum_c (B^T d B)] A of the
//               6 x 6 inputs d under it, 36 products a channel where the definition has 144
//   gradient    the same over dy, with w turned round and its channels exchanged, padding 2 - pad
//
//   y           [N, P, Q, K] fp32; for the gradient dx
//   x           [N, H, W, C] fp32; for the gradient dy
//   w           [3, 3, C, K] fp32; turned: [3, 3, K, C]
//   panels      [36][ceil(K / KB)][C][KB] fp32, G w G^T, zeros beyond K
//   bias        [K] fp32, read only if has_bias
//   scratch     a piece a group: B^T d B [36][tiles][row], plane_x floats to each of the 36; then
//               the products [36][tiles to whole blocks][columns], plane_y floats to each
//   work        groups of one item.  winograd_weights: (panels, C).  winograd_gather: (groups),
//               each walks its share of the blocks of `tiles` tiles
//   MR          tiles in a register block                                         6
//   NV          float16 vectors of output channels in a register block            1
//   local       none
//   numerics    fp32 fma; rounding errors are some 4 times the definition's, and a value that is
//               not finite reaches its whole tile. An output does not depend on the number of
//               groups, so bits repeat
//   source      Lavin, Gray 2015 (arXiv 1509.09308); conv2d/common.clh

#ifndef MR
#define MR 6
#endif
#ifndef NV
#define NV 1
#endif
#define KB (16 * NV)

// d[0], d[step], ... d[3 step] := A^T d, of six
INLINE void transform_output(float16 *d, const int step)
{
    const float16 sum1 = d[step] + d[2 * step], sum2 = d[3 * step] + d[4 * step];
    const float16 difference1 = d[step] - d[2 * step], difference2 = d[3 * step] - d[4 * step];

    d[0] += sum1 + sum2;
    d[step] = difference1 + 2.0f * difference2;
    d[2 * step] = sum1 + 4.0f * sum2;
    d[3 * step] = difference1 + 8.0f * difference2 + d[5 * step];
}

// d[0], d[step], ... d[5 step] := G d, of three
INLINE void transform_weights(float16 *d, const int step)
{
    const float16 d0 = d[0], d1 = d[step], d2 = d[2 * step];
    const float16 even1 = (d0 + d2) * (-1.0f / 6), odd1 = d1 * (-1.0f / 6);
    const float16 even2 = d0 * (1.0f / 24) + d2 * (1.0f / 6), odd2 = d1 * (1.0f / 12);

    d[0] = 0.25f * d0;
    d[step] = even1 + odd1;
    d[2 * step] = even1 - odd1;
    d[3 * step] = even2 + odd2;
    d[4 * step] = even2 - odd2;
    d[5 * step] = d2;
}

__kernel GROUP(1) void winograd_weights(__global float *restrict panels,
                                        __global const float *restrict w, const int C, const int K,
                                        const int turned)
{
    const int k0 = get_group_id(0) * KB, c = get_group_id(1);
    const size_t plane = (size_t)get_num_groups(0) * C * KB;
    __global float *to = panels + ((size_t)get_group_id(0) * C + c) * KB;

    for (int v = 0; v < NV; v++) {
        const int k = k0 + 16 * v, width = clamp(K - k, 0, 16);
        float16 d[36];

        for (int t = 0; t < 9; t++) {
            const int r = t / 3, s = t - 3 * r;
            float part[16];

            if (!turned)
                d[6 * r + s] = load_part(w + ((size_t)t * C + c) * K + k, width);
            else {
                for (int i = 0; i < 16; i++)
                    part[i] = i < width ? w[((size_t)(8 - t) * K + k + i) * C + c] : 0.0f;
                d[6 * r + s] = vload16(0, part);
            }
        }
#pragma unroll
        for (int s = 0; s < 3; s++)
            transform_weights(d + s, 6);
#pragma unroll
        for (int r = 0; r < 6; r++)
            transform_weights(d + 6 * r, 1);
#pragma unroll
        for (int e = 0; e < 36; e++)
            vstore16(d[e], v, to + e * plane);
    }
}

// products[t][k] = sum_c inputs[t][c] panels[k / KB][c][k % KB], t < n
inline void multiply(__global float *products, __global const float *inputs,
                     __global const float *panel, const int n, const int C, const int n_panel,
                     const int row, const int columns)
{
    for (int j = 0; j < n_panel; j++, panel += (size_t)C * KB)
        for (int t = 0; t < n; t += MR) {
            __global const float *a[MR];
            float16 acc[MR][NV];

#pragma unroll
            for (int i = 0; i < MR; i++)
                a[i] = inputs + min(t + i, n - 1) * row;
            BLOCK_SET(acc, (float16)(0.0f));
            for (int c = 0; c < C; c++)
                BLOCK_ADD(acc, a[i][c], panel + c * KB);
#pragma unroll
            for (int i = 0; i < MR; i++)
#pragma unroll
                for (int v = 0; v < NV; v++)
                    vstore16(acc[i][v], v, products + (t + i) * columns + j * KB);
        }
}

// Tile `at` of y, whose first output is (p, q), from its products
inline void take_outputs(__global float *image, __global const float *products,
                         __global const float *bias, const int3 at, const int P, const int Q,
                         const int K, const int plane, const int has_bias)
{
    for (int k = 0; k < K; k += 16) {
        const float16 start = load_part(bias + k, has_bias ? K - k : 0);
        float16 d[36];

#pragma unroll
        for (int e = 0; e < 36; e++)
            d[e] = vload16(0, products + (size_t)e * plane + k);
#pragma unroll
        for (int j = 0; j < 6; j++)
            transform_output(d + j, 6);
#pragma unroll
        for (int i = 0; i < 4; i++)
            transform_output(d + 6 * i, 1);
#pragma unroll
        for (int i = 0; i < 4; i++)
#pragma unroll
            for (int j = 0; j < 4; j++)
                if (at.y + i < P && at.z + j < Q)
                    store_part(d[6 * i + j] + start, image + ((at.y + i) * Q + at.z + j) * K + k,
                               K - k);
    }
}

__kernel GROUP(1) void winograd_gather(__global float *restrict y, __global float *restrict scratch,
                                       __global const float *restrict x,
                                       __global const float *restrict panels,
                                       __global const float *restrict bias, const int N,
                                       const int H, const int W, const int C, const int P,
                                       const int Q, const int K, const int pad, const int has_bias,
                                       const int tiles, const int row, const int columns,
                                       const int plane_x, const int plane_y)
{
    const int n_panel = (K + KB - 1) / KB, all = N * ((P + 3) / 4) * ((Q + 3) / 4);
    const int blocks = (all + tiles - 1) / tiles;
    const int end = share_begin(get_group_id(0) + 1, get_num_groups(0), blocks);
    __global float *inputs = scratch + (size_t)get_group_id(0) * 36 * (plane_x + plane_y);
    __global float *products = inputs + (size_t)36 * plane_x;

    for (int block = share_begin(get_group_id(0), get_num_groups(0), blocks); block < end;
         block++) {
        const int first = block * tiles, n = min(tiles, all - first);

        for (int t = 0; t < n; t++) {
            const int3 at = place(first + t, P, Q);

            put_inputs(inputs + t * row, x + (size_t)at.x * H * W * C, at.y - pad, at.z - pad, H, W,
                       C, C, plane_x);
        }
        for (int e = 0; e < 36; e++)
            multiply(products + (size_t)e * plane_y, inputs + (size_t)e * plane_x,
                     panels + (size_t)e * n_panel * C * KB, n, C, n_panel, row, columns);
        for (int t = 0; t < n; t++) {
            const int3 at = place(first + t, P, Q);

            take_outputs(y + (size_t)at.x * P * Q * K, products + t * columns, bias, at, P, Q, K,
                         plane_y, has_bias);
        }
    }
}
