// augment_blur/rows_vec.cl -- Gaussian blur of a width of each image's own, row by row
//
//   w_t = exp(-(t - K/2)^2 / 2 sigma_m^2) / their sum,  t = 0 ... K - 1
//   y[m, p, q, :] = sum_t w_t sum_u w_u x[m, p + u - K/2, q + t - K/2, :], borders reflected
//   sigma_m = 0: y = x
//
//   x y         [M, h, w, 3] fp32;  sigma [M] fp32
//   work        (ceil(h / ROWS), M) groups of one item
//   K           taps, odd                                                  5
//   WIDTH       w                                                         32
//   ROWS        output rows of an item                                    32
//   local       none; 12 (WIDTH + K) bytes of private memory
//   numerics    fp32
//   source      torchvision, functional_tensor.gaussian_blur

#ifndef K
#define K 5
#endif
#ifndef WIDTH
#define WIDTH 32
#endif
#ifndef ROWS
#define ROWS 32
#endif

#define REACH (K / 2)
#define COLS (3 * WIDTH)

inline int reflect(const int i, const int n)
{
    return i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i;
}

inline void set_weights(float *weight, const float sigma)
{
    float sum = 0.0f;

    for (int t = 0; t < K; t++) {
        const float d = (float)(t - REACH) / sigma;

        weight[t] = exp(-0.5f * d * d);
        sum += weight[t];
    }
    for (int t = 0; t < K; t++)
        weight[t] /= sum;
}

// row = the vertical blur of line p, with REACH reflected pixels on each side.
inline void blur_down(float *row, __global const float *x, const float *weight, const int p,
                      const int h)
{
    float *own = row + 3 * REACH;

    for (int j = 0; COLS >= 16 && j < COLS; j += 16) {
        const int at = min(j, COLS - 16); // the last step may overlap the one before
        float16 sum = 0.0f;

        for (int t = 0; t < K; t++)
            sum = fma((float16)weight[t],
                      vload16(0, x + reflect(p + t - REACH, h) * (size_t)COLS + at), sum);
        vstore16(sum, 0, own + at);
    }
    for (int j = 0; COLS < 16 && j < COLS; j++) {
        own[j] = 0.0f;
        for (int t = 0; t < K; t++)
            own[j] = fma(weight[t], x[reflect(p + t - REACH, h) * (size_t)COLS + j], own[j]);
    }
    for (int i = 1; i <= REACH; i++)
        for (int c = 0; c < 3; c++) {
            own[c - 3 * i] = own[c + 3 * i];
            own[c + 3 * (WIDTH - 1 + i)] = own[c + 3 * (WIDTH - 1 - i)];
        }
}

__kernel GROUP(1) void augment_blur_rows(__global float *restrict y,
                                         __global const float *restrict x,
                                         __global const float *restrict sigma, const int h)
{
    float row[3 * (WIDTH + 2 * REACH) + 16], weight[K];
    const size_t m = get_group_id(1), at = m * h * COLS;
    const int p0 = get_group_id(0) * ROWS, p1 = min(p0 + ROWS, h);

    if (!(sigma[m] > 0.0f)) {
        for (size_t i = p0 * (size_t)COLS; i < p1 * (size_t)COLS; i++)
            y[at + i] = x[at + i];
        return;
    }
    set_weights(weight, sigma[m]);
    vstore16((float16)(0.0f), 0, row + 3 * (WIDTH + 2 * REACH));
    for (int p = p0; p < p1; p++) {
        blur_down(row, x + at, weight, p, h);
        for (int j = 0; j < COLS; j += 16) {
            float16 sum = 0.0f;

            for (int t = 0; t < K; t++)
                sum = fma((float16)weight[t], vload16(0, row + j + 3 * t), sum);
            store_part(sum, y + at + p * (size_t)COLS + j, COLS - j);
        }
    }
}
