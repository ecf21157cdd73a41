// matmul/vec.cl -- dense matrix product on a CPU
//
//   y[m,n] = bias[n] + sum_k A[m,k] B[k,n]
//
//   y         [M, N] fp32, row-major; with splits of K [splits, M, N], which split_sum.cl adds
//   a         A [M, K] as it lies, or (packed) in panels [ceil(M / MR)][K][MR]
//   b         B in panels [ceil(N / NB)][K][NB]
//   bias      [N] fp32, read only if has_bias
//   work      groups of one item.  matmul_pack: (panels, K / PACK).  matmul_main: (panels of B,
//             blocks of MR rows / span, splits)
//   MR        rows in a register block                                            6
//   NV        float16 vectors of columns in a register block                      1
//   DEPTH     of K between two visits to y: a panel's piece should stay in L1     512
//   PACK      of K that an item packs                                             128
//   local     none
//   numerics  fp32 fma in the order of k; splits in their order, so bits repeat
//   source    Van Zee, van de Geijn 2015 (BLIS)

#ifndef MR
#define MR 6
#endif
#ifndef NV
#define NV 1
#endif
#ifndef DEPTH
#define DEPTH 512
#endif
#ifndef PACK
#define PACK 128
#endif
#define NB (16 * NV)

// panels[panel][k][width] = in[k * stride_k + j * stride_j], and zeros where j is not below n.
__kernel GROUP(1) void matmul_pack(__global float *restrict panels,
                                   __global const float *restrict in, const int K, const int n,
                                   const int stride_k, const int stride_j, const int width)
{
    const int j0 = get_group_id(0) * width, k0 = get_group_id(1) * PACK;
    const int depth = min(PACK, K - k0), inside = min(width, n - j0);
    __global float *to = panels + (size_t)j0 * K + (size_t)k0 * width;
    __global const float *from = in + (size_t)k0 * stride_k + (size_t)j0 * stride_j;

    if (stride_j == 1 && inside == NB) {
        for (int k = 0; k < depth; k++)
#pragma unroll
            for (int j = 0; j < NV; j++)
                vstore16(vload16(j, from + (size_t)k * stride_k), j, to + k * NB);
        return;
    }
    if (stride_j == 1 && width == MR && inside == MR) {
        for (int k = 0; k < depth; k++)
#pragma unroll
            for (int j = 0; j < MR; j++)
                to[k * MR + j] = from[(size_t)k * stride_k + j];
        return;
    }
    for (int j = 0; j < width; j++)
        for (int k = 0; k < depth; k++)
            to[k * width + j] =
                j < inside ? from[(size_t)k * stride_k + (size_t)j * stride_j] : 0.0f;
}

// acc[i] += sum_k a[i][k * step] * b[k][:]
inline void accumulate(float16 acc[MR][NV], __global const float *const a[MR], const size_t step,
                       __global const float *b, const int depth)
{
    size_t o = 0;

    for (int k = 0; k < depth; k++, b += NB, o += step)
        BLOCK_ADD(acc, a[i][o], b);
}

__kernel GROUP(1) void matmul_main(__global float *restrict y, __global const float *restrict a,
                                   __global const float *restrict b,
                                   __global const float *restrict bias, const int M, const int N,
                                   const int K, const int packed, const int has_bias,
                                   const int span)
{
    const int n0 = get_group_id(0) * NB, z = get_group_id(2), splits = get_num_groups(2);
    const int blocks = (M + MR - 1) / MR, first = get_group_id(1) * span;
    const int last = min(first + span, blocks);
    const int k_begin = (int)((long)K * z / splits), k_end = (int)((long)K * (z + 1) / splits);
    const size_t row = packed ? 1 : K, step = packed ? MR : 1;

    y += (size_t)z * M * N + n0;
    for (int k = k_begin; k < k_end; k += DEPTH)
        for (int block = first; block < last; block++) {
            const int m0 = block * MR;
            __global const float *from[MR];
            float16 acc[MR][NV];

#pragma unroll
            for (int i = 0; i < MR; i++) {
                const int m = packed ? i : min(i, M - m0 - 1);

                from[i] = a + (size_t)m0 * K + m * row + k * step;
#pragma unroll
                for (int j = 0; j < NV; j++) {
                    const int left = N - n0 - 16 * j;

                    if (k > k_begin)
                        acc[i][j] = load_part(y + (size_t)min(m0 + i, M - 1) * N + 16 * j, left);
                    else
                        acc[i][j] = load_part(bias + n0 + 16 * j, has_bias && z == 0 ? left : 0);
                }
            }
            accumulate(acc, from, step, b + (size_t)n0 * K + (size_t)k * NB, min(DEPTH, k_end - k));
#pragma unroll
            for (int i = 0; i < MR; i++)
                if (m0 + i < M) {
#pragma unroll
                    for (int j = 0; j < NV; j++)
                        store_part(acc[i][j], y + (size_t)(m0 + i) * N + 16 * j, N - n0 - 16 * j);
                }
        }
}
