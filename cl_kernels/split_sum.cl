// split_sum.cl -- the second pass of a split reduction: add up the splits
//
//   y[i] = sum_z partial[z][i], behind what y[i] holds where `adds` is 1
//
//   y         [n] fp32
//   partial   [splits, n] fp32
//   work      an item takes SPAN floats of y
//   SPAN      floats of an item                                         4096
//   LANES     floats an item takes at a time: 1, 4 or 16                16
//   WG        items in a group                                          1
//   local     none
//   numerics  fp32, splits in their order, so bits repeat
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

__kernel GROUP(WG) void split_sum(__global float *restrict y,
                                  __global const float *restrict partial, const int n,
                                  const int splits, const int adds)
{
    const size_t first = get_global_id(0) * (size_t)SPAN, end = min(first + SPAN, (size_t)n);

    for (size_t i = first; i < end; i += LANES) {
        const int left = (int)(end - i);
        lanes sum = load_lanes(adds ? y + i : partial + i, left, 0.0f);

        for (int z = 1 - adds; z < splits; z++)
            sum += load_lanes(partial + (size_t)z * n + i, left, 0.0f);
        store_lanes(sum, y + i, left);
    }
}
