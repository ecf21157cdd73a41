/* test_weight_stats.c - against the reference, and the values where they are known. */
#include <check.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Around 16 lanes, a group of 64, and many. */
static const int sizes[] = { 1, 2, 15, 16, 17, 63, 65, 1025 };

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

static struct scl_node *stats_of(int n)
{
    struct scl_node *w = scl_input(g, "w", SCL_F32, SCL_SHAPE1(n));

    return scl_weight_stats(g, w, scl_input(g, "loss", SCL_F32, SCL_SHAPE1(n)));
}

/* Sums of fp32, relative to the effective sample size, the largest of the six. */
START_TEST(forward_matches_reference)
{
    check_forward(g, stats_of(sizes[_i]), 1e-5);
}
END_TEST

START_TEST(equal_weights_have_no_spread_and_no_correlation)
{
    float w[5] = { 0.1f, 0.1f, 0.1f, 0.1f, 0.1f }, loss[5] = { 1, 2, 3, 4, 5 }, y[6];
    const void *in[] = { w, loss };

    ck_assert_int_eq(run_node(g, stats_of(5), in, y), SCL_OK);
    ck_assert_float_eq(y[1], 0.0f);
    ck_assert_float_eq_tol(y[4], 5.0f, 1e-5f);
    ck_assert_float_eq(y[5], 0.0f);
}
END_TEST

START_TEST(known_batch_has_known_statistics)
{
    const float w[] = { 0, 2, 1, 1 }, loss[] = { 5, 1, 3, 3 };
    const float want[] = { 1, 0.70710678f, 0, 2, 16.0f / 6, -1 };
    const void *in[] = { w, loss };
    float y[6];

    ck_assert_int_eq(run_node(g, stats_of(4), in, y), SCL_OK);
    for (int i = 0; i < 6; i++)
        ck_assert_float_eq_tol(y[i], want[i], 1e-6f);
}
END_TEST

START_TEST(weights_of_zero_have_no_sample_size)
{
    const float w[3] = { 0 }, loss[] = { 1, 2, 3 };
    const void *in[] = { w, loss };
    float y[6];

    ck_assert_int_eq(run_node(g, stats_of(3), in, y), SCL_OK);
    for (int i = 0; i < 6; i++)
        ck_assert_float_eq(y[i], 0.0f);
}
END_TEST

const char *const suite_name = "ops/weight_stats";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, forward_matches_reference, 0, sizeof sizes / sizeof *sizes);
    tcase_add_test(tc, equal_weights_have_no_spread_and_no_correlation);
    tcase_add_test(tc, known_batch_has_known_statistics);
    tcase_add_test(tc, weights_of_zero_have_no_sample_size);
}
