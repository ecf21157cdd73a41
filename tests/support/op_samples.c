/* op_samples.c - the graphs, in the order of ops.h. */
#include "support/op_samples.h"

#include "ops/ops.h"
#include "support/op_check.h"

/* Of the sample being built: its graph, the inputs made so far, and which of them is of integers.
 */
static struct scl_graph *g;
static int n_input, integer_input;

static struct scl_node *plain(const char *name, struct scl_shape shape)
{
    return scl_input(g, name, n_input++ == integer_input ? SCL_I32 : SCL_F32, shape);
}

/* An input that is poisoned in its turn; what has another name is not. */
static struct scl_node *x_of(struct scl_shape shape)
{
    return plain("x", shape);
}

static struct scl_node *x2(int rows, int cols)
{
    return x_of(SCL_SHAPE2(rows, cols));
}

static struct scl_node *image(void)
{
    return x_of(SCL_SHAPE4(2, 5, 6, 19));
}

static struct scl_node *integers(const char *name, struct scl_shape shape, const int32_t *values)
{
    struct scl_node *y = scl_input(g, name, SCL_I32, shape);

    check_set(y, values);
    return y;
}

static struct scl_node *labels(int n)
{
    static const int32_t values[] = { 3, 0, 2, 1, 4 };

    return integers("labels", SCL_SHAPE1(n), values);
}

static struct scl_node *relu(void)
{
    return scl_relu(g, x2(3, 21));
}

static struct scl_node *silu(void)
{
    return scl_silu(g, x2(3, 21));
}

static struct scl_node *gelu(void)
{
    return scl_gelu(g, x2(3, 21));
}

static struct scl_node *add(void)
{
    return scl_add(g, x2(3, 21), x2(3, 21));
}

static struct scl_node *scale(void)
{
    return scl_scale(g, x2(3, 21), 0.5f, 2);
}

static struct scl_node *gate(void)
{
    return scl_gate(g, x2(3, 21), plain("gate", SCL_SHAPE1(1)));
}

static struct scl_node *add_rows(void)
{
    return scl_add_rows(g, image(), x2(2, 19));
}

static struct scl_node *scale_rows(void)
{
    return scl_scale_rows(g, x2(5, 19), x_of(SCL_SHAPE1(5)));
}

static struct scl_node *divide_rows(void)
{
    return scl_divide_rows(g, x2(5, 19), x_of(SCL_SHAPE1(5)));
}

static struct scl_node *row_dot(void)
{
    return scl_row_dot(g, x2(5, 19), x2(5, 19));
}

static struct scl_node *concat(void)
{
    return scl_concat(g, image(), image(), -1);
}

static struct scl_node *slice(void)
{
    return scl_slice(g, image(), -1, 3, 11);
}

static struct scl_node *gather_rows(void)
{
    return scl_gather_rows(g, x2(5, 19), labels(5));
}

static struct scl_node *half(void)
{
    return scl_from_half(g, scl_to_half(g, x2(3, 21)));
}

static struct scl_node *fourier(void)
{
    return scl_fourier(g, x_of(SCL_SHAPE1(5)), plain("freq", SCL_SHAPE1(7)));
}

static struct scl_node *max_pool2d(void)
{
    return scl_max_pool2d(g, image(), 3, 2, 1);
}

static struct scl_node *global_avg_pool(void)
{
    return scl_global_avg_pool(g, image());
}

static struct scl_node *pixel_sum(void)
{
    return scl_pixel_sum(g, image());
}

static struct scl_node *upsample_nearest(void)
{
    return scl_upsample_nearest(g, image(), 2);
}

static struct scl_node *area_average(void)
{
    return scl_area_average(g, image(), 2);
}

static struct scl_node *batch_norm(void)
{
    const struct scl_batch_norm_attr attr = { .eps = 1e-5f, .views = 2, .training = true };

