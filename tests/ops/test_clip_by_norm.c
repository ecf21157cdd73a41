/* test_clip_by_norm.c - longer and shorter than the limit, in place. */
#include <check.h>
#include <math.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Around 16 lanes, a group of 256 items of 4, and a span of 4096. */
static const int sizes[] = { 1, 15, 17, 1023, 1025, 4095, 4097 };

static struct scl_graph *g;
static struct scl_node *grad;

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

static void build(int n, float limit)
{
    grad = scl_state(g, "grad", SCL_SHAPE1(n), (struct scl_init){ 0 });
    scl_clip_by_norm(g, grad, scl_sum_squares(g, grad), limit);
}

/* A sum of squares, a root, a division. */
START_TEST(long_gradient_is_scaled)
{
    build(sizes[_i], 0.01f);
    check_state(g, grad, 1e-6);
}
END_TEST

START_TEST(gradient_within_the_limit_stays)
{
    build(sizes[_i], 1e3f);
    check_state(g, grad, 0);
}
END_TEST

START_TEST(zero_gradient_stays_zero)
{
    static float zeros[5];

    build(5, 1);
    check_set(grad, zeros);
    check_state(g, grad, 0);
}
END_TEST

START_TEST(limit_of_zero_is_refused)
{
    build(5, 0);
    ck_assert_int_eq(scl_graph_check(g), SCL_CONFIG);
    ck_assert_str_eq(scl_error(), "clip_by_norm: the limit is 0, not above 0");
}
END_TEST

const char *const suite_name = "ops/clip_by_norm";

void suite_fill(TCase *tc)
{
    const int n = sizeof sizes / sizeof *sizes;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, long_gradient_is_scaled, 0, n);
    tcase_add_loop_test(tc, gradient_within_the_limit_stays, 0, n);
    tcase_add_test(tc, zero_gradient_stays_zero);
    tcase_add_test(tc, limit_of_zero_is_refused);
}
