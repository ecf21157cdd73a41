// pair_difference.cl -- how far the scores of two views lie apart
//
//   VECTOR 1    d[i] = sigma |a[i,:] - b[i,:]|
//   VECTOR 0    d[i] = sigma abs(|a[i,:]| - |b[i,:]|)
//
//   a b         [rows, cols] fp32: scores;  d [rows] fp32
//   work        rows groups of WG items: a group to a pair
//   VECTOR      1: length of the difference; 0: difference of the lengths 0
//   WG          items in a group, a power of two                          64
//   LANES       floats an item takes at a time: 1, 4 or 16                1
//   local       4 * WG bytes
//   numerics    fp32 sums in a fixed tree order; lengths that are near each other do not cancel:
//               |a| - |b| = sum (a - b) (a + b) / (|a| + |b|)
//   source      Kim et al. 2023 (ScoreCL)

#ifndef VECTOR
#define VECTOR 0
#endif
#ifndef WG
#define WG 64
#endif
#ifndef LANES
#define LANES 1
#endif

__kernel GROUP(WG) void pair_difference(__global float *restrict d,
                                        __global const float *restrict a,
                                        __global const float *restrict b, const int cols,
                                        const float sigma)
{
    __local float tmp[WG];
    const size_t row = get_group_id(0), at = row * cols;
    lanes apart = 0.0f, first = 0.0f, second = 0.0f;

    for (int c = get_local_id(0) * LANES; c < cols; c += WG * LANES) {
        const lanes u = load_lanes(a + at + c, cols - c, 0.0f);
        const lanes v = load_lanes(b + at + c, cols - c, 0.0f);

        apart = fma(u - v, VECTOR ? u - v : u + v, apart);
        if (!VECTOR) {
            first = fma(u, u, first);
            second = fma(v, v, second);
        }
    }

    float length = group_sum(sum_lanes(apart), tmp);
    if (VECTOR) {
        length = sqrt(length);
    } else {
        const float both =
            sqrt(group_sum(sum_lanes(first), tmp)) + sqrt(group_sum(sum_lanes(second), tmp));

        length = both > 0.0f ? fabs(length) / both : both; // 0, or NaN
    }
    if (get_local_id(0) == 0)
        d[row] = sigma * length;
}
