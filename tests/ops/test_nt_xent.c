/* test_nt_xent.c - the reference, the gradient, what must not count. */
#include <check.h>
#include <math.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Pairs: one (its row has nothing but the partner), two, around 16 lanes and a group of 64. */
static const int pairs[] = { 1, 2, 7, 8, 9, 16, 17, 33, 65 };

static struct scl_graph *g;

static void setup(void)
{
    g = scl_graph_new();
    check_reset();
    check_range(-2, 2);
}

static void teardown(void)
{
    scl_graph_free(g);
}

static struct scl_node *loss_of(int n)
{
    return scl_nt_xent(g, scl_input(g, "s", SCL_F32, SCL_SHAPE2(2 * n, 2 * n)));
}

/* exp and log of the device, each within some units in the last place. */
START_TEST(forward_matches_reference)
{
    check_forward(g, loss_of(pairs[_i]), 1e-5);
}
END_TEST

START_TEST(gradient_matches_finite_difference)
{
    check_gradient(g, loss_of(pairs[_i]), 1e-5);
}
END_TEST

/* At temperature 0.01 a view is 100 to itself; the others would vanish beside it. */
START_TEST(similarity_to_itself_does_not_count)
{
    const float s[] = { 100, 1, 2, 3, 1, 100, 3, 2, 2, 3, 100, 1, 3, 2, 1, 100 };
    const float other[] = { -100, 1, 2, 3, 1, 1e30f, 3, 2, 2, 3, 0, 1, 3, 2, 1, 100 };
    const void *in[] = { s }, *in_other[] = { other };
    struct scl_node *y = loss_of(2);
    float loss[2], loss_other[2];

    ck_assert_int_eq(run_node(g, y, in, loss), SCL_OK);
    ck_assert_int_eq(run_node(g, y, in_other, loss_other), SCL_OK);
    for (int k = 0; k < 2; k++) {
        ck_assert_float_eq_tol(loss[k], logf(expf(1) + expf(2) + expf(3)) - 2, 1e-5f);
        ck_assert_float_eq(loss[k], loss_other[k]);
    }
}
END_TEST

START_TEST(odd_number_of_rows_is_refused)
{
    ck_assert_ptr_null(scl_nt_xent(g, scl_input(g, "s", SCL_F32, SCL_SHAPE2(3, 3))));
    ck_assert_str_eq(scl_error(), "nt_xent: s is [3, 3], not [2 pairs, 2 pairs] in fp32");
}
END_TEST

const char *const suite_name = "ops/nt_xent";

void suite_fill(TCase *tc)
{
    const int n = sizeof pairs / sizeof *pairs;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, forward_matches_reference, 0, n);
    tcase_add_loop_test(tc, gradient_matches_finite_difference, 0, n);
    tcase_add_test(tc, similarity_to_itself_does_not_count);
    tcase_add_test(tc, odd_number_of_rows_is_refused);
}
