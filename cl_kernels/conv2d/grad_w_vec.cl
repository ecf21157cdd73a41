// conv2d/grad_w_vec.cl -- gradient of a convolution's weights on a CPU, in two passes
//
//   dw[r,s,c,k] = sum_{n,p,q} x[n, p stride - pad + r, q stride - pad + s, c] dy[n,p,q,k]
//
//   dw        [R, S, C, K] fp32
//   partial   [splits, R, S, C, K] fp32; split_sum.cl adds them; with one split dw itself
//   x dy      [N, H, W, C], [N, P, Q, K] fp32
//   scratch   one piece a group: its dy [panels][pixels of a box][KB], then a block of x
//             [phases][rows][phases][columns][images of a box][MR], both packed from one box of
//             box_n images by box_p by box_q pixels of y
//   work      (parts of K, parts of C, splits) groups of one item, each all taps of its channels
//             over its share of the boxes
//   MR        input channels in a register block                                  6
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
inline void accumulate(float16 acc[MR][NV], __global const float *a, __global const float *b,
                       const int n)
{
    for (int m = 0; m < n; m++, a += MR, b += KB)
        BLOCK_ADD(acc, a[i], b);
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

// to[column][image][MR] = MR channels of one row of x, of which `left` exist
inline void pack_x(__global float *to, __global const float *from, const int columns,
                   const size_t step, const int images, const size_t image, const int left)
{
    for (int j = 0; j < columns; j++)
        for (int n = 0; n < images; n++, to += MR) {
            __global const float *c = from + n * image + j * step;

            if (left >= MR) {
#pragma unroll
                for (int i = 0; i < MR; i++)
                    to[i] = c[i];
            } else {
                for (int i = 0; i < MR; i++)
                    to[i] = i < left ? c[i] : 0.0f;
            }
        }
}

// to[column][image][KB] = KB channels of one row of dy, of which `left` exist
inline void pack_dy(__global float *to, __global const float *from, const int columns,
                    const size_t step, const int images, const size_t image, const int left)
{
    for (int j = 0; j < columns; j++)
        for (int n = 0; n < images; n++, to += KB) {
            __global const float *k = from + n * image + j * step;

#pragma unroll
            for (int v = 0; v < NV; v++)
                vstore16(load_part(k + 16 * v, left - 16 * v), v, to);
        }
}

__kernel GROUP(1) void grad_w_partial(
    __global float *restrict partial, __global float *restrict scratch,
    __global const float *restrict x, __global const float *restrict dy, const int N, const int H,
    const int W, const int C, const int P, const int Q, const int K, const int R, const int S,
    const int stride, const int pad, const int box_n, const int box_p, const int box_q)
{
    const int parts_k = get_num_groups(0), parts_c = get_num_groups(1), z = get_group_id(2);
    const int all_panels = (K + KB - 1) / KB, all_blocks = (C + MR - 1) / MR;
    const int panel0 = share_begin(get_group_id(0), parts_k, all_panels);
    const int panels = share_begin(get_group_id(0) + 1, parts_k, all_panels) - panel0;
    const int c_begin = share_begin(get_group_id(1), parts_c, all_blocks) * MR;
    const int c_end = min(C, share_begin(get_group_id(1) + 1, parts_c, all_blocks) * MR);

    // Rows and columns of x are packed by their phase, place mod stride, so that neighbouring
    // pixels of y always read neighbours.
    const int phases_h = min(stride, R), phases_w = min(stride, S);
    const size_t box = (size_t)box_n * box_p * box_q;
    const size_t dy_size = (all_panels + parts_k - 1) / parts_k * box * KB;
    const size_t x_size = (size_t)phases_h * (box_p + (R - 1) / stride) * phases_w *
                          (box_q + (S - 1) / stride) * box_n * MR;
    const size_t group = ((size_t)z * parts_c + get_group_id(1)) * parts_k + get_group_id(0);
    __global float *dy_pack = scratch + group * (dy_size + x_size);
    __global float *x_pack = dy_pack + dy_size;
    __global float *dw = partial + (size_t)z * R * S * C * K;

    const int boxes_p = (P + box_p - 1) / box_p, boxes_q = (Q + box_q - 1) / box_q;
    const int boxes = (N + box_n - 1) / box_n * boxes_p * boxes_q;
    const int first = share_begin(z, get_num_groups(2), boxes);
    const int end = share_begin(z + 1, get_num_groups(2), boxes);

    for (int m = first; m < end; m++) {
        const int line = m / boxes_q, image = line / boxes_p, n0 = image * box_n;
        const int p0 = (line - image * boxes_p) * box_p, q0 = (m - line * boxes_q) * box_q;
        const int nn = min(box_n, N - n0), pp = min(box_p, P - p0), qq = min(box_q, Q - q0);
        const int h0 = p0 * stride - pad, w0 = q0 * stride - pad;
        const int rows = pp + (R - 1) / stride, columns = qq + (S - 1) / stride; // of a phase

        for (int i = 0; i < panels * pp; i++) {
            const int j = i / pp, p = p0 + i - j * pp, k0 = (panel0 + j) * KB;
            const size_t pixel = ((size_t)n0 * P + p) * Q + q0;

            pack_dy(dy_pack + (size_t)i * qq * nn * KB, dy + pixel * K + k0, qq, K, nn,
                    (size_t)P * Q * K, K - k0);
        }
        for (int c0 = c_begin; c0 < c_end; c0 += MR) {
            for (int i = 0; i < phases_h * rows; i++) {
                const int phase = i / rows, h = h0 + phase + (i - phase * rows) * stride;

                for (int f = 0; f < phases_w && h >= 0 && h < H; f++) {
                    const int j = inside_begin(w0 + f, stride, columns);
                    const int w = w0 + f + stride * j;

                    pack_x(x_pack + ((size_t)(i * phases_w + f) * columns + j) * nn * MR,
                           x + (((size_t)n0 * H + h) * W + w) * C + c0,
                           inside_end(w0 + f, stride, W, columns) - j, (size_t)stride * C, nn,
                           (size_t)H * W * C, C - c0);
                }
            }
            for (int t = 0; t < R * S * panels; t++) {
                const int tap = t / panels, j = t - tap * panels, r = tap / S, s = tap - r * S;
                const int k0 = (panel0 + j) * KB;
                // pixels of the box whose tap (r, s) lies in the image
                const int p_end = inside_end(h0 + r, stride, H, pp);
                const int q_begin = inside_begin(w0 + s, stride, qq);
                const int run = (inside_end(w0 + s, stride, W, qq) - q_begin) * nn;
                const int ru = r / stride, su = s / stride; // which of its phase's taps
                const int row0 = (r - ru * stride) * rows + ru;
                const int column0 = (s - su * stride) * columns + su + q_begin;
                float16 acc[MR][NV];

                BLOCK_SET(acc, (float16)(0.0f));
                for (int p = inside_begin(h0 + r, stride, pp); p < p_end; p++)
                    accumulate(
                        acc, x_pack + ((size_t)(row0 + p) * phases_w * columns + column0) * nn * MR,
                        dy_pack + (size_t)((j * pp + p) * qq + q_begin) * nn * KB, run);
#pragma unroll
                for (int i = 0; i < MR; i++) {
                    __global float *to = dw + ((size_t)(r * S + s) * C + c0 + i) * K + k0;

                    if (c0 + i >= C)
                        continue;
#pragma unroll
                    for (int v = 0; v < NV; v++) {
                        if (m > first)
                            acc[i][v] += load_part(to + 16 * v, K - k0 - 16 * v);
                        store_part(acc[i][v], to + 16 * v, K - k0 - 16 * v);
                    }
                }
            }
        }
    }
}
