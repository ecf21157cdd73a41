/* test_elementwise.c - relu, silu, gelu, add and scale: references, gradients, NaN, refusals. */
#include <check.h>
#include <math.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Around a vector of 16 floats, a span of 4096 and a GPU's group of 1024: less, equal, more. */
static const int sizes[] = { 1, 15, 16, 17, 1023, 4096, 4097, 8195 };

static struct scl_graph *g;

static void setup(void)
{
    g = scl_graph_new();
    check_range(-2, 2);
}

static void teardown(void)
{
    scl_graph_free(g);
    check_reset();
}

static struct scl_node *input(const char *name, int n)
{
    return scl_input(g, name, SCL_F32, SCL_SHAPE2(1, n));
}

START_TEST(relu_matches_reference)
{
    check_forward(g, scl_relu(g, input("x", sizes[_i])), 0);
}
END_TEST

START_TEST(relu_gradient_matches_finite_difference)
{
    check_gradient(g, scl_relu(g, input("x", sizes[_i])), 0);
}
END_TEST

/* Tolerances: a few roundings of fp32 (6e-8), and an exp of up to 3 ulp. */
START_TEST(silu_matches_reference)
{
    check_forward(g, scl_silu(g, input("x", sizes[_i])), 1e-6);
}
END_TEST

START_TEST(silu_gradient_matches_finite_difference)
{
    check_gradient(g, scl_silu(g, input("x", sizes[_i])), 1e-6);
}
END_TEST

/* To 6 on both sides, where Phi is 0 or 1 but for 1e-9; it is off by 3e-7 at most. */
START_TEST(gelu_matches_reference)
{
    check_range(-6, 6);
    check_forward(g, scl_gelu(g, input("x", sizes[_i])), 3e-7);
}
END_TEST

START_TEST(gelu_gradient_matches_finite_difference)
{
    check_range(-6, 6);
    check_gradient(g, scl_gelu(g, input("x", sizes[_i])), 4e-7);
}
END_TEST

START_TEST(add_matches_reference)
{
    struct scl_node *a = input("a", sizes[_i]);

    check_forward(g, scl_add(g, a, input("b", sizes[_i])), 1e-7);
}
END_TEST

START_TEST(gradient_of_a_sum_with_itself_is_twice)
{
    struct scl_node *x = input("x", 33);

    check_gradient(g, scl_add(g, x, scl_silu(g, x)), 1e-6);
}
END_TEST

START_TEST(scale_matches_reference)
{
    check_forward(g, scl_scale(g, input("x", sizes[_i]), -3, 0.5f), 1e-7);
}
END_TEST

START_TEST(scale_gradient_matches_finite_difference)
{
    check_gradient(g, scl_scale(g, input("x", sizes[_i]), -3, 0.5f), 1e-7);
}
END_TEST

START_TEST(relu_keeps_nan_and_drops_minus_infinity)
{
    const float x[4] = { NAN, -INFINITY, INFINITY, -0.0f };
    const void *in[] = { x };
    float y[4];

    ck_assert_int_eq(run_node(g, scl_relu(g, input("x", 4)), in, y), SCL_OK);
    ck_assert(isnan(y[0]));
    ck_assert(y[1] == 0 && isinf(y[2]) && y[3] == 0);
}
END_TEST

START_TEST(relu_has_no_gradient_at_zero)
{
    const float dy[3] = { 1, 2, 3 }, y[3] = { 0, -0.0f, 1e-30f };
    const void *in[] = { dy, y };
    struct scl_node *dy_node = input("dy", 3), *y_node = input("y", 3);
    float dx[3];

    ck_assert_int_eq(run_node(g, scl_relu_grad(g, dy_node, y_node), in, dx), SCL_OK);
    ck_assert(dx[0] == 0 && dx[1] == 0 && dx[2] == 3);
}
END_TEST

