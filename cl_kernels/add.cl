// add.cl -- the sum of two tensors
//
//   y = a + b
//
//   y a b     [n] fp32
//   work      an item takes SPAN floats
//   SPAN      floats of an item                                         4096
//   LANES     floats an item takes at a time: 1, 4 or 16                16
//   WG        items in a group                                          1
//   local     none
//   numerics  fp32
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

__kernel GROUP(WG) void add(__global float *restrict y, __global const float *restrict a,
                            __global const float *restrict b, const int n)
{
    const size_t first = get_global_id(0) * (size_t)SPAN, end = min(first + SPAN, (size_t)n);

    for (size_t i = first; i < end; i += LANES) {
        const int left = (int)(end - i);

        store_lanes(load_lanes(a + i, left, 0.0f) + load_lanes(b + i, left, 0.0f), y + i, left);
    }
}
