// whiten/vec.cl -- the products of whitening on a CPU: slices of rows with small matrices
//
//   whiten_gram      c[i,j] = c[j,i] = scale sum_r a[r,i] b[r,j] + diagonal [i = j]     i >= j
//   whiten_product   y[r,i] = sum_k a[r,k] b[k,i], or base[r,i] + alpha times that
//
//   a y base  [slices, rows, E] fp32; b of whiten_gram too
//   c         [slices, E, E] fp32, symmetric
//   b         [E, E] fp32 of slice s from element b_first + s b_stride on; triangle: 0 full, 1 zero
//             below the diagonal, -1 zero above it
//   work      groups of one item.  whiten_gram: (ceil(E / 16), ceil(E / GR), slices), a block of c
//             each.  whiten_product: (ceil(E / 16), ceil(rows / ROWS), slices)
//   GR        rows of c in a register block                               2
//   MR        rows of y in a register block                               4
//   ROWS      rows of y to a group; its 16 columns of b stay in L1        32
//   local     none
//   numerics  whiten_gram: as if in twice the precision, rounded once, then scaled; whiten_product:
//             fp32 fma in the order of k
//   source    Ogita, Rump, Oishi 2005: algorithm 5.3 (Dot2)

#ifndef GR
#define GR 2
#endif
#ifndef MR
#define MR 4
#endif
#ifndef ROWS
#define ROWS 32
#endif

#pragma OPENCL FP_CONTRACT OFF // add_product takes rounding errors at their word

// sum + error += a b, where error gathers what sum has rounded away.
INLINE void add_product(float16 *sum, float16 *error, const float16 a, const float16 b)
{
    const float16 p = a * b, rest = fma(a, b, -p);
    const float16 next = *sum + p, added = next - *sum;

    *error += ((*sum - (next - added)) + (p - added)) + rest;
    *sum = next;
}

__kernel GROUP(1) void whiten_gram(__global float *restrict c, __global const float *restrict a,
                                   __global const float *restrict b, const int rows, const int E,
                                   const float scale, const float diagonal)
{
    const int i0 = get_group_id(0) * 16, j0 = get_group_id(1) * GR, left = E - i0;
    const size_t slice = get_group_id(2);
    float16 sum[GR], error[GR];

    if (i0 + 15 < j0)
        return; // the mirror image of another block
    a += slice * rows * E + i0;
    b += slice * rows * E;
#pragma unroll
    for (int g = 0; g < GR; g++)
        sum[g] = error[g] = 0.0f;
    for (int r = 0; r < rows; r++) {
        const float16 column = load_part(a + (size_t)r * E, left);

#pragma unroll
        for (int g = 0; g < GR; g++)
            add_product(&sum[g], &error[g], column, b[(size_t)r * E + min(j0 + g, E - 1)]);
    }

    c += slice * E * E;
#pragma unroll
    for (int g = 0; g < GR; g++) {
        const int j = j0 + g;
        float part[16];

        vstore16((sum[g] + error[g]) * scale, 0, part);
        for (int i = max(i0, j); i < min(i0 + 16, E); i++)
            c[j * E + i] = c[i * E + j] = part[i - i0] + (i == j ? diagonal : 0.0f);
    }
}

__kernel GROUP(1) void whiten_product(__global float *restrict y, __global const float *restrict a,
                                      __global const float *restrict b,
                                      __global const float *restrict base, const int rows,
                                      const int E, const int b_first, const int b_stride,
                                      const int triangle, const int has_base, const float alpha)
{
    const int i0 = get_group_id(0) * 16, left = E - i0;
    const int begin = triangle < 0 ? i0 : 0, end = triangle > 0 ? min(i0 + 16, E) : E;
    const int first = get_group_id(1) * ROWS, last = min(first + ROWS, rows);
    const size_t slice = get_group_id(2);

    a += slice * rows * E;
    b += b_first + slice * b_stride + i0;
    for (int r = first; r < last; r += MR) {
        __global const float *from[MR];
        float16 acc[MR];

#pragma unroll
        for (int m = 0; m < MR; m++) {
            from[m] = a + (size_t)min(r + m, last - 1) * E;
            acc[m] = 0.0f;
        }
        for (int k = begin; k < end; k++) {
            const float16 column = load_part(b + k * E, left);

#pragma unroll
            for (int m = 0; m < MR; m++)
                acc[m] = fma((float16)(from[m][k]), column, acc[m]);
        }
#pragma unroll
        for (int m = 0; m < MR; m++) {
            const size_t at = (slice * rows + r + m) * E + i0;

            if (r + m < last && has_base)
                acc[m] = fma((float16)(alpha), acc[m], load_part(base + at, left));
            if (r + m < last)
                store_part(acc[m], y + at, left);
        }
    }
}
