// conv2d/fft.cl -- convolution by Fourier transforms: what stands around clFFT's
//
//   fft_put       planes[n ch + c][i][j] = x[n, i / u, j / u, c] where u divides i and j, else 0
//   fft_product   out[p, q] (+)= sum_d a[p, d] b[d, q], or with b's conjugate, for each frequency
//   fft_take      y[n, p, q, c] = bias[c] + planes[n ch + c][i][j],
//                 i = (p u + off) mod H', j = (q u + off) mod W'
//
//   forward       Y = X conj(W), off = -pad;    grad_x  dX = dY W, off = pad;
//   grad_w        dW = sum_n X conj(dY), off = -pad;    dY is put with its stride between
//
//   x y           [N, H, W, ch], [N, P, Q, ch] fp32; of weights N is 1, H, W are R, S and ch is C K
//   planes        [.., H', W'] fp32, of which the spectra are [.., H' (W' / 2 + 1)] complex
//   bias          [ch] fp32, read only if has_bias
//   work          groups of WG items: fft_put a group to a line of a plane, fft_product to a plane
//                 of out, fft_take to a pixel of y; images are those from `first` on
//   WG            items in a group                                          1
//   local         none
//   numerics      fp32, d in its order, so bits repeat
//   source        Mathieu, Henaff, LeCun 2014 (arXiv 1312.5851)

#ifndef WG
#define WG 1
#endif

__kernel GROUP(WG) void fft_put(__global float *restrict planes, __global const float *restrict x,
                                const int N, const int H, const int W, const int ch,
                                const int height, const int width, const int stride,
                                const int first)
{
    const int line = get_group_id(0), plane = line / height, i = line - plane * height;
    const int image = plane / ch, c = plane - image * ch, n = first + image, h = i / stride;
    const bool reached = n < N && h < H && h * stride == i;

    for (int j = get_local_id(0); j < width; j += WG) {
        const int w = j / stride;
        const bool inside = reached && w < W && w * stride == j;

        planes[(size_t)line * width + j] =
            inside ? x[(((size_t)n * H + h) * W + w) * ch + c] : 0.0f;
    }
}

__kernel GROUP(WG) void fft_product(__global float2 *restrict out,
                                    __global const float2 *restrict a,
                                    __global const float2 *restrict b, const int size,
                                    const int depth, const int a_row, const int a_column,
                                    const int b_row, const int b_column, const int conjugate,
                                    const int adds)
{
    const size_t p = get_group_id(0), q = get_group_id(1);
    const float sign = conjugate ? -1.0f : 1.0f;

    out += (p * get_num_groups(1) + q) * size;
    a += p * a_row * size;
    b += q * b_column * size;
    for (int i = get_local_id(0); i < size; i += WG) {
        float2 sum = adds ? out[i] : (float2)(0.0f);

        for (int d = 0; d < depth; d++) {
            const float2 u = a[(size_t)d * a_column * size + i];
            const float2 v = b[(size_t)d * b_row * size + i];

            sum.x += u.x * v.x - sign * u.y * v.y;
            sum.y += u.y * v.x + sign * u.x * v.y;
        }
        out[i] = sum;
    }
}

__kernel GROUP(WG) void fft_take(__global float *restrict y, __global const float *restrict planes,
                                 __global const float *restrict bias, const int P, const int Q,
                                 const int ch, const int height, const int width, const int stride,
                                 const int offset, const int has_bias, const int first)
{
    const int pixel = get_group_id(0), line = pixel / Q, image = line / P;
    const int h = (line - image * P) * stride + offset, w = (pixel - line * Q) * stride + offset;
    const size_t at = (size_t)(h < 0 ? h + height : h) * width + (w < 0 ? w + width : w);
    const size_t plane = (size_t)height * width;

    y += ((size_t)first * P * Q + pixel) * ch;
    planes += (size_t)image * ch * plane + at;
    for (int c = get_local_id(0); c < ch; c += WG)
        y[c] = planes[c * plane] + (has_bias ? bias[c] : 0.0f);
}
