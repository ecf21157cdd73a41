// norm/channels.cl -- the small work of normalisations: once per channel, not per element
//
//   norm_share     channels in groups of `together` take their group's statistics:
//                  mean = mean_c mean_c,  variance = mean_c (variance_c + (mean_c - mean)^2)
//   norm_frozen    statistics from a given mean and variance
//   norm_running   r = (1 - momentum) r + momentum new, view after view; the new variance
//                  is unbiased = rows / (rows - 1) times that of the statistics
//   norm_affine    y[c] = sum over the views of sums[view, line, c]
//   norm_means     means[view, k, c] = scale sum_j gamma_j sums[view, k, j], j in c's group
//
//   stats          [views, 3, channels] fp32 (norm/stats.cl); norm_frozen: views = 1
//   sums means     [views, 2, channels] fp32
//   gamma          [channels] fp32, not read where `affine` is 0
//   work           norm_share, norm_means: a group to a view; others: an item to a channel, or
//                  LANES of them in norm_affine
//   LANES          channels an item takes at a time: 1, 4 or 16           16
//   WG             items in a group                                       1
//   local          none
//   numerics       fp32, in the order of channels and views
//   source         Ioffe and Szegedy 2015; Wu and He 2018

#ifndef LANES
#define LANES 16
#endif
#ifndef WG
#define WG 1
#endif

#define BLOCK 16 // views that are added before they join the sum of all

__kernel GROUP(WG) void norm_share(__global float *restrict stats, const int channels,
                                   const int together, const float eps)
{
    stats += get_group_id(0) * (size_t)3 * channels;
    for (int c = get_local_id(0) * together; c < channels; c += WG * together) {
        __global float *mean = stats + c, *variance = stats + 2 * channels + c;
        float m = 0.0f, v = 0.0f;

        for (int j = 0; j < together; j++)
            m += mean[j];
        m /= together;
        for (int j = 0; j < together; j++)
            v += variance[j] + (mean[j] - m) * (mean[j] - m);
        v /= together;
        for (int j = 0; j < together; j++) {
            mean[j] = m;
            stats[channels + c + j] = 1.0f / sqrt(v + eps);
            variance[j] = v;
        }
    }
}

__kernel GROUP(WG) void norm_frozen(__global float *restrict stats,
                                    __global const float *restrict mean,
                                    __global const float *restrict variance, const int channels,
                                    const float eps)
{
    for (int c = get_local_id(0); c < channels; c += WG) {
        stats[c] = mean[c];
        stats[channels + c] = 1.0f / sqrt(variance[c] + eps);
        stats[2 * channels + c] = variance[c];
    }
}

__kernel GROUP(WG) void norm_running(__global float *restrict mean,
                                     __global float *restrict variance,
                                     __global const float *restrict stats, const int channels,
                                     const int views, const float momentum, const float unbiased)
{
    for (int c = get_local_id(0); c < channels; c += WG) {
        float m = mean[c], v = variance[c];

        for (int view = 0; view < views; view++) {
            __global const float *now = stats + (size_t)view * 3 * channels + c;

            m = (1.0f - momentum) * m + momentum * now[0];
            v = (1.0f - momentum) * v + momentum * (unbiased * now[2 * channels]);
        }
        mean[c] = m;
        variance[c] = v;
    }
}

__kernel GROUP(WG) void norm_affine(__global float *restrict y, __global const float *restrict sums,
                                    const int channels, const int views, const int line)
{
    const int c = get_global_id(0) * LANES, left = channels - c;
    lanes all = 0.0f;

    if (left <= 0)
        return;
    sums += (size_t)line * channels + c;
    for (int b = 0; b < views; b += BLOCK) {
        lanes sum = 0.0f;

        for (int view = b; view < min(b + BLOCK, views); view++)
            sum += load_lanes(sums + (size_t)view * 2 * channels, left, 0.0f);
        all += sum;
    }
    store_lanes(all, y + c, left);
}

__kernel GROUP(WG) void norm_means(__global float *restrict means,
                                   __global const float *restrict sums,
                                   __global const float *restrict gamma, const int channels,
                                   const int together, const int affine, const float scale)
{
    means += get_group_id(0) * (size_t)2 * channels;
    sums += get_group_id(0) * (size_t)2 * channels;
    for (int c = get_local_id(0); c < channels; c += WG) {
        const int first = c / together * together;
        float a = 0.0f, b = 0.0f;

        for (int j = first; j < first + together; j++) {
            const float slope = affine ? gamma[j] : 1.0f;

            a += slope * sums[j];
            b += slope * sums[channels + j];
        }
        means[c] = scale * a;
        means[channels + c] = scale * b;
    }
}
