// max_pool2d.cl -- the largest value of each window
//
//   max_pool2d        y[n,p,q,c] = max x[n, p s + a - pad, q s + b - pad, c]    a, b < k
//   max_pool2d_grad   dx[n,i,j,c] = sum of dy[n,p,q,c] over the windows whose first largest
//                     value, in the order of a, then b, is at (i, j)
//
//   x dx      [N, H, W, channels] fp32; outside of it is -infinity
//   y dy      [N, P, Q, channels] fp32
//   work      (rows) groups of WG items; a group has one row of pixels of the output
//   LANES     channels an item takes at a time: 1, 4 or 16              16
//   WG        items in a group                                          1
//   local     none
//   numerics  exact; NaN wins; backward adds windows in their order
//   source    PyTorch's max_pool2d: its order of ties

#ifndef LANES
#define LANES 16
#endif
#ifndef WG
#define WG 1
#endif

struct pool {
    int h, w, p, q, channels, kernel_size, stride, padding;
};

// The largest value of the window (p, q) of image x.
inline lanes largest(__global const float *restrict x, const struct pool *of, const int p,
                     const int q, const int left)
{
    lanes best = -INFINITY;

    for (int a = 0; a < of->kernel_size; a++)
        for (int b = 0; b < of->kernel_size; b++) {
            const int i = p * of->stride + a - of->padding, j = q * of->stride + b - of->padding;

            if (i >= 0 && i < of->h && j >= 0 && j < of->w) {
                const lanes v = load_lanes(x + ((size_t)i * of->w + j) * of->channels, left, 0.0f);

                best = v > best || v != v ? v : best;
            }
        }
    return best;
}

// dy where (i, j) is the first place of the window (p, q) that has its largest value, else 0.
inline lanes share(__global const float *restrict dy, __global const float *restrict x,
                   const struct pool *of, const int p, const int q, const int i, const int j,
                   const int left)
{
    const lanes best = largest(x, of, p, q, left);
    lanes d = load_lanes(dy + ((size_t)p * of->q + q) * of->channels, left, 0.0f);

    for (int a = max(p * of->stride - of->padding, 0); a <= i; a++)
        for (int b = max(q * of->stride - of->padding, 0);
             b < min(q * of->stride - of->padding + of->kernel_size, of->w); b++) {
            const lanes v = load_lanes(x + ((size_t)a * of->w + b) * of->channels, left, 0.0f);

            if (a == i && b == j)
                return v == best || v != v ? d : (lanes)(0.0f);
            d = v == best ? (lanes)(0.0f) : d;
        }
    return d;
}

__kernel GROUP(WG) void max_pool2d(__global float *restrict y, __global const float *restrict x,
                                   const int h, const int w, const int p_size, const int q_size,
                                   const int channels, const int kernel_size, const int stride,
                                   const int padding)
{
    const struct pool of = { h, w, p_size, q_size, channels, kernel_size, stride, padding };
    const int row = get_group_id(0), n = row / p_size, p = row - n * p_size;

    x += (size_t)n * h * w * channels;
    y += (size_t)row * q_size * channels;
    WALK(q, c, q_size, channels)
    {
        store_lanes(largest(x + c, &of, p, q, channels - c), y + (size_t)q * channels + c,
                    channels - c);
    }
}

__kernel GROUP(WG) void max_pool2d_grad(__global float *restrict dx,
                                        __global const float *restrict dy,
                                        __global const float *restrict x, const int h, const int w,
                                        const int p_size, const int q_size, const int channels,
                                        const int kernel_size, const int stride, const int padding)
{
    const struct pool of = { h, w, p_size, q_size, channels, kernel_size, stride, padding };
    const int row = get_group_id(0), n = row / h, i = row - n * h;
    const int p_end = min((i + padding) / stride + 1, p_size);
    const int p_first = max((i + padding - kernel_size + stride) / stride, 0);

    x += (size_t)n * h * w * channels;
    dy += (size_t)n * p_size * q_size * channels;
    dx += (size_t)row * w * channels;
    WALK(j, c, w, channels)
    {
        const int q_end = min((j + padding) / stride + 1, q_size);
        const int q_first = max((j + padding - kernel_size + stride) / stride, 0);
        lanes sum = 0.0f;

        for (int p = p_first; p < p_end; p++)
            for (int q = q_first; q < q_end; q++)
                sum += share(dy + c, x + c, &of, p, q, i, j, channels - c);
        store_lanes(sum, dx + (size_t)j * channels + c, channels - c);
    }
}
