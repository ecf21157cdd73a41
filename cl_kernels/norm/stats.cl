// norm/stats.cl -- mean and variance of each channel, in views of equal numbers of rows
//
//   norm_stats_part   of each chunk of rows: mean and sum of squares about it
//   norm_stats_join   of each view: mean = sum n_k mean_k / rows,
//                     variance = sum (m2_k + n_k (mean_k - mean)^2) / rows; of chunks that a
//                     convolution left, too
//
//   x         [views, rows, channels] fp32
//   part      [chunks, views, 2, channels] fp32: mean_k, m2_k
//   counts    [chunks, views] fp32: n_k, the rows of each
//   stats     [views, 3, channels] fp32: mean, 1 / sqrt(variance + eps), variance
//   work      part: (chunks, parts of the channels, views) groups of CI RI items, join the same
//             with one chunk; an item has `blocks` (join: 1) blocks of NV (join: 1) times LANES
//             channels and every RI-th row; `sub` rows are read twice while they are in cache
//   LANES     channels in a vector: 1, 4 or 16                            16
//   NV        vectors of a block, side by side                            4
//   BLOCKS    blocks of an item at most: with all channels it reads       1
//             memory from one end to the other, as prefetchers want it
//   ROWS      rows that an item adds at a time                            1
//   CI        items side by side in channels                              1
//   RI        items one below the other, a power of two                   1
//   local     4 LANES CI RI bytes
//   numerics  two passes over `sub` rows, joined in fp32; the order is fixed
//   source    Chan, Golub, LeVeque 1979

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

#define WIDTH (LANES * NV)
#define STEP (CI * WIDTH) // from one of an item's blocks to the next
#define WHOLE INT_MAX     // channels that are left: no less than all vectors have
#define BLOCK 16          // chunks that are added before they join the sum of all

DEFINE_COLUMN_TOTAL

// Adds n of this item's rows from r on, x - center or its square.
INLINE void add_some(lanes sum[BLOCKS][NV], const lanes center[BLOCKS][NV],
                     __global const float *restrict x, const int r, const int n, const int channels,
                     const int left, const int square, const int n_block)
{
    for (int k = 0; k < n_block; k++)
#pragma unroll
        for (int v = 0; v < NV; v++) {
            const int c = k * STEP + v * LANES, n_lane = left == WHOLE ? LANES : left - c;
            lanes a = sum[k][v];

#pragma unroll
            for (int u = 0; u < n; u++) {
                const size_t at = (size_t)(r + u * RI) * channels + c;
                const lanes d = load_lanes(x + at, n_lane, 0.0f) - (square ? center[k][v] : 0.0f);

                a += square ? d * d : d;
            }
            sum[k][v] = a;
        }
}

// The sum over this item's rows from r to end of x (square: of (x - center)^2).
INLINE void add_rows(lanes sum[BLOCKS][NV], const lanes center[BLOCKS][NV],
                     __global const float *restrict x, int r, const int end, const int channels,
                     const int left, const int square, const int n_block)
{
    for (int k = 0; k < n_block; k++)
#pragma unroll
        for (int v = 0; v < NV; v++)
            sum[k][v] = 0.0f;
    for (; r + (ROWS - 1) * RI < end; r += ROWS * RI)
        add_some(sum, center, x, r, ROWS, channels, left, square, n_block);
    for (; r < end; r += RI)
        add_some(sum, center, x, r, 1, channels, left, square, n_block);
}

