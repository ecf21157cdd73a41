// center_columns.cl -- columns without their mean, in slices of rows
//
//   center_sum     part[s,b,c] = sum_r (x[s,r,c] - x[s,0,c])   over the rows r of block b
//   center_apply   y[s,r,c] = (x[s,r,c] - x[s,0,c]) - sum_b part[s,b,c] / rows
//
//   y x       [slices, rows, cols] fp32;  part [slices, blocks, cols] fp32
//   work      (ceil(cols / (WG * LANES)), blocks, slices) groups of WG items; an item has LANES
//             columns of a block, which is `span` rows
//   WG        items in a group                                            64
//   LANES     columns of an item: 1, 4 or 16                              1
//   local     none
//   numerics  fp32, rows in their order within a block, then blocks. About the first row, so that
//             errors follow the spread and not the mean, and a constant column is exactly zero
//   source    -

#ifndef WG
#define WG 64
#endif
#ifndef LANES
#define LANES 1
#endif

__kernel GROUP(WG) void center_sum(__global float *restrict part, __global const float *restrict x,
                                   const int rows, const int cols, const int span)
{
    const int c = get_global_id(0) * LANES, left = cols - c;
    const int begin = get_group_id(1) * span, end = min(begin + span, rows);
    const size_t block = get_group_id(2) * get_num_groups(1) + get_group_id(1);
    lanes sum = 0.0f;

    if (left <= 0)
        return;
    x += get_group_id(2) * rows * cols + c;
    const lanes first = load_lanes(x, left, 0.0f);
    for (int r = begin; r < end; r++)
        sum += load_lanes(x + (size_t)r * cols, left, 0.0f) - first;
    store_lanes(sum, part + block * cols + c, left);
}

__kernel GROUP(WG) void center_apply(__global float *restrict y, __global const float *restrict x,
                                     __global const float *restrict part, const int rows,
                                     const int cols, const int span)
{
    const int c = get_global_id(0) * LANES, left = cols - c, blocks = get_num_groups(1);
    const int begin = get_group_id(1) * span, end = min(begin + span, rows);
    const size_t slice = get_group_id(2), base = slice * rows * cols + c;
    lanes mean = 0.0f;

    if (left <= 0)
        return;
    for (int b = 0; b < blocks; b++)
        mean += load_lanes(part + (slice * blocks + b) * cols + c, left, 0.0f);
    mean /= rows;
    const lanes first = load_lanes(x + base, left, 0.0f);
    for (int r = begin; r < end; r++) {
        const size_t at = base + (size_t)r * cols;

        store_lanes((load_lanes(x + at, left, 0.0f) - first) - mean, y + at, left);
    }
}
