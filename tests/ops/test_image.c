/* test_image.c - max_pool2d, global_avg_pool, pixel_sum, upsample_nearest, area_average. */
#include <check.h>
#include <math.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Channels less than a vector, one, one and a rest, several; more than a block of pixels. */
static const struct scl_shape images[] = {
    { 4, { 1, 1, 1, 1 } },  { 4, { 2, 3, 5, 3 } },    { 4, { 3, 4, 4, 16 } },
    { 4, { 2, 5, 3, 33 } }, { 4, { 2, 12, 12, 80 } },
};

static const struct {
    struct scl_shape x;
    int kernel, stride, padding;
} windows[] = {
    { { 4, { 2, 7, 9, 3 } }, 3, 2, 1 },  { { 4, { 1, 6, 4, 5 } }, 2, 2, 0 },
    { { 4, { 2, 5, 5, 2 } }, 3, 1, 1 },  { { 4, { 1, 1, 1, 3 } }, 3, 2, 1 },
    { { 4, { 1, 8, 7, 17 } }, 3, 3, 0 }, { { 4, { 1, 9, 9, 16 } }, 2, 3, 1 },
    { { 4, { 2, 6, 6, 64 } }, 3, 2, 1 },
};

static struct scl_graph *g;

static void setup(void)
{
    g = scl_graph_new();
    check_range(-1, 1);
}

static void teardown(void)
{
    scl_graph_free(g);
    check_reset();
}

static struct scl_node *image(struct scl_shape shape)
{
    return scl_input(g, "x", SCL_F32, shape);
}

static struct scl_node *pooled(int i)
{
    return scl_max_pool2d(g, image(windows[i].x), windows[i].kernel, windows[i].stride,
                          windows[i].padding);
}

START_TEST(max_pool_matches_reference)
{
    check_forward(g, pooled(_i), 0);
}
END_TEST

/* Up to nine windows of one pixel. */
START_TEST(max_pool_gradient_matches_finite_difference)
{
    check_gradient(g, pooled(_i), 1e-6);
}
END_TEST

/* Where all are equal, the first pixel of each window has the gradient. */
START_TEST(first_of_equal_values_has_the_gradient)
{
    struct scl_node *x = image(SCL_SHAPE4(1, 3, 3, 1)), *y = scl_max_pool2d(g, x, 2, 1, 0), *dx;
    const float ones[4] = { 1, 1, 1, 1 }, zeros[9] = { 0 };
    const float want[9] = { 1, 1, 0, 1, 1, 0, 0, 0, 0 };
    const void *in[] = { zeros };
    float got[9];

    ck_assert_int_eq(
        scl_gradients(&dx, g, y, scl_constant(g, "dy", SCL_F32, y->shape, ones), 1, &x), SCL_OK);
    ck_assert_int_eq(run_node(g, dx, in, got), SCL_OK);
    for (int i = 0; i < 9; i++)
        ck_assert(got[i] == want[i]);
}
END_TEST

START_TEST(nan_wins_its_windows)
{
    struct scl_node *x = image(SCL_SHAPE4(1, 1, 4, 1));
    const float values[4] = { NAN, 1, 2, 3 };
    const void *in[] = { values };
    float y[3];

    ck_assert_int_eq(run_node(g, scl_slice(g, scl_max_pool2d(g, x, 1, 1, 0), 2, 0, 3), in, y),
                     SCL_OK);
    ck_assert(isnan(y[0]) && y[1] == 1 && y[2] == 2);
}
END_TEST

/* Sums of up to 144 pixels of both signs in fp32. */
START_TEST(global_avg_pool_matches_reference)
{
    check_forward(g, scl_global_avg_pool(g, image(images[_i])), 2e-6);
}
END_TEST

START_TEST(global_avg_pool_gradient_matches_finite_difference)
{
    check_gradient(g, scl_global_avg_pool(g, image(images[_i])), 1e-6);
}
END_TEST

START_TEST(pixel_sum_gradient_matches_finite_difference)
{
    check_gradient(g, scl_pixel_sum(g, image(images[_i])), 1e-6);
}
END_TEST

START_TEST(upsample_copies)
{
    check_forward(g, scl_upsample_nearest(g, image(images[_i]), 1 + _i % 3), 0);
}
END_TEST

START_TEST(upsample_gradient_matches_finite_difference)
{
    check_gradient(g, scl_upsample_nearest(g, image(images[_i]), 1 + _i % 3), 1e-6);
}
END_TEST

static const struct {
    int h, w, channels, size;
} shrinks[] = { { 1, 1, 1, 1 },  { 8, 8, 3, 4 },    { 7, 5, 3, 3 },
                { 5, 9, 17, 5 }, { 32, 32, 3, 16 }, { 10, 12, 16, 7 } };

