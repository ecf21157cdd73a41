// half.cl -- what is kept for later as half, and back
//
//   to_half     h = x, rounded to the nearest half; finite beyond +-65504 that number
//   from_half   y = h
//
//   h         [n] half
//   y x       [n] fp32
//   work      an item takes SPAN values
//   SPAN      values of an item                                         4096
//   LANES     values an item takes at a time: 1, 4 or 16                16
//   WG        items in a group                                          1
//   local     none
//   numerics  one rounding, to nearest even; half is read and written by vload_half and vstore_half
//             alone, which are in OpenCL C without an extension
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

#define LARGEST 65504.0f

#if LANES == 1
#define load_halves(p) vload_half(0, (p))
#define store_halves(v, p) vstore_half_rte((v), 0, (p))
#else
#define load_halves(p) JOIN(vload_half, LANES)(0, (p))
#define store_halves(v, p) JOIN(JOIN(vstore_half, LANES), _rte)((v), 0, (p))
#endif

// What is not finite stays so.
#define within(T, v)                                                                               \
    ((((v) > LARGEST) & ((v) < INFINITY))     ? (T)(LARGEST)                                       \
     : (((v) < -LARGEST) & ((v) > -INFINITY)) ? (T)(-LARGEST)                                      \
                                              : (v))

__kernel GROUP(WG) void to_half(__global half *restrict h, __global const float *restrict x,
                                const int n)
{
    const size_t first = get_global_id(0) * (size_t)SPAN, end = min(first + SPAN, (size_t)n);
    const size_t whole = first + (end > first ? (end - first) / LANES * LANES : 0);

    for (size_t i = first; i < whole; i += LANES) {
        const lanes v = load_lanes(x + i, LANES, 0.0f);

        store_halves(within(lanes, v), h + i);
    }
    for (size_t i = whole; i < end; i++)
        vstore_half_rte(within(float, x[i]), i, h);
}

__kernel GROUP(WG) void from_half(__global float *restrict y, __global const half *restrict h,
                                  const int n)
{
    const size_t first = get_global_id(0) * (size_t)SPAN, end = min(first + SPAN, (size_t)n);
    const size_t whole = first + (end > first ? (end - first) / LANES * LANES : 0);

    for (size_t i = first; i < whole; i += LANES)
        store_lanes(load_halves(h + i), y + i, LANES);
    for (size_t i = whole; i < end; i++)
        y[i] = vload_half(i, h);
}
