// nt_xent.cl -- the contrastive loss of each pair of views
//
//   rows i and p(i) = i + n, or i - n, are two views of one image; s[i,j] is their similarity
//   over the temperature, and no row is compared with itself:
//   l_i         = log sum_{j != i} exp(s[i,j]) - s[i,p(i)]
//   forward     loss[k] = (l_k + l_{k+n}) / 2
//   backward    ds[i,j] = dloss[i mod n] / 2 (exp(s[i,j]) / sum_{m != i} exp(s[i,m]) - [j = p(i)])
//               ds[i,i] = 0
//
//   s ds        [2n, 2n] fp32, row-major;  loss dloss [n] fp32
//   work        forward: n groups of WG items, a group to a pair
//               backward: 2n groups of WG items, a group to a row
//   WG          items in a group, a power of two                          64
//   LANES       floats an item takes at a time: 1, 4 or 16                1
//   local       4 * WG bytes
//   numerics    fp32; the largest of the row, without s[i,i], is subtracted first: with it
//               the rest could vanish; sums in a fixed tree order
//   source      Chen et al. 2020 (SimCLR), eq. (1)

#ifndef WG
#define WG 64
#endif
#ifndef LANES
#define LANES 1
#endif

// The largest of n floats, and the sum of exp(s - top) over them, as this item sees them.
inline float part_top(__global const float *s, const int n)
{
    lanes top = -INFINITY;

    for (int c = get_local_id(0) * LANES; c < n; c += WG * LANES)
        top = fmax(top, load_lanes(s + c, n - c, -INFINITY));
    return max_lanes(top);
}

inline float part_mass(__global const float *s, const int n, const float top)
{
    lanes mass = 0.0f;

    for (int c = get_local_id(0) * LANES; c < n; c += WG * LANES)
        mass += exp(load_lanes(s + c, n - c, -INFINITY) - top);
    return sum_lanes(mass);
}

// The largest of row i of `size` floats, and sum exp(s - top), without s[i].
inline float2 top_and_mass(__global const float *s, const int i, const int size, __local float *tmp)
{
    const int behind = size - i - 1;
    const float top = group_max(fmax(part_top(s, i), part_top(s + i + 1, behind)), tmp);
    const float mass = part_mass(s, i, top) + part_mass(s + i + 1, behind, top);

    return (float2)(top, group_sum(mass, tmp));
}

__kernel GROUP(WG) void nt_xent(__global float *restrict loss, __global const float *restrict s,
                                const int n)
{
    __local float tmp[WG];
    const int k = get_group_id(0), size = 2 * n;
    __global const float *a = s + (size_t)k * size, *b = s + (size_t)(k + n) * size;
    const float2 in_a = top_and_mass(a, k, size, tmp);
    const float2 in_b = top_and_mass(b, k + n, size, tmp);

    if (get_local_id(0) == 0)
        loss[k] = 0.5f * ((log(in_a.y) + (in_a.x - a[k + n])) + (log(in_b.y) + (in_b.x - b[k])));
}

// ds = scale * exp(s - top) over n floats.
inline void store_softmax(__global float *ds, __global const float *s, const int n, const float top,
                          const float scale)
{
    for (int c = get_local_id(0) * LANES; c < n; c += WG * LANES)
        store_lanes(exp(load_lanes(s + c, n - c, -INFINITY) - top) * scale, ds + c, n - c);
}

__kernel GROUP(WG) void nt_xent_grad(__global float *restrict ds,
                                     __global const float *restrict dloss,
                                     __global const float *restrict s, const int n)
{
    __local float tmp[WG];
    const int i = get_group_id(0), size = 2 * n;
    const int k = i < n ? i : i - n, partner = i < n ? i + n : k;
    __global const float *own = s + (size_t)i * size;
    __global float *out = ds + (size_t)i * size;
    const float2 row = top_and_mass(own, i, size, tmp);
    const float half_dy = 0.5f * dloss[k], scale = half_dy / row.y;

    // Row i and its partner are columns k and k + n; around them lies the rest.
    store_softmax(out, own, k, row.x, scale);
    store_softmax(out + k + 1, own + k + 1, n - 1, row.x, scale);
    store_softmax(out + k + n + 1, own + k + n + 1, n - k - 1, row.x, scale);
    if (get_local_id(0) == 0) {
        out[i] = 0.0f;
        out[partner] = half_dy * (exp(own[partner] - row.x) / row.y - 1.0f);
    }
}
