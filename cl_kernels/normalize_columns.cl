// normalize_columns.cl -- scale each column of a matrix to unit length
//
//   forward     y[:,c]  = x[:,c] / n_c                     n_c = max(|x[:,c]|, eps)
//   backward    dx[:,c] = (dy[:,c] - y[:,c] <y[:,c], dy[:,c]>) / n_c
//               a column shorter than eps is only scaled:  dx[:,c] = dy[:,c] / eps
//
//   x y dx dy   [rows, cols] fp32, row-major
//   work        ceil(cols / (WG LANES)) groups of WG items; an item has LANES columns
//   WG          items in a group                                          64
//   LANES       columns of an item: 1, 4 or 16                            1
//   local       none
//   numerics    fp32, rows in their order
//   source      Salimans and Kingma 2016 (weight normalisation), gain 1

#ifndef WG
#define WG 64
#endif
#ifndef LANES
#define LANES 1
#endif

__kernel GROUP(WG) void normalize_columns(__global float *restrict y,
                                          __global const float *restrict x, const int rows,
                                          const int cols, const float eps)
{
    const int c = get_global_id(0) * LANES, left = cols - c;
    lanes xx = 0.0f;

    if (c >= cols)
        return;
    for (size_t i = c; i < (size_t)rows * cols; i += cols) {
        const lanes v = load_lanes(x + i, left, 0.0f);

        xx = fma(v, v, xx);
    }

    // Comparisons instead of fmax: a NaN stays one.
    const lanes length = sqrt(xx), norm = length < eps ? (lanes)(eps) : length;
    for (size_t i = c; i < (size_t)rows * cols; i += cols)
        store_lanes(load_lanes(x + i, left, 0.0f) / norm, y + i, left);
}

__kernel GROUP(WG) void normalize_columns_grad(__global float *restrict dx,
                                               __global const float *restrict dy,
                                               __global const float *restrict x, const int rows,
                                               const int cols, const float eps)
{
    const int c = get_global_id(0) * LANES, left = cols - c;
    lanes xx = 0.0f, xdy = 0.0f;

    if (c >= cols)
        return;
    for (size_t i = c; i < (size_t)rows * cols; i += cols) {
        const lanes v = load_lanes(x + i, left, 0.0f);

        xx = fma(v, v, xx);
        xdy = fma(v, load_lanes(dy + i, left, 0.0f), xdy);
    }

    const lanes norm = sqrt(xx), scale = 1.0f / (norm < eps ? (lanes)(eps) : norm);
    const lanes along = norm <= eps ? (lanes)(0.0f) : xdy * scale * scale;
    for (size_t i = c; i < (size_t)rows * cols; i += cols) {
        const lanes v = load_lanes(x + i, left, 0.0f), d = load_lanes(dy + i, left, 0.0f);

        store_lanes((d - along * v) * scale, dx + i, left);
    }
}
