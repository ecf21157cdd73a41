// fourier.cl -- a noise level as waves
//
//   fourier         y[n,:] = [sin p, cos p],   p_f = 2 pi ln(sigma_n) freq_f
//   fourier_grad    dsigma[n] = 2 pi / sigma_n sum_f freq_f (dsin_f cos p_f - dcos_f sin p_f),
//                   where dy[n,:] = [dsin, dcos]
//
//   y dy      [N, 2 F] fp32
//   sigma     [N] fp32, above 0;  dsigma [N] fp32
//   freq      [F] fp32
//   work      (N) groups of WG items; a group has one row
//   WG        items in a group, a power of two                          1
//   local     4 * WG bytes
//   numerics  fp32; sinpi and cospi, so that 2 pi is not rounded; sums in a fixed tree order
//   source    Song et al. 2021 (arXiv 2011.13456)

#ifndef WG
#define WG 1
#endif

__kernel GROUP(WG) void fourier(__global float *restrict y, __global const float *restrict sigma,
                                __global const float *restrict freq, const int f_size)
{
    const float turns = 2.0f * log(sigma[get_group_id(0)]);

    y += get_group_id(0) * (size_t)2 * f_size;
    for (int f = get_local_id(0); f < f_size; f += WG) {
        y[f] = sinpi(turns * freq[f]);
        y[f_size + f] = cospi(turns * freq[f]);
    }
}

__kernel GROUP(WG) void fourier_grad(__global float *restrict dsigma,
                                     __global const float *restrict dy,
                                     __global const float *restrict y,
                                     __global const float *restrict sigma,
                                     __global const float *restrict freq, const int f_size)
{
    __local float tmp[WG];
    const size_t row = get_group_id(0), at = row * 2 * f_size;
    float sum = 0.0f;

    for (int f = get_local_id(0); f < f_size; f += WG)
        sum += freq[f] * (dy[at + f] * y[at + f_size + f] - dy[at + f_size + f] * y[at + f]);
    sum = group_sum(sum, tmp);
    if (get_local_id(0) == 0)
        dsigma[row] = 2.0f * M_PI_F / sigma[row] * sum;
}
