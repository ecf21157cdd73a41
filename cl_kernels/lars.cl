// lars.cl -- a step of LARS over several tensors that lie side by side
//
//   for each tensor with parameters p, gradient g, momentum v:
//   q           = eta |p| / (|g| + decay |p| + 1e-8);   with clip: q = min(q / lr, 1)
//   h           = (g + decay p) q
//   h           = g          for an excluded tensor, and where |p| or |g| is 0
//   v           = momentum v + h
//   p           = p - lr v
//
//   p v g       [n] fp32: parameters and momentum, changed; gradient
//   segment     [tensors, 3] int: a tensor's first element, its length, 1 if it is excluded
//   lr          [1] fp32
//   part        [2, blocks] fp32: sums of p^2 and g^2 of each block
//   ratio       [tensors, 2] fp32: q, and the decay to be used
//   work        lars_norms, lars: a group of WG items to a block, the blocks of a tensor one after
//               another, of BLOCK elements each; lars_ratios: a group of WG items to a tensor
//   BLOCK       elements of a group                                       4096
//   WG          items in a group, a power of two                          64
//   LANES       floats an item takes at a time: 1, 4 or 16                1
//   local       4 * WG bytes
//   numerics    fp32 sums of BLOCK, then of the blocks, in a fixed tree order
//   source      You et al. 2017, as in solo-learn: the rate enters after the momentum

#ifndef BLOCK
#define BLOCK 4096
#endif
#ifndef WG
#define WG 64
#endif
#ifndef LANES
#define LANES 1
#endif

#define BLOCKS(length) (((length) + BLOCK - 1) / BLOCK)

// Block b of all: its tensor, and which of that tensor's blocks it is.
inline int2 find_block(__global const int *segment, const int b)
{
    int tensor = 0, block = b;

    while (block >= BLOCKS(segment[3 * tensor + 1]))
        block -= BLOCKS(segment[3 * tensor++ + 1]);
    return (int2)(tensor, block);
}

__kernel GROUP(WG) void lars_norms(__global float *restrict part, __global const float *restrict p,
                                   __global const float *restrict g,
                                   __global const int *restrict segment, const int blocks)
{
    __local float tmp[WG];
    const int b = get_group_id(0);
    const int2 at = find_block(segment, b);
    const size_t first = segment[3 * at.x] + (size_t)at.y * BLOCK;
    const int count = min(segment[3 * at.x + 1] - at.y * BLOCK, BLOCK);
    lanes pp = 0.0f, gg = 0.0f;

    for (int i = get_local_id(0) * LANES; i < count; i += WG * LANES) {
        const lanes u = load_lanes(p + first + i, count - i, 0.0f);
        const lanes v = load_lanes(g + first + i, count - i, 0.0f);

        pp = fma(u, u, pp);
        gg = fma(v, v, gg);
    }

    const float sum_p = group_sum(sum_lanes(pp), tmp), sum_g = group_sum(sum_lanes(gg), tmp);
    if (get_local_id(0) == 0) {
        part[b] = sum_p;
        part[blocks + b] = sum_g;
    }
}

// The length of a tensor from its blocks' sums of squares.
inline float length_of(__global const float *part, const int n, __local float *tmp)
{
    lanes sum = 0.0f;

    for (int i = get_local_id(0) * LANES; i < n; i += WG * LANES)
        sum += load_lanes(part + i, n - i, 0.0f);
    return sqrt(group_sum(sum_lanes(sum), tmp));
}

__kernel GROUP(WG) void lars_ratios(__global float *restrict ratio,
                                    __global const float *restrict part,
                                    __global const int *restrict segment,
                                    __global const float *restrict lr, const int blocks,
                                    const int clip, const float eta, const float decay)
{
    __local float tmp[WG];
    const int tensor = get_group_id(0), n = BLOCKS(segment[3 * tensor + 1]);
    int first = 0;

    for (int i = 0; i < tensor; i++)
        first += BLOCKS(segment[3 * i + 1]);

    const float norm_p = length_of(part + first, n, tmp);
    const float norm_g = length_of(part + blocks + first, n, tmp);
    const float q = eta * norm_p / (norm_g + decay * norm_p + 1e-8f) / (clip ? lr[0] : 1.0f);
    const int plain = segment[3 * tensor + 2] || norm_p == 0.0f || norm_g == 0.0f;

    if (get_local_id(0) == 0) {
        ratio[2 * tensor] = plain || (clip && q > 1.0f) ? 1.0f : q; // a NaN stays one
        ratio[2 * tensor + 1] = plain ? 0.0f : decay;
    }
}

__kernel GROUP(WG) void lars(__global float *restrict p, __global float *restrict v,
                             __global const float *restrict g, __global const float *restrict ratio,
                             __global const int *restrict segment,
                             __global const float *restrict lr, const float momentum)
{
    const int2 at = find_block(segment, get_group_id(0));
    const size_t first = segment[3 * at.x] + (size_t)at.y * BLOCK;
    const int count = min(segment[3 * at.x + 1] - at.y * BLOCK, BLOCK);
    const float q = ratio[2 * at.x], decay = ratio[2 * at.x + 1], rate = lr[0];

    for (int i = get_local_id(0) * LANES; i < count; i += WG * LANES) {
        const int left = count - i;
        const lanes w = load_lanes(p + first + i, left, 0.0f);
        const lanes d = load_lanes(g + first + i, left, 0.0f);
        const lanes h = (decay == 0.0f ? d : d + decay * w) * q; // 0 times NaN is one
        const lanes u = momentum * load_lanes(v + first + i, left, 0.0f) + h;

        store_lanes(u, v + first + i, left);
        store_lanes(w - rate * u, p + first + i, left);
    }
}
