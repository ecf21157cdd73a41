// gate.cl -- a tensor times one number, which the host may change from run to run
//
//   y = s x
//
//   y x       [n] fp32;  s [1] fp32
//   work      an item takes SPAN floats
//   SPAN      floats of an item                                         4096
//   LANES     floats an item takes at a time: 1, 4 or 16                16
//   WG        items in a group                                          1
//   local     none
//   numerics  fp32, one rounding; s = 1 copies; at s = 0 what is not finite becomes NaN
//   source    -

#ifndef SPAN
#define SPAN 4096
#endif
#ifndef LANES
#define LANES 16
#endif
#ifndef WG
#define WG 1
#endif

__kernel GROUP(WG) void gate(__global float *restrict y, __global const float *restrict x,
                             __global const float *restrict s, const int n)
{
    const size_t first = get_global_id(0) * (size_t)SPAN, end = min(first + SPAN, (size_t)n);

    for (size_t i = first; i < end; i += LANES) {
        const int left = (int)(end - i);

        store_lanes(load_lanes(x + i, left, 0.0f) * s[0], y + i, left);
    }
}
