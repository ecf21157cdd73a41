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
//   work         (chunks, parts of the channels, views) groups of CI RI items; an item has `blocks`
//                blocks of NV times LANES channels and every RI-th row; `sub` rows are
//                added before they join the sum of all
//   LANES        channels in a vector: 1, 4 or 16                         16
//   NV           vectors of a block, side by side                         4
//   BLOCKS       blocks of an item at most: with all channels it reads    1
//                memory from one end to the other, as prefetchers want it
//   ROWS         rows that an item adds at a time                         1
//   CI           items side by side in channels                           1
//   RI           items one below the other, a power of two                1
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
#ifndef BLOCKS
#define BLOCKS 1
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
#define STEP (CI * WIDTH) // from one of an item's blocks to the next
#define WHOLE INT_MAX     // channels that are left: no less than all vectors have
#define USES_AFFINE (AFFINE && ACT)

// Of NV vectors of channels.
struct channels {
    lanes mean[NV], scale[NV], gamma[NV], beta[NV];
};

DEFINE_COLUMN_TOTAL

INLINE void take_channels(struct channels *of, __global const float *stats,
                          __global const float *gamma, __global const float *beta,
                          const int channels, const int left)
{
#pragma unroll
    for (int v = 0; v < NV; v++) {
        const int at = v * LANES, n = left - at;

        of->mean[v] = load_lanes(stats + at, n, 0.0f);
        of->scale[v] = load_lanes(stats + channels + at, n, 0.0f);
        of->gamma[v] = USES_AFFINE ? load_lanes(gamma + at, n, 0.0f) : (lanes)(0.0f);
        of->beta[v] = USES_AFFINE ? load_lanes(beta + at, n, 0.0f) : (lanes)(0.0f);
    }
}

// Where the first row of this item's view and channels is.
struct tensors {
    __global float *dy;
    __global const float *first, *second, *gate, *x;
    int past; // the caches dy is written
};

INLINE lanes take_dy(const struct tensors *t, const size_t at, const int left)
{
    lanes d = load_lanes(t->first + at, left, 0.0f);

    if (ADDED)
        d += load_lanes(t->second + at, left, 0.0f);
    if (GATED)
        d = act_grad_1(d, load_lanes(t->gate + at, left, 0.0f));
    if (WRITTEN)
        stream_lanes(d, t->dy + at, left, t->past);
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

// Adds n of this item's rows from r on.
INLINE void add_some(lanes s1[BLOCKS][NV], lanes s2[BLOCKS][NV], const struct tensors *t,
                     const int r, const int n, const int channels, const int left,
                     const struct channels of[BLOCKS], const int n_block)
{
    for (int k = 0; k < n_block; k++)
#pragma unroll
        for (int v = 0; v < NV; v++) {
            const int c = k * STEP + v * LANES;
            lanes a = s1[k][v], b = s2[k][v];

#pragma unroll
            for (int u = 0; u < n; u++)
                add_one(&a, &b, t, (size_t)(r + u * RI) * channels + c, &of[k], v,
                        left == WHOLE ? LANES : left - c);
            s1[k][v] = a;
            s2[k][v] = b;
        }
}

// Adds this item's rows from r to end.
INLINE void add_rows(lanes s1[BLOCKS][NV], lanes s2[BLOCKS][NV], const struct tensors *t, int r,
                     const int end, const int channels, const int left,
                     const struct channels of[BLOCKS], const int n_block)
{
    lanes a[BLOCKS][NV], b[BLOCKS][NV];

    for (int k = 0; k < n_block; k++)
#pragma unroll
        for (int v = 0; v < NV; v++)
            a[k][v] = b[k][v] = 0.0f;
    for (; r + (ROWS - 1) * RI < end; r += ROWS * RI)
        add_some(a, b, t, r, ROWS, channels, left, of, n_block);
    for (; r < end; r += RI)
        add_some(a, b, t, r, 1, channels, left, of, n_block);
    for (int k = 0; k < n_block; k++)
#pragma unroll
        for (int v = 0; v < NV; v++) {
            s1[k][v] += a[k][v];
            s2[k][v] += b[k][v];
        }
}

__kernel GROUP(CI *RI) void norm_grad_sums(
    __global float *restrict part, __global float *restrict dy,
    __global const float *restrict first, __global const float *restrict second,
    __global const float *restrict gate, __global const float *restrict x,
    __global const float *restrict stats, __global const float *restrict gamma,
    __global const float *restrict beta, const int rows, const int channels, const int chunk,
    const int sub, const int blocks, const int past)
{
    __local lanes tmp[CI * RI];
    const int n_block = BLOCKS == 1 ? 1 : blocks;
    const int c = (get_group_id(1) * n_block * CI + get_local_id(0) % CI) * WIDTH;
    const int left = channels - c;
    const int begin = get_group_id(0) * chunk, end = min(begin + chunk, rows);
    const int row_item = get_local_id(0) / CI;
    const size_t view = get_group_id(2), views = get_num_groups(2);
    const size_t base = view * rows * channels + c;
    const struct tensors t = {
        dy + base, first + base, second + base, gate + base, x + base, past
    };
    struct channels of[BLOCKS];
    lanes s1[BLOCKS][NV], s2[BLOCKS][NV];

    stats += view * 3 * channels + c;
    for (int k = 0; k < n_block; k++) {
        const int at = k * STEP;

        take_channels(&of[k], stats + at, gamma + c + at, beta + c + at, channels, left - at);
#pragma unroll
        for (int v = 0; v < NV; v++)
            s1[k][v] = s2[k][v] = 0.0f;
    }
    for (int b = begin; b < end; b += sub)
        if (left >= (n_block - 1) * STEP + WIDTH)
            add_rows(s1, s2, &t, b + row_item, min(b + sub, end), channels, WHOLE, of, n_block);
        else
            add_rows(s1, s2, &t, b + row_item, min(b + sub, end), channels, left, of, n_block);
    part += (get_group_id(0) * views + view) * 2 * channels + c;
    for (int k = 0; k < n_block; k++)
#pragma unroll
        for (int v = 0; v < NV; v++) {
            const int at = k * STEP + v * LANES, n = row_item == 0 ? left - at : 0;

            store_lanes(column_total(s1[k][v], tmp), part + at, n);
            store_lanes(column_total(s2[k][v], tmp), part + channels + at, n);
        }
}
