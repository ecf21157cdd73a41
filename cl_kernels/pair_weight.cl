// pair_weight.cl -- differences of pairs to weights with mean 1
//
//   e[i]  = d[i]^power
//   MAP 0       w[i] = e[i] / mean e
//   MAP 1       w[i] = n softmax(e / (knob sd e))[i]               knob: temperature
//   MAP 2       w[i] = max(0, 1 + knob (e[i] - mean e) / sd e)      knob: slope
//   all e equal, also all 0:  w[i] = 1
//   then        w[i] = min(w[i], clip) where clip > 0
//
//   d w         [n] fp32; sd divides by n
//   work        one group of WG items; an item reads back only what it wrote itself
//   MAP         0 mean, 1 softmax, 2 affine                               0
//   WG          items in a group, a power of two                          64
//   LANES       floats an item takes at a time: 1, 4 or 16                1
//   local       4 * WG bytes
//   numerics    fp32; variance in a second pass; sums in a fixed tree order
//   source      -

#ifndef MAP
#define MAP 0
#endif
#ifndef WG
#define WG 64
#endif
#ifndef LANES
#define LANES 1
#endif

#define FOR_OWN(i) for (int i = get_local_id(0) * LANES; i < n; i += WG * LANES)

// w = d^power; gives their sum, and the smallest and the largest of them.
inline float raise(__global float *w, __global const float *d, const int n, const float power,
                   float *least, float *most, __local float *tmp)
{
    lanes sum = 0.0f, low = INFINITY, high = -INFINITY;

    FOR_OWN(i)
    {
        const lanes v = load_lanes(d + i, n - i, 1.0f);

        store_lanes(power == 1.0f ? v : pow(v, (lanes)(power)), w + i, n - i);
        sum += load_lanes(w + i, n - i, 0.0f);
        low = fmin(low, load_lanes(w + i, n - i, INFINITY));
        high = fmax(high, load_lanes(w + i, n - i, -INFINITY));
    }

    *least = -group_max(max_lanes(-low), tmp);
    *most = group_max(max_lanes(high), tmp);
    return group_sum(sum_lanes(sum), tmp);
}

inline float deviation(__global const float *w, const int n, const float mean, __local float *tmp)
{
    lanes sum = 0.0f;

    FOR_OWN(i)
    {
        const lanes v = load_lanes(w + i, n - i, mean) - mean;

        sum = fma(v, v, sum);
    }
    return sqrt(group_sum(sum_lanes(sum), tmp) / n);
}

// w = exp((w - top) / width); gives their sum.
inline float spread(__global float *w, const int n, const float top, const float width,
                    __local float *tmp)
{
    lanes sum = 0.0f;

    FOR_OWN(i)
    {
        const lanes v = exp((load_lanes(w + i, n - i, -INFINITY) - top) / width);

        store_lanes(v, w + i, n - i);
        sum += v;
    }
    return group_sum(sum_lanes(sum), tmp);
}

__kernel GROUP(WG) void pair_weight(__global float *restrict w, __global const float *restrict d,
                                    const int n, const float power, const float knob,
                                    const float clip)
{
    __local float tmp[WG];
    const float limit = clip > 0.0f ? clip : INFINITY;
    float least, most;
    const float sum = raise(w, d, n, power, &least, &most, tmp), mean = sum / n;
    const int equal = least == most && sum == sum; // and none is NaN
    float scale = 1.0f / mean;

    if (MAP == 1)
        scale = n / spread(w, n, most, knob * deviation(w, n, mean, tmp), tmp);
    if (MAP == 2)
        scale = knob / deviation(w, n, mean, tmp);
    // Comparisons instead of fmin and fmax: a NaN stays one.
    FOR_OWN(i)
    {
        lanes v = load_lanes(w + i, n - i, 0.0f);

        if (MAP == 2)
            v = (v - mean) * scale + 1.0f;
        else
            v *= scale;
        if (equal)
            v = 1.0f;
        v = v < 0.0f ? (lanes)(0.0f) : v;
        v = v > limit ? (lanes)(limit) : v;
        store_lanes(v, w + i, n - i);
    }
}
