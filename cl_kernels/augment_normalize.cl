// augment_normalize.cl -- subtracts a mean and divides by a deviation, by channel
//
//   y[m, p, c] = (x[m, p, c] - mean_c) / std_c
//
//   x y         [M, cols] fp32, cols a multiple of 3: red, green, blue of a pixel side by side
//   work        M groups of WG items: a group to an image
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

// LANES floats of the sequence a, b, c, a, b, c, ...
#if LANES == 16
#define PERIOD(a, b, c) (float16)(a, b, c, a, b, c, a, b, c, a, b, c, a, b, c, a)
#elif LANES == 4
#define PERIOD(a, b, c) (float4)(a, b, c, a)
#else
#define PERIOD(a, b, c) (a)
#endif

__kernel GROUP(WG) void augment_normalize(__global float *restrict y,
                                          __global const float *restrict x, const int cols,
                                          const float mean_r, const float mean_g,
                                          const float mean_b, const float std_r, const float std_g,
                                          const float std_b)
{
    const lanes mean[3] = { PERIOD(mean_r, mean_g, mean_b), PERIOD(mean_g, mean_b, mean_r),
                            PERIOD(mean_b, mean_r, mean_g) };
    const lanes std[3] = { PERIOD(std_r, std_g, std_b), PERIOD(std_g, std_b, std_r),
                           PERIOD(std_b, std_r, std_g) };
    const size_t at = get_group_id(0) * (size_t)cols;

    for (int c = get_local_id(0) * LANES; c < cols; c += WG * LANES) {
        const lanes v = load_lanes(x + at + c, cols - c, 0.0f);

        store_lanes((v - mean[c % 3]) / std[c % 3], y + at + c, cols - c);
    }
}
