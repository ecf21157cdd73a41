/* test_weighted_mean.c - the reference, the gradient, the refusal. */
#include <check.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Around 16 lanes, a group of 64, and a span of 4096. */
static const int sizes[] = { 1, 15, 16, 17, 63, 65, 4095, 4097 };

static struct scl_graph *g;

static void setup(void)
{
    g = scl_graph_new();
    check_reset();
}

static void teardown(void)
{
    scl_graph_free(g);
}

static struct scl_node *mean_of(int n)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE1(n));

    return scl_weighted_mean(g, x, scl_input(g, "w", SCL_F32, SCL_SHAPE1(n)));
}

/* Sums of at most 256 products in a lane. */
START_TEST(forward_matches_reference)
{
    check_forward(g, mean_of(sizes[_i]), 1e-5);
}
END_TEST

/* One product of three factors. */
START_TEST(gradient_matches_finite_difference)
{
    check_gradient(g, mean_of(sizes[_i]), 1e-6);
}
END_TEST

START_TEST(weights_of_one_give_the_bits_of_no_weights)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE1(65));
    struct scl_node *w = scl_input(g, "w", SCL_F32, SCL_SHAPE1(65));
    float values[65], one[65], with, without;
    const void *in[] = { values, one };

    for (int i = 0; i < 65; i++) {
        values[i] = 1.0f / (float)(i + 3);
        one[i] = 1;
    }
    ck_assert_int_eq(run_node(g, scl_row_mean(g, x, w), in, &with), SCL_OK);
    ck_assert_int_eq(run_node(g, scl_row_mean(g, x, NULL), in, &without), SCL_OK);
    ck_assert_float_eq(with, without);
}
END_TEST

START_TEST(other_number_of_weights_is_refused)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE1(4));

    ck_assert_ptr_null(scl_weighted_mean(g, x, scl_input(g, "w", SCL_F32, SCL_SHAPE1(5))));
    ck_assert_str_eq(scl_error(), "weighted_mean: values [4] and weights [5] are not both [n]");
}
END_TEST

const char *const suite_name = "ops/weighted_mean";

void suite_fill(TCase *tc)
{
    const int n = sizeof sizes / sizeof *sizes;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, forward_matches_reference, 0, n);
    tcase_add_loop_test(tc, gradient_matches_finite_difference, 0, n);
    tcase_add_test(tc, weights_of_one_give_the_bits_of_no_weights);
    tcase_add_test(tc, other_number_of_weights_is_refused);
}
