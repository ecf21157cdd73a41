// gelu.cl -- the input times the probability that a standard normal lies below it
//
//   gelu        y = x Phi(x)
//   gelu_grad   dx = dy (Phi(x) + x phi(x))
//   phi(x) = exp(-x^2 / 2) / sqrt(2 pi),  Phi(x) = (1 + erf(x / sqrt(2))) / 2
//
//   x y dx dy   [n] fp32
//   work        an item takes SPAN floats
//   SPAN        floats of an item                                         4096
//   LANES       floats an item takes at a time: 1, 4 or 16                16
//   WG          items in a group                                          1
//   local       none
//   numerics    fp32; Phi is off by 3e-7 at most: 7.5e-8 of the formula, the rest roundings
//   source      Hendrycks and Gimpel 2016; Phi: Abramowitz and Stegun 1964, 26.2.17

#ifndef SPAN
#define SPAN 4096
#endif
#ifndef LANES
#define LANES 16
#endif
#ifndef WG
#define WG 1
#endif

inline lanes density(const lanes x)
{
    return 0.398942280f * exp_lanes(-0.5f * x * x);
}

// Phi(x), for phi = density(x): on a CPU, erf of the library takes four times as long as this.
inline lanes below(const lanes x, const lanes phi)
{
    const lanes k = 1.0f / fma((lanes)(0.2316419f), fabs(x), (lanes)(1.0f));
    lanes p = fma(k, (lanes)(1.330274429f), (lanes)(-1.821255978f));

    p = fma(k, p, (lanes)(1.781477937f));
    p = fma(k, p, (lanes)(-0.356563782f));
    p = fma(k, p, (lanes)(0.319381530f));
    p *= k * phi;
    return x > 0.0f ? 1.0f - p : p;
}

__kernel GROUP(WG) void gelu(__global float *restrict y, __global const float *restrict x,
                             const int n)
{
    const size_t first = get_global_id(0) * (size_t)SPAN, end = min(first + SPAN, (size_t)n);

    for (size_t i = first; i < end; i += LANES) {
        const int left = (int)(end - i);
        const lanes v = load_lanes(x + i, left, 0.0f);

        store_lanes(v * below(v, density(v)), y + i, left);
    }
}

__kernel GROUP(WG) void gelu_grad(__global float *restrict dx, __global const float *restrict dy,
                                  __global const float *restrict x, const int n)
{
    const size_t first = get_global_id(0) * (size_t)SPAN, end = min(first + SPAN, (size_t)n);

    for (size_t i = first; i < end; i += LANES) {
        const int left = (int)(end - i);
        const lanes v = load_lanes(x + i, left, 0.0f), phi = density(v);

        store_lanes(load_lanes(dy + i, left, 0.0f) * fma(v, phi, below(v, phi)), dx + i, left);
    }
}