START_TEST(area_average_matches_reference)
{
    struct scl_node *x = image(SCL_SHAPE4(2, shrinks[_i].h, shrinks[_i].w, shrinks[_i].channels));

    check_forward(g, scl_area_average(g, x, shrinks[_i].size), 1e-6);
}
END_TEST

/* adaptive_avg_pool2d of 0 ... 4 to 3: pixels 0-1, 1-3, 3-4. */
START_TEST(covers_overlap_where_sizes_do_not_divide)
{
    struct scl_node *x = image(SCL_SHAPE4(1, 5, 5, 1));
    const float want[3] = { 0.5f, 2, 3.5f };
    float values[25], y[9];
    const void *in[] = { values };

    for (int i = 0; i < 25; i++)
        values[i] = (float)(i % 5);
    ck_assert_int_eq(run_node(g, scl_area_average(g, x, 3), in, y), SCL_OK);
    for (int i = 0; i < 9; i++)
        ck_assert_float_eq_tol(y[i], want[i % 3], 1e-6f);
}
END_TEST

START_TEST(padding_over_half_a_kernel_is_refused_in_words)
{
    ck_assert_ptr_null(scl_max_pool2d(g, image(SCL_SHAPE4(1, 5, 5, 1)), 2, 2, 2));
    ck_assert_int_eq(scl_graph_check(g), SCL_SHAPE);
    ck_assert_str_eq(scl_error(), "max_pool2d: kernel 2, stride 2, padding 2; kernel and stride "
                                  "are 1 to 1024, padding at most half the kernel");
}
END_TEST

START_TEST(image_below_the_kernel_is_refused_in_words)
{
    ck_assert_ptr_null(scl_max_pool2d(g, image(SCL_SHAPE4(1, 2, 5, 1)), 3, 2, 0));
    ck_assert_str_eq(scl_error(), "max_pool2d: x is [1, 2, 5, 1], smaller than the kernel of 3");
}
END_TEST

START_TEST(rows_are_no_images)
{
    ck_assert_ptr_null(scl_global_avg_pool(g, image(SCL_SHAPE2(2, 5))));
    ck_assert_str_eq(scl_error(), "global_avg_pool: x is [2, 5], not [N, H, W, C]");
}
END_TEST

START_TEST(growing_by_average_is_refused_in_words)
{
    ck_assert_ptr_null(scl_area_average(g, image(SCL_SHAPE4(1, 5, 5, 1)), 6));
    ck_assert_str_eq(scl_error(), "area_average: x is [1, 5, 5, 1]; it cannot shrink to 6 by 6");
}
END_TEST

START_TEST(scale_of_zero_is_refused_in_words)
{
    ck_assert_ptr_null(scl_upsample_nearest(g, image(SCL_SHAPE4(1, 5, 5, 1)), 0));
    ck_assert_str_eq(scl_error(),
                     "upsample_nearest: x is [1, 5, 5, 1], which cannot be scaled by 0");
}
END_TEST

const char *const suite_name = "ops/image";

void suite_fill(TCase *tc)
{
    const int n = sizeof images / sizeof *images, n_window = sizeof windows / sizeof *windows;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, max_pool_matches_reference, 0, n_window);
    tcase_add_loop_test(tc, max_pool_gradient_matches_finite_difference, 0, n_window);
    tcase_add_test(tc, first_of_equal_values_has_the_gradient);
    tcase_add_test(tc, nan_wins_its_windows);
    tcase_add_loop_test(tc, global_avg_pool_matches_reference, 0, n);
    tcase_add_loop_test(tc, global_avg_pool_gradient_matches_finite_difference, 0, n);
    tcase_add_loop_test(tc, pixel_sum_gradient_matches_finite_difference, 0, n);
    tcase_add_loop_test(tc, upsample_copies, 0, n);
    tcase_add_loop_test(tc, upsample_gradient_matches_finite_difference, 0, n);
    tcase_add_loop_test(tc, area_average_matches_reference, 0, sizeof shrinks / sizeof *shrinks);
    tcase_add_test(tc, covers_overlap_where_sizes_do_not_divide);
    tcase_add_test(tc, padding_over_half_a_kernel_is_refused_in_words);
    tcase_add_test(tc, image_below_the_kernel_is_refused_in_words);
    tcase_add_test(tc, rows_are_no_images);
    tcase_add_test(tc, growing_by_average_is_refused_in_words);
    tcase_add_test(tc, scale_of_zero_is_refused_in_words);
}
