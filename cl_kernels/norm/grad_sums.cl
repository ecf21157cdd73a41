// norm/grad_sums.cl -- what the gradient of a normalisation sums over the rows of a view
//
//   xhat = (x - mean) / sqrt(variance + eps)
//   d    = dy act'(gamma xhat + beta)
//   sum d, sum d xhat       over the rows of a chunk
//   dy   = first (ADDED: + second) (GATED: where gate > 0, else 0)
//
//   dy           [views, rows, channels] fp32, written where WRITTEN is 1
//   first x      [views, rows, channels] fp32
//   second gate  the same, not read where ADDED, or GATED, is 0
//   stats        [views, 3, channels] fp32 (norm/stats.cl)
//   gamma beta   [channels] fp32, not read where AFFINE or ACT is 0
//   part         [chunks, views, 2, channels] fp32; split_sum.cl adds the chunks
//   work         (chunks, blocks of channels, views) groups of CI RI items; an item has NV times
//                LANES channels and every RI-th row
//   LANES        channels in a vector: 1, 4 or 16                         16
//   NV           vectors of an item, side by side                         4
//   ROWS         rows that an item adds apart                             1
//   CI           items side by side in channels                           1
//   RI           items one below the other, a power of two                1
//   SUB          rows that are added before they join the sum of all      64
//   ACT          activation: 0 none, 1 ReLU, 2 SiLU                       0
//   AFFINE       whether there are gamma and beta                         1
//   ADDED        whether dy is the sum of two                             0
//   GATED        whether dy is behind a ReLU whose value is gate          0
//   WRITTEN      whether dy is wanted                                     0
//   local        4 LANES CI RI bytes
//   numerics     fp32; the order is fixed; act's argument has forward's bits
//   source       Ioffe and Szegedy 2015

#ifndef LANES
#define LANES 16
#endif
#ifndef NV
#define NV 4
#endif
#ifndef ROWS
#define ROWS 1
#endif
#ifndef CI
#define CI 1
#endif
#ifndef RI
#define RI 1
#endif
#ifndef SUB
#define SUB 64
#endif
#ifndef ACT
#define ACT 0
#endif
#ifndef AFFINE
#define AFFINE 1
#endif
#ifndef ADDED
#define ADDED 0
#endif
#ifndef GATED
#define GATED 0
#endif
#ifndef WRITTEN
#define WRITTEN 0
#endif

#define WIDTH (LANES * NV)
#define USES_AFFINE (AFFINE && ACT)

// Of NV vectors of channels.
struct channels {
    lanes mean[NV], scale[NV], gamma[NV], beta[NV];
};

