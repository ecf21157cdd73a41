// split_sum.cl -- the second pass of a split reduction: add up the splits
//
//   y[i] = sum_z partial[z][i], behind what y[i] holds where `adds` is 1
//
//   split_sum     for many y: an item takes SPAN floats of y, in all splits
//   split_column  for few: a group takes CI LANES floats of y, RI items share their splits
//
//   y         [n] fp32
//   partial   [splits, n] fp32
//   work      ceil(n / (SPAN WG)) groups of WG items; column: ceil(n / (CI LANES)) of CI RI
//   SPAN      floats of an item                                         4096
//   LANES     floats an item takes at a time: 1, 4 or 16                16
//   WG        items in a group                                          1
//   CI        items side by side in a row of y                          1
//   RI        items one below the other, a power of two                 1
//   local     column: 4 LANES CI RI bytes
//   numerics  fp32; splits in their order, column: every RI-th in its order, then a tree
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

#ifndef CI
#define CI 1
#endif
#ifndef RI
#define RI 1
#endif

DEFINE_COLUMN_TOTAL

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

__kernel GROUP(CI *RI) void split_column(__global float *restrict y,
                                         __global const float *restrict partial, const int n,
                                         const int splits, const int adds)
{
    __local lanes tmp[CI * RI];
    const int row = get_local_id(0) / CI;
    const size_t i = (get_group_id(0) * CI + get_local_id(0) % CI) * LANES;
    const int left = (int)min((long)n - (long)i, (long)LANES);
    lanes sum = load_lanes(y + i, adds && row == 0 ? left : 0, 0.0f);

#pragma unroll 4
    for (int z = row; z < splits; z += RI)
        sum += load_lanes(partial + (size_t)z * n + i, left, 0.0f);
    store_lanes(column_total(sum, tmp), y + i, row == 0 ? left : 0);
}
