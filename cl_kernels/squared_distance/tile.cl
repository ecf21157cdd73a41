// squared_distance/tile.cl -- distances between the rows of two matrices, on a GPU
//
//   y[i, j] = sum_c (a[i, c] - b[j, c])^2
//
//   y           [Q, M] fp32, row-major
//   a b         [Q, D], [M, D] fp32, row-major
//   work        (ceil(M / T), ceil(Q / T)) groups of (T / R)^2 items, each a tile of y; an item has
//               rows ty, ty + T / R, ... and columns tx, tx + T / R, ...
//   T           rows and columns of a tile                                64
//   TC          of D in local memory at a time                            16
//   R           rows and columns of an item                                4
//   local       8 TC (T + 1) bytes, padded against bank conflicts
//   numerics    fp32 fma of differences in the order of c; no cancellation as in
//               |a|^2 + |b|^2 - 2 ab, so that near neighbours keep their order
//   source      -

#ifndef T
#define T 64
#endif
#ifndef TC
#define TC 16
#endif
#ifndef R
#define R 4
#endif
#define SIDE (T / R)

// tile[c][i] = in[i0 + i][c0 + c], zeros outside.
inline void load_tile(__local float *tile, __global const float *in, const int n, const int D,
                      const int i0, const int c0)
{
    for (uint e = get_local_id(0); e < T * TC; e += SIDE * SIDE) {
        const int i = e / TC, c = e % TC;

        tile[c * (T + 1) + i] = i0 + i < n && c0 + c < D ? in[(i0 + i) * (size_t)D + c0 + c] : 0.0f;
    }
}

__kernel GROUP(SIDE *SIDE) void squared_distance_tile(__global float *restrict y,
                                                      __global const float *restrict a,
                                                      __global const float *restrict b, const int Q,
                                                      const int M, const int D)
{
    __local float a_tile[TC * (T + 1)], b_tile[TC * (T + 1)];
    const int i0 = get_group_id(1) * T, j0 = get_group_id(0) * T;
    const int tx = get_local_id(0) % SIDE, ty = get_local_id(0) / SIDE;
    float acc[R][R] = { { 0.0f } };

    for (int c0 = 0; c0 < D; c0 += TC) {
        load_tile(a_tile, a, Q, D, i0, c0);
        load_tile(b_tile, b, M, D, j0, c0);
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int c = 0; c < TC; c++)
            for (int r = 0; r < R; r++)
                for (int s = 0; s < R; s++) {
                    const float d =
                        a_tile[c * (T + 1) + ty + r * SIDE] - b_tile[c * (T + 1) + tx + s * SIDE];

                    acc[r][s] = fma(d, d, acc[r][s]);
                }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    for (int r = 0; r < R; r++)
        for (int s = 0; s < R; s++) {
            const int i = i0 + ty + r * SIDE, j = j0 + tx + s * SIDE;

            if (i < Q && j < M)
                y[i * (size_t)M + j] = acc[r][s];
        }
}
