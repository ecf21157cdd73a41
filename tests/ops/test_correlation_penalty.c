/* test_correlation_penalty.c - references, gradients, both kinds of diagonal, the refusals. */
#include <check.h>
#include <math.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Diagonals closer than a vector of 16, at it and wider; one block of 4096, more than one, and
 * more than a group's items. */
static const int sizes[] = { 1, 2, 5, 15, 16, 17, 64, 65, 130 };

static const struct scl_correlation_penalty barlow = { 0.5f, 1, 0.0051f, false };
static const struct scl_correlation_penalty vicreg = { 0.9f, 0.25f, 0.125f, true };

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

static struct scl_node *penalty(int D, struct scl_correlation_penalty spec)
{
    return scl_correlation_penalty(g, scl_input(g, "c", SCL_F32, SCL_SHAPE2(D, D)), spec);
}

/* Sums of at most 256 squares in a lane, and some tens of those. */
START_TEST(barlow_matches_reference)
{
    check_range(-1, 3);
    check_forward(g, penalty(sizes[_i], barlow), 1e-6);
}
END_TEST

/* Three products. */
START_TEST(barlow_gradient_matches_finite_difference)
{
    check_range(-1, 3);
    check_gradient(g, penalty(sizes[_i], barlow), 3e-7);
}
END_TEST

/* Variances on both sides of the hinge. */
START_TEST(vicreg_matches_reference)
{
    check_range(0.1f, 2);
    check_forward(g, penalty(sizes[_i], vicreg), 1e-6);
}
END_TEST

START_TEST(vicreg_gradient_matches_finite_difference)
{
    check_range(0.1f, 2);
    check_gradient(g, penalty(sizes[_i], vicreg), 5e-7);
}
END_TEST

/* A diagonal of a million beside squares that add up to 240. */
START_TEST(diagonal_drowns_nothing)
{
    static float c[16 * 16];
    struct scl_node *y = penalty(16, (struct scl_correlation_penalty){ 1, 0, 1, false });

    for (int i = 0; i < 16 * 16; i++)
        c[i] = i % 17 == 0 ? 1e6f : 1 - 0.001f * (float)i;
    check_set(scl_graph_node(g, 0), c);
    check_forward(g, y, 1e-6);
}
END_TEST

START_TEST(variance_of_zero_has_a_finite_gradient)
{
    static const float c[4] = { 0, 0, 0, 4 };
    struct scl_node *y = penalty(2, vicreg), *x = scl_graph_node(g, 0), *dc;
    const void *in[] = { c };
    float got[4];

    ck_assert_int_eq(scl_gradients(&dc, g, y, NULL, 1, &x), SCL_OK);
    ck_assert_int_eq(run_node(g, dc, in, got), SCL_OK);
    ck_assert_float_eq_tol(got[0], -0.5f / 0.01f * vicreg.diagonal * vicreg.scale, 1e-4f);
    ck_assert(got[1] == 0 && got[2] == 0 && got[3] == 0);
}
END_TEST

/* On the diagonal, where a maximum could hide it, and beside it. */
START_TEST(nan_stays_nan)
{
    float c[9] = { 1, 0, 0, 0, 1, 0, 0, 0, 1 }, y;
    const void *in[] = { c };
    struct scl_node *node = penalty(3, _i < 2 ? vicreg : barlow);

    c[_i % 2 ? 4 : 5] = NAN;
    ck_assert_int_eq(run_node(g, node, in, &y), SCL_OK);
    ck_assert(isnan(y));
}
END_TEST

START_TEST(other_than_square_is_refused_in_words)
{
    struct scl_node *c = scl_input(g, "c", SCL_F32, SCL_SHAPE2(3, 4));

    ck_assert_ptr_null(scl_correlation_penalty(g, c, barlow));
    ck_assert_int_eq(scl_graph_check(g), SCL_SHAPE);
    ck_assert_str_eq(scl_error(), "correlation_penalty: c is [3, 4], not [D, D] in fp32 with fewer "
                                  "than 2^31 elements");
}
END_TEST

const char *const suite_name = "ops/correlation_penalty";

void suite_fill(TCase *tc)
{
    const int n = sizeof sizes / sizeof *sizes;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, barlow_matches_reference, 0, n);
    tcase_add_loop_test(tc, barlow_gradient_matches_finite_difference, 0, n);
    tcase_add_loop_test(tc, vicreg_matches_reference, 0, n);
    tcase_add_loop_test(tc, vicreg_gradient_matches_finite_difference, 0, n);
    tcase_add_test(tc, diagonal_drowns_nothing);
    tcase_add_test(tc, variance_of_zero_has_a_finite_gradient);
    tcase_add_loop_test(tc, nan_stays_nan, 0, 4);
    tcase_add_test(tc, other_than_square_is_refused_in_words);
}
