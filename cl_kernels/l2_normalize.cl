// l2_normalize.cl -- scale each row of a matrix to unit length
//
//   forward     y[i,:]  = x[i,:] / n_i                     n_i = max(|x[i,:]|, eps)
//   backward    dx[i,:] = (dy[i,:] - y[i,:] <y[i,:], dy[i,:]>) / n_i
//               a row shorter than eps is only scaled:  dx[i,:] = dy[i,:] / eps
//
//   x y dx dy   [rows, cols] fp32, row-major, contiguous; outputs alias no input
//   work        rows groups of WG items: a group to a row
//   WG          items in a group, a power of two                          64
//   LANES       floats an item takes at a time: 1, 4 or 16                1
//   local       4 * WG bytes
//   numerics    fp32 sums in a fixed tree order
//   source      Chen et al. 2020 (SimCLR): sim(u, v) of eq. (1)

#ifndef WG
#define WG 64
#endif
#ifndef LANES
#define LANES 1
#endif

__kernel GROUP(WG) void l2_normalize(__global float *restrict y, __global const float *restrict x,
                                     const int cols, const float eps)
{
    __local float tmp[WG];
    const size_t row = get_group_id(0) * (size_t)cols;
    lanes xx = 0.0f;

    for (int c = get_local_id(0) * LANES; c < cols; c += WG * LANES) {
        const lanes v = load_lanes(x + row + c, cols - c, 0.0f);

        xx = fma(v, v, xx);
    }

    // Comparisons instead of fmax: a NaN stays one.
    const float length = sqrt(group_sum(sum_lanes(xx), tmp)), norm = length < eps ? eps : length;
    for (int c = get_local_id(0) * LANES; c < cols; c += WG * LANES)
        store_lanes(load_lanes(x + row + c, cols - c, 0.0f) / norm, y + row + c, cols - c);
}

__kernel GROUP(WG) void l2_normalize_grad(__global float *restrict dx,
                                          __global const float *restrict dy,
                                          __global const float *restrict x, const int cols,
                                          const float eps)
{
    __local float tmp[WG];
    const size_t row = get_group_id(0) * (size_t)cols;
    lanes xx = 0.0f, xdy = 0.0f;

    for (int c = get_local_id(0) * LANES; c < cols; c += WG * LANES) {
        const lanes v = load_lanes(x + row + c, cols - c, 0.0f);

        xx = fma(v, v, xx);
        xdy = fma(v, load_lanes(dy + row + c, cols - c, 0.0f), xdy);
    }

    const float norm = sqrt(group_sum(sum_lanes(xx), tmp));
    const float across = group_sum(sum_lanes(xdy), tmp);
    const float scale = 1.0f / (norm < eps ? eps : norm);
    const float along = norm <= eps ? 0.0f : across * scale * scale;
    for (int c = get_local_id(0) * LANES; c < cols; c += WG * LANES) {
        const lanes v = load_lanes(x + row + c, cols - c, 0.0f);
        const lanes d = load_lanes(dy + row + c, cols - c, 0.0f);

        store_lanes((d - along * v) * scale, dx + row + c, cols - c);
    }
}
