// augment_unpack.cl -- whole images as floats, mirrored where asked
//
//   y[m, i, j, :] = unit x[source_m, i, j, :]           or x[source_m, i, w_m - 1 - j, :]
//   behind the h_m w_m pixels of an image that does not fill its row: zeros
//
//   y           [M, cols] fp32, cols = 3 h w
//   x           [N, stride] uchar or float: pixels of image n side by side from n stride on
//   table       [M, 4] int: source, its h, w, flip
//   work        M groups of WG items: a group to an image
//   BYTES       1: x is uchar, unit = 1/255; 0: x is float, unit = 1       1
//   WG          items in a group                                          64
//   LANES       floats an item takes at a time: 1, 4 or 16                1
//   local       none
//   numerics    fp32
//   source      -

#ifndef BYTES
#define BYTES 1
#endif
#ifndef WG
#define WG 64
#endif
#ifndef LANES
#define LANES 1
#endif

#if BYTES
#define SOURCE uchar
#define UNIT (1.0f / 255.0f)
#else
#define SOURCE float
#define UNIT 1.0f
#endif

#if LANES == 1
#define READ(p) ((float)*(p))
#else
#define READ(p) JOIN(convert_float, LANES)(JOIN(vload, LANES)(0, (p)))
#endif

__kernel GROUP(WG) void augment_unpack(__global float *restrict y,
                                       __global const SOURCE *restrict x,
                                       __global const int *restrict table, const int stride,
                                       const int cols)
{
    const size_t m = get_group_id(0);
    __global const int *own = table + 4 * m;
    __global const SOURCE *in = x + own[0] * (size_t)stride;
    __global float *out = y + m * cols;
    const int w = own[2], pixels = own[1] * w, n = 3 * pixels, item = get_local_id(0);
    const int whole = own[3] ? 0 : n / LANES * LANES;

    for (int c = item * LANES; c < whole; c += WG * LANES)
        store_lanes(READ(in + c) * UNIT, out + c, LANES);
    for (int c = whole + item; !own[3] && c < n; c += WG)
        out[c] = (float)in[c] * UNIT;
    for (int p = item; own[3] && p < pixels; p += WG) {
        const int line = p / w, to = 3 * ((2 * line + 1) * w - 1 - p);

        for (int c = 0; c < 3; c++)
            out[to + c] = (float)in[3 * p + c] * UNIT;
    }
    for (int c = n + item; c < cols; c += WG)
        out[c] = 0.0f;
}
