// conv2d/grad_w_tile.cl -- gradient of a convolution's weights on a GPU, as one implicit product
//
//   dw[e,k] = sum_m X[m,e] dy[m,k]
//
//   m runs over the pixels (n, p, q) of y, e over taps and channels (r, s, c); X[m,e] is the
//   element of x that tap (r, s) of pixel m meets, or 0 outside.
//
//   dw        [R, S, C, K] fp32; with splits of the pixels [splits, R, S, C, K], which
//             split_sum.cl adds
//   x dy      [N, H, W, C], [N, P, Q, K] fp32
//   work      (ceil(K / TN), ceil(R S C / TM), splits) groups of (TM / RM) (TN / RN) items, each
//             a tile of dw
//   TM TN     taps and channels and output channels of a tile
//   TK        pixels in local memory at a time
//   RM RN     taps and channels and output channels of an item
//   VW        1, or 4 where that divides C and K
//   LV PAD BUFFERS   as in tile.clh, which has the defaults of all these
//   local     as in tile.clh
//   numerics  fp32 fma in the order of the pixels; splits in their order, so bits repeat
//   source    Chetlur et al. 2014 (cuDNN): the matrix X is never made

#define FETCH(m0)                                                                                  \
    do {                                                                                           \
        _Pragma("unroll") for (int f = 0; f < TILE_LOADS(TM); f++)                                 \
        {                                                                                          \
            const int h = x_at[f].mid * stride + down[f], q = x_at[f].low * stride + right[f];     \
                                                                                                   \
            TILE_LOAD(a_next + f * VW,                                                             \
                      x + ((long)x_at[f].high * image + x_at[f].mid * line +                       \
                           x_at[f].low * stride * C + tap[f]),                                     \
                      (m0) + TILE_ACROSS(f, TM) < end && (uint)h < (uint)H && (uint)q < (uint)W);  \
            tile_go(&x_at[f], &step, P, Q);                                                        \
        }                                                                                          \
        _Pragma("unroll") for (int f = 0; f < TILE_LOADS(TN); f++)                                 \
        {                                                                                          \
            const int m = (m0) + TILE_ACROSS(f, TN), k = k0 + TILE_ALONG(f, TN);                   \
                                                                                                   \
            TILE_LOAD(b_next + f * VW, dy + (size_t)m * K + k, m < end && k < K);                  \
        }                                                                                          \
    } while (0)

__kernel GROUP(TILE_ITEMS) void grad_w_tile(__global float *restrict dw,
                                            __global const float *restrict x,
                                            __global const float *restrict dy, const int N,
                                            const int H, const int W, const int C, const int P,
                                            const int Q, const int K, const int R, const int S,
                                            const int stride, const int pad)
{
    __local TILE_ALIGNED float a_tile[BUFFERS * TILE_FLOATS(TM)];
    __local TILE_ALIGNED float b_tile[BUFFERS * TILE_FLOATS(TN)];
    const int k0 = get_group_id(0) * TN, e0 = get_global_id(1) * TM, z = get_group_id(2);
    const int splits = get_num_groups(2), pixels = N * P * Q, depth = R * S * C;
    const int steps = (pixels + TK - 1) / TK, begin = share_begin(z, splits, steps) * TK;
    const int end = min(pixels, share_begin(z + 1, splits, steps) * TK);
    float acc[RM][RN] = { { 0.0f } }, a_next[VW * TILE_LOADS(TM)], b_next[VW * TILE_LOADS(TN)];
    int down[TILE_LOADS(TM)], right[TILE_LOADS(TM)]; // of each load's tap
    int tap[TILE_LOADS(TM)];                         // and where that lies from its pixel on
    const int image = H * W * C, line = stride * W * C;
    struct tile_place x_at[TILE_LOADS(TM)]; // the image, row and column of its next pixel of dy
    const struct tile_place step = tile_place(TK, P, Q);

#pragma unroll
    for (int f = 0; f < TILE_LOADS(TM); f++) {
        const int e = e0 + TILE_ALONG(f, TM), t = e / C, r = t / S;

        tap[f] = ((r - pad) * W + t - r * S - pad) * C + e - t * C;
        x_at[f] = tile_place(begin + TILE_ACROSS(f, TM), P, Q);
        down[f] = e < depth ? r - pad : -(1 << 30); // a row that is in no image
        right[f] = t - r * S - pad;
    }
    TILE_PRODUCT(acc, begin, end, FETCH, 0, 0);

    dw += (size_t)z * depth * K;
#pragma unroll
    for (int i = 0; i < RM; i++)
#pragma unroll
        for (int j = 0; j < RN; j++) {
            const int e = e0 + TILE_ROW(i), k = k0 + TILE_COLUMN(j);

            if (e < depth && k < K)
                dw[(size_t)e * K + k] = acc[i][j];
        }
}
