/* test_refusals.c - what operators refuse beside what their own tests have, in which words. */
#include <limits.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

const char *const suite_name = "ops/refusals";

static struct scl_graph *g;

static void renew(void)
{
    scl_graph_free(g);
    ck_assert_ptr_nonnull(g = scl_graph_new());
}

static void teardown(void)
{
    scl_graph_free(g);
    g = NULL;
}

/* The expression, in a graph of its own, gives nothing, and these are the words. */
#define REFUSED(expression, words)                                                                 \
    do {                                                                                           \
        renew();                                                                                   \
        ck_assert_ptr_null(expression);                                                            \
        ck_assert_int_lt(scl_graph_check(g), 0);                                                   \
        ck_assert_str_eq(scl_error(), words);                                                      \
    } while (0)

static struct scl_node *f32(const char *name, struct scl_shape shape)
{
    return scl_input(g, name, SCL_F32, shape);
}

static struct scl_node *i32(const char *name, struct scl_shape shape)
{
    return scl_input(g, name, SCL_I32, shape);
}

static struct scl_node *row(const char *name, int n)
{
    return f32(name, SCL_SHAPE1(n));
}

static struct scl_node *matrix(const char *name, int rows, int cols)
{
    return f32(name, SCL_SHAPE2(rows, cols));
}

static struct scl_node *image(const char *name, int side, int channels)
{
    return f32(name, SCL_SHAPE4(2, side, side, channels));
}

START_TEST(what_is_no_image_is_refused)
{
    REFUSED(scl_area_average(g, matrix("x", 2, 3), 1),
            "area_average: x is [2, 3], not [N, H, W, C]");
    REFUSED(scl_max_pool2d(g, matrix("x", 2, 3), 1, 1, 0),
            "max_pool2d: x is [2, 3], not [N, H, W, C]");
    REFUSED(scl_upsample_nearest(g, matrix("x", 2, 3), 2),
            "upsample_nearest: x is [2, 3], not [N, H, W, C]");
    REFUSED(scl_augment_blur(g, image("x", 8, 4), row("sigma", 2), 3),
            "augment_blur: x is [2, 8, 8, 4], not [M, H, W, 3] in fp32");
    REFUSED(scl_augment_color(g, image("x", 8, 1), matrix("table", 2, SCL_COLOR_COLUMNS)),
            "augment_color: x is [2, 8, 8, 1], not [M, H, W, 3] in fp32");
    REFUSED(scl_augment_solarize(g, row("x", 4), row("threshold", 4)),
            "augment_solarize: x is [4], not images in fp32");
    REFUSED(scl_augment_normalize(g, matrix("x", 4, 3), (float[]){ 0, 0, 0 }, (float[]){ 1, 1, 1 }),
            "augment_normalize: x is [4, 3], not [M, H, W, 3] in fp32");
    REFUSED(scl_augment_crop(g, matrix("x", 2, 12), i32("table", SCL_SHAPE2(2, 8)), 2, 2, true, 2),
            "augment_crop: x is [2, 12], not [N, bytes] or [N, H, W, 3] in fp32");
    REFUSED(scl_augment_unpack(g, matrix("x", 2, 12), i32("table", SCL_SHAPE2(2, 4)), 2, 2),
            "augment_unpack: x is [2, 12], not [N, bytes] or [N, H, W, 3] in fp32");
}
END_TEST

START_TEST(sizes_that_cannot_be_are_refused)
{
    REFUSED(scl_augment_crop(g, image("x", 8, 3), i32("table", SCL_SHAPE2(2, 8)), 0, 4, true, 8),
            "augment_crop: size 0 by 4 from at most 8, wanted above 0");
    REFUSED(scl_augment_unpack(g, image("x", 8, 3), i32("table", SCL_SHAPE2(2, 4)), 8, -1),
            "augment_unpack: size 8 by -1, wanted above 0");
    REFUSED(scl_conv2d(g, image("x", 8, 3), f32("w", SCL_SHAPE4(3, 3, 3, 4)), NULL, 0, 1),
            "conv2d: stride 0, padding 1; 1 to 1024 and 0 to 1024 can be");
    REFUSED(scl_conv2d(g, image("x", 8, 3), f32("w", SCL_SHAPE4(3, 3, 3, 4)), NULL, 1, 1025),
            "conv2d: stride 1, padding 1025; 1 to 1024 and 0 to 1024 can be");
    REFUSED(scl_conv2d(g, image("x", 2, 3), f32("w", SCL_SHAPE4(5, 5, 3, 4)), NULL, 1, 1),
            "conv2d: x is [2, 2, 2, 3] with padding 1, smaller than the kernel [5, 5, 3, 4]");
    REFUSED(scl_upsample_nearest(g, image("x", 8, 3), INT_MAX),
            "upsample_nearest: x is [2, 8, 8, 3], which cannot be scaled by 2147483647");
    REFUSED(scl_concat(g, matrix("a", 2, 3), matrix("b", 2, 3), 2),
            "concat: a is [2, 3], and there is no axis 2");
    REFUSED(scl_concat(g, matrix("a", 2, 3), matrix("b", 2, 3), -3),
            "concat: a is [2, 3], and there is no axis -1");
    REFUSED(scl_column_sum(g, row("x", 3)), "column_sum: x is [3], without rows to add");
}
END_TEST

