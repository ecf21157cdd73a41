// conv2d/winograd_vec.cl -- 3x3 convolution of stride 1 and its gradient of x on a CPU
//
//   forward     F(4x4, 3x3): a tile of 4 x 4 outputs is A^T [(G w G^T) . sum_c (B^T d B)] A of the
//               6 x 6 inputs d under it, 36 products a channel where the definition has 144;
//               F(2x2, 3x3): of 2 x 2 outputs and 4 x 4 inputs, 16 products for 36
//   gradient    the same over dy, with w turned round and its channels exchanged, padding 2 - pad
//
//   y           [views, N, P, Q, K] fp32; for the gradient dx
//   x           [views, N, H, W, C] fp32; for the gradient dy
//   w           [3, 3, C, K] fp32; turned: [3, 3, K, C]
//   panels      [POINTS][ceil(K / KB)][C][KB] fp32, G w G^T, zeros beyond K, with plane_w floats
//               to each of the POINTS: the inputs under a tile
//   bias        [K] fp32, read only if has_bias
//   scratch     a piece a group: inputs, plane_x floats to each of the POINTS; then products,
//               plane_y floats to each; then zeros, a pixel of channels to whole float16
//   inputs      [POINTS][tiles / MR][ceil(C / 16)][MR][16], B^T d B: what a register block reads
//               lies in its order
//   products    [POINTS][tiles][K to whole panels]
//   part        [blocks, views, 2, K]: moments of y's channels over each block of tiles, and
//   counts      [blocks, views]: how many pixels it has; both only if `gathers`
//   work        groups of one item.  winograd_weights: (panels, parts of C).  winograd_gather:
//               (groups), each walks its share of the views' blocks of tiles
//   TILE        outputs of a tile in a row, 4 or 2                                4
//   MR          tiles in a register block                                         6
//   NV          float16 vectors of output channels in a register block            1
//   DEPTH       channels that are summed one after another, a multiple of 16      256
//   gathers     whether moments are wanted
//   past        whether y is too large for a cache (stream_part)
//   local       none
//   numerics    fp32 fma; rounding errors of F(4x4, 3x3) are some 4 times the definition's, and of
//               F(2x2, 3x3) as large; a value that is not finite reaches its whole tile. An output
//               does not depend on the number of groups or blocks, so bits repeat
//   source      Lavin, Gray 2015 (arXiv 1509.09308); conv2d/common.clh

#ifndef MR
#define MR 6
#endif
#ifndef NV
#define NV 1
#endif
#ifndef DEPTH
#define DEPTH 256
#endif
#define KB (16 * NV)
// Vectors of channels that are transformed at a time: POINTS times that stay in the first cache.
#define VECTORS 4

DEFINE_TRANSFORMS(float16)

// Tap t of input channel c, for the first 16 output channels from k on, and zeros beyond K
INLINE float16 load_weights(__global const float *w, const int t, const int c, const int k,
                            const int C, const int K, const int turned)
{
    float part[16];

    if (!turned)
        return load_part(w + ((size_t)t * C + c) * K + k, K - k);
    for (int i = 0; i < 16; i++)
        part[i] = k + i < K ? w[((size_t)(8 - t) * K + k + i) * C + c] : 0.0f;
    return vload16(0, part);
}

// to[e plane] = G w G^T of input channel c
inline void put_weights(__global float *to, __global const float *w, const int c, const int k,
                        const int C, const int K, const int turned, const int plane)
{
    float16 d[SIDE][SIDE];

#pragma unroll
    for (int s = 0; s < 3; s++) {
        float16 column[SIDE];

#pragma unroll
        for (int r = 0; r < 3; r++)
            column[r] = load_weights(w, 3 * r + s, c, k, C, K, turned);
        transform_weights(column, 1);
#pragma unroll
        for (int r = 0; r < SIDE; r++)
            d[r][s] = column[r];
    }
#pragma unroll
    for (int r = 0; r < SIDE; r++) {
        transform_weights(d[r], 1);
#pragma unroll
        for (int s = 0; s < SIDE; s++)
            vstore16(d[r][s], 0, to + (size_t)(SIDE * r + s) * plane);
    }
}

// Channels go by one after another: each of the POINTS planes is then written, and the rows of w
// that is turned are read, as streams.
__kernel GROUP(1) void winograd_weights(__global float *restrict panels,
                                        __global const float *restrict w, const int C, const int K,
                                        const int turned, const int plane_w)
{
    const int panel = get_group_id(0);
    const int end = share_begin(get_group_id(1) + 1, get_num_groups(1), C);

    for (int c = share_begin(get_group_id(1), get_num_groups(1), C); c < end; c++)
        for (int v = 0; v < KB; v += 16)
            put_weights(panels + ((size_t)panel * C + c) * KB + v, w, c, panel * KB + v, C, K,
                        turned, plane_w);
}

