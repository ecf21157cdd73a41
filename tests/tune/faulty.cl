// faulty.cl -- y = 2 x, and the ways in which a kernel, or its compiler, can fail
//
//   y x       [n] fp32
//   work      (n) groups of one item
//   FAULT     which                                                               0
//   local     none
//   numerics  fp32
//   source    none: for tests of the tuner

#ifndef FAULT
#define FAULT 0
#endif

#if FAULT == 5
#error "not with this compiler"
#endif

__kernel GROUP(1) void twice(__global float *restrict y, __global const float *restrict x,
                             const int n, const int zero)
{
    const int i = get_group_id(0);

#if FAULT == 1
    y[i] = i == 7 ? 2.01f * x[i] : 2.0f * x[i];
#elif FAULT == 2
    // Who knows zero knows that this is an address of nobody's.
    y[i] = ((volatile __global float *)(size_t)(8 + zero))[i];
#elif FAULT == 3
    volatile int go_on = 1 + zero;

    while (go_on)
        ;
    y[i] = 2.0f * x[i];
#elif FAULT == 4
    y[i] = 2.0f * x[i];
    if (i == n - 1)
        y[n + 3] = 0.0f;
#elif FAULT == 6
    y[i] = i > 1000 ? 3.0f * x[i] : 2.0f * x[i];
#elif FAULT == 7
    if (i != 5)
        y[i] = 2.0f * x[i];
#else
    y[i] = 2.0f * x[i];
#endif
}
