// ssim_difference.cl -- how little two images have of one structure: 1 - SSIM, for each pair
//
//   y[n] = mean over the windows that lie inside the image, and over the channels, of
//   1 - (2 m_a m_b + c1) (2 s_ab + c2) / ((m_a^2 + m_b^2 + c1) (s_aa + s_bb + c2))
//        = u + v - u v,  u = (m_a - m_b)^2 / (m_a^2 + m_b^2 + c1)
//                        v = (variance of a - b) / (s_aa + s_bb + c2)
//   means m, variances and covariance s under the window's weights, which add up to 1:
//   exp(-(i^2 + j^2) / 2 1.5^2), at the offsets i and j = -K/2 ... K/2 from its middle
//   c1 = 0.01^2, c2 = 0.03^2
//
//   a b         [N, h, w, channels] fp32, in 0 ... 1;  y [N] fp32
//   work        N groups of WG items: a group to a pair; an item goes down strips of LANES floats
//   K           side of the window, odd, at most h and w                  11
//   WG          items in a group, a power of two                          64
//   LANES       floats side by side in a strip: 1, 4 or 16                1
//   local       4 * WG bytes
//   numerics    fp32; the filters are separable, and see a + b - 1 and a - b: equal images give 0,
//               near ones no difference of large terms, and u and v are not below 0
//   source      Wang, Bovik, Sheikh, Simoncelli 2004, eq. (13)

#ifndef K
#define K 11
#endif
#ifndef WG
#define WG 64
#endif
#ifndef LANES
#define LANES 1
#endif

#define C1 1e-4f
#define C2 9e-4f

#define numbers JOIN(numbers_, LANES)
#define numbers_1 0.0f
#define numbers_4 (float4)(0.0f, 1.0f, 2.0f, 3.0f)
#define numbers_16                                                                                 \
    (float16)(0.0f, 1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f, 7.0f, 8.0f, 9.0f, 10.0f, 11.0f, 12.0f,     \
              13.0f, 14.0f, 15.0f)

// Weighted sums of p = a + b - 1, d = a - b, and of their squares.
struct sums {
    lanes p, d, pp, dd;
};

// The taps of one axis, twice one after the other.
inline void set_taps(float *tap)
{
    float sum = 0.0f;

    for (int t = 0; t < K; t++) {
        const float d = (float)(t - K / 2) / 1.5f;

        tap[t] = exp(-0.5f * d * d);
        sum += tap[t];
    }
    for (int t = 0; t < K; t++)
        tap[t] = tap[K + t] = tap[t] / sum;
}

// Along a line; up to `left` floats at a and b may be read.
INLINE struct sums across(__global const float *a, __global const float *b, const float *tap,
                          const int channels, const int left)
{
    struct sums s;

    s.p = s.d = s.pp = s.dd = 0.0f;
#pragma unroll
    for (int t = 0; t < K; t++) {
        const int at = t * channels;
        const lanes u = load_lanes(a + at, left - at, 0.0f);
        const lanes v = load_lanes(b + at, left - at, 0.0f);
        const lanes p = u + v - 1.0f, d = u - v, wp = tap[t] * p, wd = tap[t] * d;

        s.p += wp;
        s.d += wd;
        s.pp = fma(wp, p, s.pp);
        s.dd = fma(wd, d, s.dd);
    }
    return s;
}

// Of the K lines in a ring, which the taps follow.
INLINE struct sums down(const struct sums *line, const float *tap)
{
    struct sums s;

    s.p = s.d = s.pp = s.dd = 0.0f;
#pragma unroll
    for (int t = 0; t < K; t++) {
        s.p = fma((lanes)(tap[t]), line[t].p, s.p);
        s.d = fma((lanes)(tap[t]), line[t].d, s.d);
        s.pp = fma((lanes)(tap[t]), line[t].pp, s.pp);
        s.dd = fma((lanes)(tap[t]), line[t].dd, s.dd);
    }
    return s;
}

INLINE lanes difference(const struct sums s)
{
    const lanes p = s.p + 1.0f, dd = s.d * s.d;
    const lanes var_p = fmax(s.pp - s.p * s.p, (lanes)(0.0f));
    const lanes var_d = fmax(s.dd - dd, (lanes)(0.0f));
    const lanes u = dd / (0.5f * (p * p + dd) + C1);
    const lanes v = var_d / (0.5f * (var_p + var_d) + C2);

    return fma(v, 1.0f - u, u);
}

// The sum over the windows of a strip, whose first pixel is at a and b.
INLINE lanes strip(__global const float *a, __global const float *b, const float *tap, const int h,
                   const int pitch, const int channels, const int left)
{
    struct sums line[K];
    lanes sum = 0.0f;

    for (int r = 0, slot = 0; r < h; r++) {
        const size_t at = (size_t)r * pitch;

        line[slot] = across(a + at, b + at, tap, channels, left - r * pitch);
        slot = slot + 1 < K ? slot + 1 : 0; // the oldest line's
        if (r >= K - 1)
            sum += difference(down(line, tap + (K - slot)));
    }
    return sum;
}

__kernel GROUP(WG) void ssim_difference(__global float *restrict y,
                                        __global const float *restrict a,
                                        __global const float *restrict b, const int h, const int w,
                                        const int channels)
{
    __local float tmp[WG];
    const int pitch = w * channels, size = h * pitch, count = (w - K + 1) * channels;
    const size_t n = get_group_id(0), at = n * size;
    float tap[2 * K];
    lanes sum = 0.0f;

    set_taps(tap);
    for (int j = get_local_id(0) * LANES; j < count; j += WG * LANES) {
        const lanes inside = clamp((float)(count - j) - numbers, 0.0f, 1.0f);

        sum += inside * strip(a + at + j, b + at + j, tap, h, pitch, channels, size - j);
    }

    const float all = group_sum(sum_lanes(sum), tmp);
    if (get_local_id(0) == 0)
        y[n] = all / ((float)(h - K + 1) * (float)count);
}
