// conv2d/winograd4_tile.cl -- 3x3 convolutions of stride 1 on a GPU: what is round the products
//
//   forward     F(4x4, 3x3): a tile of 4 x 4 outputs is A^T [(G w G^T) . sum_c (B^T d B)] A of the
//               6 x 6 inputs d under it
//   gradients   of x: the same over dy, with w turned round and its channels exchanged, padding
//               2 - pad; of w: G^T [sum over tiles (B^T d B) . (A dy A^T)] G
//
//   The 36 products over channels or tiles are a batch of matmul/tile.cl's. A launch has the tiles
//   of the images from `first` on, so that what lies between is bounded.
//
//   y x dy      [N, P, Q, K], [N, H, W, C], [N, P, Q, K] fp32
//   w dw        [3, 3, C, K] fp32; turned: [3, 3, K, C]
//   weights     [36][C][K] fp32, G w G^T
//   inputs      [36][tiles][C] fp32, B^T d B
//   products    [36][tiles][K] fp32; of the gradient of w [36][splits][C][K]
//   grads       [36][tiles][K] fp32, A dy A^T
//   bias        [K] fp32, read only if has_bias
//   work        an item for each channel of a tile, or pair of channels, WG in a group
//   WG          items in a group                                          64
//   local       none
//   numerics    fp32; rounding errors are some 4 times the definition's, and a value that is not
//               finite reaches its whole tile. Launches add up in their order, so bits repeat
//   source      Lavin, Gray 2015 (arXiv 1509.09308); conv2d/common.clh

#ifndef WG
#define WG 64
#endif

DEFINE_TRANSFORMS(float)
DEFINE_GRAD_TRANSFORMS(float)

// to[e plane] = d, of 36
INLINE void put(__global float *to, const float d[36], const size_t plane)
{
#pragma unroll
    for (int e = 0; e < 36; e++)
        to[e * plane] = d[e];
}

// The channel of n x n pixels from (h, w) on, zeros outside the image, in rows of 6.
INLINE void load_pixels(float d[36], __global const float *image, const int n, const int h,
                        const int w, const int H, const int W, const int C)
{
#pragma unroll
    for (int i = 0; i < n; i++)
#pragma unroll
        for (int j = 0; j < n; j++) {
            const bool inside = (uint)(h + i) < (uint)H && (uint)(w + j) < (uint)W;

            d[6 * i + j] = inside ? image[((h + i) * W + w + j) * C] : 0.0f;
        }
}

__kernel GROUP(WG) void winograd_tile_weights(__global float *restrict weights,
                                              __global const float *restrict w, const int C,
                                              const int K, const int turned)
{
    const int id = get_global_id(0), c = id / K, k = id - c * K;
    float d[36];

    if (c >= C)
        return;
#pragma unroll
    for (int r = 0; r < 3; r++)
#pragma unroll
        for (int s = 0; s < 3; s++) {
            const int t = 3 * r + s;

            d[6 * r + s] =
                turned ? w[((size_t)(8 - t) * K + k) * C + c] : w[((size_t)t * C + c) * K + k];
        }
#pragma unroll
    for (int s = 0; s < 3; s++)
        transform_weights(d + s, 6);
#pragma unroll
    for (int r = 0; r < 6; r++)
        transform_weights(d + 6 * r, 1);
    put(weights + id, d, (size_t)C * K);
}

__kernel GROUP(WG) void winograd_tile_inputs(__global float *restrict inputs,
                                             __global const float *restrict x, const int first,
                                             const int tiles, const int H, const int W, const int C,
                                             const int P, const int Q, const int pad)
{
    const size_t id = get_global_id(0);
    const int t = (int)(id / C), c = (int)(id - (size_t)t * C);
    float d[36];
    int3 at;

    if (t >= tiles)
        return;
    at = place(t, P, Q);
    load_pixels(d, x + (size_t)(first + at.x) * H * W * C + c, 6, at.y - pad, at.z - pad, H, W, C);
#pragma unroll
    for (int j = 0; j < 6; j++)
        transform_input(d + j, 6);
#pragma unroll
    for (int i = 0; i < 6; i++)
        transform_input(d + 6 * i, 1);
    put(inputs + id, d, (size_t)tiles * C);
}

__kernel GROUP(WG) void winograd_tile_outputs(__global float *restrict y,
                                              __global const float *restrict products,
                                              __global const float *restrict bias, const int first,
                                              const int tiles, const int P, const int Q,
                                              const int K, const int has_bias)
{
    const size_t id = get_global_id(0), plane = (size_t)tiles * K;
    const int t = (int)(id / K), k = (int)(id - (size_t)t * K);
    float d[36], start;
    int3 at;

    if (t >= tiles)
        return;
    at = place(t, P, Q);
    start = has_bias ? bias[k] : 0.0f;
#pragma unroll
    for (int e = 0; e < 36; e++)
        d[e] = products[e * plane + id];
#pragma unroll
    for (int j = 0; j < 6; j++)
        transform_output(d + j, 6);
    y += (size_t)(first + at.x) * P * Q * K + k;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        transform_output(d + 6 * i, 1);
#pragma unroll
        for (int j = 0; j < 4; j++)
            if (at.y + i < P && at.z + j < Q)
                y[((at.y + i) * Q + at.z + j) * K] = d[6 * i + j] + start;
    }
}

__kernel GROUP(WG) void winograd_tile_grads(__global float *restrict grads,
                                            __global const float *restrict dy, const int first,
                                            const int tiles, const int P, const int Q, const int K)
{
    const size_t id = get_global_id(0);
    const int t = (int)(id / K), k = (int)(id - (size_t)t * K);
    float d[36];
    int3 at;

    if (t >= tiles)
        return;
    at = place(t, P, Q);
    load_pixels(d, dy + (size_t)(first + at.x) * P * Q * K + k, 4, at.y, at.z, P, Q, K);
#pragma unroll
    for (int j = 0; j < 4; j++)
        transform_grad(d + j, 6);
#pragma unroll
    for (int i = 0; i < 6; i++)
        transform_grad(d + 6 * i, 1);
    put(grads + id, d, (size_t)tiles * K);
}

__kernel GROUP(WG) void winograd_tile_grad_w(__global float *restrict dw,
                                             __global const float *restrict products,
                                             const int splits, const int C, const int K,
                                             const int goes_on)
{
    const int id = get_global_id(0), c = id / K, k = id - c * K;
    const size_t plane = (size_t)C * K;
    float d[36];

    if (c >= C)
        return;
    for (int e = 0; e < 36; e++) {
        d[e] = 0.0f;
        for (int z = 0; z < splits; z++)
            d[e] += products[(size_t)(e * splits + z) * plane + id];
    }
#pragma unroll
    for (int j = 0; j < 6; j++)
        transform_product(d + j, 6);
#pragma unroll
    for (int r = 0; r < 3; r++) {
        transform_product(d + 6 * r, 1);
#pragma unroll
        for (int s = 0; s < 3; s++) {
            __global float *to = dw + ((size_t)(3 * r + s) * C + c) * K + k;

            *to = goes_on ? *to + d[6 * r + s] : d[6 * r + s];
        }
    }
}