    return scl_batch_norm(g, x_of(SCL_SHAPE4(4, 3, 3, 19)), plain("gamma", SCL_SHAPE1(19)),
                          plain("beta", SCL_SHAPE1(19)), NULL, NULL, attr, NULL);
}

static struct scl_node *batch_norm_with_residual(void)
{
    const struct scl_batch_norm_attr attr = {
        .eps = 1e-5f, .views = 1, .training = true, .relu = true
    };

    return scl_batch_norm(g, x2(6, 19), plain("gamma", SCL_SHAPE1(19)),
                          plain("beta", SCL_SHAPE1(19)), NULL, NULL, attr, x2(6, 19));
}

static struct scl_node *frozen_batch_norm(void)
{
    const struct scl_batch_norm_attr attr = { .eps = 1e-5f, .views = 1 };
    return scl_batch_norm(g, x2(6, 19), NULL, NULL, plain("mean", SCL_SHAPE1(19)),
                          plain("variance", SCL_SHAPE1(19)), attr, NULL);
}

static struct scl_node *group_norm(void)
{
    return scl_group_norm(g, x_of(SCL_SHAPE4(2, 3, 3, 20)), plain("gamma", SCL_SHAPE1(20)),
                          plain("beta", SCL_SHAPE1(20)), 4, 1e-5f, SCL_ACT_SILU);
}

static struct scl_node *center_columns(void)
{
    return scl_center_columns(g, x2(6, 19));
}

static struct scl_node *center_slices(void)
{
    return scl_center_slices(g, x2(6, 19), 3);
}

static struct scl_node *conv2d(void)
{
    return scl_conv2d(g, x_of(SCL_SHAPE4(3, 5, 6, 5)), plain("w", SCL_SHAPE4(3, 3, 5, 19)),
                      plain("bias", SCL_SHAPE1(19)), 1, 1);
}

static struct scl_node *conv2d_of_stride(void)
{
    return scl_conv2d(g, x_of(SCL_SHAPE4(3, 5, 6, 5)), plain("w", SCL_SHAPE4(3, 3, 5, 19)), NULL, 2,
                      1);
}

static struct scl_node *matmul(void)
{
    return scl_matmul(g, x2(7, 19), x2(19, 35), false, false);
}

static struct scl_node *transposed_matmul(void)
{
    return scl_matmul(g, x2(19, 7), x2(35, 19), true, true);
}

static struct scl_node *linear(void)
{
    return scl_linear(g, x2(7, 19), x2(19, 35), x_of(SCL_SHAPE1(35)));
}

static struct scl_node *column_sum(void)
{
    return scl_column_sum(g, x2(7, 19));
}

static struct scl_node *l2_normalize(void)
{
    return scl_l2_normalize(g, x2(5, 19), 1e-12f);
}

static struct scl_node *normalize_columns(void)
{
    return scl_normalize_columns(g, x2(5, 19));
}

static struct scl_node *softmax_cross_entropy(void)
{
    return scl_cross_entropy_rows(g, x2(5, 19), labels(5));
}

static struct scl_node *soft_cross_entropy(void)
{
    return scl_soft_cross_entropy(g, x2(5, 19), x2(5, 19));
}

static struct scl_node *center_softmax(void)
{
    return scl_center_softmax(g, x2(5, 19), x_of(SCL_SHAPE1(19)), plain("t", SCL_SHAPE1(1)));
}

static struct scl_node *nt_xent(void)
{
    return scl_nt_xent(g, x2(18, 18));
}

static struct scl_node *whiten(void)
{
    return scl_whiten(g, x2(18, 5), 9, 0.1, NULL);
}

static struct scl_node *barlow_penalty(void)
{
    const struct scl_correlation_penalty spec = { 0.1f, 1, 0.5f, false };

    return scl_correlation_penalty(g, x2(19, 19), spec);
}

static struct scl_node *vicreg_penalty(void)
{
    const struct scl_correlation_penalty spec = { 0.1f, 1, 0.5f, true };