START_TEST(weights_and_biases_that_do_not_fit_are_refused)
{
    REFUSED(scl_conv2d(g, image("x", 8, 3), matrix("w", 27, 4), NULL, 1, 1),
            "conv2d: w is [27, 4], not [R, S, C, K]");
    REFUSED(scl_conv2d(g, image("x", 8, 3), f32("w", SCL_SHAPE4(3, 3, 3, 4)), row("bias", 3), 1, 1),
            "conv2d: the bias is [3], not [4]");
    REFUSED(scl_matmul(g, row("a", 3), matrix("b", 3, 2), false, false),
            "matmul: [3] by [3, 2]; two matrices are wanted");
}
END_TEST

START_TEST(what_comes_one_to_an_image_is_wanted_for_each)
{
    REFUSED(scl_add_noise(g, image("x", 4, 3), image("z", 5, 3), row("sigma", 2)),
            "add_noise: images [2, 4, 4, 3] and noise [2, 5, 5, 3] are not alike");
    REFUSED(scl_add_noise(g, image("x", 4, 3), image("z", 4, 3), row("sigma", 3)),
            "add_noise: sigma is [3], not one to each image of [2, 4, 4, 3]");
    REFUSED(scl_dsm_loss(g, image("s", 4, 3), image("z", 5, 3), row("sigma", 2)),
            "dsm_loss: score [2, 4, 4, 3] and noise [2, 5, 5, 3] are not alike and by image");
    REFUSED(scl_augment_blur(g, image("x", 8, 3), row("sigma", 3), 3),
            "augment_blur: sigma is [3], not one to each image of [2, 8, 8, 3]");
    REFUSED(scl_augment_solarize(g, image("x", 8, 3), row("threshold", 1)),
            "augment_solarize: threshold is [1], not one to each image of [2, 8, 8, 3]");
    REFUSED(scl_augment_color(g, image("x", 8, 3), matrix("table", 3, SCL_COLOR_COLUMNS)),
            "augment_color: table is [3, 10], not [2, 10] in fp32");
    REFUSED(scl_augment_unpack(g, image("x", 8, 3), i32("table", SCL_SHAPE2(2, 5)), 8, 8),
            "augment_unpack: table is [2, 5], not [M, 4] integers");
    REFUSED(scl_fourier(g, matrix("sigma", 2, 1), row("freq", 4)),
            "fourier: sigma is [2, 1] and freq is [4], not [N] and [F]");
    REFUSED(scl_philox_normal(g, i32("draw", SCL_SHAPE1(3)), i32("index", SCL_SHAPE1(2)),
                              SCL_SHAPE2(2, 5)),
            "philox_normal: draw is [3], not 4 integers");
}
END_TEST

START_TEST(norms_refuse_what_does_not_fit_together)
{
    const struct scl_batch_norm_attr attr = { .eps = 1e-5f, .views = 1, .training = true };

    REFUSED(scl_batch_norm(g, row("x", 4), NULL, NULL, NULL, NULL, attr, NULL),
            "batch_norm: x is [4], not [N, H, W, C] or [N, C] in fp32");
    REFUSED(scl_batch_norm(g, matrix("x", 4, 3), row("gamma", 3), NULL, NULL, NULL, attr, NULL),
            "batch_norm: gamma and beta go together");
    REFUSED(scl_batch_norm(g, matrix("x", 4, 3), NULL, NULL, NULL, NULL, attr, matrix("r", 4, 4)),
            "batch_norm: the residual r is [4, 4], and x is [4, 3]; they have one shape");
    REFUSED(scl_batch_norm(g, matrix("x", 4, 3), NULL, NULL, row("mean", 3), row("variance", 4),
                           attr, NULL),
            "batch_norm: mean is [3] and variance is [4], not [3]");
}
END_TEST

