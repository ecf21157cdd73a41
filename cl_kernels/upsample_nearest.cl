// upsample_nearest.cl -- every pixel becomes a square of pixels
//
//   upsample_nearest        y[n,i,j,:]  = x[n,i/s,j/s,:]
//   upsample_nearest_grad   dx[n,i,j,:] = sum_ab dy[n,i s + a,j s + b,:]    a, b < s
//
//   x dx      [N, H, W, channels] fp32
//   y dy      [N, H s, W s, channels] fp32
//   work      (rows) groups of WG items; a group has one row of pixels of the output
//   LANES     channels an item takes at a time: 1, 4 or 16              16
//   WG        items in a group                                          1
//   local     none
//   numerics  forward copies bits; backward adds in fp32, row after row
//   source    -

#ifndef LANES
#define LANES 16
#endif
#ifndef WG
#define WG 1
#endif

__kernel GROUP(WG) void upsample_nearest(__global float *restrict y,
                                         __global const float *restrict x, const int width,
                                         const int channels, const int scale)
{
    const size_t row = get_group_id(0); // of N H s; row / s is that of N H
    const int wide = width * scale;

    y += row * wide * channels;
    x += row / scale * width * channels;
    WALK(j, c, wide, channels)
    {
        const lanes v = load_lanes(x + (size_t)(j / scale) * channels + c, channels - c, 0.0f);

        store_lanes(v, y + (size_t)j * channels + c, channels - c);
    }
}

__kernel GROUP(WG) void upsample_nearest_grad(__global float *restrict dx,
                                              __global const float *restrict dy, const int width,
                                              const int channels, const int scale)
{
    const size_t row = get_group_id(0), pitch = (size_t)width * scale * channels;

    dx += row * width * channels;
    dy += row * scale * pitch;
    WALK(j, c, width, channels)
    {
        lanes sum = 0.0f;

        for (int a = 0; a < scale; a++)
            for (int b = 0; b < scale; b++)
                sum += load_lanes(dy + a * pitch + ((size_t)j * scale + b) * channels + c,
                                  channels - c, 0.0f);
        store_lanes(sum, dx + (size_t)j * channels + c, channels - c);
    }
}
