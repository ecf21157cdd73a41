// conv2d/grad_w_vec.cl -- gradient of a convolution's weights on a CPU, in two passes
//
//   dw[r,s,c,k] = sum_{n,p,q} x[n, p stride - pad + r, q stride - pad + s, c] dy[n,p,q,k]
//
//   dw        [R, S, C, K] fp32
//   partial   [splits, R, S, C, K] fp32; split_sum.cl adds them; with one split dw itself
//   x dy      [N, H, W, C], [N, P, Q, K] fp32
//   scratch   one piece a group, packed from one box of box_n images by box_p by box_q pixels of
//             y at a time: dy [panels][pixels of the box][KB], then x. partial: the group's
//             channels [blocks][phases][rows][phases][columns][images of the box][MR]. taps:
//             [images of the box][rows][columns][C], with zeros outside the image
//   work      groups of one item, each all of K over its share of the boxes. partial: (parts of C,
//             splits), a block is MR channels. taps, for fewer channels than that: (1, splits), a
//             block is MR pairs of a tap and a channel
//   MR        rows of dw in a register block                                      6
//   NV        float16 vectors of output channels in a register block              1
//   local     none
//   numerics  fp32 fma; a box's pixels are summed in registers, boxes and then splits in their
//             order, so bits repeat for the same sizes of work
//   source    split-K in two passes; register blocks as in Van Zee, van de Geijn 2015 (BLIS)

#ifndef MR
#define MR 6
#endif
#ifndef NV
#define NV 1
#endif
#define KB (16 * NV)

// acc[i] += sum_m a[m][i] * b[m][:]
INLINE void accumulate(float16 acc[MR][NV], __global const float *a, __global const float *b,
                       const int n)
{
    for (int m = 0; m < n; m++, a += MR, b += KB)
        BLOCK_ADD(acc, a[i], b);
}

// to[i][:] = acc[i], or += it; of MR rows and KB columns the first that exist
INLINE void add_block(float16 acc[MR][NV], __global float *to, const int rows, const int left,
                      const int K, const bool adds)
{
#pragma unroll
    for (int i = 0; i < MR; i++, to += K) {
        if (i >= rows)
            continue;
#pragma unroll
        for (int v = 0; v < NV; v++) {
            if (adds)
                acc[i][v] += load_part(to + 16 * v, left - 16 * v);
            store_part(acc[i][v], to + 16 * v, left - 16 * v);
        }
    }
}

// Of the places origin + stride * i, i < n, those in [0, size): the first, and the one past the
// last.
inline int inside_begin(const int origin, const int stride, const int n)
{
    return clamp((stride - 1 - origin) / stride, 0, n);
}

inline int inside_end(const int origin, const int stride, const int size, const int n)
{
    return clamp((size - 1 - origin + stride) / stride, 0, n);
}

// Reads a float of every 16 of n. All of a row is asked for before any of it is packed: memory
// answers many questions at once, and packing asks few.
INLINE void touch(__global const float *from, const int n)
{
    for (int i = 0; i < n; i += 16)
        (void)*(volatile __global const float *)(from + i);
}

// to[block][MR] = `left` channels of a pixel and zeros; block_size floats from block to block
INLINE void pack_pixel(__global float *to, const size_t block_size, __global const float *pixel,
                       const int left)
{
    __global const float *const end = pixel + left;

    for (; end - pixel >= MR; pixel += MR, to += block_size) {
        float part[MR]; // all read before any is written: pieces of vectors

#pragma unroll
        for (int i = 0; i < MR; i++)
            part[i] = pixel[i];
#pragma unroll
        for (int i = 0; i < MR; i++)
            to[i] = part[i];
    }
    for (int i = 0; i < MR && pixel < end; i++)
        to[i] = i < end - pixel ? pixel[i] : 0.0f;
}

// to[panel][KB] = `left` channels of a pixel and zeros; panel_size floats from panel to panel
INLINE void pack_panels(__global float *to, const size_t panel_size, __global const float *pixel,
                        const int left)
{
    for (int k = 0; k < left; k += KB, to += panel_size)
#pragma unroll
        for (int v = 0; v < NV; v++)
            vstore16(load_part(pixel + k + 16 * v, left - k - 16 * v), v, to);
}

// to[panel][p][q][image][KB] = `left` channels of a box of dy from its pixel (n0, p0, q0) on
inline void pack_dy(__global float *to, const size_t panel_size, __global const float *from,
                    const int nn, const int pp, const int qq, const int P, const int Q, const int K,
                    const int left)
{
    for (int i = 0; i < 2 * pp; i++)
        for (int q = 0; q < qq; q++)
            for (int n = 0; n < nn; n++) {
                const int p = i / 2;
                __global const float *pixel = from + (((size_t)n * P + p) * Q + q) * K;

                if (i & 1)
                    pack_panels(to + (size_t)((p * qq + q) * nn + n) * KB, panel_size, pixel, left);
                else
                    touch(pixel, left);
            }
}

