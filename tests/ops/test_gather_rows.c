/* test_gather_rows.c - copies in any order, indices outside, the gradient of a permutation. */
#include <check.h>
#include <limits.h>
#include <math.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

#define MAX_ROWS 5000

/* Weights of a batch, and more of them than a group takes; rows of less than a vector, one,
 * more, and more than a group takes; images. */
static const struct scl_shape shapes[] = {
    { 1, { 1 } },       { 1, { 37 } },         { 1, { MAX_ROWS } }, { 2, { 33, 3 } },
    { 2, { 9, 15 } },   { 2, { 5, 16 } },      { 2, { 300, 17 } },  { 2, { 3, 4099 } },
    { 3, { 4, 3, 7 } }, { 4, { 3, 5, 7, 3 } },
};

static struct scl_graph *g;
static int index_values[MAX_ROWS];

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

/* Rows of x in the order step, 2 step, 3 step ... of the residues of M. */
static struct scl_node *gathered(struct scl_shape shape, int n, int step)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, shape);
    struct scl_node *index = scl_input(g, "index", SCL_I32, SCL_SHAPE1(n));

    for (int k = 0; k < n; k++)
        index_values[k] = (int)((k + 1L) * step % shape.dim[0]);
    check_set(index, index_values);
    return scl_gather_rows(g, x, index);
}

START_TEST(permutation_copies)
{
    check_forward(g, gathered(shapes[_i], shapes[_i].dim[0], 7), 0);
}
END_TEST

/* 7 has no divisor in common with a number of rows. */
START_TEST(permutation_gradient_matches_finite_difference)
{
    check_gradient(g, gathered(shapes[_i], shapes[_i].dim[0], 7), 0);
}
END_TEST

START_TEST(fewer_indices_copy_some_rows)
{
    check_forward(g, gathered(SCL_SHAPE2(41, 33), 5, 8), 0);
}
END_TEST

START_TEST(more_indices_copy_rows_again)
{
    check_forward(g, gathered(SCL_SHAPE2(3, 33), 1000, 1), 0);
}
END_TEST

START_TEST(index_outside_gives_a_row_of_nan)
{
    static const int index[] = { -1, 2, 3, INT_MIN, 0, INT_MAX };
    float x[3 * 17], y[6 * 17];
    const void *in[] = { x, index };
    struct scl_node *node = scl_input(g, "x", SCL_F32, SCL_SHAPE2(3, 17));

    for (int i = 0; i < 3 * 17; i++)
        x[i] = (float)i;
    node = scl_gather_rows(g, node, scl_input(g, "index", SCL_I32, SCL_SHAPE1(6)));
    ck_assert_int_eq(run_node(g, node, in, y), SCL_OK);
    for (int i = 0; i < 6 * 17; i++) {
        const int m = index[i / 17];

        if (m < 0 || m >= 3)
            ck_assert(isnan(y[i]));
        else
            ck_assert_float_eq(y[i], (float)(m * 17 + i % 17));
    }
}
END_TEST

START_TEST(nan_and_infinity_are_copied)
{
    static const float x[] = { NAN, INFINITY, -INFINITY };
    static const int index[] = { 2, 0, 1 };
    const void *in[] = { x, index };
    struct scl_node *node = scl_input(g, "x", SCL_F32, SCL_SHAPE1(3));
    float y[3];

    node = scl_gather_rows(g, node, scl_input(g, "index", SCL_I32, SCL_SHAPE1(3)));
    ck_assert_int_eq(run_node(g, node, in, y), SCL_OK);
    ck_assert(y[0] == -INFINITY && isnan(y[1]) && y[2] == INFINITY);
}
END_TEST

START_TEST(gradient_of_no_permutation_is_refused_in_words)
{
    struct scl_node *y = gathered(SCL_SHAPE2(5, 2), 3, 1), *x = scl_graph_node(g, 0), *dx;
    struct scl_node *dy = scl_input(g, "dy", SCL_F32, SCL_SHAPE2(3, 2));

    ck_assert_int_eq(scl_gradients(&dx, g, y, dy, 1, &x), SCL_SHAPE);
    ck_assert_str_eq(scl_error(),
                     "gather_rows: 3 indices of 5 rows; only a permutation has a gradient");
}
END_TEST

START_TEST(integer_rows_are_refused_in_words)
{
    struct scl_node *x = scl_input(g, "x", SCL_I32, SCL_SHAPE1(4));

    ck_assert_ptr_null(scl_gather_rows(g, x, x));
    ck_assert_int_eq(scl_graph_check(g), SCL_SHAPE);
    ck_assert_str_eq(scl_error(), "gather_rows: x is no tensor in fp32");
}
END_TEST

START_TEST(fp32_index_is_refused_in_words)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE1(4));

    ck_assert_ptr_null(scl_gather_rows(g, x, x));
    ck_assert_str_eq(scl_error(), "gather_rows: x is [4], not [K] integers");
}
END_TEST

const char *const suite_name = "ops/gather_rows";

void suite_fill(TCase *tc)
{
    const int n = sizeof shapes / sizeof *shapes;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, permutation_copies, 0, n);
    tcase_add_loop_test(tc, permutation_gradient_matches_finite_difference, 0, n);
    tcase_add_test(tc, fewer_indices_copy_some_rows);
    tcase_add_test(tc, more_indices_copy_rows_again);
    tcase_add_test(tc, index_outside_gives_a_row_of_nan);
    tcase_add_test(tc, nan_and_infinity_are_copied);
    tcase_add_test(tc, gradient_of_no_permutation_is_refused_in_words);
    tcase_add_test(tc, integer_rows_are_refused_in_words);
    tcase_add_test(tc, fp32_index_is_refused_in_words);
}
