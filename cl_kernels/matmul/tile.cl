// matmul/tile.cl -- dense matrix products on a GPU
//
//   y[m,n] = bias[n] + sum_k A[m,k] B[k,n], for each of a batch
//
//   y         [batch, M, N] fp32, row-major; with splits of K [batch, splits, M, N], which
//             split_sum.cl adds
//   a         A [batch, M, K], or with TRANS_A its transpose [batch, K, M]
//   b         B [batch, K, N], or with TRANS_B its transpose [batch, N, K]
//   bias      [N] fp32, read only if has_bias
//   work      (ceil(N / TN), ceil(M / TM), batch splits) groups of (TM / RM) (TN / RN) items, each
//             a tile of y
//   TM TN     rows and columns of a tile
//   TK        of K in local memory at a time
//   RM RN     rows and columns of an item
//   VW        1, or 4 where that divides what is contiguous in A and B
//   LV PAD BUFFERS   as in tile.clh, which has the defaults of all these
//   TRANS_A   whether A is there as its transpose                         0
//   TRANS_B   whether B is                                                0
//   local     as in tile.clh
//   numerics  fp32 fma in the order of k; splits in their order, so bits repeat
//   source    Volkov, Demmel 2008: register blocks over tiles in local memory

#ifndef TRANS_A
#define TRANS_A 0
#endif
#ifndef TRANS_B
#define TRANS_B 0
#endif

// The item's loads of rows i0 ... of a matrix [n, K], or of columns of its transpose [K, n], from
// k0 on; zeros outside.
INLINE void fetch(float *next, __global const float *in, const int n, const int K, const int i0,
                  const int k0, const int k_end, const int size, const int along_depth)
{
#pragma unroll
    for (int f = 0; f < TILE_LOADS(size); f++) {
        const int i = i0 + (along_depth ? TILE_ACROSS(f, TK) : TILE_ALONG(f, size));
        const int k = k0 + (along_depth ? TILE_ALONG(f, TK) : TILE_ACROSS(f, size));

        TILE_LOAD(next + f * VW, in + (along_depth ? (size_t)i * K + k : (size_t)k * n + i),
                  i < n && k < k_end);
    }
}

#define FETCH(k0)                                                                                  \
    do {                                                                                           \
        fetch(a_next, a, M, K, m0, (k0), k_end, TM, !TRANS_A);                                     \
        fetch(b_next, b, N, K, n0, (k0), k_end, TN, TRANS_B);                                      \
    } while (0)

__kernel GROUP(TILE_ITEMS) void matmul_tile(__global float *restrict y,
                                            __global const float *restrict a,
                                            __global const float *restrict b,
                                            __global const float *restrict bias, const int M,
                                            const int N, const int K, const int splits,
                                            const int has_bias)
{
    __local TILE_ALIGNED float a_tile[BUFFERS * TILE_FLOATS(TM)];
    __local TILE_ALIGNED float b_tile[BUFFERS * TILE_FLOATS(TN)];
    const int n0 = get_group_id(0) * TN, m0 = get_global_id(1) * TM, z = get_group_id(2);
    const int batch = z / splits, split = z - batch * splits, steps = (K + TK - 1) / TK;
    const int k_begin = share_begin(split, splits, steps) * TK;
    const int k_end = min(K, share_begin(split + 1, splits, steps) * TK);
    float acc[RM][RN] = { { 0.0f } }, a_next[VW * TILE_LOADS(TM)], b_next[VW * TILE_LOADS(TN)];

    a += (size_t)batch * M * K;
    b += (size_t)batch * N * K;
    TILE_PRODUCT(acc, k_begin, k_end, FETCH, !TRANS_A, TRANS_B);

    y += (size_t)z * M * N;
#pragma unroll
    for (int i = 0; i < RM; i++)
#pragma unroll
        for (int j = 0; j < RN; j++) {
            const int m = m0 + TILE_ROW(i), n = n0 + TILE_COLUMN(j);

            if (m < M && n < N)
                y[(size_t)m * N + n] = acc[i][j] + (has_bias && split == 0 ? bias[n] : 0.0f);
        }
}
