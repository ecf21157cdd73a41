// whiten/tile.cl -- the products of whitening on a GPU: slices of rows with small matrices
//
//   whiten_gram      c[i,j] = c[j,i] = scale sum_r a[r,i] b[r,j] + diagonal [i = j]     i >= j
//   whiten_product   y[r,i] = sum_k a[r,k] b[k,i], or base[r,i] + alpha times that
//
//   a y base  [slices, rows, E] fp32; b of whiten_gram too
//   c         [slices, E, E] fp32, symmetric
//   b         [E, E] fp32 of slice s from element b_first + s b_stride on; triangle: 0 full, 1 zero
//             below the diagonal, -1 zero above it
//   work      groups of T T items, an item to an element of a tile T by T.  whiten_gram: (tiles of
//             i, tiles of j, slices).  whiten_product: (tiles of i, tiles of r, slices)
//   T         side of a tile, a power of two                              16
//   TK        of the sum in local memory at a time, a power of two        16
//   local     4 TK T + 4 T (TK + 1) bytes
//   numerics  whiten_gram: as if in twice the precision, rounded once, then scaled; whiten_product:
//             fp32 fma in the order of k
//   source    Ogita, Rump, Oishi 2005: algorithm 5.3 (Dot2)

#ifndef T
#define T 16
#endif
#ifndef TK
#define TK 16
#endif
#define ITEMS (T * T)

#pragma OPENCL FP_CONTRACT OFF // add_product takes rounding errors at their word

// sum + error += a b, where error gathers what sum has rounded away.
inline void add_product(float *sum, float *error, const float a, const float b)
{
    const float p = a * b, rest = fma(a, b, -p);
    const float next = *sum + p, added = next - *sum;

    *error += ((*sum - (next - added)) + (p - added)) + rest;
    *sum = next;
}

// tile[r][c] = in[r0 + r][c0 + c] of a matrix [rows, cols], zeros outside; `height` rows of
// `width`, a power of two, and `pitch` floats from row to row.
inline void load_tile(__local float *tile, __global const float *in, const int rows, const int cols,
                      const int r0, const int c0, const uint height, const uint width,
                      const int pitch)
{
    for (uint e = get_local_id(0); e < height * width; e += ITEMS) {
        const int r = e / width, c = e - r * width;
        const bool inside = r0 + r < rows && c0 + c < cols;

        tile[r * pitch + c] = inside ? in[(size_t)(r0 + r) * cols + c0 + c] : 0.0f;
    }
}

__kernel GROUP(ITEMS) void whiten_gram(__global float *restrict c, __global const float *restrict a,
                                       __global const float *restrict b, const int rows,
                                       const int E, const float scale, const float diagonal)
{
    __local float a_tile[TK * T], b_tile[TK * T];
    const int i0 = get_group_id(0) * T, j0 = get_group_id(1) * T;
    const uint id = get_local_id(0), tx = id % T, ty = id / T;
    const int i = i0 + tx, j = j0 + ty;
    const size_t slice = get_group_id(2);
    float sum = 0.0f, error = 0.0f;

    if (i0 < j0)
        return; // the mirror image of another tile
    a += slice * rows * E;
    b += slice * rows * E;
    for (int r = 0; r < rows; r += TK) {
        load_tile(a_tile, a, rows, E, r, i0, TK, T, T);
        load_tile(b_tile, b, rows, E, r, j0, TK, T, T);
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int k = 0; k < TK; k++)
            add_product(&sum, &error, a_tile[k * T + tx], b_tile[k * T + ty]);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    c += slice * E * E;
    if (i < E && j <= i)
        c[j * E + i] = c[i * E + j] = (sum + error) * scale + (i == j ? diagonal : 0.0f);
}

__kernel GROUP(ITEMS) void whiten_product(__global float *restrict y,
                                          __global const float *restrict a,
                                          __global const float *restrict b,
                                          __global const float *restrict base, const int rows,
                                          const int E, const int b_first, const int b_stride,
                                          const int triangle, const int has_base, const float alpha)
{
    __local float a_tile[T * (TK + 1)], b_tile[TK * T];
    const int i0 = get_group_id(0) * T, r0 = get_group_id(1) * T;
    const int begin = triangle < 0 ? i0 : 0, end = triangle > 0 ? min(i0 + T, E) : E;
    const uint id = get_local_id(0), tx = id % T, ty = id / T;
    const int i = i0 + tx, r = r0 + ty;
    const size_t slice = get_group_id(2), at = (slice * rows + r) * E + i;
    float acc = 0.0f;

    a += slice * rows * E;
    b += b_first + slice * b_stride;
    for (int k = begin; k < end; k += TK) {
        load_tile(a_tile, a, rows, E, r0, k, T, TK, TK + 1);
        load_tile(b_tile, b, E, E, k, i0, TK, T, T);
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int n = 0; n < TK; n++)
            acc = fma(a_tile[ty * (TK + 1) + n], b_tile[n * T + tx], acc);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (i < E && r < rows)
        y[at] = has_base ? fma(alpha, acc, base[at]) : acc;
}