// A tile's row i of one vector of channels, of which there are `left`, with B along it
INLINE void put_row(float16 d[SIDE][VECTORS], __global const float *pixel[SIDE], const int v,
                    const int left)
{
    float16 row[SIDE];

#pragma unroll
    for (int j = 0; j < SIDE; j++)
        row[j] = load_part(pixel[j] + 16 * v, left);
    transform_input(row, 1);
#pragma unroll
    for (int j = 0; j < SIDE; j++)
        d[j][v] = row[j];
}

// to[e plane][v][...] = B^T d, of n vectors of channels
INLINE void put_columns(__global float *to, float16 d[SIDE][SIDE][VECTORS], const int n,
                        const int plane)
{
    for (int j = 0; j < SIDE; j++)
        for (int v = 0; v < n; v++) {
            float16 column[SIDE];

#pragma unroll
            for (int i = 0; i < SIDE; i++)
                column[i] = d[i][j][v];
            transform_input(column, 1);
#pragma unroll
            for (int i = 0; i < SIDE; i++)
                vstore16(column[i], 0, to + (size_t)(SIDE * i + j) * plane + v * MR * 16);
        }
}

// The inputs of the tile of SIDE x SIDE pixels from (h, w) on; those outside the image are `zeros`.
// Rows of pixels are read as they lie in memory: it is far, and fetches ahead what it sees coming.
inline void put_tile(__global float *to, __global const float *zeros, __global const float *image,
                     const int h, const int w, const int H, const int W, const int C,
                     const int plane)
{
    float16 d[SIDE][SIDE][VECTORS];

    for (int c = 0; c < C; c += 16 * VECTORS) {
        const int n = min(C - c, 16 * VECTORS), whole = n / 16;

        for (int i = 0; i < SIDE; i++) {
            __global const float *pixel[SIDE];

#pragma unroll
            for (int j = 0; j < SIDE; j++) {
                const bool inside = (uint)(h + i) < (uint)H && (uint)(w + j) < (uint)W;

                pixel[j] = inside ? image + ((h + i) * W + w + j) * C + c : zeros;
            }
            for (int v = 0; v < whole; v++)
                put_row(d[i], pixel, v, 16);
            if (n > 16 * whole)
                put_row(d[i], pixel, whole, n - 16 * whole);
        }
        put_columns(to + c * MR, d, (n + 15) / 16, plane);
    }
}

// products[t][k] = sum_c inputs[t][c] panel[c][k], c < depth, t < n; added to it if it `goes_on`
inline void add_channels(__global float *products, __global const float *inputs,
                         __global const float *panel, const int n, const int depth, const int row,
                         const int columns, const int goes_on)
{
    for (int t = 0; t < n; t += MR) {
        __global const float *a = inputs + t * row, *b = panel;
        float16 acc[MR][NV];

        BLOCK_SET(acc, (float16)(0.0f));
        for (int c = depth / 16; c > 0; c--, a += 16 * MR, b += 16 * KB)
#pragma unroll
            for (int d = 0; d < 16; d++)
                BLOCK_ADD(acc, a[16 * i + d], b + d * KB);
        for (int d = 0; d < depth % 16; d++)
            BLOCK_ADD(acc, a[16 * i + d], b + d * KB);
#pragma unroll
        for (int i = 0; i < MR; i++)
#pragma unroll
            for (int v = 0; v < NV; v++) {
                __global float *to = products + (t + i) * columns;

                if (goes_on)
                    acc[i][v] += vload16(v, to);
                vstore16(acc[i][v], v, to);
            }
    }
}

// products[t][k] = sum_c inputs[t][c] panels[k / KB][c][k % KB], t < n to whole blocks
inline void multiply(__global float *products, __global const float *inputs,
                     __global const float *panels, const int n, const int C, const int n_panel)
{
    const int row = (C + 15) / 16 * 16, columns = n_panel * KB;

    for (int j = 0; j < n_panel; j++)
        for (int c = 0; c < C; c += DEPTH)
            add_channels(products + j * KB, inputs + c * MR, panels + ((size_t)j * C + c) * KB, n,
                         min(DEPTH, C - c), row, columns, c > 0);
}

// d[i][j][v] = A^T products, of n vectors of channels
INLINE void take_columns(float16 d[TILE][SIDE][VECTORS], __global const float *products,
                         const int n, const int plane)
{
    for (int j = 0; j < SIDE; j++)
        for (int v = 0; v < n; v++) {
            float16 column[SIDE];

#pragma unroll
            for (int i = 0; i < SIDE; i++)
                column[i] = vload16(v, products + (size_t)(SIDE * i + j) * plane);
            transform_output(column, 1);
#pragma unroll
            for (int i = 0; i < TILE; i++)
                d[i][j][v] = column[i];
        }
}

// The first `width` of TILE pixels of y that follow each other, one vector of channels, of which
// there are `left`; they stay in d if `keeps`
INLINE void take_row(__global float *to, float16 d[SIDE][VECTORS], const int v, const float16 bias,
                     const int left, const int width, const int K, const int keeps, const int past)
{
    float16 row[SIDE];

#pragma unroll
    for (int j = 0; j < SIDE; j++)
        row[j] = d[j][v];
    transform_output(row, 1);
#pragma unroll
    for (int j = 0; j < TILE; j++) {
        const float16 pixel = row[j] + bias;

        if (keeps)
            d[j][v] = pixel;
        if (j < width)
            stream_part(pixel, to + j * K + 16 * v, left, past);
    }
}

