// norm/grad_x.cl -- the gradient of a normalisation with respect to its input
//
//   xhat = (x - mean) scale,  scale = 1 / sqrt(variance + eps)
//   d    = dy act'(gamma xhat + beta)
//   dx   = scale (gamma d - mean_rows(gamma d) - xhat mean_rows(gamma d xhat))
//   dx   = scale gamma d     where the statistics do not depend on x (FROZEN)
//   sum  = dx + more         where x has another gradient (SUMMED)
//
//   dx dy x      [views, rows, channels] fp32; dx is written where WRITTEN is 1
//   sum more     the same, not touched where SUMMED is 0
//   stats        [views, 3, channels] fp32 (norm/stats.cl)
//   means        [views, 2, channels] fp32: both means; not read where FROZEN is 1
//   gamma beta   [channels] fp32, not read where AFFINE is 0
//   work         (ceil(rows / span), views) groups of WG items; a group has `span` rows
//   LANES        channels an item takes at a time: 1, 4 or 16             16
//   WG           items in a group                                         1
//   ACT          activation: 0 none, 1 ReLU, 2 SiLU                       0
//   AFFINE       whether there are gamma and beta                         1
//   FROZEN       whether statistics are given, not x's own                0
//   SUMMED       whether the sum is wanted                                0
//   WRITTEN      whether dx is wanted                                     1
//   local        none
//   numerics     fp32; act's argument has forward's bits
//   source       Ioffe and Szegedy 2015

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
#ifndef FROZEN
#define FROZEN 0
#endif
#ifndef SUMMED
#define SUMMED 0
#endif
#ifndef WRITTEN
#define WRITTEN 1
#endif

inline void grad(__global float *restrict dx, __global float *restrict sum,
                 __global const float *restrict more, __global const float *restrict dy,
                 __global const float *restrict x, __global const float *restrict stats,
                 __global const float *restrict means, __global const float *restrict gamma,
                 __global const float *restrict beta, const int channels, const int left,
                 const int past)
{
    const lanes scale = load_lanes(stats + channels, left, 0.0f);
    const lanes xhat = (load_lanes(x, left, 0.0f) - load_lanes(stats, left, 0.0f)) * scale;
    lanes d = load_lanes(dy, left, 0.0f);

    if (AFFINE) {
        const lanes slope = load_lanes(gamma, left, 0.0f);

        d = slope * act_grad(d, fma(xhat, slope, load_lanes(beta, left, 0.0f)));
    } else
        d = act_grad(d, xhat);
    if (!FROZEN)
        d -= fma(xhat, load_lanes(means + channels, left, 0.0f), load_lanes(means, left, 0.0f));
    d *= scale;
    if (WRITTEN)
        stream_lanes(d, dx, left, past);
    if (SUMMED)
        stream_lanes(d + load_lanes(more, left, 0.0f), sum, left, past);
}

__kernel GROUP(WG) void norm_grad_x(
    __global float *restrict dx, __global float *restrict sum, __global const float *restrict more,
    __global const float *restrict dy, __global const float *restrict x,
    __global const float *restrict stats, __global const float *restrict means,
    __global const float *restrict gamma, __global const float *restrict beta, const int rows,
    const int channels, const int span, const int past)
{
    const size_t view = get_group_id(1), first = get_group_id(0) * (size_t)span;
    const int n = min(span, rows - (int)first);
    const size_t base = (view * rows + first) * channels;

    stats += view * 3 * channels;
    means += view * 2 * channels;
    WALK(r, c, n, channels)
    {
        const size_t at = base + (size_t)r * channels + c;

        if (channels - c >= LANES)
            grad(dx + at, sum + at, more + at, dy + at, x + at, stats + c, means + c, gamma + c,
                 beta + c, channels, LANES, past);
        else
            grad(dx + at, sum + at, more + at, dy + at, x + at, stats + c, means + c, gamma + c,
                 beta + c, channels, channels - c, past);
    }
}
