// scale_rows.cl -- each row times, or over, a number of its own
//
//   scale_rows    y[n,:] = x[n,:] d[n]
//   divide_rows   y[n,:] = x[n,:] / d[n]
//
//   y x       [N, cols] fp32
//   d         [N] fp32
//   work      (ceil(N / height), ceil(cols / width)) groups of WG items; a group has `height`
//             rows of `width` columns
//   LANES     columns an item takes at a time: 1, 4 or 16               16
//   WG        items in a group                                          1
//   local     none
//   numerics  fp32; divides, so that x / d has one rounding
//   source    -

#ifndef LANES
#define LANES 16
#endif
#ifndef WG
#define WG 1
#endif

inline void walk(__global float *y, __global const float *x, __global const float *d, const int N,
                 const int cols, const int height, const int width, const int divide)
{
    const size_t row = get_group_id(0) * (size_t)height, col = get_group_id(1) * (size_t)width;
    const int h = min(height, N - (int)row), w = min(width, cols - (int)col);

    WALK(r, c, h, w)
    {
        const size_t at = (row + r) * cols + col + c;
        const lanes v = load_lanes(x + at, w - c, 0.0f);

        store_lanes(divide ? v / d[row + r] : v * d[row + r], y + at, w - c);
    }
}

__kernel GROUP(WG) void scale_rows(__global float *restrict y, __global const float *restrict x,
                                   __global const float *restrict d, const int N, const int cols,
                                   const int height, const int width)
{
    walk(y, x, d, N, cols, height, width, 0);
}

__kernel GROUP(WG) void divide_rows(__global float *restrict y, __global const float *restrict x,
                                    __global const float *restrict d, const int N, const int cols,
                                    const int height, const int width)
{
    walk(y, x, d, N, cols, height, width, 1);
}
