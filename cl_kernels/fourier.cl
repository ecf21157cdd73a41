// fourier.cl -- a noise level as waves
//
//   y[n,:] = [sin p, cos p],   p_f = 2 pi ln(sigma_n) freq_f
//
//   y         [N, 2 F] fp32
//   sigma     [N] fp32, above 0
//   freq      [F] fp32
//   work      (N) groups of WG items; a group has one row
//   WG        items in a group                                          1
//   local     none
//   numerics  fp32; sinpi and cospi, so that 2 pi is not rounded
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
