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

// The channels of LANES pixels.
struct colors {
    lanes r, g, b;
};

#if LANES == 16
inline struct colors split(const float16 a, const float16 b, const float16 c)
{
    struct colors out;

    out.r = (float16)(a.s0, a.s3, a.s6, a.s9, a.sc, a.sf, b.s2, b.s5, b.s8, b.sb, b.se, c.s1, c.s4,
                      c.s7, c.sa, c.sd);
    out.g = (float16)(a.s1, a.s4, a.s7, a.sa, a.sd, b.s0, b.s3, b.s6, b.s9, b.sc, b.sf, c.s2, c.s5,
                      c.s8, c.sb, c.se);
    out.b = (float16)(a.s2, a.s5, a.s8, a.sb, a.se, b.s1, b.s4, b.s7, b.sa, b.sd, c.s0, c.s3, c.s6,
                      c.s9, c.sc, c.sf);
    return out;
}

// n pixels, at most 16; black behind the end.
inline struct colors load_colors(__global const float *p, const int n)
{
    return split(load_part(p, 3 * n), load_part(p + 16, max(3 * n - 16, 0)),
                 load_part(p + 32, max(3 * n - 32, 0)));
}

inline void store_colors(const struct colors v, __global float *p, const int n)
{
    const float16 r = v.r, g = v.g, b = v.b;

    store_part((float16)(r.s0, g.s0, b.s0, r.s1, g.s1, b.s1, r.s2, g.s2, b.s2, r.s3, g.s3, b.s3,
                         r.s4, g.s4, b.s4, r.s5),
               p, 3 * n);
    store_part((float16)(g.s5, b.s5, r.s6, g.s6, b.s6, r.s7, g.s7, b.s7, r.s8, g.s8, b.s8, r.s9,
                         g.s9, b.s9, r.sa, g.sa),
               p + 16, 3 * n - 16);
    store_part((float16)(b.sa, r.sb, g.sb, b.sb, r.sc, g.sc, b.sc, r.sd, g.sd, b.sd, r.se, g.se,
                         b.se, r.sf, g.sf, b.sf),
               p + 32, 3 * n - 32);
}
#else
inline struct colors load_colors(__global const float *p, const int n)
{
    struct colors out = { 0.0f, 0.0f, 0.0f };

    if (n > 0) {
        out.r = p[0];
        out.g = p[1];
        out.b = p[2];
    }
    return out;
}

inline void store_colors(const struct colors v, __global float *p, const int n)
{
    if (n > 0) {
        p[0] = v.r;
        p[1] = v.g;
        p[2] = v.b;
    }
}
#endif

inline lanes grey(const struct colors v)
{
    return 0.2989f * v.r + 0.587f * v.g + 0.114f * v.b;
}

inline struct colors mix(const struct colors v, const float f, const lanes other)
{
    const lanes rest = (1.0f - f) * other;
    struct colors out;

    out.r = clamp(fma((lanes)f, v.r, rest), 0.0f, 1.0f);
    out.g = clamp(fma((lanes)f, v.g, rest), 0.0f, 1.0f);
    out.b = clamp(fma((lanes)f, v.b, rest), 0.0f, 1.0f);
    return out;
}

inline lanes channel(const lanes top, const lanes d, const lanes h)
{
    const lanes k = h - 6.0f * floor(h / 6.0f);

    return top - d * clamp(fmin(k, 4.0f - k), 0.0f, 1.0f);
}

inline struct colors turn(const struct colors v, const float f)
{
    const lanes top = fmax(v.r, fmax(v.g, v.b)), d = top - fmin(v.r, fmin(v.g, v.b));
    const lanes per = 1.0f / select(d, (lanes)1.0f, d == 0.0f);
    const lanes of_g = (v.b - v.r) * per + 2.0f, of_b = (v.r - v.g) * per + 4.0f;
    const lanes h =
        select(select(of_b, of_g, v.g == top), (v.g - v.b) * per, v.r == top) + 6.0f * f;
    struct colors out;

    out.r = channel(top, d, h + 5.0f);
    out.g = channel(top, d, h + 3.0f);
    out.b = channel(top, d, h + 1.0f);
    return out;
}

// The first n operations of the image's list.
inline struct colors jitter(struct colors v, __global const float *own, const int n,
                            const float mean)
{
    for (int i = 0; i < n; i++) {
        const int op = (int)own[1 + i];
        const float f = own[4 + max(op, 1)];

        if (op == BRIGHTNESS)
            v = mix(v, f, 0.0f);
        else if (op == CONTRAST)
            v = mix(v, f, mean);
        else if (op == SATURATION)
            v = mix(v, f, grey(v));
        else if (op == HUE)
            v = turn(v, f);
    }
    return v;
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
            const struct colors v = jitter(load_colors(x + 3 * (size_t)p, end - p), own, n, 0.0f);

            part += grey(v);
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
        struct colors v = load_colors(x + at + 3 * (size_t)p, pixels - p);

        v = jitter(v, own, 4, mean);
        if (own[9] != 0.0f)
            v.r = v.g = v.b = grey(v);
        store_colors(v, y + at + 3 * (size_t)p, pixels - p);
    }
}
