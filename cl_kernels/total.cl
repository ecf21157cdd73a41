// total.cl -- the last step of a reduction: the sum of a few thousand partial sums
//
//   total       y[0] = scale * sum_i x[i]
//
//   x           [n] fp32;  y [1] fp32
//   work        one group of WG items
//   WG          items in a group, a power of two                          1
//   LANES       floats an item adds at a time: 1, 4 or 16                 16
//   local       4 * WG bytes
//   numerics    fp32 sums in a fixed tree order
//   source      -

#ifndef WG
#define WG 1
#endif
#ifndef LANES
#define LANES 16
#endif

__kernel GROUP(WG) void total(__global float *restrict y, __global const float *restrict x,
                              const int n, const float scale)
{
    __local float tmp[WG];
    lanes sum = 0.0f;

    for (int i = get_local_id(0) * LANES; i < n; i += WG * LANES)
        sum += load_lanes(x + i, n - i, 0.0f);

    const float all = group_sum(sum_lanes(sum), tmp);
    if (get_local_id(0) == 0)
        y[0] = scale * all;
}
