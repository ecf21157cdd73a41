// augment_solarize.cl -- inverts what is bright
//
//   y[m, c] = 1 - x[m, c]  where x[m, c] >= threshold_m,  else x[m, c]
//
//   x y         [M, cols] fp32;  threshold [M] fp32
//   work        M groups of WG items: a group to an image
//   WG          items in a group                                          64
//   LANES       floats an item takes at a time: 1, 4 or 16                1
//   local       none
//   numerics    fp32
//   source      torchvision, functional_tensor.solarize

#ifndef WG
#define WG 64
#endif
#ifndef LANES
#define LANES 1
#endif

__kernel GROUP(WG) void augment_solarize(__global float *restrict y,
                                         __global const float *restrict x,
                                         __global const float *restrict threshold, const int cols)
{
    const size_t m = get_group_id(0), at = m * cols;
    const lanes limit = threshold[m];

    for (int c = get_local_id(0) * LANES; c < cols; c += WG * LANES) {
        const lanes v = load_lanes(x + at + c, cols - c, 0.0f);

        store_lanes(select(v, 1.0f - v, v >= limit), y + at + c, cols - c);
    }
}
