// add_noise.cl -- images with noise of a level each
//
//   add_noise   y[i,c] = x[i,c] + sigma_i z[i,c]
//
//   x z y       [rows, cols] fp32;  sigma [rows] fp32
//   work        rows groups of WG items: a group to an image
//   WG          items in a group                                          64
//   LANES       floats an item takes at a time: 1, 4 or 16                1
//   local       none
//   numerics    fp32
//   source      -

#ifndef WG
#define WG 64
#endif
#ifndef LANES
#define LANES 1
#endif

__kernel GROUP(WG) void add_noise(__global float *restrict y, __global const float *restrict x,
                                  __global const float *restrict z,
                                  __global const float *restrict sigma, const int cols)
{
    const size_t row = get_group_id(0), at = row * cols;
    const lanes level = sigma[row];

    for (int c = get_local_id(0) * LANES; c < cols; c += WG * LANES)
        store_lanes(fma(level, load_lanes(z + at + c, cols - c, 0.0f),
                        load_lanes(x + at + c, cols - c, 0.0f)),
                    y + at + c, cols - c);
}
