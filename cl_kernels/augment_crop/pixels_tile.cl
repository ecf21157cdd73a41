// augment_crop/pixels_tile.cl -- resampled crops, a pixel to an item
//
//   y[m, p, q, :] = clamp(unit sum_i sum_j v[p, i] u[q, j] x[source_m, top + i, left + j, :])
//
//   y           [M, h, w, 3] fp32, in [0, 1]
//   x           [N, stride] uchar or float: pixels of image n side by side from n stride on
//   table       [M, 8] int: source, its h, w, then top, left, height, width, flip
//   first weight  of taps.cl
//   work        (ceil(h w / WG), M) groups of WG items
//   BYTES       1: x is uchar, unit = 1/255; 0: x is float, unit = 1       1
//   WG          items in a group                                          64
//   local       none
//   numerics    fp32, clamped at the end only
//   source      Pillow, Resample.c, without its rounding to bytes

#ifndef BYTES
#define BYTES 1
#endif
#ifndef WG
#define WG 64
#endif

#if BYTES
#define SOURCE uchar
#define UNIT (1.0f / 255.0f)
#else
#define SOURCE float
#define UNIT 1.0f
#endif

__kernel GROUP(WG) void augment_crop_pixels(__global float *restrict y,
                                            __global const SOURCE *restrict x,
                                            __global const int *restrict table,
                                            __global const int *restrict first,
                                            __global const float *restrict weight, const int stride,
                                            const int h, const int w, const int side,
                                            const int taps)
{
    const size_t m = get_group_id(1);
    const int at = get_global_id(0), p = at / w, q = at - p * w;
    __global const int *own = table + 8 * m;

    if (p >= h)
        return;
    const size_t down = 2 * m * side + p, across = (2 * m + 1) * side + q;
    const size_t pitch = 3 * (size_t)own[2];
    const int rows = first[2 * down + 1], columns = first[2 * across + 1];
    __global const SOURCE *corner = x + own[0] * (size_t)stride +
                                    (own[3] + first[2 * down]) * pitch +
                                    3 * (size_t)(own[4] + first[2 * across]);
    __global float *out = y + ((m * h + p) * w + (own[7] ? w - 1 - q : q)) * 3;
    float r = 0.0f, g = 0.0f, b = 0.0f;

    for (int i = 0; i < rows; i++) {
        const float v = weight[down * taps + i];
        __global const SOURCE *line = corner + i * pitch;

        for (int j = 0; j < columns; j++) {
            const float f = v * weight[across * taps + j];

            r = fma(f, (float)line[3 * j], r);
            g = fma(f, (float)line[3 * j + 1], g);
            b = fma(f, (float)line[3 * j + 2], b);
        }
    }
    out[0] = clamp(r * UNIT, 0.0f, 1.0f);
    out[1] = clamp(g * UNIT, 0.0f, 1.0f);
    out[2] = clamp(b * UNIT, 0.0f, 1.0f);
}
