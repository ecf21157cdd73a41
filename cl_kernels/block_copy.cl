// block_copy.cl -- a block of a matrix into a block of another
//
//   block_copy   to[r, to_first + c]  = from[r, from_first + c]
//   block_zero   to[r, to_first + c]  = 0        for r < rows, c < cols
//
//   to        [rows, to_cols] fp32
//   from      [rows, from_cols] fp32
//   work      (ceil(rows / height), ceil(cols / width)) groups of WG items; a group has `height`
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

__kernel GROUP(WG) void block_copy(__global float *restrict to, __global const float *restrict from,
                                   const int rows, const int cols, const int to_cols,
                                   const int to_first, const int from_cols, const int from_first,
                                   const int height, const int width)
{
    const size_t row = get_group_id(0) * (size_t)height, col = get_group_id(1) * (size_t)width;
    const int h = min(height, rows - (int)row), w = min(width, cols - (int)col);

    to += row * to_cols + to_first + col;
    from += row * from_cols + from_first + col;
    WALK(r, c, h, w)
    {
        const lanes v = load_lanes(from + (size_t)r * from_cols + c, w - c, 0.0f);

        store_lanes(v, to + (size_t)r * to_cols + c, w - c);
    }
}

__kernel GROUP(WG) void block_zero(__global float *restrict to, const int rows, const int cols,
                                   const int to_cols, const int to_first, const int height,
                                   const int width)
{
    const size_t row = get_group_id(0) * (size_t)height, col = get_group_id(1) * (size_t)width;
    const int h = min(height, rows - (int)row), w = min(width, cols - (int)col);

    to += row * to_cols + to_first + col;
    WALK(r, c, h, w)
    {
        store_lanes((lanes)(0.0f), to + (size_t)r * to_cols + c, w - c);
    }
}
