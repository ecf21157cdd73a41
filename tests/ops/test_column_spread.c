/* test_column_spread.c - the reference, what rows that are alike give, the refusal. */
#include <check.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Columns around 16 lanes and a work-group of 64, and one, few and many rows. */
static const int shapes[][2] = { { 1, 1 },  { 15, 3 }, { 2, 15 },  { 3, 16 },
                                 { 5, 17 }, { 7, 63 }, { 33, 64 }, { 257, 65 } };

enum { N_SHAPE = sizeof shapes / sizeof *shapes };

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

static struct scl_node *spread(int rows, int cols)
{
    return scl_column_spread(g, scl_input(g, "x", SCL_F32, SCL_SHAPE2(rows, cols)));
}

/* Sums of some hundred in fp32. */
START_TEST(forward_matches_reference)
{
    check_forward(g, spread(shapes[_i][0], shapes[_i][1]), 1e-6);
}
END_TEST

/* A float near 10^6 has steps of 1/16; what the sums make of these is exact to fp32. */
START_TEST(large_mean_costs_no_digits)
{
    check_range(1e6f, 1e6f + 10);
    check_forward(g, spread(shapes[_i][0], shapes[_i][1]), 1e-6);
}
END_TEST

START_TEST(equal_rows_have_no_spread)
{
    float x[37 * 3], y;
    const void *in[] = { x };

    for (int i = 0; i < 37 * 3; i++)
        x[i] = i % 3 == 0 ? 0.1f : i % 3 == 1 ? -1e6f / 3 : 1e-30f;
    ck_assert_int_eq(run_node(g, spread(37, 3), in, &y), SCL_OK);
    ck_assert_float_eq(y, 0.0f);
}
END_TEST

/* Deviations 2 and 0; the variance divides by the rows. */
START_TEST(spread_is_the_mean_of_the_columns)
{
    const float x[] = { 1, 7, 5, 7 };
    const void *in[] = { x };
    float y;

    ck_assert_int_eq(run_node(g, spread(2, 2), in, &y), SCL_OK);
    ck_assert_float_eq(y, 1.0f);
}
END_TEST

START_TEST(gradients_stop_at_a_monitor)
{
    struct scl_node *y = spread(2, 3), *dx;

    ck_assert_int_eq(scl_gradients(&dx, g, y, NULL, 1, y->in), SCL_SHAPE);
}
END_TEST

START_TEST(image_batch_is_refused_in_words)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE4(2, 3, 8, 8));

    ck_assert_ptr_null(scl_column_spread(g, x));
    ck_assert_int_eq(scl_graph_check(g), SCL_SHAPE);
    ck_assert_str_eq(scl_error(), "column_spread: x is [2, 3, 8, 8], not [rows, cols] in fp32");
}
END_TEST

const char *const suite_name = "ops/column_spread";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, forward_matches_reference, 0, N_SHAPE);
    tcase_add_loop_test(tc, large_mean_costs_no_digits, 0, N_SHAPE);
    tcase_add_test(tc, equal_rows_have_no_spread);
    tcase_add_test(tc, spread_is_the_mean_of_the_columns);
    tcase_add_test(tc, gradients_stop_at_a_monitor);
    tcase_add_test(tc, image_batch_is_refused_in_words);
}
