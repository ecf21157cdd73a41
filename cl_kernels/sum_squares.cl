// sum_squares.cl -- the squared length of a whole tensor
//
//   part[b] = sum of x[i]^2 over block b, the BLOCK elements from b BLOCK on
//   total.cl then adds them
//
//   x           [n] fp32;  part [ceil(n / BLOCK)] fp32
//   work        ceil(n / BLOCK) groups of WG items: a group to a block
//   BLOCK       elements of a group                                       4096
//   WG          items in a group, a power of two                          64
//   LANES       floats an item takes at a time: 1, 4 or 16                1
//   local       4 * WG bytes
//   numerics    fp32 sums of BLOCK, then of the blocks, in a fixed tree order
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

__kernel GROUP(WG) void sum_squares(__global float *restrict part, __global const float *restrict x,
                                    const int n)
{
    __local float tmp[WG];
    const size_t first = get_group_id(0) * (size_t)BLOCK;
    const int count = (int)min((size_t)n - first, (size_t)BLOCK);
    lanes sum = 0.0f;

    for (int i = get_local_id(0) * LANES; i < count; i += WG * LANES) {
        const lanes v = load_lanes(x + first + i, count - i, 0.0f);

        sum = fma(v, v, sum);
    }

    const float all = group_sum(sum_lanes(sum), tmp);
    if (get_local_id(0) == 0)
        part[get_group_id(0)] = all;
}
