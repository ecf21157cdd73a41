// gather_rows.cl -- the rows that an index names, and the way back
//
//   gather_rows    y[k,:] = x[index[k],:];  NaN where index[k] is not one of 0 ... M - 1
//   scatter_rows   y[index[k],:] = x[k,:];  nothing is written for such an index
//
//   y         [K, cols] fp32; scatter_rows: [M, cols]
//   x         [M, cols] fp32; scatter_rows: [K, cols]
//   index     [K] int; of scatter_rows a permutation, so that every row of y is written once
//   work      (ceil(K / height), ceil(cols / width)) groups of WG items; a group has `height`
//             rows of `width` columns
//   LANES     columns an item takes at a time: 1, 4 or 16               16
//   WG        items in a group                                          1
//   local     none
//   numerics  copies bits
//   source    -

#ifndef LANES
#define LANES 16
#endif
#ifndef WG
#define WG 1
#endif

__kernel GROUP(WG) void gather_rows(__global float *restrict y, __global const float *restrict x,
                                    __global const int *restrict index, const int K, const int M,
                                    const int cols, const int height, const int width)
{
    const size_t row = get_group_id(0) * (size_t)height, col = get_group_id(1) * (size_t)width;
    const int h = min(height, K - (int)row), w = min(width, cols - (int)col);

    WALK(r, c, h, w)
    {
        const int m = index[row + r];
        lanes v = NAN;

        if (m >= 0 && m < M)
            v = load_lanes(x + (size_t)m * cols + col + c, w - c, 0.0f);
        store_lanes(v, y + (row + r) * cols + col + c, w - c);
    }
}

__kernel GROUP(WG) void scatter_rows(__global float *restrict y, __global const float *restrict x,
                                     __global const int *restrict index, const int K, const int M,
                                     const int cols, const int height, const int width)
{
    const size_t row = get_group_id(0) * (size_t)height, col = get_group_id(1) * (size_t)width;
    const int h = min(height, K - (int)row), w = min(width, cols - (int)col);

    WALK(r, c, h, w)
    {
        const int m = index[row + r];

        if (m >= 0 && m < M)
            store_lanes(load_lanes(x + (row + r) * cols + col + c, w - c, 0.0f),
                        y + (size_t)m * cols + col + c, w - c);
    }
}
