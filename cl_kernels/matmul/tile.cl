// matmul/tile.cl -- dense matrix product on a GPU
//
//   y[m,n] = bias[n] + sum_k A[m,k] B[k,n]
//
//   y         [M, N] fp32, row-major; with splits of K [splits, M, N], which split_sum.cl adds
//   a         A [M, K], or with trans_a its transpose [K, M]
//   b         B [K, N], or with trans_b its transpose [N, K]
//   bias      [N] fp32, read only if has_bias
//   work      (ceil(N / TN), ceil(M / TM), splits) groups of (TM / RM) (TN / RN) items, each a
//             tile of y; an item has rows ty RM ... and columns tx, tx + TN / RN, ...
//   TM        rows of a tile                                              64
//   TN        columns of a tile                                           64
//   TK        of K in local memory at a time                              16
//   RM        rows of an item                                             4
//   RN        columns of an item                                          4
//   local     4 TK (TM + TN + 2) bytes, rows padded by one float against bank conflicts
//   numerics  fp32 fma in the order of k; splits in their order, so bits repeat
//   source    Volkov, Demmel 2008: register blocks over tiles in local memory

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

// tile[k][i] = in[i0 + i][k0 + k], zeros outside. Neighbouring items take neighbours in memory:
// along k, or (turned: in is [K, n]) along i.
inline void load_tile(__local float *tile, __global const float *in, const int n, const int K,
                      const int i0, const int k0, const int k_end, const uint size,
                      const int turned)
{
    for (uint e = get_local_id(0); e < size * TK; e += ITEMS) {
        const uint row = e / size; // no %: oclgrind does not know what becomes of the pair
        const int i = turned ? e - row * size : e / TK, k = turned ? row : e % TK;
        const bool inside = i0 + i < n && k0 + k < k_end;
        const size_t at = turned ? (size_t)(k0 + k) * n + i0 + i : (size_t)(i0 + i) * K + k0 + k;

        tile[k * (size + 1) + i] = inside ? in[at] : 0.0f;
    }
}

__kernel GROUP(ITEMS) void matmul_tile(__global float *restrict y, __global const float *restrict a,
                                       __global const float *restrict b,
                                       __global const float *restrict bias, const int M,
                                       const int N, const int K, const int trans_a,
                                       const int trans_b, const int has_bias)
{
    __local float a_tile[TK * (TM + 1)], b_tile[TK * (TN + 1)];
    const int n0 = get_group_id(0) * TN, m0 = get_group_id(1) * TM, z = get_group_id(2);
    const uint id = get_local_id(0);
    const int tx = id % COLUMNS, ty = id / COLUMNS;
    const int k_begin = (int)((long)K * z / get_num_groups(2));
    const int k_end = (int)((long)K * (z + 1) / get_num_groups(2));
    float acc[RM][RN] = { { 0.0f } };

    for (int k0 = k_begin; k0 < k_end; k0 += TK) {
        load_tile(a_tile, a, M, K, m0, k0, k_end, TM, trans_a);
        load_tile(b_tile, b, N, K, n0, k0, k_end, TN, !trans_b);
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int k = 0; k < TK; k++) {
            float column[RN];

#pragma unroll
            for (int j = 0; j < RN; j++)
                column[j] = b_tile[k * (TN + 1) + tx + j * COLUMNS];
#pragma unroll
            for (int i = 0; i < RM; i++) {
                const float row = a_tile[k * (TM + 1) + ty * RM + i];

#pragma unroll
                for (int j = 0; j < RN; j++)
                    acc[i][j] = fma(row, column[j], acc[i][j]);
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }

    y += (size_t)z * M * N;
    for (int i = 0; i < RM; i++)
        for (int j = 0; j < RN; j++) {
            const int m = m0 + ty * RM + i, n = n0 + tx + j * COLUMNS;

            if (m < M && n < N)
                y[(size_t)m * N + n] = acc[i][j] + (has_bias && z == 0 ? bias[n] : 0.0f);
        }
}
