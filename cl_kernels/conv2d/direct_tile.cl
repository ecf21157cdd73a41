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

// Along the depth all loads of an item are of one term, as TK / VW divides the items: of tap and
// channel `x_at`. Turned, w's taps lie before `last`, so many back for each row and each column.
#define FETCH(e0)                                                                                  \
    do {                                                                                           \
        const int e = (e0) + TILE_ALONG(0, TK);                                                    \
        const int tap = (x_at.high * W + x_at.mid) * C + x_at.low;                                 \
        const int back = (last - (x_at.high * S + x_at.mid) * out_stride) * K * C + x_at.low;      \
                                                                                                   \
        _Pragma("unroll") for (int f = 0; f < TILE_LOADS(TM); f++)                                 \
            TILE_LOAD(a_next + f * VW, x + (pixel[f] + tap),                                       \
                      e < depth && (uint)(top[f] + x_at.high) < (uint)H &&                         \
                          (uint)(left[f] + x_at.mid) < (uint)W);                                   \
        _Pragma("unroll") for (int f = 0; f < TILE_LOADS(TN); f++)                                 \
        {                                                                                          \
            const int k = k0 + (TURNED ? TILE_ACROSS(f, TK) : TILE_ALONG(f, TN));                  \
            const int row = (e0) + TILE_ACROSS(f, TN);                                             \
                                                                                                   \
            TILE_LOAD(b_next + f * VW, w + (TURNED ? back + k * C : row * K + k),                  \
                      (TURNED ? e : row) < depth && k < K);                                        \
        }                                                                                          \
        tile_go(&x_at, &step, cols_or_1, C);                                                       \
    } while (0)

__kernel GROUP(TILE_ITEMS) void direct_tile(
    __global float *restrict y, __global const float *restrict x, __global const float *restrict w,
    __global const float *restrict bias, const int N, const int H, const int W, const int C,
    const int P, const int Q, const int K, const int R, const int S, const int in_stride,
    const int out_stride, const int pad_h, const int pad_w, const int has_bias)
{
    __local TILE_ALIGNED float a_tile[BUFFERS * TILE_FLOATS(TM)];
    __local TILE_ALIGNED float b_tile[BUFFERS * TILE_FLOATS(TN)];
    const int k0 = get_group_id(0) * TN, m0 = get_global_id(1) * TM;
    const int phase = get_group_id(2), pa = phase / out_stride, qb = phase - pa * out_stride;
    const int U = (P - pa + out_stride - 1) / out_stride;
    const int V = (Q - qb + out_stride - 1) / out_stride;
    const int r0 = first_tap(pa, out_stride, pad_h), s0 = first_tap(qb, out_stride, pad_w);
    const int rows = (R - r0 + out_stride - 1) / out_stride;
    const int cols = (S - s0 + out_stride - 1) / out_stride, cols_or_1 = max(cols, 1);
    const int depth = rows * cols * C, pixels = N * U * V;
    const int last = (R - 1 - r0) * S + S - 1 - s0;
    const struct tile_place step = tile_place(TK, cols_or_1, C);
    struct tile_place x_at = tile_place(TILE_ALONG(0, TK), cols_or_1, C);
    float acc[RM][RN] = { { 0.0f } }, a_next[VW * TILE_LOADS(TM)], b_next[VW * TILE_LOADS(TN)];
    int top[TILE_LOADS(TM)], left[TILE_LOADS(TM)]; // of each load's pixel: its first tap,
    int pixel[TILE_LOADS(TM)]; // and where that lies from the tile's first image on, were it inside
    const int first = min(m0, max(pixels - 1, 0)) / max(U * V, 1);

    if (m0 >= pixels) // a phase smaller than the largest: the whole group leaves
        return;
#pragma unroll
    for (int f = 0; f < TILE_LOADS(TM); f++) {
        const int m = min(m0 + TILE_ACROSS(f, TK), pixels - 1), line = m / V, n = line / U;

        top[f] = (line - n * U) * in_stride + (pa - pad_h + r0) / out_stride;
        left[f] = (m - line * V) * in_stride + (qb - pad_w + s0) / out_stride;
        pixel[f] = (((n - first) * H + top[f]) * W + left[f]) * C;
    }
    x += (size_t)first * H * W * C;
    TILE_PRODUCT(acc, 0, depth, FETCH, 1, TURNED);

#pragma unroll
    for (int i = 0; i < RM; i++) {
        const int m = m0 + TILE_ROW(i), line = m / V, n = line / U, u = line - n * U;
        const size_t to =
            ((size_t)n * P + u * out_stride + pa) * Q + (m - line * V) * out_stride + qb;

#pragma unroll
        for (int j = 0; j < RN; j++) {
            const int k = k0 + TILE_COLUMN(j);

            if (m < pixels && k < K)
                y[to * K + k] = acc[i][j] + (has_bias ? bias[k] : 0.0f);
        }
    }
}
