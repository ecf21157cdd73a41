// relu.cl -- the rectifier
//
//   relu        y = max(x, 0), NaN where x is NaN
//   relu_grad   dx = dy where y > 0, else 0
//
//   x y dx dy   [n] fp32
//   work        an item takes SPAN floats
//   SPAN        floats of an item                                         4096
//   LANES       floats an item takes at a time: 1, 4 or 16                16
//   WG          items in a group                                          1
//   local       none
//   numerics    exact
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

__kernel GROUP(WG) void relu(__global float *restrict y, __global const float *restrict x,
                             const int n)
{
    const size_t first = get_global_id(0) * (size_t)SPAN, end = min(first + SPAN, (size_t)n);

    for (size_t i = first; i < end; i += LANES) {
        const int left = (int)(end - i);
        const lanes v = load_lanes(x + i, left, 0.0f);

        store_lanes(act_1(v), y + i, left);
    }
}

__kernel GROUP(WG) void relu_grad(__global float *restrict dx, __global const float *restrict dy,
                                  __global const float *restrict y, const int n)
{
    const size_t first = get_global_id(0) * (size_t)SPAN, end = min(first + SPAN, (size_t)n);

    for (size_t i = first; i < end; i += LANES) {
        const int left = (int)(end - i);
        const lanes v = load_lanes(y + i, left, 0.0f);

        store_lanes(act_grad_1(load_lanes(dy + i, left, 0.0f), v), dx + i, left);
    }
}