    return scl_correlation_penalty(g, x2(19, 19), spec);
}

static struct scl_node *weighted_mean(void)
{
    return scl_weighted_mean(g, x_of(SCL_SHAPE1(70)), x_of(SCL_SHAPE1(70)));
}

static struct scl_node *dsm_loss(void)
{
    return scl_dsm_loss(g, x2(5, 19), x2(5, 19), x_of(SCL_SHAPE1(5)));
}

static struct scl_node *add_noise(void)
{
    return scl_add_noise(g, x2(5, 19), x2(5, 19), x_of(SCL_SHAPE1(5)));
}

static struct scl_node *difference_of_lengths(void)
{
    return scl_pair_difference(g, x2(5, 19), x2(5, 19), false, 0.1f);
}

static struct scl_node *length_of_differences(void)
{
    return scl_pair_difference(g, x2(5, 19), x2(5, 19), true, 0.1f);
}

static struct scl_node *ssim_difference(void)
{
    const struct scl_shape shape = SCL_SHAPE4(2, 12, 13, 2);

    return scl_ssim_difference(g, x_of(shape), x_of(shape));
}

static struct scl_node *weight_stats(void)
{
    return scl_weight_stats(g, x_of(SCL_SHAPE1(21)), x_of(SCL_SHAPE1(21)));
}

static struct scl_node *column_spread(void)
{
    return scl_column_spread(g, x2(6, 19));
}

static struct scl_node *sum_squares(void)
{
    return scl_sum_squares(g, x2(6, 19));
}

static struct scl_node *squared_distance(void)
{
    return scl_squared_distance(g, x2(5, 19), x2(7, 19));
}

static struct scl_node *sgd(void)
{
    const struct scl_sgd spec = { .momentum = 0.9f, .weight_decay = 1e-2f };
    const struct scl_shape shape = SCL_SHAPE1(21);

    return scl_sgd(g, x_of(shape), x_of(shape), x_of(shape), plain("lr", SCL_SHAPE1(1)), spec);
}

/* An infinite square is NaN after a step, and by the definition infinite for ever. */
static struct scl_node *adam(void)
{
    const struct scl_adam spec = { .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8 };
    const struct scl_shape shape = SCL_SHAPE1(21), one = SCL_SHAPE1(1);

    return scl_adam(g, x_of(shape), x_of(shape), plain("square", shape), x_of(shape),
                    plain("step", one), plain("lr", one), spec);
}

static struct scl_node *lars(void)
{
    static const int32_t table[] = { 0, 10, 0, 10, 11, 1 };
    const struct scl_lars spec = { .momentum = 0.9f, .weight_decay = 1e-2f, .eta = 0.02f };
    const struct scl_shape shape = SCL_SHAPE1(21);

    return scl_lars(g, x_of(shape), x_of(shape), x_of(shape),
                    scl_constant(g, "table", SCL_I32, SCL_SHAPE2(2, 3), table),
                    plain("lr", SCL_SHAPE1(1)), spec);
}

static struct scl_node *ema(void)
{
    const struct scl_shape shape = SCL_SHAPE1(21);

    return scl_ema(g, x_of(shape), x_of(shape), plain("decay", SCL_SHAPE1(1)));
}

static struct scl_node *clip_by_norm(void)
{
    return scl_clip_by_norm(g, x_of(SCL_SHAPE1(21)), x_of(SCL_SHAPE1(1)), 1);
}

static struct scl_node *latch(void)
{
    return scl_latch(g, x_of(SCL_SHAPE1(1)), x_of(SCL_SHAPE1(1)));
}

static struct scl_node *pair_weight(void)
{
    const struct scl_pair_weight spec = {
        .map = SCL_PAIR_SOFTMAX, .power = 1, .temperature = 1, .clip = 2
    };

    return scl_pair_weight(g, x_of(SCL_SHAPE1(21)), spec);
}

