/* test_conv2d.c - every candidate against the definition, gradients, edges, refusals. */
#include <check.h>
#include <stdlib.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* fp32 sums of some hundred products near 1: a few units in the last place each. */
#define TOLERANCE 1e-5

struct size {
    int N, H, W, C, K, R, S, stride, padding;
};

/* Around register blocks of 6 images and 16 channels and tiles of 64, around Winograd's tiles of 4
 * by 4, blocks of 48 of them and transforms of 64 and sums of 256 channels: less, equal, more;
 * strides with and without all phases; padding past the kernel; one pixel; pieces of 128 pixels;
 * kernels of 7 by 7; channels for more than a group and weights for more than a cache. The first
 * N_SMALL are small enough for the simulator; a bias goes through each kernel in fewer. */
static const struct size sizes[] = {
    { 1, 1, 1, 1, 1, 1, 1, 1, 0 },    { 1, 3, 3, 3, 3, 3, 3, 1, 1 },
    { 7, 3, 3, 2, 17, 3, 2, 1, 1 },   { 6, 3, 2, 3, 16, 2, 2, 2, 1 },
    { 2, 4, 4, 2, 3, 1, 1, 2, 0 },    { 2, 6, 6, 7, 3, 2, 3, 4, 1 },
    { 1, 4, 4, 2, 3, 1, 1, 1, 2 },    { 8, 2, 2, 7, 4, 3, 3, 2, 1 },
    { 2, 2, 1, 2, 3, 1, 1, 3, 0 },    { 1, 5, 5, 3, 3, 3, 3, 1, 1 },
    { 1, 4, 6, 7, 14, 3, 3, 1, 0 },   { 1, 6, 6, 1, 2, 3, 3, 1, 2 },
    { 1, 1, 1, 65, 1, 3, 3, 1, 1 },   { 1, 1, 1, 1, 65, 3, 3, 1, 1 },
    { 2, 8, 16, 1, 2, 3, 3, 1, 1 },   { 2, 3, 4, 2, 3, 7, 7, 2, 3 },
    { 1, 5, 5, 8, 4, 3, 3, 1, 1 },    { 2, 5, 4, 6, 17, 2, 2, 2, 1 },
    { 1, 2, 2, 50, 3, 3, 3, 2, 1 },   { 7, 13, 10, 17, 20, 3, 3, 1, 1 },
    { 2, 8, 8, 3, 17, 3, 3, 1, 1 },   { 6, 4, 4, 16, 16, 3, 3, 1, 1 },
    { 7, 5, 4, 17, 33, 3, 3, 1, 1 },  { 13, 4, 4, 8, 65, 3, 3, 2, 1 },
    { 6, 6, 6, 5, 32, 1, 1, 2, 0 },   { 2, 15, 14, 3, 16, 7, 7, 2, 3 },
    { 3, 9, 9, 4, 5, 2, 2, 3, 0 },    { 3, 10, 11, 4, 5, 5, 3, 3, 2 },
    { 12, 3, 3, 2, 2, 3, 3, 1, 2 },   { 2, 1, 1, 130, 65, 1, 1, 1, 0 },
    { 2, 6, 6, 2, 3, 1, 3, 3, 2 },    { 1, 3, 2, 290, 17, 3, 3, 1, 1 },
    { 2, 5, 3, 130, 65, 3, 3, 1, 1 }, { 3, 3, 6, 33, 130, 3, 3, 1, 0 },
    { 2, 9, 8, 3, 4, 7, 9, 3, 2 },    { 6, 6, 6, 9, 32, 1, 1, 2, 0 },
    { 3, 10, 11, 7, 5, 5, 3, 3, 2 },  { 2, 2, 2, 7, 260, 1, 1, 1, 0 },
    { 6, 3, 3, 130, 65, 3, 3, 2, 1 },
};

#define N_SMALL 19
#define N_BIAS_SMALL 6

static struct scl_graph *g;

static void setup(void)
{
    g = scl_graph_new();
    check_reset();
    check_range(-1, 1);
}

static void teardown(void)
{
    scl_graph_free(g);
}

static struct scl_node *image(int n, int h, int w, int c)
{
    return scl_input(g, "x", SCL_F32, SCL_SHAPE4(n, h, w, c));
}

static struct scl_node *kernel(int r, int s, int c, int k)
{
    return scl_input(g, "w", SCL_F32, SCL_SHAPE4(r, s, c, k));
}

static struct scl_node *convolution(const struct size *z, bool with_bias)
{
    struct scl_node *x = image(z->N, z->H, z->W, z->C), *w = kernel(z->R, z->S, z->C, z->K);
    struct scl_node *bias = with_bias ? scl_input(g, "bias", SCL_F32, SCL_SHAPE1(z->K)) : NULL;

