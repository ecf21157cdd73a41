// clip_by_norm.cl -- scale a gradient down to a length
//
//   g           = g min(1, limit / (sqrt(square[0]) + 1e-6))
//
//   g           [n] fp32, changed;  square [1] fp32: the squared length of g
//   work        an item takes SPAN floats
//   SPAN        floats of an item                                         4096
//   LANES       floats an item takes at a time: 1, 4 or 16                16
//   WG          items in a group                                          1
//   local       none
//   numerics    fp32; nothing is written when the length is within the limit
//   source      PyTorch's clip_grad_norm_

#ifndef SPAN
#define SPAN 4096
#endif
#ifndef LANES
#define LANES 16
#endif
#ifndef WG
#define WG 1
#endif

__kernel GROUP(WG) void clip_by_norm(__global float *restrict g,
                                     __global const float *restrict square, const int n,
                                     const float limit)
{
    const size_t first = get_global_id(0) * (size_t)SPAN, end = min(first + SPAN, (size_t)n);
    const float scale = limit / (sqrt(square[0]) + 1e-6f);

    if (scale >= 1.0f)
        return;
    for (size_t i = first; i < end; i += LANES) {
        const int left = (int)(end - i);

        store_lanes(load_lanes(g + i, left, 0.0f) * scale, g + i, left);
    }
}