// The sum of v over the items that have this item's channels, in each of them.
INLINE lanes column_total(lanes v, __local lanes *tmp)
{
    const int i = get_local_id(0);

    if (RI == 1)
        return v;
    tmp[i] = v;
    for (int half_size = CI * RI / 2; half_size >= CI; half_size /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (i < half_size)
            tmp[i] += tmp[i + half_size];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    v = tmp[i % CI];
    barrier(CLK_LOCAL_MEM_FENCE);
    return v;
}

// Where the first row of this item's view and channels is.
struct tensors {
    __global float *dy;
    __global const float *first, *second, *gate, *x;
};

INLINE lanes take_dy(const struct tensors *t, const size_t at, const int left)
{
    lanes d = load_lanes(t->first + at, left, 0.0f);

    if (ADDED)
        d += load_lanes(t->second + at, left, 0.0f);
    if (GATED)
        d = act_grad_1(d, load_lanes(t->gate + at, left, 0.0f));
    if (WRITTEN)
        store_lanes(d, t->dy + at, left);
    return d;
}

// Adds the elements at `at` of vector v to both sums.
INLINE void add_one(lanes *s1, lanes *s2, const struct tensors *t, const size_t at,
                    const struct channels *of, const int v, const int left)
{
    const lanes xhat = (load_lanes(t->x + at, left, 0.0f) - of->mean[v]) * of->scale[v];
    const lanes d =
        act_grad(take_dy(t, at, left), USES_AFFINE ? fma(xhat, of->gamma[v], of->beta[v]) : xhat);

    *s1 += d;
    *s2 += d * xhat;
}

// Adds this item's rows from r to end.
INLINE void add_rows(lanes s1[NV], lanes s2[NV], const struct tensors *t, int r, const int end,
                     const int channels, const int left, const struct channels *of)
{
    lanes a[ROWS][NV], b[ROWS][NV];

#pragma unroll
    for (int u = 0; u < ROWS; u++)
#pragma unroll
        for (int v = 0; v < NV; v++)
            a[u][v] = b[u][v] = 0.0f;
    for (; r + (ROWS - 1) * RI < end; r += ROWS * RI)
#pragma unroll
        for (int u = 0; u < ROWS; u++)
#pragma unroll
            for (int v = 0; v < NV; v++)
                add_one(&a[u][v], &b[u][v], t, (size_t)(r + u * RI) * channels + v * LANES, of, v,
                        left - v * LANES);
    for (; r < end; r += RI)
#pragma unroll
        for (int v = 0; v < NV; v++)
            add_one(&a[0][v], &b[0][v], t, (size_t)r * channels + v * LANES, of, v,
                    left - v * LANES);
#pragma unroll
    for (int u = 0; u < ROWS; u++)
#pragma unroll
        for (int v = 0; v < NV; v++) {
            s1[v] += a[u][v];
            s2[v] += b[u][v];
        }
}

__kernel GROUP(CI *RI) void norm_grad_sums(
    __global float *restrict part, __global float *restrict dy,
    __global const float *restrict first, __global const float *restrict second,
    __global const float *restrict gate, __global const float *restrict x,
    __global const float *restrict stats, __global const float *restrict gamma,
    __global const float *restrict beta, const int rows, const int channels, const int chunk)
{
    __local lanes tmp[CI * RI];
    const int c = (get_group_id(1) * CI + get_local_id(0) % CI) * WIDTH, left = channels - c;
    const int begin = get_group_id(0) * chunk, end = min(begin + chunk, rows);
    const int row_item = get_local_id(0) / CI;
    const size_t view = get_group_id(2), views = get_num_groups(2);
    const size_t base = view * rows * channels + c;
    const struct tensors t = { dy + base, first + base, second + base, gate + base, x + base };
    struct channels of;
    lanes s1[NV], s2[NV];

    stats += view * 3 * channels + c;
#pragma unroll
    for (int v = 0; v < NV; v++) {
        const int at = v * LANES, n = left - at;

        of.mean[v] = load_lanes(stats + at, n, 0.0f);
        of.scale[v] = load_lanes(stats + channels + at, n, 0.0f);
        of.gamma[v] = USES_AFFINE ? load_lanes(gamma + c + at, n, 0.0f) : (lanes)(0.0f);
        of.beta[v] = USES_AFFINE ? load_lanes(beta + c + at, n, 0.0f) : (lanes)(0.0f);
        s1[v] = s2[v] = 0.0f;
    }
    for (int b = begin; b < end; b += SUB)
        if (left >= WIDTH)
            add_rows(s1, s2, &t, b + row_item, min(b + SUB, end), channels, WIDTH, &of);
        else
            add_rows(s1, s2, &t, b + row_item, min(b + SUB, end), channels, left, &of);
#pragma unroll
    for (int v = 0; v < NV; v++) {
        s1[v] = column_total(s1[v], tmp);
        s2[v] = column_total(s2[v], tmp);
    }
    if (row_item != 0)
        return;
    part += (get_group_id(0) * views + view) * 2 * channels + c;
#pragma unroll
    for (int v = 0; v < NV; v++) {
        store_lanes(s1[v], part + v * LANES, left - v * LANES);
        store_lanes(s2[v], part + channels + v * LANES, left - v * LANES);
    }
}
