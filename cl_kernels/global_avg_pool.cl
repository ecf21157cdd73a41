// global_avg_pool.cl -- the sum of an image's pixels, and its gradient
//
//   pixel_sum      y[n,:]    = scale sum_p x[n,p,:]
//   pixel_spread   dx[n,p,:] = scale dy[n,:]
//
//   x dx      [N, pixels, channels] fp32
//   y dy      [N, channels] fp32
//   work      pixel_sum: (ceil(channels / (WG LANES)), N) groups of WG items, an item has LANES
//             channels; pixel_spread: (ceil(pixels / span), N), a group has `span` pixels
//   LANES     channels an item takes at a time: 1, 4 or 16              16
//   WG        items in a group                                          1
//   local     none
//   numerics  fp32; 32 pixels are added before they join the sum of all
//   source    Lin et al. 2013

#ifndef LANES
#define LANES 16
#endif
#ifndef WG
#define WG 1
#endif

#define BLOCK 32

__kernel GROUP(WG) void pixel_sum(__global float *restrict y, __global const float *restrict x,
                                  const int pixels, const int channels, const float scale)
{
    const int c = get_global_id(0) * LANES, left = channels - c;
    const size_t n = get_group_id(1);
    lanes all = 0.0f;

    if (left <= 0)
        return;
    x += n * pixels * channels + c;
    for (int b = 0; b < pixels; b += BLOCK) {
        lanes sum = 0.0f;

        for (int p = b; p < min(b + BLOCK, pixels); p++)
            sum += load_lanes(x + (size_t)p * channels, left, 0.0f);
        all += sum;
    }
    store_lanes(scale * all, y + n * channels + c, left);
}

__kernel GROUP(WG) void pixel_spread(__global float *restrict dx, __global const float *restrict dy,
                                     const int pixels, const int channels, const float scale,
                                     const int span)
{
    const size_t n = get_group_id(1), first = get_group_id(0) * (size_t)span;
    const int rows = min(span, pixels - (int)first);

    dx += (n * pixels + first) * channels;
    WALK(r, c, rows, channels)
    {
        store_lanes(scale * load_lanes(dy + n * channels + c, channels - c, 0.0f),
                    dx + (size_t)r * channels + c, channels - c);
    }
}
