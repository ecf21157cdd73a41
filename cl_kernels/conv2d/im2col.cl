// conv2d/im2col.cl -- pixels under the taps of a convolution as a matrix, and back
//
//   im2col      X[m, t, c] = x[n, p u - pad + r, q u - pad + s, c], 0 outside
//   col2im      dx[n, h, w, c] = sum X[(n, p, q), t, c] over taps with h = p u - pad + r and
//               w = q u - pad + s
//
//   m runs over the pixels (n, p, q) of y, t over the taps (r, s); u is the stride
//
//   x dx      [N, H, W, C] fp32
//   X         [rows, R S, C] fp32: of the pixels from `first` on; for col2im of the images from
//             `first` on
//   work      an item takes LANES channels at a time of the matrix [rows R S, C], or of
//             [images H W, C], of which a group of WG items has `span` rows
//   LANES     channels an item takes at a time: 1, 4 or 16              16
//   WG        items in a group                                          1
//   local     none
//   numerics  fp32, taps in their order, so bits repeat
//   source    Chellapilla, Puri, Simard 2006

#ifndef LANES
#define LANES 16
#endif
#ifndef WG
#define WG 1
#endif

__kernel GROUP(WG) void im2col(__global float *restrict columns, __global const float *restrict x,
                               const int H, const int W, const int C, const int P, const int Q,
                               const int R, const int S, const int stride, const int pad,
                               const int first, const int rows, const int span)
{
    const int taps = R * S, begin = get_group_id(0) * span, n = min(span, rows * taps - begin);

    WALK(i, c, n, C)
    {
        const int row = (begin + i) / taps, t = begin + i - row * taps, m = first + row;
        const int line = m / Q, image = line / P, r = t / S;
        const int h = (line - image * P) * stride - pad + r;
        const int w = (m - line * Q) * stride - pad + t - r * S;
        const bool inside = (uint)h < (uint)H && (uint)w < (uint)W;
        const size_t from = (((size_t)image * H + h) * W + w) * C + c;
        const int left = min(C - c, LANES);
        const lanes v = load_lanes(x + (inside ? from : 0), inside ? left : 0, 0.0f);

        store_lanes(v, columns + (size_t)(begin + i) * C + c, left);
    }
}

__kernel GROUP(WG) void col2im(__global float *restrict dx, __global const float *restrict columns,
                               const int H, const int W, const int C, const int P, const int Q,
                               const int R, const int S, const int stride, const int pad,
                               const int first, const int rows, const int span)
{
    const int begin = get_group_id(0) * span, n = min(span, rows - begin);

    WALK(i, c, n, C)
    {
        const int at = begin + i, line = at / W, image = line / H;
        const int top = line - image * H + pad, side = at - line * W + pad;
        const int left = min(C - c, LANES);
        lanes sum = 0.0f;

        for (int r = 0; r <= min(top, R - 1); r++) {
            const int p = (top - r) / stride;

            if (p * stride != top - r || p >= P)
                continue;
            for (int s = 0; s <= min(side, S - 1); s++) {
                const int q = (side - s) / stride;
                const size_t m = ((size_t)image * P + p) * Q + q;

                if (q * stride == side - s && q < Q)
                    sum += load_lanes(columns + ((m * R + r) * S + s) * C + c, left, 0.0f);
            }
        }
        store_lanes(sum, dx + ((size_t)first * H * W + at) * C + c, left);
    }
}
