// row_dot.cl -- the inner products of rows with rows
//
//   y[n] = sum_d a[n,d] b[n,d]
//
//   y         [N] fp32
//   a b       [N, D] fp32, row-major
//   work      N groups of WG items: a group to a row
//   WG        items in a group, a power of two                          64
//   LANES     floats an item takes at a time: 1, 4 or 16                1
//   local     4 * WG bytes
//   numerics  fp32 sums in a fixed tree order
//   source    -

#ifndef WG
#define WG 64
#endif
#ifndef LANES
#define LANES 1
#endif

__kernel GROUP(WG) void row_dot(__global float *restrict y, __global const float *restrict a,
                                __global const float *restrict b, const int D)
{
    __local float tmp[WG];
    const size_t row = get_group_id(0) * (size_t)D;
    lanes sum = 0.0f;

    for (int d = get_local_id(0) * LANES; d < D; d += WG * LANES)
        sum = fma(load_lanes(a + row + d, D - d, 0.0f), load_lanes(b + row + d, D - d, 0.0f), sum);

    const float all = group_sum(sum_lanes(sum), tmp);
    if (get_local_id(0) == 0)
        y[get_group_id(0)] = all;
}