// Box number m of an image's `down` by `across`: image, row and column of boxes. The rest is in
// scalars: where it was in vectors of integers, with quotients and min(), the simulator crashed.
inline int3 box_place(const int m, const int down, const int across)
{
    const int line = m / across, image = line / down;

    return (int3)(image, line - image * down, m - line * across);
}

__kernel GROUP(1) void grad_w_partial(__global float *restrict partial,
                                      __global float *restrict scratch,
                                      __global const float *restrict x,
                                      __global const float *restrict dy, const int N, const int H,
                                      const int W, const int C, const int P, const int Q,
                                      const int K, const int R, const int S, const int stride,
                                      const int pad, const int box_n, const int box_p,
                                      const int box_q, const int panels)
{
    const int parts = get_num_groups(0), z = get_group_id(1), all_blocks = (C + MR - 1) / MR;
    const int c_begin = share_begin(get_group_id(0), parts, all_blocks) * MR;
    const int c_end = min(C, share_begin(get_group_id(0) + 1, parts, all_blocks) * MR);

    // Rows and columns of x are packed by their phase, place mod stride, so that neighbouring
    // pixels of y always read neighbours.
    const int phases_h = min(stride, R), phases_w = min(stride, S);
    const size_t panel_size = (size_t)box_n * box_p * box_q * KB, dy_size = panels * panel_size;
    const size_t block_size = (size_t)phases_h * (box_p + (R - 1) / stride) * phases_w *
                              (box_q + (S - 1) / stride) * box_n * MR;
    const size_t x_size = ((all_blocks + parts - 1) / parts * block_size + 15) / 16 * 16;
    __global float *dy_pack = scratch + ((size_t)z * parts + get_group_id(0)) * (dy_size + x_size);
    __global float *x_pack = dy_pack + dy_size;
    __global float *dw = partial + (size_t)z * R * S * C * K;

    const int down = (P + box_p - 1) / box_p, across = (Q + box_q - 1) / box_q;
    const int boxes = (N + box_n - 1) / box_n * down * across;
    const int first = share_begin(z, get_num_groups(1), boxes);
    const int end = share_begin(z + 1, get_num_groups(1), boxes);

    for (int m = first; m < end; m++) {
        const int3 box = box_place(m, down, across);
        const int n0 = box.x * box_n, p0 = box.y * box_p, q0 = box.z * box_q;
        const int nn = min(box_n, N - n0), pp = min(box_p, P - p0), qq = min(box_q, Q - q0);
        const int h0 = p0 * stride - pad, w0 = q0 * stride - pad;
        const int rows = pp + (R - 1) / stride, columns = qq + (S - 1) / stride; // of a phase

        for (int i = 0; i < 2 * rows * phases_h; i++) { // in the order of memory
            const int line = i / 2, u = line / phases_h, phase = line - u * phases_h;
            const int h = h0 + u * stride + phase;
            __global float *to = x_pack + (size_t)(phase * rows + u) * phases_w * columns * nn * MR;

            for (int j = 0; j < columns && h >= 0 && h < H; j++)
                for (int f = 0; f < phases_w; f++) {
                    const int w = w0 + j * stride + f;

                    for (int n = 0; n < nn && w >= 0 && w < W; n++) {
                        __global const float *pixel =
                            x + (((size_t)(n0 + n) * H + h) * W + w) * C + c_begin;

                        if (i & 1)
                            pack_pixel(to + ((f * columns + j) * nn + n) * MR, block_size, pixel,
                                       c_end - c_begin);
                        else
                            touch(pixel, c_end - c_begin);
                    }
                }
        }
        for (int k_set = 0; k_set < K; k_set += panels * KB) {
            const int left = min(K - k_set, panels * KB);

            pack_dy(dy_pack, panel_size, dy + (((size_t)n0 * P + p0) * Q + q0) * K + k_set, nn, pp,
                    qq, P, Q, K, left);
            for (int k = 0; k < left; k += KB)
                for (int c = 0; c < c_end - c_begin; c += MR)
                    for (int t = 0; t < R * S; t++) {
                        const int r = t / S, s = t - r * S;
                        // pixels of the box whose tap (r, s) lies in the image
                        const int p_begin = inside_begin(h0 + r, stride, pp);
                        const int p_end = inside_end(h0 + r, stride, H, pp);
                        const int q_begin = inside_begin(w0 + s, stride, qq);
                        const int run = (inside_end(w0 + s, stride, W, qq) - q_begin) * nn;
                        const int ru = r / stride, su = s / stride; // which of its phase's taps
                        const int row = (r - ru * stride) * rows + ru + p_begin;
                        const int column = (s - su * stride) * columns + su + q_begin;
                        __global const float *a =
                            x_pack + c / MR * block_size +
                            ((size_t)row * phases_w * columns + column) * nn * MR;
                        __global const float *b = dy_pack + k / KB * panel_size +
                                                  (size_t)(p_begin * qq + q_begin) * nn * KB;
                        float16 acc[MR][NV];

                        BLOCK_SET(acc, (float16)(0.0f));
                        for (int p = p_begin; p < p_end; p++) {
                            accumulate(acc, a, b, run);
                            a += phases_w * columns * nn * MR;
                            b += qq * nn * KB;
                        }
                        add_block(acc, dw + ((size_t)t * C + c_begin + c) * K + k_set + k,
                                  c_end - c_begin - c, left - k, K, m > first);
                    }
        }
    }
}

