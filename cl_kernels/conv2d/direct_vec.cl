// conv2d/direct_vec.cl -- convolution and its gradient of x on a CPU, as one gather
//
//   forward     y[n,p,q,k] = bias[k] + sum x[n, p u - pad_h + r, q u - pad_w + s, c] w[r,s,c,k]
//               over taps r, s and channels c; u is in_stride
//   gradient    dx[n,h,w,c] is the same sum with the taps turned round, r' = R-1-r, over dy, with
//               pad' = R-1-pad: row h reads row (h - pad' + r') / v of dy wherever v, out_stride,
//               divides it.  Each of the v * v phases (h mod v, w mod v) has its own taps; a
//               phase that no tap reaches is written as zeros.
//
//   y           [views, N, P, Q, K] fp32; for the gradient dx
//   x           [views, N, H, W, C] fp32; for the gradient dy
//   w           [R, S, C, K] fp32; turned: [R, S, K, C]
//   panels      [ceil(K / KB)][R S][C][KB] fp32, taps in the order of their phases, zeros beyond
//               K; then the bias [ceil(K / KB)][KB], or zeros; then C zeros, which stand for a
//               pixel outside the image
//   bias        [K] fp32, read only if has_bias
//   part        [blocks / span, views, 2, K]: moments of y's channels over each span, and
//   counts      [blocks / span, views]: how many pixels it has; both only if `gathers`
//   work        groups of one item.  direct_pack: (panels, R S).  direct_gather: (panels / chunk,
//               blocks of pixels / span, views), each all phases.  A block is MR images at one
//               pixel of a phase, so that all of it meets the border together and skips it; the
//               last N mod MR images make blocks of neighbouring pixels.  All panels of a group's
//               chunk follow each other at a block: images are written in long runs.
//   MR          pixels in a register block                                        6
//   NV          float16 vectors of output channels in a register block            1
//   local       none
//   numerics    fp32 fma; an output sums its taps and channels in their order, so bits repeat
//   source      Van Zee, van de Geijn 2015 (BLIS): register blocks over packed panels

#ifndef MR
#define MR 6
#endif
#ifndef NV
#define NV 1
#endif
#define KB (16 * NV)

// Of `size` taps, those that reach an output row h with h mod stride == phase start at
// first_tap() and come every `stride`.
inline int first_tap(const int phase, const int stride, const int pad)
{
    const int r = (pad - phase) % stride;

    return r < 0 ? r + stride : r;
}

inline int n_taps(const int phase, const int size, const int stride, const int pad)
{
    return (size - first_tap(phase, stride, pad) + stride - 1) / stride;
}

inline int taps_before(const int phase, const int size, const int stride, const int pad)
{
    int n = 0;

    for (int i = 0; i < phase; i++)
        n += n_taps(i, size, stride, pad);
    return n;
}

// The place in a panel of the first tap of phase (a, b).
inline int phase_start(const int a, const int b, const int R, const int S, const int stride,
                       const int pad_h, const int pad_w)
{
    return S * taps_before(a, R, stride, pad_h) +
           n_taps(a, R, stride, pad_h) * taps_before(b, S, stride, pad_w);
}

__kernel GROUP(1) void direct_pack(__global float *restrict panels,
                                   __global const float *restrict w,
                                   __global const float *restrict bias, const int R, const int S,
                                   const int C, const int K, const int stride, const int pad_h,
                                   const int pad_w, const int turned, const int has_bias)
{
    const int t = get_group_id(1), r = t / S, s = t - r * S, k0 = get_group_id(0) * KB;
    const int a = first_tap(r, stride, pad_h), b = first_tap(s, stride, pad_w);
    const int tap = phase_start(a, b, R, S, stride, pad_h, pad_w) +
                    r / stride * n_taps(b, S, stride, pad_w) + s / stride;
    const int width = min(K - k0, KB);
    const size_t panel = (size_t)R * S * C * KB;
    __global float *to = panels + get_group_id(0) * panel + (size_t)tap * C * KB;
    __global const float *from = turned ? w + ((size_t)((R - 1 - r) * S + S - 1 - s) * K + k0) * C
                                        : w + (size_t)(r * S + s) * C * K + k0;
    const size_t row = turned ? 1 : K, column = turned ? C : 1;

    if (get_group_id(1) == 0) {
        __global float *tail = panels + get_num_groups(0) * panel;

        for (int k = 0; k < KB; k++)
            tail[k0 + k] = has_bias && k < width ? bias[k0 + k] : 0.0f;
        for (int c = 0; c < C && k0 == 0; c++)
            tail[get_num_groups(0) * KB + c] = 0.0f;
    }
    if (width == KB && !turned) {
        for (int c = 0; c < C; c++)
            for (int j = 0; j < NV; j++)
                vstore16(vload16(j, from + c * row), j, to + c * KB);
        return;
    }
    for (int c = 0; c < C; c++)
        for (int k = 0; k < KB; k++)
            to[c * KB + k] = k < width ? from[c * row + k * column] : 0.0f;
}

