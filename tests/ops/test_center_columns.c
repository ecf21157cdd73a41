/* test_center_columns.c - the reference, the gradient, slices, the edges, the refusals. */
#include <check.h>
#include <math.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Around a block of 32 rows and 16 lanes; more rows than 64 such blocks have; more columns
 * than a group of 64 takes. */
static const struct {
    int rows, cols, size;
} cases[] = {
    { 1, 1, 1 },  { 31, 15, 31 },    { 32, 16, 32 }, { 33, 17, 33 },
    { 7, 65, 7 }, { 2100, 3, 2100 }, { 12, 5, 4 },   { 132, 33, 66 },
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

static struct scl_node *centered(int i)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE2(cases[i].rows, cases[i].cols));

    return cases[i].size == cases[i].rows ? scl_center_columns(g, x)
                                          : scl_center_slices(g, x, cases[i].size);
}

/* Sums of at most 33 values, and of 64 of those. */
START_TEST(forward_matches_reference)
{
    check_forward(g, centered(_i), 1e-6);
}
END_TEST

START_TEST(gradient_matches_finite_difference)
{
    check_gradient(g, centered(_i), 1e-6);
}
END_TEST

/* fp32 has steps of 6e-5 at 1000; the values that are drawn have them, the result does not. */
START_TEST(large_mean_costs_no_digits)
{
    check_range(1000, 1001);
    check_forward(g, centered(_i), 1e-6);
}
END_TEST

START_TEST(constant_column_is_exactly_zero)
{
    float x[77], y[77];
    const void *in[] = { x };
    struct scl_node *node = scl_input(g, "x", SCL_F32, SCL_SHAPE2(77, 1));

    for (int i = 0; i < 77; i++)
        x[i] = 0.1f;
    ck_assert_int_eq(run_node(g, scl_center_columns(g, node), in, y), SCL_OK);
    for (int i = 0; i < 77; i++)
        ck_assert_float_eq(y[i], 0.0f);
}
END_TEST

START_TEST(nan_stays_in_its_column_and_slice)
{
    static const float x[8] = { 1, 2, NAN, 4, 5, 6, 7, 10 };
    const void *in[] = { x };
    struct scl_node *node = scl_input(g, "x", SCL_F32, SCL_SHAPE2(4, 2));
    float y[8];

    ck_assert_int_eq(run_node(g, scl_center_slices(g, node, 2), in, y), SCL_OK);
    ck_assert(isnan(y[0]) && isnan(y[2]));
    ck_assert(y[1] == -1 && y[3] == 1 && y[4] == -1 && y[6] == 1 && y[5] == -2 && y[7] == 2);
}
END_TEST

START_TEST(image_batch_is_refused_in_words)
{
    ck_assert_ptr_null(scl_center_columns(g, scl_input(g, "x", SCL_F32, SCL_SHAPE3(2, 3, 4))));
    ck_assert_int_eq(scl_graph_check(g), SCL_SHAPE);
    ck_assert_str_eq(scl_error(), "center_columns: x is [2, 3, 4], not [N, D] in fp32");
}
END_TEST

START_TEST(rows_left_over_are_refused_in_words)
{
    ck_assert_ptr_null(scl_center_slices(g, scl_input(g, "x", SCL_F32, SCL_SHAPE2(7, 2)), 3));
    ck_assert_str_eq(scl_error(), "center_columns: 7 rows do not divide into slices of 3");
}
END_TEST

const char *const suite_name = "ops/center_columns";

void suite_fill(TCase *tc)
{
    const int n = sizeof cases / sizeof *cases;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, forward_matches_reference, 0, n);
    tcase_add_loop_test(tc, gradient_matches_finite_difference, 0, n);
    tcase_add_loop_test(tc, large_mean_costs_no_digits, 0, n);
    tcase_add_test(tc, constant_column_is_exactly_zero);
    tcase_add_test(tc, nan_stays_in_its_column_and_slice);
    tcase_add_test(tc, image_batch_is_refused_in_words);
    tcase_add_test(tc, rows_left_over_are_refused_in_words);
}
