/* test_normalize_columns.c - the reference, the gradient, the edges, the refusal. */
#include <check.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Columns around 16 lanes and a work-group of 64, and one, few and many rows. */
static const int shapes[][2] = { { 1, 1 },  { 15, 3 }, { 2, 15 },  { 3, 16 },
                                 { 5, 17 }, { 7, 63 }, { 33, 64 }, { 257, 65 } };

enum { N_SHAPE = sizeof shapes / sizeof *shapes };

static struct scl_graph *g;

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

static struct scl_node *normalized(int rows, int cols)
{
    return scl_normalize_columns(g, scl_input(g, "x", SCL_F32, SCL_SHAPE2(rows, cols)));
}

/* Sums of some hundred products in fp32, and one division. */
START_TEST(forward_matches_reference)
{
    check_forward(g, normalized(shapes[_i][0], shapes[_i][1]), 1e-6);
}
END_TEST

START_TEST(gradient_matches_finite_difference)
{
    check_gradient(g, normalized(shapes[_i][0], shapes[_i][1]), 1e-5);
}
END_TEST

/* The first column has length 5, the second none. */
START_TEST(zero_column_stays_zero)
{
    const float x[] = { 3, 0, -4, 0 };
    const void *in[] = { x };
    float y[4];

    ck_assert_int_eq(run_node(g, normalized(2, 2), in, y), SCL_OK);
    ck_assert_float_eq_tol(y[0], 0.6f, 1e-7f);
    ck_assert_float_eq_tol(y[2], -0.8f, 1e-7f);
    ck_assert(y[1] == 0 && y[3] == 0);
}
END_TEST

/* Its squares are below the smallest float; also at length 0 the gradient is a number. */
START_TEST(short_column_is_divided_by_the_shortest_length)
{
    const float x[] = { 3e-21f, 0, 4e-21f, 0 }, dy[] = { 1, 2, 3, 4 };
    const void *in[] = { x, dy };
    struct scl_node *y = normalized(2, 2), *dx;
    struct scl_node *dy_node = scl_input(g, "dy", SCL_F32, SCL_SHAPE2(2, 2));
    float out[4];

    ck_assert_int_eq(scl_gradients(&dx, g, y, dy_node, 1, y->in), SCL_OK);
    ck_assert_int_eq(run_node(g, y, in, out), SCL_OK);
    ck_assert_float_eq_tol(out[0], 3e-9f, 1e-14f);
    ck_assert_float_eq_tol(out[2], 4e-9f, 1e-14f);
    ck_assert_int_eq(run_node(g, dx, in, out), SCL_OK);
    for (int i = 0; i < 4; i++)
        ck_assert_float_eq_tol(out[i], dy[i] * 1e12f, 1e6f);
}
END_TEST

START_TEST(image_batch_is_refused_in_words)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE4(2, 3, 8, 8));

    ck_assert_ptr_null(scl_normalize_columns(g, x));
    ck_assert_int_eq(scl_graph_check(g), SCL_SHAPE);
    ck_assert_str_eq(scl_error(), "normalize_columns: x is [2, 3, 8, 8], not [rows, cols] in fp32");
}
END_TEST

const char *const suite_name = "ops/normalize_columns";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, forward_matches_reference, 0, N_SHAPE);
    tcase_add_loop_test(tc, gradient_matches_finite_difference, 0, N_SHAPE);
    tcase_add_test(tc, zero_column_stays_zero);
    tcase_add_test(tc, short_column_is_divided_by_the_shortest_length);
    tcase_add_test(tc, image_batch_is_refused_in_words);
}
