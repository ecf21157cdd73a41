// add_rows.cl -- the same vector added to every pixel of an image
//
//   y[n,p,:] = x[n,p,:] + e[n,:]
//
//   y x       [N, pixels, channels] fp32
//   e         [N, channels] fp32
//   work      (ceil(pixels / span), N) groups of WG items; a group has `span` pixels
//   LANES     channels an item takes at a time: 1, 4 or 16              16
//   WG        items in a group                                          1
//   local     none
//   numerics  fp32
//   source    -

#ifndef LANES
#define LANES 16
#endif
#ifndef WG
#define WG 1
#endif

__kernel GROUP(WG) void add_rows(__global float *restrict y, __global const float *restrict x,
                                 __global const float *restrict e, const int pixels,
                                 const int channels, const int span)
{
    const size_t n = get_group_id(1), first = get_group_id(0) * (size_t)span;
    const int rows = min(span, pixels - (int)first);
    const size_t base = (n * pixels + first) * channels;

    WALK(r, c, rows, channels)
    {
        const size_t at = base + (size_t)r * channels + c;
        const int left = channels - c;

        store_lanes(load_lanes(x + at, left, 0.0f) + load_lanes(e + n * channels + c, left, 0.0f),
                    y + at, left);
    }
}
