// augment_color.cl -- colour jitter: four operations in an order of each image's own
//
//   brightness  clamp(f x)
//   contrast    clamp(f x + (1 - f) m)            m: mean of the image's grey at that point
//   saturation  clamp(f x + (1 - f) grey(x))
//   hue         f turns: with v = max, d = v - min of a pixel and h its hue in sixths of a turn,
//               c_n = v - d clamp(min(k, 4 - k), 0, 1),  k = (n + h + 6 f) mod 6,
//               n = 5, 3, 1 for red, green, blue
//   grey        0.2989 r + 0.587 g + 0.114 b
//
//   x y         [M, pixels, 3] fp32
//   table       [M, 10] fp32: pixels of the image (those behind have no part in m), four operations
//               (0 none, 1 brightness, 2 contrast, 3 saturation, 4 hue) in their order, the factors
//               of brightness, contrast, saturation, hue, and 1 for grey at the end
//   work        M groups of WG items: a group to an image
//   WG          items in a group, a power of two                          64
//   LANES       pixels an item takes at a time: 1 or 16                    1
//   local       4 * WG bytes
//   numerics    fp32; m is summed in blocks, in a fixed tree order
//   source      torchvision 0.14, functional_tensor.py; hue as by Smith 1978 without its branches

#ifndef WG
#define WG 64
#endif
#ifndef LANES
#define LANES 1
#endif

enum { NONE, BRIGHTNESS, CONTRAST, SATURATION, HUE };

// v[c]: channel c of LANES pixels. n pixels at p, black behind the end.
#if LANES == 16
inline void load_colors(lanes *v, __global const float *p, const int n)
{
    float part[3][16];

    for (int i = 0; i < 16; i++)
        for (int c = 0; c < 3; c++)
            part[c][i] = i < n ? p[3 * i + c] : 0.0f;
    for (int c = 0; c < 3; c++)
        v[c] = vload16(0, part[c]);
}

inline void store_colors(const lanes *v, __global float *p, const int n)
{
    float part[3][16];

    for (int c = 0; c < 3; c++)
        vstore16(v[c], 0, part[c]);
    for (int i = 0; i < min(n, 16); i++)
        for (int c = 0; c < 3; c++)
            p[3 * i + c] = part[c][i];
}
#else
inline void load_colors(lanes *v, __global const float *p, const int n)
{
    for (int c = 0; c < 3; c++)
        v[c] = n > 0 ? p[c] : 0.0f;
}

inline void store_colors(const lanes *v, __global float *p, const int n)
{
    for (int c = 0; n > 0 && c < 3; c++)
        p[c] = v[c];
}
#endif

inline lanes grey(const lanes *v)
{
    return 0.2989f * v[0] + 0.587f * v[1] + 0.114f * v[2];
}

inline void mix(lanes *v, const float f, const lanes other)
{
    const lanes rest = (1.0f - f) * other;

    for (int c = 0; c < 3; c++)
        v[c] = clamp(fma((lanes)f, v[c], rest), 0.0f, 1.0f);
}

inline lanes channel(const lanes top, const lanes d, const lanes h)
{
    const lanes k = h - 6.0f * floor(h / 6.0f);

    return top - d * clamp(fmin(k, 4.0f - k), 0.0f, 1.0f);
}

inline void turn(lanes *v, const float f)
{
    const lanes r = v[0], g = v[1], b = v[2], top = fmax(r, fmax(g, b)),
                d = top - fmin(r, fmin(g, b));
    const lanes per = 1.0f / select(d, (lanes)1.0f, d == 0.0f);
    const lanes of_g = (b - r) * per + 2.0f, of_b = (r - g) * per + 4.0f;
    const lanes h = select(select(of_b, of_g, g == top), (g - b) * per, r == top) + 6.0f * f;

    v[0] = channel(top, d, h + 5.0f);
    v[1] = channel(top, d, h + 3.0f);
    v[2] = channel(top, d, h + 1.0f);
}

// The first n operations of the image's list.
inline void jitter(lanes *v, __global const float *own, const int n, const float mean)
{
    for (int i = 0; i < n; i++) {
        const int op = (int)own[1 + i];
        const float f = own[4 + max(op, 1)];

        if (op == BRIGHTNESS)
            mix(v, f, 0.0f);
        else if (op == CONTRAST)
            mix(v, f, mean);
        else if (op == SATURATION)
            mix(v, f, grey(v));
        else if (op == HUE)
            turn(v, f);
    }
}

// The mean of grey after the first n operations, of which none is contrast.
inline float mean_grey(__global const float *x, __global const float *own, const int n,
                       __local float *tmp)
{
    const int pixels = (int)own[0], step = WG * LANES;
    float sum = 0.0f;

    for (int begin = 0; begin < pixels; begin += 64 * step) {
        const int end = min(begin + 64 * step, pixels);
        lanes part = 0.0f;

        for (int p = begin + get_local_id(0) * LANES; p < end; p += step) {
            lanes v[3];

            load_colors(v, x + 3 * (size_t)p, end - p);
            jitter(v, own, n, 0.0f);
            part += grey(v); // black stays black
        }
        sum += sum_lanes(part);
    }
    return group_sum(sum, tmp) / (float)pixels;
}

__kernel GROUP(WG) void augment_color(__global float *restrict y, __global const float *restrict x,
                                      __global const float *restrict table, const int pixels)
{
    __local float tmp[WG];
    const size_t m = get_group_id(0), at = m * pixels * 3;
    __global const float *own = table + 10 * m;
    float mean = 0.0f;

    for (int i = 0; i < 4; i++)
        if ((int)own[1 + i] == CONTRAST)
            mean = mean_grey(x + at, own, i, tmp);
    for (int p = get_local_id(0) * LANES; p < pixels; p += WG * LANES) {
        lanes v[3];

        load_colors(v, x + at + 3 * (size_t)p, pixels - p);
        jitter(v, own, 4, mean);
        if (own[9] != 0.0f)
            v[0] = v[1] = v[2] = grey(v);
        store_colors(v, y + at + 3 * (size_t)p, pixels - p);
    }
}