    return scl_conv2d(g, x, w, bias, z->stride, z->padding);
}

START_TEST(forward_matches_reference)
{
    check_forward(g, convolution(&sizes[_i], false), TOLERANCE);
}
END_TEST

START_TEST(bias_is_added_once)
{
    check_forward(g, convolution(&sizes[_i], true), TOLERANCE);
}
END_TEST

START_TEST(gradients_match_finite_differences)
{
    check_gradient(g, convolution(&sizes[_i], true), TOLERANCE);
}
END_TEST

/* Splits of the tiles that are summed at once and in parts, and several blocks of channels: the
 * simulator's own blocks are so small that the first N_DEALT_SMALL have them too.
 */
static const struct size dealt[] = {
    { 1, 9, 9, 3, 4, 3, 3, 1, 1 },   { 1, 25, 26, 1, 2, 3, 3, 1, 1 },
    { 1, 5, 5, 17, 33, 3, 3, 1, 1 }, { 1, 4, 4, 2, 17, 3, 3, 1, 1 },
    { 3, 53, 54, 1, 2, 3, 3, 1, 1 }, { 1, 5, 4, 130, 129, 3, 3, 1, 1 },
};

#define N_DEALT_SMALL 4

START_TEST(gradient_of_w_in_splits_and_blocks_matches_reference)
{
    const struct size *z = &dealt[_i];
    struct scl_node *dy = scl_input(g, "dy", SCL_F32, SCL_SHAPE4(z->N, z->H, z->W, z->K));

    check_forward(
        g,
        scl_conv2d_grad_w(g, image(z->N, z->H, z->W, z->C), dy, SCL_SHAPE4(3, 3, z->C, z->K), 1, 1),
        TOLERANCE);
}
END_TEST

/* Lines so long that the vec kernels sum them in parts, which a second launch adds: of few
 * channels, and of a register block of them. The simulator's parts are shorter. */
START_TEST(parts_of_the_weights_gradient_add_up)
{
    const int channels = _i ? 7 : 1, width = getenv("SCL_SIMULATOR") ? 33 : 257;
    struct scl_node *dy = scl_input(g, "dy", SCL_F32, SCL_SHAPE4(1, 2, width, 2));

    check_forward(
        g,
        scl_conv2d_grad_w(g, image(1, 2, width, channels), dy, SCL_SHAPE4(1, 1, channels, 2), 1, 0),
        TOLERANCE);
}
END_TEST

START_TEST(two_panels_of_channels_match_reference)
{
    check_forward(g, scl_conv2d(g, image(1, 4, 6, 7), kernel(3, 3, 7, 17), NULL, 1, 0), TOLERANCE);
}
END_TEST

/* Images of a view around a register block of 6 and of 12, whole tiles and tiles that hang over,
 * one pixel a view and more: the first N_GATHERED_SMALL for the simulator. */
static const struct {
    struct size size;
    int views;
} gathered[] = {
    { { 2, 1, 2, 1, 1, 1, 1, 1, 0 }, 2 },     { { 14, 3, 2, 2, 17, 2, 2, 1, 1 }, 2 },
    { { 3, 5, 6, 2, 33, 3, 3, 1, 1 }, 3 },    { { 2, 5, 5, 2, 3, 3, 3, 1, 1 }, 1 },
    { { 4, 7, 7, 3, 16, 7, 7, 2, 3 }, 2 },    { { 26, 4, 4, 3, 65, 3, 3, 2, 1 }, 2 },
    { { 6, 13, 10, 5, 130, 3, 3, 1, 1 }, 2 },
};

#define N_GATHERED_SMALL 4

/* And what is written is as good as before. */
START_TEST(statistics_are_gathered_while_it_is_written)
{
    const struct scl_batch_norm_attr attr = { .eps = 1e-3f,
                                              .views = gathered[_i].views,
                                              .training = true };
    struct scl_node *y = convolution(&gathered[_i].size, true);
    struct scl_node *z = scl_batch_norm(g, y, NULL, NULL, NULL, NULL, attr, NULL);

    ck_assert_ptr_nonnull(z);
    check_forward(g, z->in[1], TOLERANCE);
    check_forward(g, z, 5 * TOLERANCE);
}
END_TEST

