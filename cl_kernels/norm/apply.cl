// norm/apply.cl -- normalise, scale, shift, add the residual, activate: one pass
//
//   y = act(gamma (x - mean) / sqrt(variance + eps) + beta + residual)
//
//   y x residual   [views, rows, channels] fp32; residual not read where RESIDUAL is 0
//   stats          [views, 3, channels] fp32 (norm/stats.cl)
//   gamma beta     [channels] fp32, not read where AFFINE is 0
//   work           (ceil(rows / span), views) groups of WG items; a group has `span` rows
//   LANES          channels an item takes at a time: 1, 4 or 16           16
//   WG             items in a group                                       1
//   ACT            activation: 0 none, 1 ReLU, 2 SiLU                     0
//   AFFINE         whether there are gamma and beta                       1
//   RESIDUAL       whether there is a residual                            0
//   local          none
//   numerics       fp32; x - mean comes first, so a large mean costs no digits
//   source         Ioffe and Szegedy 2015; Wu and He 2018

#ifndef LANES
#define LANES 16
#endif
#ifndef WG
#define WG 1
#endif
#ifndef ACT
#define ACT 0
#endif
#ifndef AFFINE
#define AFFINE 1
#endif
#ifndef RESIDUAL
#define RESIDUAL 0
#endif

inline void apply(__global float *restrict y, __global const float *restrict x,
                  __global const float *restrict mean, __global const float *restrict scale,
                  __global const float *restrict gamma, __global const float *restrict beta,
                  __global const float *restrict residual, const int left, const int past)
{
    lanes v =
        (load_lanes(x, left, 0.0f) - load_lanes(mean, left, 0.0f)) * load_lanes(scale, left, 0.0f);

    if (AFFINE)
        v = fma(v, load_lanes(gamma, left, 0.0f), load_lanes(beta, left, 0.0f));
    if (RESIDUAL)
        v += load_lanes(residual, left, 0.0f);
    stream_lanes(act(v), y, left, past);
}

__kernel GROUP(WG) void norm_apply(__global float *restrict y, __global const float *restrict x,
                                   __global const float *restrict stats,
                                   __global const float *restrict gamma,
                                   __global const float *restrict beta,
                                   __global const float *restrict residual, const int rows,
                                   const int channels, const int span, const int past)
{
    const size_t view = get_group_id(1), first = get_group_id(0) * (size_t)span;
    const int n = min(span, rows - (int)first);
    const size_t base = (view * rows + first) * channels;

    stats += view * 3 * channels;
    WALK(r, c, n, channels)
    {
        const size_t at = base + (size_t)r * channels + c;

        if (channels - c >= LANES)
            apply(y + at, x + at, stats + c, stats + channels + c, gamma + c, beta + c,
                  residual + at, LANES, past);
        else
            apply(y + at, x + at, stats + c, stats + channels + c, gamma + c, beta + c,
                  residual + at, channels - c, past);
    }
}
