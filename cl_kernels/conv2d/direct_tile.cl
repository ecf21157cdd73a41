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
//   w         [R, S, C, K] fp32; turned: [R, S, K, C], read from the last tap to the first
//   bias      [K] fp32, read only if has_bias
//   work      (ceil(K / TN), ceil(pixels of the largest phase / TM), phases) groups of
//             (TM / RM) (TN / RN) items, each a tile of y; items as in matmul/tile.cl
//   TM        pixels of a tile                                            64
//   TN        output channels of a tile                                   64
//   TK        of the sum in local memory at a time                        16
//   RM        pixels of an item                                           4
//   RN        output channels of an item                                  4
//   local     4 TK (TM + TN + 2) + 12 TM bytes, rows padded by one float against bank conflicts
//   numerics  fp32 fma in the order of taps and channels, so bits repeat
//   source    Chetlur et al. 2014 (cuDNN): the matrix X is never made

#ifndef TM
#define TM 64
#endif
#ifndef TN
#define TN 64
#endif
#ifndef TK
#define TK 16
#endif
#ifndef RM
#define RM 4
#endif
#ifndef RN
#define RN 4
#endif
#define COLUMNS (TN / RN)
#define ITEMS (TM / RM * COLUMNS)

inline int first_tap(const int phase, const int stride, const int pad)
{
    const int r = (pad - phase) % stride;

    return r < 0 ? r + stride : r;
}

__kernel GROUP(ITEMS) void direct_tile(__global float *restrict y, __global const float *restrict x,
                                       __global const float *restrict w,
                                       __global const float *restrict bias, const int N,
                                       const int H, const int W, const int C, const int P,
                                       const int Q, const int K, const int R, const int S,
                                       const int in_stride, const int out_stride, const int pad_h,
                                       const int pad_w, const int turned, const int has_bias)
{
    __local float x_tile[TK * (TM + 1)], w_tile[TK * (TN + 1)];
    __local int image[TM], top[TM], left[TM]; // of each pixel: n, and the place of its first tap
    const uint id = get_local_id(0);
    const int tx = id % COLUMNS, ty = id / COLUMNS;
    const int k0 = get_group_id(0) * TN, m0 = get_group_id(1) * TM;
    const int phase = get_group_id(2), pa = phase / out_stride, qb = phase - pa * out_stride;
    const int U = (P - pa + out_stride - 1) / out_stride;
    const int V = (Q - qb + out_stride - 1) / out_stride;
    const int r0 = first_tap(pa, out_stride, pad_h), s0 = first_tap(qb, out_stride, pad_w);
    const int rows = (R - r0 + out_stride - 1) / out_stride;
    const int cols = (S - s0 + out_stride - 1) / out_stride, row = max(cols, 1);
    const int depth = rows * cols * C, pixels = N * U * V;
    float acc[RM][RN] = { { 0.0f } };

    if (m0 >= pixels) // a phase smaller than the largest: the whole group leaves
        return;
    for (uint i = id; i < TM; i += ITEMS) {
        const int m = min(m0 + (int)i, pixels - 1), line = m / V, n = line / U;

        image[i] = n;
        top[i] = (line - n * U) * in_stride + (pa - pad_h + r0) / out_stride;
        left[i] = (m - line * V) * in_stride + (qb - pad_w + s0) / out_stride;
    }
    barrier(CLK_LOCAL_MEM_FENCE);

    for (int e0 = 0; e0 < depth; e0 += TK) {
        for (uint i = id; i < TM * TK; i += ITEMS) { // along c, which is contiguous
            const int e = e0 + i % TK, m = i / TK, t = e / C, c = e - t * C, r = t / row;
            const int h = top[m] + r, q = left[m] + t - r * row;
            const bool inside = e < depth && (uint)h < (uint)H && (uint)q < (uint)W;

            x_tile[i % TK * (TM + 1) + m] =
                inside ? x[(((size_t)image[m] * H + h) * W + q) * C + c] : 0.0f;
        }
        for (uint i = id; i < TN * TK; i += ITEMS) { // along what is contiguous in w
            const int ke = turned ? i % TK : i / TN, kk = turned ? i / TK : i % TN;
            const int e = e0 + ke, k = k0 + kk, t = e / C, c = e - t * C, tr = t / row;
            const int r = r0 + tr * out_stride, s = s0 + (t - tr * row) * out_stride;
            const size_t at = turned ? ((size_t)((R - 1 - r) * S + S - 1 - s) * K + k) * C + c
                                     : ((size_t)(r * S + s) * C + c) * K + k;

            w_tile[ke * (TN + 1) + kk] = e < depth && k < K ? w[at] : 0.0f;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int e = 0; e < TK; e++) {
            float weight[RN];

#pragma unroll
            for (int j = 0; j < RN; j++)
                weight[j] = w_tile[e * (TN + 1) + tx + j * COLUMNS];
#pragma unroll
            for (int i = 0; i < RM; i++) {
                const float value = x_tile[e * (TM + 1) + ty * RM + i];

#pragma unroll
                for (int j = 0; j < RN; j++)
                    acc[i][j] = fma(value, weight[j], acc[i][j]);
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }

    for (int i = 0; i < RM; i++) {
        const int m = m0 + ty * RM + i, line = m / V, n = line / U, u = line - n * U;
        const size_t pixel =
            ((size_t)n * P + u * out_stride + pa) * Q + (m - line * V) * out_stride + qb;

        for (int j = 0; j < RN; j++) {
            const int k = k0 + tx + j * COLUMNS;

            if (m < pixels && k < K)
                y[pixel * K + k] = acc[i][j] + (has_bias ? bias[k] : 0.0f);
        }
    }
}
