// conv2d/direct_vec.cl -- convolution and its gradient of x on a CPU, as one gather
//
//   forward     y[n,p,q,k] = bias[k] + sum x[n, p u - pad_h + r, q u - pad_w + s, c] w[r,s,c,k]
//               over taps r, s and channels c; u is in_stride
//   gradient    dx[n,h,w,c] is the same sum with the taps turned round, r' = R-1-r, over dy, with
//               pad' = R-1-pad: row h reads row (h - pad' + r') / v of dy wherever v, out_stride,
//               divides it.  Each of the v * v phases (h mod v, w mod v) has its own taps; a
//               phase that no tap reaches is written as zeros.
//
//   y           [N, P, Q, K] fp32; for the gradient dx
//   x           [N, H, W, C] fp32; for the gradient dy
//   w           [R, S, C, K] fp32; turned: [R, S, K, C]
//   panels      [ceil(K / KB)][R S][C][KB] fp32, taps in the order of their phases, zeros beyond
//               K; then C zeros, which stand for a pixel outside the image
//   bias        [K] fp32, read only if has_bias
//   work        groups of one item.  direct_pack: (panels, R S).  direct_gather: (panels, blocks of
//               pixels / span, phases).  A block is MR images at one pixel, so that all of it
//               meets the border together and skips it; the last N mod MR images make blocks of
//               neighbouring pixels.
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
                                   __global const float *restrict w, const int R, const int S,
                                   const int C, const int K, const int stride, const int pad_h,
                                   const int pad_w, const int turned)
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

    if (get_group_id(0) == 0 && get_group_id(1) == 0)
        for (int c = 0; c < C; c++)
            panels[get_num_groups(0) * panel + c] = 0.0f;
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
inline void accumulate(float16 acc[MR][NV], __global const float *const a[MR],
                       __global const float *b, const int n)
{
    for (int c = 0; c < n; c++, b += KB) {
        float16 weight[NV];

#pragma unroll
        for (int j = 0; j < NV; j++)
            weight[j] = vload16(j, b);
#pragma unroll
        for (int i = 0; i < MR; i++) {
#pragma unroll
            for (int j = 0; j < NV; j++)
                acc[i][j] = fma((float16)(a[i][c]), weight[j], acc[i][j]);
        }
    }
}

__kernel GROUP(1) void direct_gather(__global float *restrict y, __global const float *restrict x,
                                     __global const float *restrict panels,
                                     __global const float *restrict bias, const int N, const int H,
                                     const int W, const int C, const int P, const int Q,
                                     const int K, const int R, const int S, const int in_stride,
                                     const int out_stride, const int pad_h, const int pad_w,
                                     const int has_bias, const int span)
{
    const int k0 = get_group_id(0) * KB;
    const int phase = get_group_id(2), pa = phase / out_stride, qb = phase - pa * out_stride;
    const int U = (P - pa + out_stride - 1) / out_stride; // this phase's rows and columns
    const int V = (Q - qb + out_stride - 1) / out_stride;
    const int rows = n_taps(pa, R, out_stride, pad_h), cols = n_taps(qb, S, out_stride, pad_w);
    const int h_first = (pa - pad_h + first_tap(pa, out_stride, pad_h)) / out_stride;
    const int w_first = (qb - pad_w + first_tap(qb, out_stride, pad_w)) / out_stride;
    const size_t panel_size = (size_t)R * S * C * KB;
    __global const float *zeros = panels + get_num_groups(0) * panel_size;
    __global const float *panel =
        panels + get_group_id(0) * panel_size +
        (size_t)phase_start(pa, qb, R, S, out_stride, pad_h, pad_w) * C * KB;

    const int sets = (N + MR - 1) / MR, last = N - (sets - 1) * MR; // sets of MR images
    const int blocks = (sets - 1) * U * V + (U * V * last + MR - 1) / MR;
    const int begin = get_group_id(1) * span, end = min(begin + span, blocks);

    for (int block = begin; block < end; block++) {
        const int set = min(block / (U * V), sets - 1), images = set == sets - 1 ? last : MR;
        const int first = (block - set * U * V) * MR; // of the set's pixels, images innermost
        const bool together = images == MR;
        __global const float *in[MR];
        __global float *out[MR];
        int h[MR], w[MR];

#pragma unroll
        for (int i = 0; i < MR; i++) {
            const int m = min(first + i, U * V * images - 1);
            const int pixel = together ? first / MR : m / images;
            const int n = set * MR + (together ? i : m - pixel * images);
            const int u = pixel / V, v = pixel - u * V;

            h[i] = u * in_stride + h_first;
            w[i] = v * in_stride + w_first;
            in[i] = x + (size_t)n * H * W * C;
            out[i] = y + (((size_t)n * P + u * out_stride + pa) * Q + v * out_stride + qb) * K + k0;
        }

        float16 acc[MR][NV];
#pragma unroll
        for (int j = 0; j < NV; j++) {
            const int left = has_bias ? K - k0 - 16 * j : 0;
            const float16 start = load_part(bias + k0 + 16 * j, left);

#pragma unroll
            for (int i = 0; i < MR; i++)
                acc[i][j] = start;
        }

        if (together) { // a row of taps inside the image is one run of (s, c)
            const int r_begin = clamp(-h[0], 0, rows), r_end = clamp(H - h[0], r_begin, rows);
            const int s_begin = clamp(-w[0], 0, cols), s_end = clamp(W - w[0], s_begin, cols);

            for (int r = r_begin; r < r_end; r++) {
                __global const float *a[MR];

#pragma unroll
                for (int i = 0; i < MR; i++)
                    a[i] = in[i] + ((h[0] + r) * W + w[0] + s_begin) * C;
                accumulate(acc, a, panel + (size_t)(r * cols + s_begin) * C * KB,
                           (s_end - s_begin) * C);
            }
        } else {
            for (int t = 0; t < rows * cols; t++) {
                __global const float *a[MR];

#pragma unroll
                for (int i = 0; i < MR; i++) {
                    const int r = t / cols, hi = h[i] + r, wi = w[i] + t - r * cols;
                    const bool inside = (uint)hi < (uint)H && (uint)wi < (uint)W;

                    a[i] = inside ? in[i] + (hi * W + wi) * C : zeros;
                }
                accumulate(acc, a, panel + (size_t)t * C * KB, C);
            }
        }

#pragma unroll
        for (int i = 0; i < MR; i++)
            if (first + i < U * V * images) {
#pragma unroll
                for (int j = 0; j < NV; j++)
                    store_part(acc[i][j], out[i] + 16 * j, K - k0 - 16 * j);
            }
    }
}