START_TEST(losses_and_weights_refuse_what_is_not_by_pairs)
{
    const struct scl_pair_weight spec = { .map = SCL_PAIR_MEAN, .power = 1 };

    REFUSED(scl_pair_weight(g, matrix("d", 4, 1), spec), "pair_weight: d is [4, 1], not [pairs]");
    REFUSED(scl_weight_stats(g, row("w", 4), row("loss", 5)),
            "weight_stats: weights [4] and losses [5] are not both [pairs]");
}
END_TEST

START_TEST(neighbours_are_refused_without_lists)
{
    const struct scl_knn_spec none = { .k = 0 }, some = { .k = 3 };
    const struct scl_init zero = { 0 };
    const struct scl_shape list = SCL_SHAPE2(2, 3);

    REFUSED(scl_knn(g, matrix("query", 2, 8), matrix("bank", 5, 8), i32("labels", SCL_SHAPE1(5)),
                    i32("range", SCL_SHAPE1(2)), &none),
            "knn: k 0 and queries [2, 8], wanted 1 or more and [Q, D]");
    REFUSED(scl_knn_vote(g, matrix("value", 2, 3), matrix("label", 2, 4), &some),
            "knn_vote: lists [2, 3] and [2, 4], wanted [Q, k] in fp32");
    REFUSED(scl_topk_merge(g, matrix("value", 2, 3), matrix("label", 2, 3), matrix("d", 2, 5),
                           i32("labels", SCL_SHAPE1(5)), i32("range", SCL_SHAPE1(2))),
            "topk_merge: lists [2, 3] and [2, 3], wanted states [Q, k]");
    REFUSED(scl_topk_merge(g, scl_state(g, "value", list, zero), scl_state(g, "label", list, zero),
                           matrix("d", 3, 5), i32("labels", SCL_SHAPE1(5)),
                           i32("range", SCL_SHAPE1(2))),
            "topk_merge: distances [3, 5] for lists [2, 3], wanted [Q, M] in fp32");
    REFUSED(scl_topk_merge(g, scl_state(g, "value", list, zero), scl_state(g, "label", list, zero),
                           matrix("d", 2, 5), i32("labels", SCL_SHAPE1(4)),
                           i32("range", SCL_SHAPE1(2))),
            "topk_merge: labels [4] for distances [2, 5], wanted [M] integers");
    REFUSED(scl_topk_merge(g, scl_state(g, "value", list, zero), scl_state(g, "label", list, zero),
                           matrix("d", 2, 5), i32("labels", SCL_SHAPE1(5)),
                           i32("range", SCL_SHAPE1(3))),
            "topk_merge: range [3], wanted [2] integers");
}
END_TEST

START_TEST(table_of_segments_is_a_constant)
{
    const struct scl_lars spec = { .momentum = 0.9f };

    REFUSED(scl_lars(g, row("p", 4), row("b", 4), row("d", 4), i32("table", SCL_SHAPE2(1, 3)),
                     row("lr", 1), spec),
            "lars: table is [1, 3], not a constant table [tensors, 3]");
}
END_TEST

START_TEST(gradients_are_refused_of_what_is_no_number_or_does_not_depend)
{
    struct scl_node *x, *y, *dx;

    renew();
    x = row("x", 3);
    y = scl_relu(g, x);
    ck_assert_int_eq(scl_gradients(&dx, g, y, NULL, 1, &x), SCL_SHAPE);
    ck_assert_str_eq(scl_error(), "gradients: relu_1 is [3], not a scalar, and no dy is given");
    x = row("z", 3);
    ck_assert_int_eq(scl_gradients(&dx, g, y, row("dy", 3), 1, &x), SCL_SHAPE);
    ck_assert_str_eq(scl_error(), "gradients: relu_1 does not depend on z");
}
END_TEST

START_TEST(bundle_of_nothing_is_refused)
{
    struct scl_node *none[1] = { NULL };

    REFUSED(scl_bundle(g, 0, none),
            "bundle: 0 tensors of 0 elements; 1 or more tensors and fewer than 2^31 elements fit");
}
END_TEST

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, renew, teardown);
    tcase_add_test(tc, what_is_no_image_is_refused);
    tcase_add_test(tc, sizes_that_cannot_be_are_refused);
    tcase_add_test(tc, weights_and_biases_that_do_not_fit_are_refused);
    tcase_add_test(tc, what_comes_one_to_an_image_is_wanted_for_each);
    tcase_add_test(tc, norms_refuse_what_does_not_fit_together);
    tcase_add_test(tc, losses_and_weights_refuse_what_is_not_by_pairs);
    tcase_add_test(tc, neighbours_are_refused_without_lists);
    tcase_add_test(tc, table_of_segments_is_a_constant);
    tcase_add_test(tc, gradients_are_refused_of_what_is_no_number_or_does_not_depend);
    tcase_add_test(tc, bundle_of_nothing_is_refused);
}
