// weight_stats.cl -- what a log says of a batch's weights
//
//   y[0] mean w    y[1] sd w    y[2] smallest w    y[3] largest w
//   y[4] (sum w)^2 / sum w^2, the effective sample size; 0 when all w are 0
//   y[5] Pearson correlation of w and x; 0 when either is the same everywhere
//
//   w x         [n] fp32: weights, losses;  y [6] fp32; sd divides by n
//   work        one group of WG items
//   WG          items in a group, a power of two                          64
//   LANES       floats an item takes at a time: 1, 4 or 16                1
//   local       4 * WG bytes
//   numerics    fp32; spreads in a second pass; sums in a fixed tree order
//   source      effective sample size: Kish 1965

#ifndef WG
#define WG 64
#endif
#ifndef LANES
#define LANES 1
#endif

// (mean, smallest, largest) of x.
inline float3 range_of(__global const float *x, const int n, __local float *tmp)
{
    lanes sum = 0.0f, low = INFINITY, high = -INFINITY;

    for (int i = get_local_id(0) * LANES; i < n; i += WG * LANES) {
        sum += load_lanes(x + i, n - i, 0.0f);
        low = fmin(low, load_lanes(x + i, n - i, INFINITY));
        high = fmax(high, load_lanes(x + i, n - i, -INFINITY));
    }

    const float mean = group_sum(sum_lanes(sum), tmp) / n;
    const float least = -group_max(max_lanes(-low), tmp);
    return (float3)(mean, least, group_max(max_lanes(high), tmp));
}

// The mean of (x - mean_x) (y - mean_y).
inline float moment(__global const float *x, const float mean_x, __global const float *y,
                    const float mean_y, const int n, __local float *tmp)
{
    lanes sum = 0.0f;

    for (int i = get_local_id(0) * LANES; i < n; i += WG * LANES)
        sum = fma(load_lanes(x + i, n - i, mean_x) - mean_x,
                  load_lanes(y + i, n - i, mean_y) - mean_y, sum);
    return group_sum(sum_lanes(sum), tmp) / n;
}

__kernel GROUP(WG) void weight_stats(__global float *restrict y, __global const float *w,
                                     __global const float *x, const int n)
{
    __local float tmp[WG];
    const float3 of_w = range_of(w, n, tmp), of_x = range_of(x, n, tmp);
    const int flat_w = of_w.y == of_w.z, flat_x = of_x.y == of_x.z;
    const float square = moment(w, 0.0f, w, 0.0f, n, tmp);
    const float ww = moment(w, of_w.x, w, of_w.x, n, tmp);
    const float xx = moment(x, of_x.x, x, of_x.x, n, tmp);
    const float wx = moment(w, of_w.x, x, of_x.x, n, tmp);

    if (get_local_id(0) != 0)
        return;
    y[0] = of_w.x;
    y[1] = flat_w ? 0.0f : sqrt(ww);
    y[2] = of_w.y;
    y[3] = of_w.z;
    y[4] = square > 0.0f ? of_w.x * of_w.x / square * n : 0.0f;
    y[5] = flat_w || flat_x ? 0.0f : wx / (sqrt(ww) * sqrt(xx));
}
