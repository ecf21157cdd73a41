// correlation_penalty.cl -- how far a matrix is from what a correlation should be
//
//   v = scale c
//   f(v) = max(0, 1 - sqrt(v + 1e-4)) with hinge, else (v - 1)^2
//   correlation_penalty        part[b] = sum over the BLOCK elements of c from b BLOCK on:
//                              diagonal f(v) on the diagonal, off_diagonal v^2 elsewhere;
//                              total.cl then adds the parts
//   correlation_penalty_grad   dc[i,j] = dy[0] scale times the derivative of that by v
//
//   c dc        [D, D] fp32, n = D^2 elements;  part [ceil(n / BLOCK)] fp32;  dy [1] fp32
//   work        forward: ceil(n / BLOCK) groups of WG items; backward: an item takes SPAN floats
//   BLOCK       elements of a group                                       4096
//   WG          items in a group, a power of two                          64
//   LANES       floats an item takes at a time: 1, 4 or 16                1
//   SPAN        floats an item takes in the backward pass                 4
//   local       4 * WG bytes
//   numerics    fp32 sums of BLOCK, then of the blocks, in a fixed tree order; the diagonal apart,
//               so that it drowns nothing
//   source      Zbontar et al. 2021, eq. (1); Bardes et al. 2022, eq. (1) to (4)

#ifndef BLOCK
#define BLOCK 4096
#endif
#ifndef WG
#define WG 64
#endif
#ifndef LANES
#define LANES 1
#endif
#ifndef SPAN
#define SPAN 4
#endif

// Comparisons instead of fmax: a NaN stays one.
inline float penalty(const float v, const int hinge)
{
    const float d = hinge ? 1.0f - sqrt(v + 1e-4f) : v - 1.0f;

    if (hinge)
        return d < 0.0f ? 0.0f : d;
    return d * d;
}

inline float slope(const float v, const int hinge)
{
    const float root = sqrt(v + 1e-4f);

    if (hinge)
        return root >= 1.0f ? 0.0f : -0.5f / root;
    return 2.0f * (v - 1.0f);
}

// The first element on the diagonal that is not before e.
inline size_t diagonal_from(const size_t e, const int D)
{
    return (e + D) / (D + 1) * (D + 1);
}

__kernel GROUP(WG) void correlation_penalty(__global float *restrict part,
                                            __global const float *restrict c, const int n,
                                            const int D, const int hinge, const float scale,
                                            const float diagonal, const float off_diagonal)
{
    __local float tmp[WG];
    const size_t first = get_group_id(0) * (size_t)BLOCK, end = min(first + BLOCK, (size_t)n);
    size_t next = diagonal_from(first, D);
    lanes squares = 0.0f;
    float beside = 0.0f, on = 0.0f;

    for (size_t e = first + get_local_id(0) * LANES; e < end; e += WG * LANES) {
        const size_t stop = min(e + LANES, end);

        while (next < e)
            next += D + 1;
        if (next >= stop) {
            const lanes v = load_lanes(c + e, (int)(end - e), 0.0f) * scale;

            squares = fma(v, v, squares);
            continue;
        }
        for (size_t k = e; k < stop; k++) {
            const float v = c[k] * scale;

            if (k == next) {
                on += penalty(v, hinge);
                next += D + 1;
            } else
                beside = fma(v, v, beside);
        }
    }

    const float own = off_diagonal * (sum_lanes(squares) + beside) + diagonal * on;
    const float all = group_sum(own, tmp);
    if (get_local_id(0) == 0)
        part[get_group_id(0)] = all;
}

__kernel GROUP(WG) void correlation_penalty_grad(__global float *restrict dc,
                                                 __global const float *restrict c,
                                                 __global const float *restrict dy, const int n,
                                                 const int D, const int hinge, const float scale,
                                                 const float diagonal, const float off_diagonal)
{
    const size_t first = get_global_id(0) * (size_t)SPAN, end = min(first + SPAN, (size_t)n);
    const float beside = 2.0f * off_diagonal * scale * scale * dy[0];
    const float on = diagonal * scale * dy[0];

    for (size_t e = first; e < end; e += LANES) {
        const int left = (int)(end - e);

        store_lanes(load_lanes(c + e, left, 0.0f) * beside, dc + e, left);
    }
    for (size_t e = diagonal_from(first, D); e < end; e += D + 1)
        dc[e] = slope(c[e] * scale, hinge) * on;
}
