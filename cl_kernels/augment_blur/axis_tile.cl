// augment_blur/axis_tile.cl -- Gaussian blur along one axis, of a width of each image's own
//
//   w_t = exp(-(t - K/2)^2 / 2 sigma_m^2),  t = 0 ... K - 1
//   y[m, i] = sum_t w_t x[m, i + t - K/2] / sum_t w_t along the axis, borders reflected
//   sigma_m = 0: y = x
//
//   x y         [M, h, w, 3] fp32;  sigma [M] fp32
//   n step      pixels along the axis, and floats from one to the next; cols = 3 h w
//   work        (ceil(cols / WG), M) groups of WG items: an item to a float
//   K           taps, odd                                                  5
//   WG          items in a group                                          64
//   local       none
//   numerics    fp32
//   source      torchvision, functional_tensor.gaussian_blur

#ifndef K
#define K 5
#endif
#ifndef WG
#define WG 64
#endif

__kernel GROUP(WG) void augment_blur_axis(__global float *restrict y,
                                          __global const float *restrict x,
                                          __global const float *restrict sigma, const int n,
                                          const int step, const int cols)
{
    const size_t m = get_group_id(1), at = m * cols;
    const int i = get_global_id(0), line = i / step, p = line - line / n * n;
    float sum = 0.0f, total = 0.0f;

    if (i >= cols)
        return;
    if (!(sigma[m] > 0.0f)) {
        y[at + i] = x[at + i];
        return;
    }
    for (int t = 0; t < K; t++) {
        const int q = p + t - K / 2, r = q < 0 ? -q : q >= n ? 2 * (n - 1) - q : q;
        const float d = (float)(t - K / 2) / sigma[m], weight = exp(-0.5f * d * d);

        sum = fma(weight, x[at + i + (r - p) * step], sum);
        total += weight;
    }
    y[at + i] = sum / total;
}
