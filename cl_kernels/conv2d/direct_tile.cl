// conv2d/direct_tile.cl -- convolution and its gradient of x on a GPU, as one implicit product
//
//   y[m,k] = bias[k] + sum_e X[m,e] w[e,k]
//
//   m runs over the pixels (n, u, v) of a phase of y, e over that phase's taps and channels
//   (r, s, c); X[m,e] is the element of x that tap (r, s) of pixel m meets, or 0 outside.
//   What forward and gradient mean, and phases, is in direct_vec.cl.
//
//   y         [N, P, Q, K] fp32; for the gradient dx
//   x         [N, H, W, C] fp32; for the gradient dy
//   w         [R, S, C, K] fp32; TURNED: [R, S, K, C], read from the last tap to the first
//   bias      [K] fp32, read only if has_bias
//   work      (ceil(K / TN), ceil(pixels of the largest phase / TM), phases) groups of
//             (TM / RM) (TN / RN) items, each a tile of y
//   TM TN     pixels and output channels of a tile
//   TK        of the sum in local memory at a time
//   RM RN     pixels and output channels of an item
//   VW        1, or 4 where that divides C and K
//   LV PAD BUFFERS   as in tile.clh, which has the defaults of all these
//   TURNED    1 for the gradient, whose in_stride is 1; forward's out_stride is    0
//   local     as in tile.clh
//   numerics  fp32 fma in the order of taps and channels, so bits repeat
//   source    Chetlur et al. 2014 (cuDNN): the matrix X is never made

#ifndef TURNED
#define TURNED 0
#endif

inline int first_tap(const int phase, const int stride, const int pad)
{
    const int r = (pad - phase) % stride;

    return r < 0 ? r + stride : r;
}

// One term e of the sum belongs to all of an item's loads of x, as TK / VW divides the items.
#define FETCH(e0)                                                                                  \
    do {                                                                                           \
        const int e = (e0) + TILE_ALONG(0, TK), t = e / C, c = e - t * C;                          \
        const int r = t / row, s = t - r * row;                                                    \
                                                                                                   \
        _Pragma("unroll") for (int f = 0; f < TILE_LOADS(TM); f++)                                 \
        {                                                                                          \
            const int h = top[f] + r, q = left[f] + s;                                             \
                                                                                                   \
            TILE_LOAD(a_next + f * VW, x + ((image[f] + h) * W + q) * C + c,                       \
                      e < depth && (uint)h < (uint)H && (uint)q < (uint)W);                        \
        }                                                                                          \
        _Pragma("unroll") for (int f = 0; f < TILE_LOADS(TN); f++)                                 \
            fetch_w(b_next + f * VW, w, (e0) + (TURNED ? TILE_ALONG(f, TK) : TILE_ACROSS(f, TN)),  \
                    k0 + (TURNED ? TILE_ACROSS(f, TK) : TILE_ALONG(f, TN)), depth, row, C, K,      \
                    ((R - 1 - r0) * S + S - 1 - s0), S * out_stride, out_stride);                  \
    } while (0)

// w[e,k]. Turned, its tap lies before `last`, so many taps back for each row and each column.
INLINE void fetch_w(float *to, __global const float *w, const int e, const int k, const int depth,
                    const int row, const int C, const int K, const int last, const int down,
                    const int across)
{
    const int t = e / C, c = e - t * C, r = t / row, s = t - r * row;
    const size_t at =
        TURNED ? ((size_t)(last - r * down - s * across) * K + k) * C + c : (size_t)e * K + k;

    TILE_LOAD(to, w + at, e < depth && k < K);
}

__kernel GROUP(TILE_ITEMS) void direct_tile(
    __global float *restrict y, __global const float *restrict x, __global const float *restrict w,
    __global const float *restrict bias, const int N, const int H, const int W, const int C,
    const int P, const int Q, const int K, const int R, const int S, const int in_stride,
    const int out_stride, const int pad_h, const int pad_w, const int has_bias)
{
    __local float a_tile[BUFFERS * TILE_FLOATS(TM)], b_tile[BUFFERS * TILE_FLOATS(TN)];
    const int k0 = get_group_id(0) * TN, m0 = get_global_id(1) * TM;
    const int phase = get_group_id(2), pa = phase / out_stride, qb = phase - pa * out_stride;
    const int U = (P - pa + out_stride - 1) / out_stride;
    const int V = (Q - qb + out_stride - 1) / out_stride;
    const int r0 = first_tap(pa, out_stride, pad_h), s0 = first_tap(qb, out_stride, pad_w);
    const int rows = (R - r0 + out_stride - 1) / out_stride;
    const int cols = (S - s0 + out_stride - 1) / out_stride, row = max(cols, 1);
    const int depth = rows * cols * C, pixels = N * U * V;
    float acc[RM][RN] = { { 0.0f } }, a_next[VW * TILE_LOADS(TM)], b_next[VW * TILE_LOADS(TN)];
    size_t image[TILE_LOADS(TM)]; // of each load's pixel: the first line of its image,
    int top[TILE_LOADS(TM)], left[TILE_LOADS(TM)]; // and the place of its first tap

    if (m0 >= pixels) // a phase smaller than the largest: the whole group leaves
        return;
#pragma unroll
    for (int f = 0; f < TILE_LOADS(TM); f++) {
        const int m = min(m0 + TILE_ACROSS(f, TK), pixels - 1), line = m / V, n = line / U;

        image[f] = (size_t)n * H;
        top[f] = (line - n * U) * in_stride + (pa - pad_h + r0) / out_stride;
        left[f] = (m - line * V) * in_stride + (qb - pad_w + s0) / out_stride;
    }
    TILE_PRODUCT(acc, 0, depth, FETCH, 1, TURNED);

    for (int i = 0; i < RM; i++) {
        const int m = m0 + TILE_ROW(i), line = m / V, n = line / U, u = line - n * U;
        const size_t pixel =
            ((size_t)n * P + u * out_stride + pa) * Q + (m - line * V) * out_stride + qb;

        for (int j = 0; j < RN; j++) {
            const int k = k0 + TILE_COLUMN(j);

            if (m < pixels && k < K)
                y[pixel * K + k] = acc[i][j] + (has_bias ? bias[k] : 0.0f);
        }
    }
}
