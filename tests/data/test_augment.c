/* test_augment.c - the draws of views. */
#include <math.h>

#include "base/status.h"
#include "data/augment.h"

static const struct scl_augment_config recipe = {
    .order = SCL_ORDER_HT,
    .size = 32,
    .crop_scale = { 0.2, 1.0 },
    .crop_ratio = { 0.75, 4.0 / 3 },
    .flip = 0.5,
    .jitter = 0.8,
    .brightness = 0.4,
    .contrast = 0.4,
    .saturation = 0.4,
    .hue = 0.1,
    .grayscale = 0.1,
    .blur = { 0.5 },
    .n_blur = 1,
    .blur_sigma = { 0.1, 2.0 },
    .solarize = { 0.2 },
    .n_solarize = 1,
};

static struct scl_view_draw draw(const struct scl_augment_config *c, uint32_t index, int h, int w)
{
    struct scl_view_draw out;

    scl_view_draw(&out, c, 1, 0, index, 0, h, w);
    return out;
}

START_TEST(a_crop_lies_inside_its_image_and_keeps_its_ratio)
{
    for (uint32_t i = 0; i < 2000; i++) {
        const int h = 20 + (int)(i % 60), w = 33 + (int)(i % 7);
        const struct scl_view_draw d = draw(&recipe, i, h, w);
        const double ratio = (double)d.width / d.height;

        ck_assert_int_ge(d.top, 0);
        ck_assert_int_ge(d.left, 0);
        ck_assert_int_le(d.top + d.height, h);
        ck_assert_int_le(d.left + d.width, w);
        /* Rounding both sides to whole pixels moves the ratio by half a pixel each. */
        ck_assert_double_ge(ratio, (0.75 * d.height - 1) / d.height);
        ck_assert_double_le(ratio, (4.0 / 3 * d.height + 1.2) / d.height);
    }
}
END_TEST

START_TEST(shares_of_area_are_uniform)
{
    double sum = 0, squares = 0;
    int n = 0;

    for (uint32_t i = 0; i < 4000; i++) {
        const struct scl_view_draw d = draw(&recipe, i, 1000, 1000);
        const double share = d.height * d.width / 1e6;

        /* Above 0.75 some ratios do not fit and are drawn again. */
        if (share > 0.7)
            continue;
        sum += share;
        squares += share * share;
        n++;
    }
    /* U(0.2, 0.7): mean 0.45, deviation 0.144; 4 deviations of a mean of 2500. */
    ck_assert_double_eq_tol(sum / n, 0.45, 4 * 0.144 / sqrt(2500));
    ck_assert_double_eq_tol(sqrt(squares / n - sum / n * sum / n), 0.144, 0.01);
}
END_TEST

START_TEST(no_crop_fits_then_the_central_one_is_taken)
{
    struct scl_augment_config c = recipe;
    struct scl_view_draw d;

    c.crop_scale[0] = c.crop_scale[1] = 1.0;
    d = draw(&c, 0, 10, 100);
    ck_assert_int_eq(d.height, 10);
    ck_assert_int_eq(d.width, 13);
    ck_assert_int_eq(d.left, 43);
    d = draw(&c, 0, 100, 12);
    ck_assert_int_eq(d.height, 16);
    ck_assert_int_eq(d.width, 12);
    ck_assert_int_eq(d.top, 42);
    d = draw(&c, 0, 1, 1);
    ck_assert_int_eq(d.height, 1);
    ck_assert_int_eq(d.width, 1);
}
END_TEST

/* Four deviations of a share p of 4000. */
static void check_share(int n, double p)
{
    ck_assert_double_eq_tol(n / 4000.0, p, 4 * sqrt(p * (1 - p) / 4000));
}

START_TEST(probabilities_are_those_of_the_recipe)
{
    int flip = 0, grey = 0, jitter = 0, blur = 0, solarize = 0, hue_first = 0;

    for (uint32_t i = 0; i < 4000; i++) {
        const struct scl_view_draw d = draw(&recipe, i, 32, 32);

        flip += d.flip;
        grey += d.grey;
        jitter += d.order[0] != SCL_COLOR_NONE;
        hue_first += d.order[0] == SCL_COLOR_HUE;
        blur += d.sigma > 0;
        solarize += d.threshold < 1;
        for (int k = 0; k < 3; k++) {
            ck_assert_float_ge(d.factor[k], 0.6f);
            ck_assert_float_le(d.factor[k], 1.4f);
        }
        ck_assert_float_le(fabsf(d.factor[3]), 0.1f);
        ck_assert(d.sigma == 0 || (d.sigma >= 0.1f && d.sigma < 2));
    }
    check_share(flip, 0.5);
    check_share(grey, 0.1);
    check_share(jitter, 0.8);
    check_share(hue_first, 0.2);
    check_share(blur, 0.5);
    check_share(solarize, 0.2);
}
END_TEST