START_TEST(one_pixel_by_hand)
{
    const float x[] = { 1, 2, 3, 4 }, w[] = { 10, 20, 30, 40 }, bias[] = { 0.5f };
    const void *in[] = { x, w, bias };
    float y[9];

    /* 2 x 2 image and kernel, padding 1: the corners meet one tap each, w turned round. */
    ck_assert_int_eq(
        run_node(g, convolution(&(struct size){ 1, 2, 2, 1, 1, 2, 2, 1, 1 }, true), in, y), SCL_OK);
    ck_assert_float_eq(y[0], 40.5f);
    ck_assert_float_eq(y[4], 10 + 40 + 90 + 160 + 0.5f);
    ck_assert_float_eq(y[8], 40.5f);
}
END_TEST

START_TEST(stride_past_the_kernel_leaves_zeros_in_dx)
{
    const float dy[] = { 1, 2, 3, 4 }, w[] = { 7 };
    const void *in[] = { dy, w };
    struct scl_node *dy_node = scl_input(g, "dy", SCL_F32, SCL_SHAPE4(1, 2, 2, 1));
    float dx[9];

    ck_assert_int_eq(
        run_node(g, scl_conv2d_grad_x(g, dy_node, kernel(1, 1, 1, 1), SCL_SHAPE4(1, 3, 3, 1), 2, 0),
                 in, dx),
        SCL_OK);
    for (int i = 0; i < 9; i++) {
        const bool reached = i / 3 % 2 == 0 && i % 3 % 2 == 0;

        ck_assert_float_eq(dx[i], reached ? 7 * dy[i / 3 / 2 * 2 + i % 3 / 2] : 0);
    }
}
END_TEST

START_TEST(channels_that_differ_are_refused_in_words)
{
    ck_assert_ptr_null(scl_conv2d(g, image(2, 8, 8, 3), kernel(3, 3, 4, 5), NULL, 1, 1));
    ck_assert_str_eq(scl_error(), "conv2d: x is [2, 8, 8, 3] and w is [3, 3, 4, 5]: 3 channels, "
                                  "and weights for 4");
}
END_TEST

START_TEST(kernel_larger_than_the_padded_image_is_refused)
{
    ck_assert_ptr_null(scl_conv2d(g, image(1, 2, 2, 1), kernel(5, 5, 1, 1), NULL, 1, 1));
    ck_assert_int_eq(scl_graph_check(g), SCL_SHAPE);
}
END_TEST

START_TEST(matrix_is_refused_as_an_image)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE2(2, 3));

    ck_assert_ptr_null(scl_conv2d(g, x, kernel(1, 1, 3, 1), NULL, 1, 0));
    ck_assert_str_eq(scl_error(), "conv2d: x is [2, 3], not [N, H, W, C]");
}
END_TEST

START_TEST(gradient_of_another_shape_is_refused)
{
    struct scl_node *dy = scl_input(g, "dy", SCL_F32, SCL_SHAPE4(1, 3, 4, 1));

    ck_assert_ptr_null(scl_conv2d_grad_w(g, image(1, 4, 4, 1), dy, SCL_SHAPE4(1, 1, 1, 1), 1, 0));
    ck_assert_str_eq(scl_error(), "conv2d_grad_w: dy is [1, 3, 4, 1], where x [1, 4, 4, 1] and w "
                                  "[1, 1, 1, 1] give [1, 4, 4, 1]");
}
END_TEST

const char *const suite_name = "ops/conv2d";

void suite_fill(TCase *tc)
{
    const bool simulated = getenv("SCL_SIMULATOR");
    const int n = simulated ? N_SMALL : sizeof sizes / sizeof *sizes;
    const int n_dealt = simulated ? N_DEALT_SMALL : sizeof dealt / sizeof *dealt;
    const int n_gathered = simulated ? N_GATHERED_SMALL : sizeof gathered / sizeof *gathered;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, forward_matches_reference, 0, n);
    tcase_add_loop_test(tc, bias_is_added_once, 0, simulated ? N_BIAS_SMALL : n);
    tcase_add_loop_test(tc, gradients_match_finite_differences, 0, n);
    tcase_add_loop_test(tc, gradient_of_w_in_splits_and_blocks_matches_reference, 0, n_dealt);
    tcase_add_test(tc, two_panels_of_channels_match_reference);
    tcase_add_loop_test(tc, statistics_are_gathered_while_it_is_written, 0, n_gathered);
    tcase_add_loop_test(tc, parts_of_the_weights_gradient_add_up, 0, 2);
    tcase_add_test(tc, one_pixel_by_hand);
    tcase_add_test(tc, stride_past_the_kernel_leaves_zeros_in_dx);
    tcase_add_test(tc, channels_that_differ_are_refused_in_words);
    tcase_add_test(tc, kernel_larger_than_the_padded_image_is_refused);
    tcase_add_test(tc, matrix_is_refused_as_an_image);
    tcase_add_test(tc, gradient_of_another_shape_is_refused);
}