__kernel GROUP(CI *RI) void norm_stats_part(__global float *restrict part,
                                            __global float *restrict counts,
                                            __global const float *restrict x, const int rows,
                                            const int channels, const int chunk, const int sub,
                                            const int blocks)
{
    __local lanes tmp[CI * RI];
    const int n_block = BLOCKS == 1 ? 1 : blocks;
    const int c = (get_group_id(1) * n_block * CI + get_local_id(0) % CI) * WIDTH;
    const int left = channels - c;
    const int first = get_group_id(0) * chunk, end = min(first + chunk, rows);
    const int row_item = get_local_id(0) / CI;
    const size_t view = get_group_id(2), views = get_num_groups(2);
    lanes mean[BLOCKS][NV], m2[BLOCKS][NV];

    for (int k = 0; k < n_block; k++)
#pragma unroll
        for (int v = 0; v < NV; v++)
            mean[k][v] = m2[k][v] = 0.0f;
    x += view * rows * channels + c;
    for (int b = first; b < end; b += sub) {
        const int stop = min(b + sub, end);
        const float share = (float)(stop - b) / (stop - first);
        lanes center[BLOCKS][NV], square[BLOCKS][NV];

        if (left >= (n_block - 1) * STEP + WIDTH)
            add_rows(center, center, x, b + row_item, stop, channels, WHOLE, 0, n_block);
        else
            add_rows(center, center, x, b + row_item, stop, channels, left, 0, n_block);
        for (int k = 0; k < n_block; k++)
#pragma unroll
            for (int v = 0; v < NV; v++)
                center[k][v] = column_total(center[k][v], tmp) / (stop - b);
        if (left >= (n_block - 1) * STEP + WIDTH)
            add_rows(square, center, x, b + row_item, stop, channels, WHOLE, 1, n_block);
        else
            add_rows(square, center, x, b + row_item, stop, channels, left, 1, n_block);
        for (int k = 0; k < n_block; k++)
#pragma unroll
            for (int v = 0; v < NV; v++) {
                const lanes delta = center[k][v] - mean[k][v];

                mean[k][v] += delta * share;
                m2[k][v] += column_total(square[k][v], tmp) + delta * delta * ((b - first) * share);
            }
    }
    if (row_item != 0)
        return;
    if (c == 0)
        counts[get_group_id(0) * views + view] = end - first;
    part += (get_group_id(0) * views + view) * 2 * channels + c;
    for (int k = 0; k < n_block; k++)
#pragma unroll
        for (int v = 0; v < NV; v++) {
            const int at = k * STEP + v * LANES;

            store_lanes(mean[k][v], part + at, left - at);
            store_lanes(m2[k][v], part + channels + at, left - at);
        }
}

__kernel GROUP(CI *RI) void norm_stats_join(__global float *restrict stats,
                                            __global const float *restrict part,
                                            __global const float *restrict counts, const int rows,
                                            const int channels, const int chunks, const float eps)
{
    __local lanes tmp[CI * RI];
    const int c = (get_group_id(1) * CI + get_local_id(0) % CI) * LANES, left = channels - c;
    const int row_item = get_local_id(0) / CI;
    const size_t view = get_group_id(2), views = get_num_groups(2), pitch = views * 2 * channels;
    lanes mean = 0.0f, variance = 0.0f;

    part += view * 2 * channels + c;
    counts += view;
    for (int b = row_item; b < chunks; b += BLOCK * RI) {
        lanes sum = 0.0f;

        for (int k = b; k < min(b + BLOCK * RI, chunks); k += RI)
            sum += load_lanes(part + k * pitch, left, 0.0f) * counts[k * views];
        mean += sum;
    }
    mean = column_total(mean, tmp) / rows;
    for (int b = row_item; b < chunks; b += BLOCK * RI) {
        lanes sum = 0.0f;

        for (int k = b; k < min(b + BLOCK * RI, chunks); k += RI) {
            const lanes d = load_lanes(part + k * pitch, left, 0.0f) - mean;

            sum += load_lanes(part + k * pitch + channels, left, 0.0f) + d * d * counts[k * views];
        }
        variance += sum;
    }
    variance = column_total(variance, tmp) / rows;
    if (row_item != 0)
        return;
    stats += view * 3 * channels + c;
    store_lanes(mean, stats, left);
    store_lanes(1.0f / sqrt(variance + eps), stats + channels, left);
    store_lanes(variance, stats + 2 * channels, left);
}
