/* test_center_softmax.c - the reference, what holds of distributions, the refusals. */
#include <check.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Around 16 lanes and a work-group of 64, and prototypes as DINO has them. */
static const int shapes[][2] = { { 1, 1 },  { 3, 15 },  { 3, 16 },  { 2, 17 },
                                 { 5, 63 }, { 5, 130 }, { 2, 4096 } };

static const float temperature[] = { 0.04f };

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

static struct scl_node *softmax_of(int rows, int cols)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE2(rows, cols));
    struct scl_node *center = scl_input(g, "center", SCL_F32, SCL_SHAPE1(cols));
    struct scl_node *t = scl_input(g, "temperature", SCL_F32, SCL_SHAPE1(1));

    check_set(t, temperature);
    return scl_center_softmax(g, x, center, t);
}

/* Two roundings of 6e-8 in d, which the temperature makes 25 times as large, and exp's own. */
START_TEST(forward_matches_reference)
{
    check_forward(g, softmax_of(shapes[_i][0], shapes[_i][1]), 5e-6);
}
END_TEST

START_TEST(gradients_stop_at_a_distribution)
{
    struct scl_node *y = softmax_of(2, 3), *x = y->in[0], *dx;

    ck_assert_int_eq(scl_gradients(&dx, g, y, scl_scale(g, y, 1, 0), 1, &x), SCL_SHAPE);
}
END_TEST

/* What the center has more than x is taken away, however large. */
START_TEST(row_at_its_center_is_uniform)
{
    const float x[] = { 1e6f, -3, 0, 17 }, t = 1e-3f;
    const void *in[] = { x, x, &t };
    float y[4];

    ck_assert_int_eq(run_node(g, softmax_of(1, 4), in, y), SCL_OK);
    for (int i = 0; i < 4; i++)
        ck_assert_float_eq(y[i], 0.25f);
}
END_TEST

START_TEST(small_temperature_leaves_the_largest)
{
    const float x[] = { 1e4f, -1e4f, 2e4f, 0 }, center[] = { 0, 0, 0, 0 }, t = 1e-4f;
    const void *in[] = { x, center, &t };
    float y[4];

    ck_assert_int_eq(run_node(g, softmax_of(1, 4), in, y), SCL_OK);
    for (int i = 0; i < 4; i++)
        ck_assert_float_eq(y[i], i == 2 ? 1.0f : 0.0f);
}
END_TEST

START_TEST(other_number_of_columns_is_refused_in_words)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE2(4, 10));
    struct scl_node *center = scl_input(g, "center", SCL_F32, SCL_SHAPE1(4));

    ck_assert_ptr_null(scl_center_softmax(g, x, center, center));
    ck_assert_int_eq(scl_graph_check(g), SCL_SHAPE);
    ck_assert_str_eq(scl_error(),
                     "center_softmax: center is [4], not a number to each column of [4, 10]");
}
END_TEST

START_TEST(several_temperatures_are_refused_in_words)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE2(4, 10));
    struct scl_node *center = scl_input(g, "center", SCL_F32, SCL_SHAPE1(10));

    ck_assert_ptr_null(scl_center_softmax(g, x, center, center));
    ck_assert_str_eq(scl_error(), "center_softmax: center is [10], not one number");
}
END_TEST

START_TEST(images_are_refused_in_words)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE4(2, 3, 3, 8));

    ck_assert_ptr_null(scl_center_softmax(g, x, x, x));
    ck_assert_str_eq(scl_error(), "center_softmax: x is [2, 3, 3, 8], not [rows, cols] in fp32");
}
END_TEST

const char *const suite_name = "ops/center_softmax";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, forward_matches_reference, 0, sizeof shapes / sizeof *shapes);
    tcase_add_test(tc, gradients_stop_at_a_distribution);
    tcase_add_test(tc, row_at_its_center_is_uniform);
    tcase_add_test(tc, small_temperature_leaves_the_largest);
    tcase_add_test(tc, other_number_of_columns_is_refused_in_words);
    tcase_add_test(tc, several_temperatures_are_refused_in_words);
    tcase_add_test(tc, images_are_refused_in_words);
}
