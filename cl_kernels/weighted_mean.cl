// weighted_mean.cl -- the mean of weighted values
//
//   forward     y[0]  = scale sum_i w[i] x[i]
//   backward    dx[i] = dy[0] scale w[i]
//
//   x w dx      [n] fp32;  y dy [1] fp32;  scale = 1 / n
//   work        forward: one group of WG items; backward: an item takes SPAN floats
//   WG          items in a group, a power of two                          64
//   LANES       floats an item takes at a time: 1, 4 or 16                1
//   SPAN        floats an item takes in the backward pass                 4
//   local       4 * WG bytes
//   numerics    fp32 sums in a fixed tree order
//   source      -

#ifndef WG
#define WG 64
#endif
#ifndef LANES
#define LANES 1
#endif
#ifndef SPAN
#define SPAN 4
#endif

__kernel GROUP(WG) void weighted_mean(__global float *restrict y, __global const float *restrict x,
                                      __global const float *restrict w, const int n,
                                      const float scale)
{
    __local float tmp[WG];
    lanes sum = 0.0f;

    for (int i = get_local_id(0) * LANES; i < n; i += WG * LANES)
        sum = fma(load_lanes(x + i, n - i, 0.0f), load_lanes(w + i, n - i, 0.0f), sum);

    const float all = group_sum(sum_lanes(sum), tmp);
    if (get_local_id(0) == 0)
        y[0] = scale * all;
}

__kernel GROUP(WG) void weighted_mean_grad(__global float *restrict dx,
                                           __global const float *restrict dy,
                                           __global const float *restrict w, const int n,
                                           const float scale)
{
    const size_t first = get_global_id(0) * (size_t)SPAN, end = min(first + SPAN, (size_t)n);

    for (size_t i = first; i < end; i += LANES)
        store_lanes(load_lanes(w + i, (int)(end - i), 0.0f) * (dy[0] * scale), dx + i,
                    (int)(end - i));
}
