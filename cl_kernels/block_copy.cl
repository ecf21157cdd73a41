// block_copy.cl -- blocks of matrices into blocks of others
//
//   block_copy   to[r, to_first + c]  = from[r, from_first + c]
//   block_zero   to[r, to_first + c]  = 0        for r < rows, c < cols
//   block_join   y[r, :] = [a[r, :], b[r, :]]
//
//   to        [rows, to_cols] fp32
//   from      [rows, from_cols] fp32
//   y a b     [rows, a_cols + b_cols], [rows, a_cols], [rows, b_cols] fp32
//   work      (ceil(rows / height), ceil(cols / width)) groups of WG items; a group has `height`
//             rows of `width` columns; block_join: all columns
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

__kernel GROUP(WG) void block_join(__global float *restrict y, __global const float *restrict a,
                                   __global const float *restrict b, const int rows,
                                   const int a_cols, const int b_cols, const int height)
{
    const size_t row = get_group_id(0) * (size_t)height;
    const int h = min(height, rows - (int)row), cols = a_cols + b_cols;

    y += row * cols;
    a += row * a_cols;
    b += row * b_cols;
    WALK(r, c, h, a_cols)
    {
        const lanes v = load_lanes(a + (size_t)r * a_cols + c, a_cols - c, 0.0f);

        store_lanes(v, y + (size_t)r * cols + c, a_cols - c);
    }
    WALK(i, k, h, b_cols)
    {
        const lanes v = load_lanes(b + (size_t)i * b_cols + k, b_cols - k, 0.0f);

        store_lanes(v, y + (size_t)i * cols + a_cols + k, b_cols - k);
    }
}
