/* test_group_norm.c - statistics of groups, the gradient, the fused SiLU, refusals. */
#include <check.h>
#include <stdlib.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Groups of one channel, of a few, of all; channels beside and above 16 and 64. The simulator runs
 * the first N_SMALL. */
#define N_SMALL 7
static const struct {
    struct scl_shape x;
    int groups;
} cases[] = {
    { { 4, { 2, 3, 3, 8 } }, 8 },  { { 4, { 2, 5, 4, 16 } }, 4 }, { { 4, { 1, 4, 5, 33 } }, 3 },
    { { 4, { 3, 2, 2, 5 } }, 1 },  { { 4, { 3, 1, 1, 96 } }, 8 }, { { 2, { 4, 40 } }, 5 },
    { { 4, { 1, 2, 2, 64 } }, 8 }, { { 4, { 2, 9, 9, 64 } }, 8 },
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

static struct scl_node *normalized(struct scl_shape shape, int groups, bool affine,
                                   enum scl_act act)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, shape), *gamma = NULL, *beta = NULL;
    const struct scl_shape channels = SCL_SHAPE1(shape.dim[shape.rank - 1]);

    if (affine) {
        gamma = scl_input(g, "gamma", SCL_F32, channels);
        beta = scl_input(g, "beta", SCL_F32, channels);
    }
    return scl_group_norm(g, x, gamma, beta, groups, 1e-5f, act);
}

/* Tolerance: xhat carries a few roundings and a gain of up to about 10. */
START_TEST(forward_matches_reference)
{
    check_forward(g, normalized(cases[_i].x, cases[_i].groups, true, SCL_ACT_NONE), 1e-5);
}
END_TEST

START_TEST(forward_with_silu_matches_reference)
{
    check_forward(g, normalized(cases[_i].x, cases[_i].groups, true, SCL_ACT_SILU), 1e-5);
}
END_TEST

START_TEST(forward_without_affine_matches_reference)
{
    check_forward(g, normalized(cases[_i].x, cases[_i].groups, false, SCL_ACT_NONE), 1e-5);
}
END_TEST

/* Tolerance: as forward, and sums that cancel. */
START_TEST(gradient_matches_finite_difference)
{
    check_gradient(g, normalized(cases[_i].x, cases[_i].groups, true, SCL_ACT_NONE), 3e-5);
}
END_TEST

START_TEST(gradient_through_silu_matches_finite_difference)
{
    check_gradient(g, normalized(cases[_i].x, cases[_i].groups, true, SCL_ACT_SILU), 3e-5);
}
END_TEST

START_TEST(gradient_without_affine_matches_finite_difference)
{
    check_gradient(g, normalized(cases[_i].x, cases[_i].groups, false, SCL_ACT_SILU), 3e-5);
}
END_TEST

/* x goes around the normalisation as well: its gradient is a sum. */
START_TEST(gradient_of_a_value_that_goes_around_matches_finite_difference)
{
    struct scl_node *y = normalized(cases[_i].x, cases[_i].groups, true, SCL_ACT_SILU);

    check_gradient(g, scl_add(g, y, y->in[0]), 3e-5);
}
END_TEST

START_TEST(gradient_is_there_beside_a_sum_with_it)
{
    struct scl_node *y = normalized(cases[_i].x, cases[_i].groups, true, SCL_ACT_NONE);
    struct scl_node *dy = scl_input(g, "dy", SCL_F32, cases[_i].x), *dx;

    ck_assert_int_eq(scl_gradients(&dx, g, y, dy, 1, &y->in[0]), SCL_OK);
    check_forward(g, scl_concat(g, dx, scl_add(g, dx, dy), 0), 3e-5);
}
END_TEST

static void run_silu(float y[160], bool fused)
{
    float x[160], p[16];
    const void *in[] = { x, p, p };
    struct scl_graph *own = g;
    struct scl_node *node;

    for (int i = 0; i < 160; i++)
        x[i] = (float)(i * 7 % 11) - 5;
    for (int i = 0; i < 16; i++)
        p[i] = (float)(i % 5) - 2;
    g = scl_graph_new();
    node = normalized(SCL_SHAPE4(1, 5, 2, 16), 4, true, fused ? SCL_ACT_SILU : SCL_ACT_NONE);
    ck_assert_int_eq(run_node(g, fused ? node : scl_silu(g, node), in, y), SCL_OK);
    scl_graph_free(g);
    g = own;
}

START_TEST(fused_silu_is_silu_behind)
{
    float apart[160], fused[160];

    run_silu(apart, false);
    run_silu(fused, true);
    for (int i = 0; i < 160; i++)
        ck_assert_float_eq_tol(fused[i], apart[i], 1e-6f);
}
END_TEST

START_TEST(groups_that_do_not_divide_are_refused_in_words)
{
    ck_assert_ptr_null(normalized(SCL_SHAPE4(2, 3, 3, 8), 3, true, SCL_ACT_NONE));
    ck_assert_int_eq(scl_graph_check(g), SCL_SHAPE);
    ck_assert_str_eq(scl_error(), "group_norm: x is [2, 3, 3, 8], whose channels do not divide "
                                  "into 3 groups");
}
END_TEST

START_TEST(group_of_one_value_gives_the_shift)
{
    static const float x[4] = { 3, -1e6f, 0.1f, 0 }, gamma[2] = { 2, 3 }, beta[2] = { 0.5f, -7 };
    const void *in[] = { x, gamma, beta };
    float y[4];

    ck_assert_int_eq(run_node(g, normalized(SCL_SHAPE2(2, 2), 2, true, SCL_ACT_NONE), in, y),
                     SCL_OK);
    for (int i = 0; i < 4; i++)
        ck_assert_float_eq(y[i], beta[i % 2]);
}
END_TEST

const char *const suite_name = "ops/group_norm";

void suite_fill(TCase *tc)
{
    const int n = getenv("SCL_SIMULATOR") ? N_SMALL : sizeof cases / sizeof *cases;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, forward_matches_reference, 0, n);
    tcase_add_loop_test(tc, forward_with_silu_matches_reference, 0, n);
    tcase_add_loop_test(tc, forward_without_affine_matches_reference, 0, n);
    tcase_add_loop_test(tc, gradient_matches_finite_difference, 0, n);
    tcase_add_loop_test(tc, gradient_through_silu_matches_finite_difference, 0, n);
    tcase_add_loop_test(tc, gradient_without_affine_matches_finite_difference, 0, n);
    tcase_add_loop_test(tc, gradient_of_a_value_that_goes_around_matches_finite_difference, 0, n);
    tcase_add_loop_test(tc, gradient_is_there_beside_a_sum_with_it, 0, n);
    tcase_add_test(tc, fused_silu_is_silu_behind);
    tcase_add_test(tc, groups_that_do_not_divide_are_refused_in_words);
    tcase_add_test(tc, group_of_one_value_gives_the_shift);
}
