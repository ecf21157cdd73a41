// measure.cl -- what a device can do: fused multiply-adds, copies, and launches
//
//   measure_fma    y[i] = sum over ACC chains of x <- x * a + b, ROUNDS times
//                  2 * 16 * ACC * ROUNDS floating point operations an item
//   measure_copy   y[i] = x[i], SPAN floats an item
//   measure_launch nothing; y stays as it is
//
//   y x        [n] fp32
//   work       items as the host says, groups of WG
//   ACC        independent chains of float16 an item, enough to hide latency      6
//   ROUNDS     multiply-adds in a chain                                           4096
//   SPAN       floats that an item copies, a multiple of LANES                    4096
//   LANES      of which so many are neighbours: 1, 4 or 16                        16
//   WG         items in a group                                                   1
//   local      none
//   numerics   the chains converge to b / (1 - a): nothing overflows
//   source     the usual way to measure a peak: registers only, no memory

#ifndef ACC
#define ACC 6
#endif
#ifndef ROUNDS
#define ROUNDS 4096
#endif
#ifndef SPAN
#define SPAN 4096
#endif
#ifndef LANES
#define LANES 16
#endif
#ifndef WG
#define WG 1
#endif

__kernel GROUP(WG) void measure_fma(__global float *restrict y, const float a, const float b)
{
    float16 x[ACC];

#pragma unroll
    for (int k = 0; k < ACC; k++)
        x[k] = (float16)(0.5f * (float)k + (float)get_global_id(0));
    for (int i = 0; i < ROUNDS; i++) {
#pragma unroll
        for (int k = 0; k < ACC; k++)
            x[k] = fma(x[k], (float16)(a), (float16)(b));
    }
    float16 sum = x[0];
#pragma unroll
    for (int k = 1; k < ACC; k++)
        sum += x[k];
    y[get_global_id(0)] = sum16(sum);
}

__kernel GROUP(WG) void measure_copy(__global float *restrict y, __global const float *restrict x,
                                     const int n)
{
    const size_t begin = get_group_id(0) * (size_t)SPAN * WG;
    const size_t end = min(begin + (size_t)SPAN * WG, (size_t)n);

#pragma unroll 4
    for (size_t i = begin + get_local_id(0) * LANES; i + LANES <= end; i += WG * LANES)
        store_lanes(load_lanes(x + i, LANES, 0.0f), y + i, LANES);
}

__kernel GROUP(WG) void measure_launch(__global float *restrict y)
{
    (void)y;
}