// acc[i] += sum_m a[i][a_step m] * b[b_step m][:]
INLINE void accumulate_taps(float16 acc[MR][NV], __global const float *const a[MR],
                            const int a_step, __global const float *b, const int b_step,
                            const int n)
{
    for (int m = 0, at = 0; m < n; m++, at += a_step, b += b_step)
        BLOCK_ADD(acc, a[i][at], b);
}

__kernel GROUP(1) void grad_w_taps(__global float *restrict partial,
                                   __global float *restrict scratch,
                                   __global const float *restrict x,
                                   __global const float *restrict dy, const int N, const int H,
                                   const int W, const int C, const int P, const int Q, const int K,
                                   const int R, const int S, const int stride, const int pad,
                                   const int box_n, const int box_p, const int box_q,
                                   const int panels)
{
    const int z = get_group_id(1), all = R * S * C;
    const size_t panel_size = (size_t)box_n * box_p * box_q * KB, dy_size = panels * panel_size;
    const size_t x_size =
        (size_t)box_n * ((box_p - 1) * stride + R) * ((box_q - 1) * stride + S) * C;
    __global float *dy_pack = scratch + z * (dy_size + (x_size + 15) / 16 * 16);
    __global float *x_pack = dy_pack + dy_size;
    __global float *dw = partial + (size_t)z * all * K;

    const int down = (P + box_p - 1) / box_p, across = (Q + box_q - 1) / box_q;
    const int boxes = (N + box_n - 1) / box_n * down * across;
    const int first = share_begin(z, get_num_groups(1), boxes);
    const int end = share_begin(z + 1, get_num_groups(1), boxes);

    for (int m = first; m < end; m++) {
        const int3 box = box_place(m, down, across);
        const int n0 = box.x * box_n, p0 = box.y * box_p, q0 = box.z * box_q;
        const int nn = min(box_n, N - n0), pp = min(box_p, P - p0), qq = min(box_q, Q - q0);
        const int h0 = p0 * stride - pad, w0 = q0 * stride - pad;
        const int rows = (pp - 1) * stride + R, width = ((qq - 1) * stride + S) * C;

        for (int i = 0; i < nn * rows; i++) {
            const int n = i / rows, h = h0 + i - n * rows;
            __global const float *from = x + ((size_t)(n0 + n) * H + h) * W * C;

            for (int j = 0; j < width; j++) {
                const int at = w0 * C + j;

                x_pack[i * width + j] =
                    (uint)h < (uint)H && (uint)at < (uint)(W * C) ? from[at] : 0.0f;
            }
        }
        for (int k_set = 0; k_set < K; k_set += panels * KB) {
            const int left = min(K - k_set, panels * KB);

            pack_dy(dy_pack, panel_size, dy + (((size_t)n0 * P + p0) * Q + q0) * K + k_set, nn, pp,
                    qq, P, Q, K, left);
            for (int k = 0; k < left; k += KB)
                for (int c0 = 0; c0 < all; c0 += MR) {
                    __global const float *origin[MR];
                    float16 acc[MR][NV];

#pragma unroll
                    for (int i = 0; i < MR; i++) {
                        const int c = min(c0 + i, all - 1); // past the last: a row not kept
                        const int r = c / (S * C);

                        origin[i] = x_pack + r * width + c - r * S * C;
                    }
                    BLOCK_SET(acc, (float16)(0.0f));
                    for (int n = 0; n < nn; n++)
                        for (int p = 0; p < pp; p++) {
                            __global const float *a[MR];

#pragma unroll
                            for (int i = 0; i < MR; i++)
                                a[i] = origin[i] + (n * rows + p * stride) * width;
                            accumulate_taps(acc, a, stride * C,
                                            dy_pack + k / KB * panel_size +
                                                (size_t)(p * qq * nn + n) * KB,
                                            nn * KB, qq);
                        }
                    add_block(acc, dw + (size_t)c0 * K + k_set + k, all - c0, left - k, K,
                              m > first);
                }
        }
    }
}
