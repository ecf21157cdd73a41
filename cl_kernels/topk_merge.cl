// topk_merge.cl -- the k nearest so far, and a chunk of candidates
//
//   the list of a query holds its k smallest distances in ascending order; of equal ones, that of
//   the smaller bank index comes first: chunks arrive in the bank's order, so it is there already
//
//   value label [Q, k] fp32: distances and labels of the list, changed in place
//   distance    [Q, M] fp32; NaN is never near
//   bank_label  [M] int
//   range       [2] int: how many were there before this chunk, how many of its M count. 0 before:
//               the list starts anew, with infinity and label -1
//   work        Q groups of WG items: a group to a query
//   WG          items in a group, a power of two                          64
//   LANES       floats an item takes at a time: 1, 4 or 16                1
//   local       4 * WG + 4 bytes
//   numerics    comparisons only
//   source      -

#ifndef WG
#define WG 64
#endif
#ifndef LANES
#define LANES 1
#endif

// Distances that are looked at before the list is.
#define BLOCK (16 * WG * LANES)

inline void insert(__global float *value, __global float *label, const int k, const float v,
                   const float l)
{
    int at = k - 1;

    for (; at > 0 && value[at - 1] > v; at--) {
        value[at] = value[at - 1];
        label[at] = label[at - 1];
    }
    value[at] = v;
    label[at] = l;
}

__kernel GROUP(WG) void topk_merge(__global float *restrict value, __global float *restrict label,
                                   __global const float *restrict distance,
                                   __global const int *restrict bank_label,
                                   __global const int *restrict range, const int M, const int k)
{
    __local float tmp[WG], worst;
    const size_t row = get_group_id(0);
    __global float *values = value + row * k, *labels = label + row * k;
    __global const float *own = distance + row * M;
    const int item = get_local_id(0), n = min(range[1], M);

    if (item == 0) {
        for (int i = 0; i < k && range[0] == 0; i++) {
            values[i] = INFINITY;
            labels[i] = -1.0f;
        }
        worst = values[k - 1];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int begin = 0; begin < n; begin += BLOCK) {
        const int end = min(begin + BLOCK, n);
        lanes least = INFINITY;

        for (int c = begin + item * LANES; c < end; c += WG * LANES)
            least = fmin(least, load_lanes(own + c, end - c, INFINITY));
        if (-group_max(max_lanes(-least), tmp) < worst) {
            barrier(CLK_LOCAL_MEM_FENCE); // all have read `worst`
            for (int c = begin; item == 0 && c < end; c++)
                if (own[c] < values[k - 1])
                    insert(values, labels, k, own[c], (float)bank_label[c]);
            if (item == 0)
                worst = values[k - 1];
            barrier(CLK_LOCAL_MEM_FENCE);
        }
    }
}
