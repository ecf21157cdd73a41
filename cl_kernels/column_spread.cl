// column_spread.cl -- the standard deviation of each column of a matrix
//
//   y[c]  = sqrt(sum_i (x[i,c] - x[0,c] - m[c])^2 / rows)
//   m[c]  = sum_i (x[i,c] - x[0,c]) / rows
//   total.cl then takes their mean
//
//   x           [rows, cols] fp32, row-major;  y [cols] fp32
//   work        ceil(cols / (WG LANES)) groups of WG items; an item has LANES columns
//   WG          items in a group                                          64
//   LANES       columns of an item: 1, 4 or 16                            1
//   local       none
//   numerics    fp32, two passes over differences from the first row: a large mean costs no digits,
//               and equal rows give 0
//   source      Chen and He 2021 (SimSiam), figure 2

#ifndef WG
#define WG 64
#endif
#ifndef LANES
#define LANES 1
#endif

__kernel GROUP(WG) void column_spread(__global float *restrict y, __global const float *restrict x,
                                      const int rows, const int cols)
{
    const int c = get_global_id(0) * LANES, left = cols - c;
    lanes sum = 0.0f, square = 0.0f;

    if (c >= cols)
        return;

    const lanes first = load_lanes(x + c, left, 0.0f);
    for (size_t i = c; i < (size_t)rows * cols; i += cols)
        sum += load_lanes(x + i, left, 0.0f) - first;

    const lanes mean = sum / (float)rows;
    for (size_t i = c; i < (size_t)rows * cols; i += cols) {
        const lanes d = load_lanes(x + i, left, 0.0f) - first - mean;

        square = fma(d, d, square);
    }
    store_lanes(sqrt(square / (float)rows), y + c, left);
}
