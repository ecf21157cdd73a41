// squared_distance/vec.cl -- distances between the rows of two matrices, on a CPU
//
//   y[i, j] = sum_c (a[i, c] - b[j, c])^2
//
//   y           [Q, M] fp32, row-major
//   a b         [Q, D], [M, D] fp32, row-major
//   work        (ceil(M / TM), ceil(Q / TQ)) groups of one item, each a tile of y
//   TQ          rows of a tile                                            32
//   TM          columns of a tile: TM rows of b stay in the cache         64
//   RQ          rows of a block in registers, a divisor of TQ              1
//   RM          columns of a block, a divisor of TM                        4
//   local       none
//   numerics    fp32 fma of differences, 16 sums side by side, added in a fixed tree order; no
//               cancellation as in |a|^2 + |b|^2 - 2 ab, so that near neighbours keep their order
//   source      -

#ifndef TQ
#define TQ 32
#endif
#ifndef TM
#define TM 64
#endif
#ifndef RQ
#define RQ 1
#endif
#ifndef RM
#define RM 4
#endif

// The block of rows i ... and columns j ...; those behind the end repeat the last.
inline void block(float *sum, __global const float *a, __global const float *b, const int i,
                  const int j, const int Q, const int M, const int D)
{
    __global const float *p[RQ], *q[RM];
    float16 acc[RQ][RM];

#pragma unroll
    for (int r = 0; r < RQ; r++)
        p[r] = a + min(i + r, Q - 1) * (size_t)D;
#pragma unroll
    for (int s = 0; s < RM; s++)
        q[s] = b + min(j + s, M - 1) * (size_t)D;
#pragma unroll
    for (int r = 0; r < RQ; r++)
#pragma unroll
        for (int s = 0; s < RM; s++)
            acc[r][s] = 0.0f;
    for (int c = 0; c < D / 16 * 16; c += 16) {
        float16 u[RQ];

#pragma unroll
        for (int r = 0; r < RQ; r++)
            u[r] = vload16(0, p[r] + c);
#pragma unroll
        for (int s = 0; s < RM; s++) {
            const float16 v = vload16(0, q[s] + c);

#pragma unroll
            for (int r = 0; r < RQ; r++) {
                const float16 d = u[r] - v;

                acc[r][s] = fma(d, d, acc[r][s]);
            }
        }
    }
#pragma unroll
    for (int r = 0; r < RQ; r++)
#pragma unroll
        for (int s = 0; s < RM; s++) {
            const int c = D / 16 * 16;
            const float16 d = load_part(p[r] + c, D - c) - load_part(q[s] + c, D - c);

            sum[r * RM + s] = sum16(fma(d, d, acc[r][s]));
        }
}

__kernel GROUP(1) void squared_distance_vec(__global float *restrict y,
                                            __global const float *restrict a,
                                            __global const float *restrict b, const int Q,
                                            const int M, const int D)
{
    const int i0 = get_group_id(1) * TQ, j0 = get_group_id(0) * TM;
    float sum[RQ * RM];

    for (int j = j0; j < min(j0 + TM, M); j += RM)
        for (int i = i0; i < min(i0 + TQ, Q); i += RQ) {
            block(sum, a, b, i, j, Q, M, D);
            for (int r = 0; r < min(RQ, Q - i); r++)
                for (int s = 0; s < min(RM, M - j); s++)
                    y[(i + r) * (size_t)M + j + s] = sum[r * RM + s];
        }
}
