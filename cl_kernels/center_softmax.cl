// center_softmax.cl -- softmax of rows from which a center is taken, at a temperature
//
//   y[i,k] = exp(u[i,k]) / sum_j exp(u[i,j])
//   u[i,k] = (d[i,k] - max_j d[i,j]) / t,  d[i,k] = x[i,k] - center[k]
//
//   x y         [rows, cols] fp32, row-major
//   center      [cols] fp32;  temperature [1] fp32, t above 0
//   work        rows groups of WG items: a group to a row
//   WG          items in a group, a power of two                          64
//   LANES       floats an item takes at a time: 1, 4 or 16                1
//   local       4 * WG bytes
//   numerics    fp32; the largest is subtracted before anything is multiplied; sums in a fixed
//               tree order
//   source      Caron et al. 2021 (DINO), eq. (1) and algorithm 1

#ifndef WG
#define WG 64
#endif
#ifndef LANES
#define LANES 1
#endif

__kernel GROUP(WG) void center_softmax(__global float *restrict y, __global const float *restrict x,
                                       __global const float *restrict center,
                                       __global const float *restrict temperature, const int cols)
{
    __local float tmp[WG];
    const size_t row = get_group_id(0) * (size_t)cols;
    const float sharpen = 1.0f / temperature[0];
    lanes high = -INFINITY, mass = 0.0f;

    for (int c = get_local_id(0) * LANES; c < cols; c += WG * LANES)
        high = fmax(high, load_lanes(x + row + c, cols - c, -INFINITY) -
                              load_lanes(center + c, cols - c, 0.0f));

    // An item reads back what it wrote itself: no barrier, and one exp.
    const float top = group_max(max_lanes(high), tmp);
    for (int c = get_local_id(0) * LANES; c < cols; c += WG * LANES) {
        const lanes d =
            load_lanes(x + row + c, cols - c, -INFINITY) - load_lanes(center + c, cols - c, 0.0f);
        const lanes e = exp((d - top) * sharpen);

        mass += e;
        store_lanes(e, y + row + c, cols - c);
    }

    const float scale = 1.0f / group_sum(sum_lanes(mass), tmp);
    for (int c = get_local_id(0) * LANES; c < cols; c += WG * LANES)
        store_lanes(load_lanes(y + row + c, cols - c, 0.0f) * scale, y + row + c, cols - c);
}
