/* test_l2_normalize.c - the reference, the gradient, the edges, the refusals. */
#include <check.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Around 16 lanes and a work-group of 64: less, equal, more, and rows of an embedding. */
static const struct scl_shape shapes[] = {
    { 2, { 1, 1 } },  { 2, { 3, 15 } }, { 2, { 2, 16 } },   { 2, { 3, 17 } },
    { 2, { 1, 63 } }, { 2, { 2, 64 } }, { 2, { 33, 257 } },
};

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

static struct scl_node *normalized(struct scl_shape shape)
{
    return scl_l2_normalize(g, scl_input(g, "x", SCL_F32, shape), 1e-6f);
}

/* Sums of some hundred products in fp32, and one division. */
START_TEST(forward_matches_reference)
{
    check_range(-1, 1);
    check_forward(g, normalized(shapes[_i]), 1e-6);
}
END_TEST

START_TEST(gradient_matches_finite_difference)
{
    check_range(-1, 1);
    check_gradient(g, normalized(shapes[_i]), 1e-5);
}
END_TEST

START_TEST(zero_row_stays_zero)
{
    const float x[8] = { 0 };
    const void *in[] = { x };
    float y[8];

    ck_assert_int_eq(run_node(g, normalized(SCL_SHAPE2(1, 8)), in, y), SCL_OK);
    for (int i = 0; i < 8; i++)
        ck_assert_float_eq(y[i], 0.0f);
}
END_TEST

START_TEST(short_row_is_divided_by_eps)
{
    const float x[] = { 0.03f, 0.04f };
    struct scl_node *in = scl_input(g, "x", SCL_F32, SCL_SHAPE2(1, 2));
    struct scl_node *y = scl_l2_normalize(g, in, 0.1f);

    check_set(in, x);
    check_forward(g, y, 1e-6);
    check_gradient(g, y, 1e-5);
}
END_TEST

START_TEST(image_batch_is_refused_in_words)
{
    ck_assert_ptr_null(normalized(SCL_SHAPE4(2, 3, 8, 8)));
    ck_assert_int_eq(scl_graph_check(g), SCL_SHAPE);
    ck_assert_str_eq(scl_error(), "l2_normalize: x is [2, 3, 8, 8], not [rows, cols] in fp32");
}
END_TEST

const char *const suite_name = "ops/l2_normalize";

void suite_fill(TCase *tc)
{
    const int n = sizeof shapes / sizeof *shapes;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, forward_matches_reference, 0, n);
    tcase_add_loop_test(tc, gradient_matches_finite_difference, 0, n);
    tcase_add_test(tc, zero_row_stays_zero);
    tcase_add_test(tc, short_row_is_divided_by_eps);
    tcase_add_test(tc, image_batch_is_refused_in_words);
}