START_TEST(silu_of_large_values_is_finite)
{
    const float x[4] = { -1e4f, -100, 100, 1e4f };
    const void *in[] = { x };
    float y[4];

    ck_assert_int_eq(run_node(g, scl_silu(g, input("x", 4)), in, y), SCL_OK);
    ck_assert(y[0] == 0 && fabsf(y[1]) < 1e-30f && y[2] == 100 && y[3] == 1e4f);
}
END_TEST

START_TEST(gelu_of_large_values_is_finite_and_keeps_nan)
{
    const float x[6] = { -1e30f, -100, 0, 100, 1e30f, NAN };
    const void *in[] = { x };
    float y[6];

    ck_assert_int_eq(run_node(g, scl_gelu(g, input("x", 6)), in, y), SCL_OK);
    ck_assert(y[0] == 0 && y[1] == 0 && y[2] == 0 && y[3] == 100 && y[4] == 1e30f);
    ck_assert(isnan(y[5]));
}
END_TEST

START_TEST(gelu_has_the_slope_of_its_side_far_from_zero)
{
    const float dy[5] = { 3, 3, 3, 3, 3 }, x[5] = { -1e30f, -100, 0, 100, 1e30f };
    const void *in[] = { dy, x };
    struct scl_node *dy_node = input("dy", 5), *y = scl_gelu(g, input("x", 5)), *dx;
    float slope[5];

    ck_assert_int_eq(scl_gradients(&dx, g, y, dy_node, 1, y->in), SCL_OK);
    ck_assert_int_eq(run_node(g, dx, in, slope), SCL_OK);
    ck_assert(slope[0] == 0 && slope[1] == 0 && slope[3] == 3 && slope[4] == 3);
    ck_assert_float_eq_tol(slope[2], 1.5f, 1e-6f);
}
END_TEST

START_TEST(unequal_shapes_are_refused_in_words)
{
    struct scl_node *a = input("a", 3);

    ck_assert_ptr_null(scl_add(g, a, input("b", 4)));
    ck_assert_int_eq(scl_graph_check(g), SCL_SHAPE);
    ck_assert_str_eq(scl_error(), "add: a is [1, 3], and b is [1, 4]; they have one shape");
}
END_TEST

START_TEST(integers_are_refused_in_words)
{
    ck_assert_ptr_null(scl_relu(g, scl_input(g, "index", SCL_I32, SCL_SHAPE1(3))));
    ck_assert_str_eq(scl_error(), "relu: index is not fp32");
}
END_TEST

const char *const suite_name = "ops/elementwise";

void suite_fill(TCase *tc)
{
    const int n = sizeof sizes / sizeof *sizes;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, relu_matches_reference, 0, n);
    tcase_add_loop_test(tc, relu_gradient_matches_finite_difference, 0, n);
    tcase_add_loop_test(tc, silu_matches_reference, 0, n);
    tcase_add_loop_test(tc, silu_gradient_matches_finite_difference, 0, n);
    tcase_add_loop_test(tc, gelu_matches_reference, 0, n);
    tcase_add_loop_test(tc, gelu_gradient_matches_finite_difference, 0, n);
    tcase_add_loop_test(tc, add_matches_reference, 0, n);
    tcase_add_test(tc, gradient_of_a_sum_with_itself_is_twice);
    tcase_add_loop_test(tc, scale_matches_reference, 0, n);
    tcase_add_loop_test(tc, scale_gradient_matches_finite_difference, 0, n);
    tcase_add_test(tc, relu_keeps_nan_and_drops_minus_infinity);
    tcase_add_test(tc, relu_has_no_gradient_at_zero);
    tcase_add_test(tc, silu_of_large_values_is_finite);
    tcase_add_test(tc, gelu_of_large_values_is_finite_and_keeps_nan);
    tcase_add_test(tc, gelu_has_the_slope_of_its_side_far_from_zero);
    tcase_add_test(tc, unequal_shapes_are_refused_in_words);
    tcase_add_test(tc, integers_are_refused_in_words);
}