// acc[i] += sum_c a[i][c] * b[c][:]
INLINE void accumulate(float16 acc[MR][NV], __global const float *const a[MR],
                       __global const float *b, const int n)
{
    for (int c = 0; c < n; c++, b += KB)
        BLOCK_ADD(acc, a[i][c], b);
}

// to[i][:] = acc[i], the first `left` channels of it; to[i] is NULL where there is no pixel
INLINE void store_block(float16 acc[MR][NV], __global float *const to[MR], const int left)
{
#pragma unroll
    for (int i = 0; i < MR; i++)
        if (to[i]) {
#pragma unroll
            for (int j = 0; j < NV; j++)
                store_part(acc[i][j], to[i] + 16 * j, left - 16 * j);
        }
}

// Adds the pixels of a block, of which there are n, to the moments
INLINE void gather_block(__global float *moments, float16 acc[MR][NV], __global float *const to[MR],
                         const int n, const int before, const int K, const int left)
{
#pragma unroll
    for (int j = 0; j < NV; j++) {
        float16 mean = 0.0f, m2 = 0.0f;

#pragma unroll
        for (int i = 0; i < MR; i++)
            if (to[i])
                mean += acc[i][j];
        mean *= 1.0f / n;
#pragma unroll
        for (int i = 0; i < MR; i++) {
            const float16 delta = acc[i][j] - mean;

            if (to[i])
                m2 += delta * delta;
        }
        add_moments(moments + 16 * j, mean, m2, n, before, K, left - 16 * j);
    }
}

