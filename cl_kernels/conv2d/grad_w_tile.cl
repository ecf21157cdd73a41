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
//             a tile of dw; items as in matmul/tile.cl
//   TM        taps and channels of a tile                                 64
//   TN        output channels of a tile                                   64
//   TK        pixels in local memory at a time                            16
//   RM        taps and channels of an item                                4
//   RN        output channels of an item                                  4
//   local     4 TK (TM + TN + 2) bytes, rows padded by one float against bank conflicts
//   numerics  fp32 fma in the order of the pixels; splits in their order, so bits repeat
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

__kernel GROUP(ITEMS) void grad_w_tile(__global float *restrict dw,
                                       __global const float *restrict x,
                                       __global const float *restrict dy, const int N, const int H,
                                       const int W, const int C, const int P, const int Q,
                                       const int K, const int R, const int S, const int stride,
                                       const int pad)
{
    __local float x_tile[TK * (TM + 1)], dy_tile[TK * (TN + 1)];
    const uint id = get_local_id(0);
    const int tx = id % COLUMNS, ty = id / COLUMNS, z = get_group_id(2);
    const int k0 = get_group_id(0) * TN, e0 = get_group_id(1) * TM;
    const int pixels = N * P * Q, depth = R * S * C;
    const int begin = (int)((long)pixels * z / get_num_groups(2));
    const int end = (int)((long)pixels * (z + 1) / get_num_groups(2));
    float acc[RM][RN] = { { 0.0f } };

    for (int m0 = begin; m0 < end; m0 += TK) {
        for (uint i = id; i < TM * TK; i += ITEMS) { // along c, which is contiguous
            const int e = e0 + i % TM, t = e / C, c = e - t * C, r = t / S, s = t - r * S;
            const int m = m0 + i / TM, line = m / Q, n = line / P;
            const int h = (line - n * P) * stride - pad + r, q = (m - line * Q) * stride - pad + s;
            const bool inside = m < end && e < depth && (uint)h < (uint)H && (uint)q < (uint)W;

            x_tile[i / TM * (TM + 1) + i % TM] =
                inside ? x[(((size_t)n * H + h) * W + q) * C + c] : 0.0f;
        }
        for (uint i = id; i < TN * TK; i += ITEMS) {
            const int m = m0 + i / TN, k = k0 + i % TN;

            dy_tile[i / TN * (TN + 1) + i % TN] = m < end && k < K ? dy[(size_t)m * K + k] : 0.0f;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int m = 0; m < TK; m++) {
            float gradient[RN];

#pragma unroll
            for (int j = 0; j < RN; j++)
                gradient[j] = dy_tile[m * (TN + 1) + tx + j * COLUMNS];
#pragma unroll
            for (int i = 0; i < RM; i++) {
                const float value = x_tile[m * (TM + 1) + ty * RM + i];

#pragma unroll
                for (int j = 0; j < RN; j++)
                    acc[i][j] = fma(value, gradient[j], acc[i][j]);
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }

    dw += (size_t)z * depth * K;
    for (int i = 0; i < RM; i++)
        for (int j = 0; j < RN; j++) {
            const int e = e0 + ty * RM + i, k = k0 + tx + j * COLUMNS;

            if (e < depth && k < K)
                dw[(size_t)e * K + k] = acc[i][j];
        }
}
