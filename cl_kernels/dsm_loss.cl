// dsm_loss.cl -- denoising score matching, weighted by sigma squared
//
//   forward     loss[i] = 1/2 sum_c (sigma_i s[i,c] + z[i,c])^2
//               total.cl then takes their mean
//   backward    ds[i,c] = dy[0] scale sigma_i (sigma_i s[i,c] + z[i,c])
//
//   s z ds      [rows, cols] fp32: scores, the unit noise that was added, gradient
//   sigma loss  [rows] fp32;  dy [1] fp32;  scale = 1 / rows
//   work        rows groups of WG items: a group to an image
//   WG          items in a group, a power of two                          64
//   LANES       floats an item takes at a time: 1, 4 or 16                1
//   local       4 * WG bytes
//   numerics    fp32 sums in a fixed tree order
//   source      Song and Ermon 2019, eq. (5), with lambda = sigma^2

#ifndef WG
#define WG 64
#endif
#ifndef LANES
#define LANES 1
#endif

__kernel GROUP(WG) void dsm_loss(__global float *restrict loss, __global const float *restrict s,
                                 __global const float *restrict z,
                                 __global const float *restrict sigma, const int cols)
{
    __local float tmp[WG];
    const size_t row = get_group_id(0), at = row * cols;
    const lanes level = sigma[row];
    lanes sum = 0.0f;

    for (int c = get_local_id(0) * LANES; c < cols; c += WG * LANES) {
        const lanes r = fma(level, load_lanes(s + at + c, cols - c, 0.0f),
                            load_lanes(z + at + c, cols - c, 0.0f));

        sum = fma(r, r, sum);
    }

    const float all = group_sum(sum_lanes(sum), tmp);
    if (get_local_id(0) == 0)
        loss[row] = 0.5f * all;
}

__kernel GROUP(WG) void dsm_loss_grad(__global float *restrict ds,
                                      __global const float *restrict dy,
                                      __global const float *restrict s,
                                      __global const float *restrict z,
                                      __global const float *restrict sigma, const int cols,
                                      const float scale)
{
    const size_t row = get_group_id(0), at = row * cols;
    const lanes level = sigma[row];
    const float weight = dy[0] * scale * sigma[row];

    for (int c = get_local_id(0) * LANES; c < cols; c += WG * LANES) {
        const lanes r = fma(level, load_lanes(s + at + c, cols - c, 0.0f),
                            load_lanes(z + at + c, cols - c, 0.0f));

        store_lanes(r * weight, ds + at + c, cols - c);
    }
}