// Adds the first rows by columns pixels of a tile to the moments, one vector of channels
INLINE void gather_tile(__global float *moments, float16 d[TILE][SIDE][VECTORS], const int v,
                        const int rows, const int columns, const int before, const int K,
                        const int left)
{
    const int n = rows * columns;
    float16 mean = 0.0f, m2 = 0.0f;

    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            mean += d[i][j][v];
    mean *= 1.0f / n;
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) {
            const float16 delta = d[i][j][v] - mean;

            m2 += delta * delta;
        }
    add_moments(moments, mean, m2, n, before, K, left);
}

// Tile `at` of y, whose first output is (p, q), from its products; written row by row. Of the block
// `before` pixels were written already.
inline void take_tile(__global float *image, __global const float *products,
                      __global const float *bias, __global float *moments, const int3 at,
                      const int P, const int Q, const int K, const int plane, const int has_bias,
                      const int gathers, const int before, const int past)
{
    const int rows = min(TILE, P - at.y), columns = min(TILE, Q - at.z);
    float16 d[TILE][SIDE][VECTORS];

    for (int k = 0; k < K; k += 16 * VECTORS) {
        const int n = min(K - k, 16 * VECTORS), whole = n / 16;

        take_columns(d, products + k, (n + 15) / 16, plane);
        for (int i = 0; i < rows; i++) {
            __global float *to = image + ((at.y + i) * Q + at.z) * K + k;

            for (int v = 0; v < whole; v++)
                take_row(to, d[i], v, load_part(bias + k + 16 * v, has_bias ? 16 : 0), 16, columns,
                         K, gathers, past);
            if (n > 16 * whole)
                take_row(to, d[i], whole,
                         load_part(bias + k + 16 * whole, has_bias ? n - 16 * whole : 0),
                         n - 16 * whole, columns, K, gathers, past);
        }
        for (int v = 0; gathers && v < (n + 15) / 16; v++)
            gather_tile(moments + k + 16 * v, d, v, rows, columns, before, K, n - 16 * v);
    }
}

__kernel GROUP(1) void winograd_gather(
    __global float *restrict y, __global float *restrict scratch, __global const float *restrict x,
    __global const float *restrict panels, __global const float *restrict bias,
    __global float *restrict part, __global float *restrict counts, const int N, const int H,
    const int W, const int C, const int P, const int Q, const int K, const int pad,
    const int has_bias, const int gathers, const int blocks, const int views, const int plane_x,
    const int plane_y, const int plane_w, const int past)
{
    const int row = (C + 15) / 16 * 16, n_panel = (K + KB - 1) / KB;
    const int all = N * ((P + TILE - 1) / TILE) * ((Q + TILE - 1) / TILE),
              units = (all + MR - 1) / MR; // of a view
    const int end = share_begin(get_group_id(0) + 1, get_num_groups(0), views * blocks);
    __global float *inputs =
        scratch + (size_t)get_group_id(0) * ((size_t)POINTS * (plane_x + plane_y) + row);
    __global float *products = inputs + (size_t)POINTS * plane_x;
    __global float *zeros = products + (size_t)POINTS * plane_y;

    for (int c = 0; c < row; c += 16)
        vstore16((float16)(0.0f), 0, zeros + c);
    for (int i = share_begin(get_group_id(0), get_num_groups(0), views * blocks); i < end; i++) {
        const int view = i / blocks, block = i - view * blocks;
        const int begin = share_begin(block, blocks, units) * MR, first = view * all + begin;
        const int n = share_begin(block + 1, blocks, units) * MR - begin;
        const size_t chunk = (size_t)block * views + view;
        int n_pixel = 0;

        for (int t = 0; t < n; t++) {
            const int3 at = place(first + min(t, all - 1 - begin), P, Q);

            put_tile(inputs + t / MR * MR * row + t % MR * 16, zeros, x + (size_t)at.x * H * W * C,
                     at.y - pad, at.z - pad, H, W, C, plane_x);
        }
        for (int e = 0; e < POINTS; e++)
            multiply(products + (size_t)e * plane_y, inputs + (size_t)e * plane_x,
                     panels + (size_t)e * plane_w, n, C, n_panel);
        for (int t = 0; t < min(n, all - begin); t++) {
            const int3 at = place(first + t, P, Q);

            take_tile(y + (size_t)at.x * P * Q * K, products + t * n_panel * KB, bias,
                      part + chunk * 2 * K, at, P, Q, K, plane_y, has_bias, gathers, n_pixel, past);
            n_pixel += min(TILE, P - at.y) * min(TILE, Q - at.z);
        }
        if (gathers)
            counts[chunk] = n_pixel;
    }
}
