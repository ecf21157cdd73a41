// divide_rows.cl -- each row over a number of its own
//
//   divide_rows   y[n,:] = x[n,:] / d[n]
//
//   y x       [N, n] fp32
//   d         [N] fp32
//   work      (ceil(n / (WG SPAN)), N) groups of WG items; an item has SPAN floats of a row
//   SPAN      floats of an item                                         4096
//   LANES     floats an item takes at a time: 1, 4 or 16                16
//   WG        items in a group                                          1
//   local     none
//   numerics  fp32; divides, so that x / d has one rounding
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

__kernel GROUP(WG) void divide_rows(__global float *restrict y, __global const float *restrict x,
                                    __global const float *restrict d, const int n)
{
    const size_t first = get_global_id(0) * (size_t)SPAN, end = min(first + SPAN, (size_t)n);
    const size_t row = get_group_id(1) * (size_t)n;
    const float by = d[get_group_id(1)];

    for (size_t i = first; i < end; i += LANES) {
        const int left = (int)(end - i);

        store_lanes(load_lanes(x + row + i, left, 0.0f) / by, y + row + i, left);
    }
}