__kernel GROUP(1) void direct_gather(__global float *restrict y, __global const float *restrict x,
                                     __global const float *restrict panels,
                                     __global float *restrict part, __global float *restrict counts,
                                     const int N, const int H, const int W, const int C,
                                     const int P, const int Q, const int K, const int R,
                                     const int S, const int in_stride, const int out_stride,
                                     const int pad_h, const int pad_w, const int chunk,
                                     const int span, const int gathers)
{
    const int n_panel = (K + KB - 1) / KB;
    const int k_begin = get_group_id(0) * chunk * KB, k_end = min(K, k_begin + chunk * KB);
    const size_t panel_size = (size_t)R * S * C * KB;
    __global const float *start = panels + n_panel * panel_size, *zeros = start + n_panel * KB;
    const size_t image_in = (size_t)H * W * C, image_out = (size_t)P * Q * K;

    const int U = (P + out_stride - 1) / out_stride; // rows and columns of the largest phase
    const int V = (Q + out_stride - 1) / out_stride;
    const int pixels = U * V, together = N / MR * pixels, rest = N % MR;
    const int blocks = together + (pixels * rest + MR - 1) / MR;
    const int begin = get_group_id(1) * span, end = min(begin + span, blocks);
    const size_t view = get_group_id(2), span_of_view = get_group_id(1) * get_num_groups(2) + view;
    int n_pixel = 0;

    x += view * N * image_in;
    y += view * N * image_out;
    part += span_of_view * 2 * K;

    for (int phase = 0; phase < out_stride * out_stride; phase++) {
        const int pa = phase / out_stride, qb = phase - pa * out_stride;
        const int rows = n_taps(pa, R, out_stride, pad_h), cols = n_taps(qb, S, out_stride, pad_w);
        const int h_first = (pa - pad_h + first_tap(pa, out_stride, pad_h)) / out_stride;
        const int w_first = (qb - pad_w + first_tap(qb, out_stride, pad_w)) / out_stride;
        __global const float *taps =
            panels + (size_t)phase_start(pa, qb, R, S, out_stride, pad_h, pad_w) * C * KB;
        // A division costs as much as ten multiply-adds of a block: one here, then counting.
        int set = begin / pixels, u = (begin - set * pixels) / V;
        int v = begin - set * pixels - u * V;

        for (int block = begin; block < min(end, together); block++) {
            const int h = u * in_stride + h_first, w = v * in_stride + w_first;
            const int p = u * out_stride + pa, q = v * out_stride + qb;
            const int r_begin = clamp(-h, 0, rows), r_end = clamp(H - h, r_begin, rows);
            const int s_begin = clamp(-w, 0, cols), s_end = clamp(W - w, s_begin, cols);
            __global const float *in =
                x + set * MR * image_in + ((h + r_begin) * W + w + s_begin) * C;
            __global float *out = y + set * MR * image_out + ((size_t)p * Q + q) * K;

            for (int k0 = k_begin; k0 < k_end && p < P && q < Q; k0 += KB) {
                __global const float *row = in, *panel = taps + k0 / KB * panel_size;
                __global float *to[MR];
                float16 acc[MR][NV];

#pragma unroll
                for (int i = 0; i < MR; i++)
                    to[i] = out + i * image_out + k0;
                BLOCK_SET(acc, vload16(v, start + k0));
                for (int r = r_begin; r < r_end;
                     r++, row += W * C) { // a run of (s, c) in the image
                    __global const float *a[MR];

#pragma unroll
                    for (int i = 0; i < MR; i++)
                        a[i] = row + i * image_in;
                    accumulate(acc, a, panel + (size_t)(r * cols + s_begin) * C * KB,
                               (s_end - s_begin) * C);
                }
                store_block(acc, to, K - k0);
                if (gathers)
                    gather_block(part + k0, acc, to, MR, n_pixel, K, K - k0);
            }
            n_pixel += p < P && q < Q ? MR : 0;
            v = v + 1 == V ? 0 : v + 1;
            u = v ? u : u + 1 == U ? 0 : u + 1;
            set += u + v == 0;
        }

        for (int block = max(begin, together); block < end; block++) {
            __global const float *in[MR];
            __global float *out[MR];
            int h[MR], w[MR], n_there = 0;

#pragma unroll
            for (int i = 0; i < MR; i++) {
                const int m = (block - together) * MR + i; // pixels, of each its images
                const int pixel = min(m, pixels * rest - 1) / rest, n = N - rest + m - pixel * rest;
                const int row = pixel / V, column = pixel - row * V;
                const int p = row * out_stride + pa, q = column * out_stride + qb;
                const bool is_there = m < pixels * rest && p < P && q < Q;

                h[i] = row * in_stride + h_first;
                w[i] = column * in_stride + w_first;
                in[i] = x + n * image_in;
                n_there += is_there;
                out[i] = is_there ? y + n * image_out + ((size_t)p * Q + q) * K : 0;
            }
            for (int k0 = k_begin; k0 < k_end; k0 += KB) {
                __global const float *panel = taps + k0 / KB * panel_size;
                __global float *to[MR];
                float16 acc[MR][NV];

#pragma unroll
                for (int i = 0; i < MR; i++)
                    to[i] = out[i] ? out[i] + k0 : 0;
                BLOCK_SET(acc, vload16(v, start + k0));
                for (int t = 0; t < rows * cols; t++) {
                    __global const float *a[MR];

#pragma unroll
                    for (int i = 0; i < MR; i++) {
                        const int r = t / cols, hi = h[i] + r, wi = w[i] + t - r * cols;
                        const bool inside = (uint)hi < (uint)H && (uint)wi < (uint)W && to[i];

                        a[i] = inside ? in[i] + (hi * W + wi) * C : zeros;
                    }
                    accumulate(acc, a, panel + (size_t)t * C * KB, C);
                }
                store_block(acc, to, K - k0);
                if (gathers)
                    gather_block(part + k0, acc, to, n_there, n_pixel, K, K - k0);
            }
            n_pixel += n_there;
        }
    }
    if (gathers && k_begin == 0)
        counts[span_of_view] = n_pixel;
}
