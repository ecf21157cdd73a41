// softmax_cross_entropy.cl -- cross-entropy of rows of logits with labels, or with distributions
//
//   of labels, forward and backward, with m_i = max_k x[i,k]:
//               loss[i] = log sum_k exp(x[i,k] - m_i) + m_i - x[i, label_i]
//               dx[i,k] = dloss[i] (softmax(x[i,:])_k - [k = label_i])
//   soft, with distributions q, which are constants:
//               loss[i] = sum_k q[i,k] (log sum_j exp(x[i,j] - m_i) + m_i - x[i,k])
//               dx[i,k] = dloss[i] (softmax(x[i,:])_k sum_j q[i,j] - q[i,k])
//
//   x dx q      [rows, cols] fp32, row-major
//   label       [rows] int; one outside 0 ... cols - 1 makes the loss NaN, and reads nothing
//   loss dloss  [rows] fp32
//   work        rows groups of WG items: a group to a row
//   WG          items in a group, a power of two                          64
//   LANES       floats an item takes at a time: 1, 4 or 16                1
//   local       4 * WG bytes
//   numerics    fp32; the largest logit is subtracted first; sums in a fixed tree order
//   source      -

#ifndef WG
#define WG 64
#endif
#ifndef LANES
#define LANES 1
#endif

// The largest of n floats, and the sum of exp(x - top) over them, as this item sees them.
inline float part_top(__global const float *x, const int n)
{
    lanes top = -INFINITY;

    for (int c = get_local_id(0) * LANES; c < n; c += WG * LANES)
        top = fmax(top, load_lanes(x + c, n - c, -INFINITY));
    return max_lanes(top);
}

inline float part_mass(__global const float *x, const int n, const float top)
{
    lanes mass = 0.0f;

    for (int c = get_local_id(0) * LANES; c < n; c += WG * LANES)
        mass += exp(load_lanes(x + c, n - c, -INFINITY) - top);
    return sum_lanes(mass);
}

__kernel GROUP(WG) void softmax_cross_entropy(__global float *restrict loss,
                                              __global const float *restrict x,
                                              __global const int *restrict label, const int cols)
{
    __local float tmp[WG];
    const size_t row = get_group_id(0);
    __global const float *own = x + row * cols;
    const float top = group_max(part_top(own, cols), tmp);
    const float mass = group_sum(part_mass(own, cols, top), tmp);
    const int k = label[row];

    if (get_local_id(0) == 0)
        loss[row] = k >= 0 && k < cols ? log(mass) + (top - own[k]) : NAN;
}

// dx = scale * softmax over the n floats at x.
inline void store_softmax(__global float *dx, __global const float *x, const int n, const float top,
                          const float scale)
{
    for (int c = get_local_id(0) * LANES; c < n; c += WG * LANES)
        store_lanes(exp(load_lanes(x + c, n - c, -INFINITY) - top) * scale, dx + c, n - c);
}

__kernel GROUP(WG) void softmax_cross_entropy_grad(__global float *restrict dx,
                                                   __global const float *restrict dloss,
                                                   __global const float *restrict x,
                                                   __global const int *restrict label,
                                                   const int cols)
{
    __local float tmp[WG];
    const size_t row = get_group_id(0);
    __global const float *own = x + row * cols;
    __global float *out = dx + row * cols;
    const float top = group_max(part_top(own, cols), tmp);
    const float mass = group_sum(part_mass(own, cols, top), tmp);
    const int known = label[row] >= 0 && label[row] < cols, k = known ? label[row] : 0;
    const float weight = known ? dloss[row] : NAN;

    store_softmax(out, own, k, top, weight / mass);
    store_softmax(out + k + 1, own + k + 1, cols - k - 1, top, weight / mass);
    if (get_local_id(0) == 0)
        out[k] = weight * (exp(own[k] - top) / mass - 1.0f);
}

__kernel GROUP(WG) void soft_cross_entropy(__global float *restrict loss,
                                           __global const float *restrict x,
                                           __global const float *restrict q, const int cols)
{
    __local float tmp[WG];
    const size_t row = get_group_id(0);
    __global const float *own = x + row * cols, *target = q + row * cols;
    const float top = group_max(part_top(own, cols), tmp);
    const float mass = group_sum(part_mass(own, cols, top), tmp);
    lanes below = 0.0f, all = 0.0f;

    for (int c = get_local_id(0) * LANES; c < cols; c += WG * LANES) {
        const lanes share = load_lanes(target + c, cols - c, 0.0f);

        below = fma(share, top - load_lanes(own + c, cols - c, top), below);
        all += share;
    }

    const float mean_below = group_sum(sum_lanes(below), tmp);
    const float total = group_sum(sum_lanes(all), tmp);
    if (get_local_id(0) == 0)
        loss[row] = fma(total, log(mass), mean_below);
}

__kernel GROUP(WG) void soft_cross_entropy_grad(__global float *restrict dx,
                                                __global const float *restrict dloss,
                                                __global const float *restrict x,
                                                __global const float *restrict q, const int cols)
{
    __local float tmp[WG];
    const size_t row = get_group_id(0);
    __global const float *own = x + row * cols, *target = q + row * cols;
    __global float *out = dx + row * cols;
    const float top = group_max(part_top(own, cols), tmp);
    const float mass = group_sum(part_mass(own, cols, top), tmp);
    lanes all = 0.0f;

    for (int c = get_local_id(0) * LANES; c < cols; c += WG * LANES)
        all += load_lanes(target + c, cols - c, 0.0f);

    const float scale = group_sum(sum_lanes(all), tmp) / mass;
    for (int c = get_local_id(0) * LANES; c < cols; c += WG * LANES) {
        const lanes e = exp(load_lanes(own + c, cols - c, -INFINITY) - top);

        store_lanes(dloss[row] * (e * scale - load_lanes(target + c, cols - c, 0.0f)), out + c,
                    cols - c);
    }
}
