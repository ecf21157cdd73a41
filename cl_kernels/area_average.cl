// area_average.cl -- images at a smaller size: the mean of the pixels that each one covers
//
//   y[n,i,j,:] = mean x[n,a,b,:]   floor(i H / S) <= a < ceil((i + 1) H / S), b the same with W
//
//   x         [N, H, W, channels] fp32
//   y         [N, S, S, channels] fp32
//   work      (N S) groups of WG items; a group has one row of pixels of y
//   LANES     channels an item takes at a time: 1, 4 or 16              16
//   WG        items in a group                                          1
//   local     none
//   numerics  fp32
//   source    PyTorch's adaptive_avg_pool2d

#ifndef LANES
#define LANES 16
#endif
#ifndef WG
#define WG 1
#endif

__kernel GROUP(WG) void area_average(__global float *restrict y, __global const float *restrict x,
                                     const int h, const int w, const int size, const int channels)
{
    const int row = get_group_id(0), n = row / size, i = row - n * size;
    const int top = i * h / size, bottom = ((i + 1) * h + size - 1) / size;

    x += (size_t)n * h * w * channels;
    y += (size_t)row * size * channels;
    WALK(j, c, size, channels)
    {
        const int first = j * w / size, end = ((j + 1) * w + size - 1) / size;
        lanes sum = 0.0f;

        for (int a = top; a < bottom; a++)
            for (int b = first; b < end; b++)
                sum += load_lanes(x + ((size_t)a * w + b) * channels + c, channels - c, 0.0f);
        store_lanes(sum / (float)((bottom - top) * (end - first)), y + (size_t)j * channels + c,
                    channels - c);
    }
}
