// scale.cl -- an affine map of each element
//
//   y = alpha x + beta
//
//   y x       [n] fp32
//   work      an item takes SPAN floats
//   SPAN      floats of an item                                         4096
//   LANES     floats an item takes at a time: 1, 4 or 16                16
//   WG        items in a group                                          1
//   local     none
//   numerics  fp32, one rounding; alpha = 1 with beta = 0 copies (and -0 becomes 0)
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

__kernel GROUP(WG) void scale(__global float *restrict y, __global const float *restrict x,
                              const int n, const float alpha, const float beta)
{
    const size_t first = get_global_id(0) * (size_t)SPAN, end = min(first + SPAN, (size_t)n);

    for (size_t i = first; i < end; i += LANES) {
        const int left = (int)(end - i);
        const lanes v = load_lanes(x + i, left, 0.0f);

        store_lanes(fma((lanes)(alpha), v, (lanes)(beta)), y + i, left);
    }
}
