// augment_crop/taps.cl -- the weights with which a crop's rows and columns are resampled
//
//   output p of an axis with `in` source and `out` output positions takes those i with
//   |t| < support, where t = ((2 i + 1) out - (2 p + 1) in) / (2 max(in, out)):
//     weight[p, i] = f(t) / sum_i f(t)
//     cubic     f(t) = 1.5 |t|^3 - 2.5 |t|^2 + 1                  |t| < 1   support 2
//                      -0.5 |t|^3 + 2.5 |t|^2 - 4 |t| + 2         |t| < 2
//     linear    f(t) = 1 - |t|                                    |t| < 1   support 1
//
//   first       [M, 2, side, 2] int: the first i, and how many; axis 0 is vertical
//   weight      [M, 2, side, taps] fp32
//   table       [M, 8] int: source, its h, w, then top, left, height, width, flip
//   h w side    output size, and the larger of both; taps: room for weights of an output
//   work        2 M groups of WG items: a group to an axis of an image
//   CUBIC       1: cubic with a = -0.5; 0: linear                          1
//   WG          items in a group                                          64
//   local       none
//   numerics    positions are exact integers; fp32 sums in a fixed order
//   source      Pillow, Resample.c, without its rounding to bytes

#ifndef CUBIC
#define CUBIC 1
#endif
#ifndef WG
#define WG 64
#endif

#define SUPPORT (CUBIC ? 2 : 1)

inline float kernel_at(const float t)
{
    const float a = fabs(t);

    if (!CUBIC)
        return fmax(0.0f, 1.0f - a);
    if (a < 1.0f)
        return (1.5f * a - 2.5f) * a * a + 1.0f;
    return a < 2.0f ? ((-0.5f * a + 2.5f) * a - 4.0f) * a + 2.0f : 0.0f;
}

// t of source position i and output p.
inline float place(const int i, const int p, const int in, const int out)
{
    return (float)((2 * i + 1) * out - (2 * p + 1) * in) / (2.0f * (float)max(in, out));
}

__kernel GROUP(WG) void augment_crop_taps(__global int *restrict first,
                                          __global float *restrict weight,
                                          __global const int *restrict table, const int h,
                                          const int w, const int side, const int taps)
{
    const size_t at = get_group_id(0);
    const int vertical = at % 2 == 0, out = vertical ? h : w;
    const int in = table[at / 2 * 8 + (vertical ? 5 : 6)], wide = max(in, out);

    for (int p = get_local_id(0); p < out; p += WG) {
        const int middle = (2 * p + 1) * in + out, reach = 2 * SUPPORT * wide;
        const int begin = max(middle - reach, 0) / (2 * out);
        const int n = min(min((middle + reach) / (2 * out), in) - begin, taps);
        __global float *own = weight + (at * side + p) * taps;
        float sum = 0.0f;

        for (int i = 0; i < n; i++)
            sum += kernel_at(place(begin + i, p, in, out));
        for (int i = 0; i < n; i++)
            own[i] = kernel_at(place(begin + i, p, in, out)) / sum;
        first[(at * side + p) * 2] = begin;
        first[(at * side + p) * 2 + 1] = n;
    }
}
