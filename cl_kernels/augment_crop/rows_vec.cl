// augment_crop/rows_vec.cl -- resampled crops, row by row
//
//   y[m, p, q, :] = clamp(unit sum_i sum_j v[p, i] u[q, j] x[source_m, top + i, left + j, :])
//   the inner sum over i is taken first, for a chunk of a source row
//
//   y           [M, h, w, 3] fp32, in [0, 1]
//   x           [N, stride] uchar or float: pixels of image n side by side from n stride on
//   table       [M, 8] int: source, its h, w, then top, left, height, width, flip
//   first weight  of taps.cl
//   work        (ceil(h / ROWS), M) groups of one item
//   BYTES       1: x is uchar, unit = 1/255; 0: x is float, unit = 1       1
//   ROWS        output rows of an item                                    32
//   CHUNK       source columns taken at a time                           128
//   local       none; 12 CHUNK bytes of private memory
//   numerics    fp32, clamped at the end only
//   source      Pillow, Resample.c, without its rounding to bytes

#ifndef BYTES
#define BYTES 1
#endif
#ifndef ROWS
#define ROWS 32
#endif
#ifndef CHUNK
#define CHUNK 128
#endif

#if BYTES
#define SOURCE uchar
#define UNIT (1.0f / 255.0f)
#else
#define SOURCE float
#define UNIT 1.0f
#endif

// row[0 ... n - 1] = sum_t v[t] x[t pitch + (0 ... n - 1)], and four zeros behind.
inline void blend_rows(float *row, __global const SOURCE *x, __global const float *v,
                       const int n_taps, const size_t pitch, const int n)
{
    for (int j = 0; n >= 16 && j < n; j += 16) {
        const int at = min(j, n - 16); // the last step may overlap the one before
        float16 sum = 0.0f;

        for (int t = 0; t < n_taps; t++)
            sum = fma((float16)v[t], convert_float16(vload16(0, x + t * pitch + at)), sum);
        vstore16(sum, 0, row + at);
    }
    for (int j = 0; n < 16 && j < n; j++) {
        float sum = 0.0f;

        for (int t = 0; t < n_taps; t++)
            sum = fma(v[t], (float)x[t * pitch + j], sum);
        row[j] = sum;
    }
    vstore4((float4)(0.0f), 0, row + n);
}

// y += what the source columns begin ... end - 1, which lie in `row`, give.
inline void add_columns(__global float *y, const float *row, __global const int *first,
                        __global const float *weight, const int taps, const int w, const int flip,
                        const int begin, const int end)
{
    for (int q = 0; q < w; q++) {
        const int from = first[2 * q], low = max(from, begin);
        const int high = min(from + first[2 * q + 1], end);
        __global const float *u = weight + q * taps;
        __global float *out = y + 3 * (flip ? w - 1 - q : q);
        float4 sum = 0.0f; // the fourth lane is the next pixel's red

        if (low >= high)
            continue;
        for (int i = low; i < high; i++)
            sum = fma((float4)u[i - from], vload4(0, row + 3 * (i - begin)), sum);
        out[0] += sum.x;
        out[1] += sum.y;
        out[2] += sum.z;
    }
}

__kernel GROUP(1) void augment_crop_rows(__global float *restrict y,
                                         __global const SOURCE *restrict x,
                                         __global const int *restrict table,
                                         __global const int *restrict first,
                                         __global const float *restrict weight, const int stride,
                                         const int h, const int w, const int side, const int taps)
{
    float row[3 * CHUNK + 4];
    const size_t m = get_group_id(1);
    __global const int *own = table + 8 * m;
    const size_t pitch = 3 * (size_t)own[2], across = (2 * m + 1) * side;
    __global const SOURCE *crop = x + own[0] * (size_t)stride + own[3] * pitch + 3 * (size_t)own[4];
    const int p0 = get_group_id(0) * ROWS, width = own[6];

    for (int p = p0; p < min(p0 + ROWS, h); p++) {
        const size_t down = 2 * m * side + p;
        __global float *out = y + (m * h + p) * w * 3;

        for (int q = 0; q < 3 * w; q++)
            out[q] = 0.0f;
        for (int c = 0; c < width; c += CHUNK) {
            const int end = min(c + CHUNK, width);

            blend_rows(row, crop + first[2 * down] * pitch + 3 * (size_t)c, weight + down * taps,
                       first[2 * down + 1], pitch, 3 * (end - c));
            add_columns(out, row, first + 2 * across, weight + across * taps, taps, w, own[7], c,
                        end);
        }
        for (int q = 0; q < 3 * w; q++)
            out[q] = clamp(out[q] * UNIT, 0.0f, 1.0f);
    }
}
