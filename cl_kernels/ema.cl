// ema.cl -- an exponential moving average of parameters
//
//   ema         a = decay a + (1 - decay) p
//
//   a p         [n] fp32: average, changed; parameters
//   decay       [1] fp32
//   work        an item takes SPAN floats
//   SPAN        floats of an item                                         4096
//   LANES       floats an item takes at a time: 1, 4 or 16                16
//   WG          items in a group                                          1
//   local       none
//   numerics    fp32, as a + (1 - decay) (p - a): a stays what it is where it equals p
//   source      -

#ifndef SPAN
#define SPAN 4096
#endif
#ifndef LANES
#define LANES 16
#endif
#ifndef WG
#define WG 1
#endif

__kernel GROUP(WG) void ema(__global float *restrict a, __global const float *restrict p,
                            __global const float *restrict decay, const int n)
{
    const size_t first = get_global_id(0) * (size_t)SPAN, end = min(first + SPAN, (size_t)n);
    const float share = 1.0f - decay[0];

    for (size_t i = first; i < end; i += LANES) {
        const int left = (int)(end - i);
        const lanes old = load_lanes(a + i, left, 0.0f);

        store_lanes(old + share * (load_lanes(p + i, left, 0.0f) - old), a + i, left);
    }
}