START_TEST(each_order_has_the_four_operations_once)
{
    int seen[256] = { 0 }, n = 0;

    for (uint32_t i = 0; i < 1000; i++) {
        const struct scl_view_draw d = draw(&recipe, i, 32, 32);
        int bits = 0, code = 0;

        for (int k = 0; k < 4 && d.order[0] != SCL_COLOR_NONE; k++) {
            bits |= 1 << d.order[k];
            code = code * 4 + d.order[k] - 1;
        }
        ck_assert(bits == 0 || bits == 30);
        n += bits && !seen[code]++;
    }
    ck_assert_int_eq(n, 24);
}
END_TEST

static void check_same(const struct scl_view_draw *a, const struct scl_view_draw *b)
{
    ck_assert(a->top == b->top && a->left == b->left && a->height == b->height);
    ck_assert(a->width == b->width && a->flip == b->flip && a->grey == b->grey);
    ck_assert_mem_eq(a->order, b->order, sizeof a->order);
    ck_assert_mem_eq(a->factor, b->factor, sizeof a->factor);
    ck_assert_float_eq(a->sigma, b->sigma);
    ck_assert_float_eq(a->threshold, b->threshold);
}

START_TEST(a_view_is_the_same_whenever_it_is_drawn)
{
    const struct scl_view_draw a = draw(&recipe, 7, 32, 32);
    struct scl_view_draw b;

    draw(&recipe, 8, 32, 32);
    b = draw(&recipe, 7, 32, 32);
    check_same(&a, &b);
    scl_view_draw(&b, &recipe, 1, 0, 7, 1, 32, 32);
    ck_assert_float_ne(a.factor[0], b.factor[0]);
    scl_view_draw(&b, &recipe, 1, 1, 7, 0, 32, 32);
    ck_assert_float_ne(a.factor[0], b.factor[0]);
}
END_TEST

START_TEST(switching_blur_off_leaves_the_other_draws)
{
    struct scl_augment_config c = recipe;
    struct scl_view_draw a = draw(&recipe, 5, 32, 32), b;

    c.blur[0] = 0;
    b = draw(&c, 5, 32, 32);
    a.sigma = b.sigma;
    check_same(&a, &b);
}
END_TEST

START_TEST(an_item_is_for_its_view_and_the_last_for_all_after_it)
{
    struct scl_augment_config c = recipe;
    struct scl_view_draw d;

    c.blur[0] = c.solarize[1] = 1;
    c.blur[1] = c.solarize[0] = 0;
    c.n_blur = c.n_solarize = 2;
    for (uint32_t view = 0; view < SCL_MAX_VIEWS; view++)
        for (uint32_t i = 0; i < 50; i++) {
            scl_view_draw(&d, &c, 1, 0, i, view, 32, 32);
            ck_assert(view == 0 ? d.sigma > 0 : d.sigma == 0);
            ck_assert(view == 0 ? d.threshold > 1 : d.threshold < 1);
        }
    ck_assert(!scl_views_solarize(&c, 1) && scl_views_solarize(&c, 2));
    ck_assert(scl_views_blur(&c, 1) && scl_views_blur(&c, 4));
}
END_TEST

/* Of any two lists the draws differ only where the probabilities do. */
START_TEST(an_item_of_its_own_leaves_the_other_draws)
{
    struct scl_augment_config c = recipe;
    struct scl_view_draw a, b;

    c.blur[1] = 0;
    c.n_blur = 2;
    for (uint32_t i = 0; i < 100; i++) {
        scl_view_draw(&a, &recipe, 1, 0, i, 0, 32, 32);
        scl_view_draw(&b, &c, 1, 0, i, 0, 32, 32);
        check_same(&a, &b);
        scl_view_draw(&a, &recipe, 1, 0, i, 3, 32, 32);
        scl_view_draw(&b, &c, 1, 0, i, 3, 32, 32);
        ck_assert_float_eq(b.sigma, 0);
        b.sigma = a.sigma;
        check_same(&a, &b);
    }
}
END_TEST

START_TEST(an_operation_of_range_zero_is_left_out)
{
    struct scl_augment_config c = recipe;

    c.contrast = 0;
    for (uint32_t i = 0; i < 100; i++) {
        const struct scl_view_draw d = draw(&c, i, 32, 32);

        for (int k = 0; k < 4; k++)
            ck_assert_int_ne(d.order[k], SCL_COLOR_CONTRAST);
    }
}
END_TEST

const char *const suite_name = "data/augment";

void suite_fill(TCase *tc)
{
    tcase_add_test(tc, a_crop_lies_inside_its_image_and_keeps_its_ratio);
    tcase_add_test(tc, shares_of_area_are_uniform);
    tcase_add_test(tc, no_crop_fits_then_the_central_one_is_taken);
    tcase_add_test(tc, probabilities_are_those_of_the_recipe);
    tcase_add_test(tc, each_order_has_the_four_operations_once);
    tcase_add_test(tc, a_view_is_the_same_whenever_it_is_drawn);
    tcase_add_test(tc, switching_blur_off_leaves_the_other_draws);
    tcase_add_test(tc, an_item_is_for_its_view_and_the_last_for_all_after_it);
    tcase_add_test(tc, an_item_of_its_own_leaves_the_other_draws);
    tcase_add_test(tc, an_operation_of_range_zero_is_left_out);
}
