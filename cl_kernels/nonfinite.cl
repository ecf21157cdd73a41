// nonfinite.cl -- how many elements are NaN or infinite
//
//   part[b] = number of such x[i] in block b, the BLOCK elements from b BLOCK on
//   total.cl then adds them
//
//   x           [n] fp32;  part [ceil(n / BLOCK)] fp32
//   work        ceil(n / BLOCK) groups of WG items: a group to a block
//   BLOCK       elements of a group, at most 2^24                         4096
//   WG          items in a group, a power of two                          64
//   LANES       floats an item takes at a time: 1, 4 or 16                1
//   local       4 * WG bytes
//   numerics    exact below 2^24, and never 0 when there is one
//   source      -

#ifndef BLOCK
#define BLOCK 4096
#endif
#ifndef WG
#define WG 64
#endif
#ifndef LANES
#define LANES 1
#endif

__kernel GROUP(WG) void nonfinite(__global float *restrict part, __global const float *restrict x,
                                  const int n)
{
    __local float tmp[WG];
    const size_t first = get_group_id(0) * (size_t)BLOCK;
    const int count = (int)min((size_t)n - first, (size_t)BLOCK);
    lanes sum = 0.0f;

    // 0 times a finite number is 0; 0 times anything else is NaN.
    for (int i = get_local_id(0) * LANES; i < count; i += WG * LANES) {
        const lanes v = load_lanes(x + first + i, count - i, 0.0f);

        sum += v * 0.0f == 0.0f ? (lanes)(0.0f) : (lanes)(1.0f);
    }

    const float all = group_sum(sum_lanes(sum), tmp);
    if (get_local_id(0) == 0)
        part[get_group_id(0)] = all;
}
