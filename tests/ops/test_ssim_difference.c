/* test_ssim_difference.c - the reference, values known in closed form, the edges, the refusals. */
#include <check.h>
#include <math.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Windows of 1, 3, 9 and 11 pixels, one and more of them; strips of 15, 16, 17, 64 and 65 floats;
 * views of CIFAR-10, and several strips to an item. */
static const struct scl_shape shapes[] = {
    { 4, { 1, 1, 1, 1 } },   { 4, { 2, 2, 3, 3 } },   { 4, { 1, 4, 7, 1 } },
    { 4, { 2, 10, 12, 3 } }, { 4, { 2, 11, 11, 3 } }, { 4, { 1, 25, 11, 2 } },
    { 4, { 2, 12, 25, 1 } }, { 4, { 2, 12, 26, 1 } }, { 4, { 2, 12, 27, 1 } },
    { 4, { 1, 13, 74, 1 } }, { 4, { 1, 12, 75, 1 } }, { 4, { 3, 32, 32, 3 } },
    { 4, { 1, 12, 90, 4 } },
};

static struct scl_graph *g;

static void setup(void)
{
    g = scl_graph_new();
    check_reset();
    check_range(0, 1);
}

static void teardown(void)
{
    scl_graph_free(g);
}

static struct scl_node *difference(struct scl_shape shape)
{
    struct scl_node *a = scl_input(g, "a", SCL_F32, shape);

    return scl_ssim_difference(g, a, scl_input(g, "b", SCL_F32, shape));
}

/* Noise: variances of about 1/12, to which the roundings of 121 products are little. */
START_TEST(forward_matches_reference)
{
    check_forward(g, difference(shapes[_i]), 2e-6);
}
END_TEST

/* Nearly flat images at both ends of the range: their variances are differences of terms of about
 * 1, of which a rounding of 6e-8 is 7e-5 of c2 = 9e-4. */
START_TEST(small_contrast_matches_reference)
{
    check_range(_i ? 0.95f : 0, _i ? 1 : 0.05f);
    check_forward(g, difference(SCL_SHAPE4(2, 32, 32, 3)), 1e-4);
}
END_TEST

START_TEST(equal_images_do_not_differ)
{
    float x[2 * 13 * 17 * 3], y[2];
    const void *in[] = { x, x };

    for (int i = 0; i < 2 * 13 * 17 * 3; i++)
        x[i] = (float)(i * 37 % 101) / 100;
    ck_assert_int_eq(run_node(g, difference(SCL_SHAPE4(2, 13, 17, 3)), in, y), SCL_OK);
    ck_assert(y[0] == 0 && y[1] == 0);
}
END_TEST

/* No variance: only (2 m_a m_b + c1) / (m_a^2 + m_b^2 + c1) is left. */
START_TEST(flat_images_differ_by_their_means)
{
    float a[12 * 12], b[12 * 12], y;
    const void *in[] = { a, b };

    for (int i = 0; i < 12 * 12; i++) {
        a[i] = 0.25f;
        b[i] = 0.75f;
    }
    ck_assert_int_eq(run_node(g, difference(SCL_SHAPE4(1, 12, 12, 1)), in, &y), SCL_OK);
    ck_assert_float_eq_tol(y, 1 - (0.375f + 1e-4f) / (0.625f + 1e-4f), 1e-5f);
}
END_TEST

/* An image and its negative, of mean 1/2: covariance is minus variance, so SSIM is about -1. */
START_TEST(negative_differs_by_two)
{
    float a[16 * 16], b[16 * 16], y;
    const void *in[] = { a, b };

    for (int i = 0; i < 16 * 16; i++) {
        a[i] = (float)((i + i / 16) % 2);
        b[i] = 1 - a[i];
    }
    ck_assert_int_eq(run_node(g, difference(SCL_SHAPE4(1, 16, 16, 1)), in, &y), SCL_OK);
    ck_assert_float_eq_tol(y, 2, 0.01f);
}
END_TEST

START_TEST(order_of_images_does_not_matter)
{
    float a[16 * 16], b[16 * 16], of_ab, of_ba;
    const void *in_ab[] = { a, b }, *in_ba[] = { b, a };
    struct scl_node *y = difference(SCL_SHAPE4(1, 16, 16, 1));

    for (int i = 0; i < 16 * 16; i++) {
        a[i] = (float)(i * 37 % 101) / 100;
        b[i] = (float)(i * 53 % 101) / 100;
    }
    ck_assert_int_eq(run_node(g, y, in_ab, &of_ab), SCL_OK);
    ck_assert_int_eq(run_node(g, y, in_ba, &of_ba), SCL_OK);
    ck_assert_float_eq(of_ab, of_ba);
}
END_TEST

/* Also in the last place of the last image, of which few windows know. */
START_TEST(pixel_that_is_no_number_is_not_hidden)
{
    float a[2 * 12 * 12], b[2 * 12 * 12], y[2];
    const void *in[] = { a, b };

    for (int i = 0; i < 2 * 12 * 12; i++)
        a[i] = b[i] = 0.5f;
    b[2 * 12 * 12 - 1] = NAN;
    ck_assert_int_eq(run_node(g, difference(SCL_SHAPE4(2, 12, 12, 1)), in, y), SCL_OK);
    ck_assert(y[0] == 0 && isnan(y[1]));
}
END_TEST

START_TEST(gradients_stop_at_a_difference)
{
    struct scl_node *y = difference(SCL_SHAPE4(1, 3, 3, 1)), *da;

    ck_assert_int_eq(scl_gradients(&da, g, y, NULL, 1, y->in), SCL_SHAPE);
}
END_TEST

START_TEST(rows_are_refused_in_words)
{
    ck_assert_ptr_null(difference(SCL_SHAPE2(2, 192)));
    ck_assert_int_eq(scl_graph_check(g), SCL_SHAPE);
    ck_assert_str_eq(scl_error(), "ssim_difference: a is [2, 192], not [N, H, W, C] in fp32");
}
END_TEST

START_TEST(images_of_other_sizes_are_refused_in_words)
{
    struct scl_node *a = scl_input(g, "a", SCL_F32, SCL_SHAPE4(2, 8, 8, 3));

    ck_assert_ptr_null(
        scl_ssim_difference(g, a, scl_input(g, "b", SCL_F32, SCL_SHAPE4(2, 8, 9, 3))));
    ck_assert_str_eq(scl_error(), "ssim_difference: a is [2, 8, 8, 3], and b is [2, 8, 9, 3]; they "
                                  "have one shape");
}
END_TEST

const char *const suite_name = "ops/ssim_difference";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, forward_matches_reference, 0, sizeof shapes / sizeof *shapes);
    tcase_add_loop_test(tc, small_contrast_matches_reference, 0, 2);
    tcase_add_test(tc, equal_images_do_not_differ);
    tcase_add_test(tc, flat_images_differ_by_their_means);
    tcase_add_test(tc, negative_differs_by_two);
    tcase_add_test(tc, order_of_images_does_not_matter);
    tcase_add_test(tc, pixel_that_is_no_number_is_not_hidden);
    tcase_add_test(tc, gradients_stop_at_a_difference);
    tcase_add_test(tc, rows_are_refused_in_words);
    tcase_add_test(tc, images_of_other_sizes_are_refused_in_words);
}
