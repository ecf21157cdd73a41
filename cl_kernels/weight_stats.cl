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

// The mean of x, and the smallest and the largest of them.
inline float mean_of(__global const float *x, const int n, float *least, float *most,
                     __local float *tmp)
{
    lanes sum = 0.0f, low = INFINITY, high = -INFINITY;

    for (int i = get_local_id(0) * LANES; i < n; i += WG * LANES) {
        sum += load_lanes(x + i, n - i, 0.0f);
        low = fmin(low, load_lanes(x + i, n - i, INFINITY));
        high = fmax(high, load_lanes(x + i, n - i, -INFINITY));
    }

    *least = -group_max(max_lanes(-low), tmp);
    *most = group_max(max_lanes(high), tmp);
    return group_sum(sum_lanes(sum), tmp) / n;
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
    float w_least, w_most, x_least, x_most;
    const float w_mean = mean_of(w, n, &w_least, &w_most, tmp);
    const float x_mean = mean_of(x, n, &x_least, &x_most, tmp);
    const int flat = w_least == w_most || x_least == x_most;
    const float square = moment(w, 0.0f, w, 0.0f, n, tmp);
    const float ww = moment(w, w_mean, w, w_mean, n, tmp);
    const float xx = moment(x, x_mean, x, x_mean, n, tmp);
    const float wx = moment(w, w_mean, x, x_mean, n, tmp);

    if (get_local_id(0) != 0)
        return;
    y[0] = w_mean;
    y[1] = w_least == w_most ? 0.0f : sqrt(ww);
    y[2] = w_least;
    y[3] = w_most;
    y[4] = square > 0.0f ? w_mean * w_mean / square * n : 0.0f;
    y[5] = flat ? 0.0f : wx / (sqrt(ww) * sqrt(xx));
}
