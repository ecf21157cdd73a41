/* test_scale_rows.c - scale_rows and divide_rows: references, gradients, refusals. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Single numbers, and more of them than a group takes; rows of less than a vector, one and
 * more, and more than a group takes; images. The simulator runs the first N_SMALL. */
static const struct scl_shape shapes[] = {
    { 1, { 1 } },       { 1, { 65 } },          { 2, { 33, 3 } }, { 2, { 5, 16 } },
    { 2, { 3, 67 } },   { 4, { 2, 3, 5, 3 } },  { 1, { 5000 } },  { 2, { 300, 17 } },
    { 2, { 3, 4099 } }, { 4, { 2, 6, 6, 64 } },
};

#define N_SMALL 6

static struct scl_graph *g;

static void setup(void)
{
    g = scl_graph_new();
}

static void teardown(void)
{
    scl_graph_free(g);
    check_reset();
}

static struct scl_node *input(const char *name, struct scl_shape shape)
{
    return scl_input(g, name, SCL_F32, shape);
}

static struct scl_node *scaled(struct scl_shape shape)
{
    struct scl_node *x = input("x", shape);

    return scl_scale_rows(g, x, input("d", SCL_SHAPE1(shape.dim[0])));
}

static struct scl_node *divided(struct scl_shape shape)
{
    struct scl_node *x = input("x", shape);

    return scl_divide_rows(g, x, input("d", SCL_SHAPE1(shape.dim[0])));
}

/* Tolerances: one rounding of fp32. */
START_TEST(scale_rows_matches_reference)
{
    check_forward(g, scaled(shapes[_i]), 1e-7);
}
END_TEST

/* Sums of up to 4099 products. */
START_TEST(scale_rows_gradient_matches_finite_difference)
{
    check_gradient(g, scaled(shapes[_i]), 1e-6);
}
END_TEST

START_TEST(divide_rows_matches_reference)
{
    check_forward(g, divided(shapes[_i]), 1e-7);
}
END_TEST

START_TEST(divide_rows_gradient_matches_finite_difference)
{
    check_gradient(g, divided(shapes[_i]), 1e-6);
}
END_TEST

START_TEST(rows_over_zero_are_infinite_and_others_are_not)
{
    static const float x[4] = { 1, -2, 3, 0 }, d[2] = { 0, 2 };
    const void *in[] = { x, d };
    float y[4];

    ck_assert_int_eq(run_node(g, divided(SCL_SHAPE2(2, 2)), in, y), SCL_OK);
    ck_assert(y[0] == INFINITY && y[1] == -INFINITY && y[2] == 1.5f && y[3] == 0);
}
END_TEST

START_TEST(wrong_factor_is_refused_in_words)
{
    struct scl_node *x = input("x", SCL_SHAPE2(2, 3));

    ck_assert_ptr_null(scl_scale_rows(g, x, input("d", SCL_SHAPE1(3))));
    ck_assert_int_eq(scl_graph_check(g), SCL_SHAPE);
    ck_assert_str_eq(scl_error(),
                     "scale_rows: x is [2, 3] and d is [3], not [N, ...] and [N] in fp32");
}
END_TEST

START_TEST(integer_divisor_is_refused_in_words)
{
    struct scl_node *x = input("x", SCL_SHAPE1(2));

    ck_assert_ptr_null(scl_divide_rows(g, x, scl_input(g, "d", SCL_I32, SCL_SHAPE1(2))));
    ck_assert_str_eq(scl_error(),
                     "divide_rows: x is [2] and d is [2], not [N, ...] and [N] in fp32");
}
END_TEST

const char *const suite_name = "ops/scale_rows";

void suite_fill(TCase *tc)
{
    const int n = getenv("SCL_SIMULATOR") ? N_SMALL : sizeof shapes / sizeof *shapes;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, scale_rows_matches_reference, 0, n);
    tcase_add_loop_test(tc, scale_rows_gradient_matches_finite_difference, 0, n);
    tcase_add_loop_test(tc, divide_rows_matches_reference, 0, n);
    tcase_add_loop_test(tc, divide_rows_gradient_matches_finite_difference, 0, n);
    tcase_add_test(tc, rows_over_zero_are_infinite_and_others_are_not);
    tcase_add_test(tc, wrong_factor_is_refused_in_words);
    tcase_add_test(tc, integer_divisor_is_refused_in_words);
}