static struct scl_node *running_batch_norm(void)
{
    const struct scl_batch_norm_attr attr = {
        .eps = 1e-5f, .momentum = 0.1f, .views = 1, .training = true
    };
    return scl_batch_norm(g, x2(6, 19), NULL, NULL, plain("mean", SCL_SHAPE1(19)),
                          plain("variance", SCL_SHAPE1(19)), attr, NULL);
}

static struct scl_node *singular_slices(void)
{
    struct scl_node *singular = NULL;

    scl_whiten(g, x2(18, 5), 9, 0.1, &singular);
    return singular;
}

static struct scl_node *philox_normal(void)
{
    static const int32_t draw[] = { 1, 2, 3, 4 };

    return scl_philox_normal(g, integers("draw", SCL_SHAPE1(4), draw), labels(5),
                             SCL_SHAPE2(5, 19));
}

/* Pixels of images are never other than finite: they come from bytes. */
static struct scl_node *picture(void)
{
    return plain("picture", SCL_SHAPE4(2, 9, 8, 3));
}

static struct scl_node *augment_crop(void)
{
    static const int32_t table[] = { 1, 9, 8, 1, 2, 7, 5, 1, 0, 9, 8, 0, 0, 9, 8, 0 };

    return scl_augment_crop(g, picture(), integers("table", SCL_SHAPE2(2, SCL_CROP_COLUMNS), table),
                            4, 5, true, 9);
}

static struct scl_node *augment_unpack(void)
{
    static const int32_t table[] = { 1, 9, 8, 0, 0, 9, 8, 1 };

    return scl_augment_unpack(g, picture(),
                              integers("table", SCL_SHAPE2(2, SCL_UNPACK_COLUMNS), table), 9, 8);
}

static struct scl_node *augment_color(void)
{
    static const float table[] = { 72, 1, 2, 3, 4, 0.9f, 0.8f, 0.7f, 0.1f, 0,
                                   72, 4, 3, 2, 1, 1.1f, 1.2f, 1.3f, 0,    1 };
    struct scl_node *x = picture(), *t = plain("table", SCL_SHAPE2(2, SCL_COLOR_COLUMNS));

    check_set(t, table);
    return scl_augment_color(g, x, t);
}

static struct scl_node *augment_blur(void)
{
    struct scl_node *x = picture();

    return scl_augment_blur(g, x, plain("sigma", SCL_SHAPE1(2)), 3);
}

static struct scl_node *augment_solarize(void)
{
    struct scl_node *x = picture();

    return scl_augment_solarize(g, x, plain("threshold", SCL_SHAPE1(2)));
}

static struct scl_node *augment_normalize(void)
{
    static const float mean[] = { 0.5f, 0.4f, 0.3f }, std[] = { 0.2f, 0.3f, 0.4f };

    return scl_augment_normalize(g, picture(), mean, std);
}

static struct scl_node *knn(void)
{
    static const int32_t range[] = { 0, 5 };
    const struct scl_knn_spec spec = { .k = 3, .cosine = true };
    struct scl_node *query = plain("query", SCL_SHAPE2(3, 19));

    return scl_knn(g, query, plain("bank", SCL_SHAPE2(5, 19)), labels(5),
                   integers("range", SCL_SHAPE1(2), range), &spec);
}

/* Tolerances of the finite values beside the poison: sums of tens of products and one exp or
 * root, but for whitening's factorisation. */
