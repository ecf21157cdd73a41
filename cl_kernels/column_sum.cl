// column_sum.cl -- sum the rows of a matrix, a block of rows at a time
//
//   y[b,:] = sum_i x[i,:]   over the rows i of block b: [b span, (b + 1) span)
//
//   y         [blocks, cols] fp32; a second launch with one block over it gives the whole sum
//   x         [rows, cols] fp32, row-major
//   work      (ceil(cols / (WG * LANES)), blocks) groups of WG items; an item has LANES columns
//   WG        items in a group                                            64
//   LANES     columns of an item: 1, 4 or 16                              1
//   local     none
//   numerics  fp32, rows in their order within a block
//   source    the gradient of a broadcast bias

#ifndef WG
#define WG 64
#endif
#ifndef LANES
#define LANES 1
#endif

__kernel GROUP(WG) void column_sum(__global float *restrict y, __global const float *restrict x,
                                   const int rows, const int cols, const int span)
{
    const int c = get_global_id(0) * LANES, begin = get_group_id(1) * span;
    const int end = min(begin + span, rows);
    lanes sum = 0.0f;

    if (c >= cols)
        return;
    for (int i = begin; i < end; i++)
        sum += load_lanes(x + (size_t)i * cols + c, cols - c, 0.0f);
    store_lanes(sum, y + (size_t)get_group_id(1) * cols + c, cols - c);
}
