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
//   SPAN       floats that an item copies, a multiple of 16                       4096
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
    const size_t first = get_global_id(0) * (size_t)SPAN;

    for (size_t i = first; i + 16 <= min(first + SPAN, (size_t)n); i += 16)
        vstore16(vload16(0, x + i), 0, y + i);
}

__kernel GROUP(WG) void measure_launch(__global float *restrict y)
{
    (void)y;
}