static const struct {
    const char *name;
    struct scl_node *(*build)(void);
    double tolerance;
} samples[] = {
    { "relu", relu, 1e-6 },
    { "silu", silu, 1e-5 },
    { "gelu", gelu, 1e-5 },
    { "add", add, 1e-6 },
    { "scale", scale, 1e-6 },
    { "gate", gate, 1e-6 },
    { "add_rows", add_rows, 1e-6 },
    { "scale_rows", scale_rows, 1e-6 },
    { "divide_rows", divide_rows, 1e-6 },
    { "row_dot", row_dot, 1e-5 },
    { "concat", concat, 0 },
    { "slice", slice, 0 },
    { "gather_rows", gather_rows, 0 },
    { "to_half and back", half, 1e-6 },
    { "fourier", fourier, 1e-5 },
    { "max_pool2d", max_pool2d, 1e-6 },
    { "global_avg_pool", global_avg_pool, 1e-5 },
    { "pixel_sum", pixel_sum, 1e-5 },
    { "upsample_nearest", upsample_nearest, 1e-6 },
    { "area_average", area_average, 1e-5 },
    { "batch_norm", batch_norm, 1e-4 },
    { "batch_norm with residual", batch_norm_with_residual, 1e-4 },
    { "frozen batch_norm", frozen_batch_norm, 1e-4 },
    { "group_norm", group_norm, 1e-4 },
    { "center_columns", center_columns, 1e-5 },
    { "center_slices", center_slices, 1e-5 },
    { "conv2d", conv2d, 1e-5 },
    { "conv2d of stride 2", conv2d_of_stride, 1e-5 },
    { "matmul", matmul, 1e-5 },
    { "transposed matmul", transposed_matmul, 1e-5 },
    { "linear", linear, 1e-5 },
    { "column_sum", column_sum, 1e-5 },
    { "l2_normalize", l2_normalize, 1e-5 },
    { "normalize_columns", normalize_columns, 1e-5 },
    { "softmax_cross_entropy", softmax_cross_entropy, 1e-5 },
    { "soft_cross_entropy", soft_cross_entropy, 1e-5 },
    { "center_softmax", center_softmax, 1e-5 },
    { "nt_xent", nt_xent, 1e-5 },
    { "whiten", whiten, 1e-4 },
    { "Barlow Twins' penalty", barlow_penalty, 1e-5 },
    { "VICReg's penalty", vicreg_penalty, 1e-5 },
    { "weighted_mean", weighted_mean, 1e-5 },
    { "dsm_loss", dsm_loss, 1e-5 },
    { "add_noise", add_noise, 1e-6 },
    { "pair_difference of lengths", difference_of_lengths, 1e-5 },
    { "pair_difference of vectors", length_of_differences, 1e-5 },
    { "ssim_difference", ssim_difference, 1e-4 },
    { "weight_stats", weight_stats, 1e-4 },
    { "column_spread", column_spread, 1e-5 },
    { "sum_squares", sum_squares, 1e-5 },
    { "squared_distance", squared_distance, 1e-5 },
    { "sgd", sgd, 1e-6 },
    { "adam", adam, 1e-5 },
    { "lars", lars, 1e-5 },
    { "ema", ema, 1e-6 },
    { "clip_by_norm", clip_by_norm, 1e-6 },
    { "latch", latch, 1e-6 },
    { "pair_weight", pair_weight, 1e-5 },
    { "batch_norm with running statistics", running_batch_norm, 1e-4 },
    { "singular slices of whiten", singular_slices, 0 },
    { "philox_normal", philox_normal, 1e-5 },
    { "augment_crop", augment_crop, 1e-5 },
    { "augment_unpack", augment_unpack, 1e-6 },
    { "augment_color", augment_color, 1e-5 },
    { "augment_blur", augment_blur, 1e-5 },
    { "augment_solarize", augment_solarize, 1e-6 },
    { "augment_normalize", augment_normalize, 1e-5 },
    { "knn", knn, 0 },
};

const int n_op_samples = sizeof samples / sizeof *samples;

struct op_sample op_sample(struct scl_graph *graph, int which, int integers_at)
{
    struct op_sample out = { .name = samples[which].name, .tolerance = samples[which].tolerance };

    g = graph;
    n_input = 0;
    integer_input = integers_at;
    out.y = samples[which].build();
    out.n_input = n_input;
    return out;
}
