/* test_softmax_cross_entropy.c - of rows and their mean: the reference, the gradient, labels at
 * both ends. */
#include <check.h>
#include <math.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Classes: one, around 16 lanes and a work-group of 64, and 10 and 100 as data sets have. */
static const int shapes[][2] = { { 1, 1 },  { 4, 10 }, { 5, 15 },  { 5, 16 },
                                 { 5, 17 }, { 7, 65 }, { 65, 100 } };

static struct scl_graph *g;

static void setup(void)
{
    g = scl_graph_new();
    check_reset();
    check_range(-3, 3);
}

static void teardown(void)
{
    scl_graph_free(g);
}

/* Labels 0, cols - 1, and others. */
static struct scl_node *rows_of(int rows, int cols)
{
    static int32_t label[100];
    struct scl_node *x = scl_input(g, "logits", SCL_F32, SCL_SHAPE2(rows, cols));
    struct scl_node *l = scl_input(g, "labels", SCL_I32, SCL_SHAPE1(rows));

    for (int i = 0; i < rows; i++)
        label[i] = i == 1 ? cols - 1 : (7 * i) % cols;
    check_set(l, label);
    return scl_cross_entropy_rows(g, x, l);
}

/* exp and log of the device, each within some units in the last place. */
START_TEST(forward_matches_reference)
{
    check_forward(g, rows_of(shapes[_i][0], shapes[_i][1]), 1e-5);
}
END_TEST

START_TEST(gradient_matches_finite_difference)
{
    check_gradient(g, rows_of(shapes[_i][0], shapes[_i][1]), 1e-5);
}
END_TEST

START_TEST(mean_and_its_gradient_match)
{
    struct scl_node *rows = rows_of(shapes[_i][0], shapes[_i][1]);
    struct scl_node *y = scl_softmax_cross_entropy(g, rows->in[0], rows->in[1]);

    check_forward(g, y, 1e-5);
    check_gradient(g, y, 1e-5);
}
END_TEST

START_TEST(large_logits_do_not_overflow)
{
    const float x[] = { 1000, 0, -1000, 0 };
    const int32_t label[] = { 1, 1 };
    const void *in[] = { x, label };
    float y[2];

    ck_assert_int_eq(run_node(g, rows_of(2, 2), in, y), SCL_OK);
    ck_assert_float_eq_tol(y[0], 1000.0f, 1e-3f);
    ck_assert_float_eq(y[1], 0.0f);
}
END_TEST

START_TEST(label_outside_is_not_a_number)
{
    const float x[] = { 1, 2, 3, 4 };
    const int32_t label[] = { 0, _i ? 2 : -1 };
    const void *in[] = { x, label };
    struct scl_node *rows = rows_of(2, 2);
    struct scl_node *mean = scl_softmax_cross_entropy(g, rows->in[0], rows->in[1]);
    float y[2];

    ck_assert_int_eq(run_node(g, rows, in, y), SCL_OK);
    ck_assert(isfinite(y[0]) && isnan(y[1]));
    ck_assert_int_eq(run_node(g, mean, in, y), SCL_OK);
    ck_assert(isnan(y[0]));
}
END_TEST

START_TEST(label_for_each_row_is_wanted)
{
    struct scl_node *x = scl_input(g, "logits", SCL_F32, SCL_SHAPE2(4, 10));
    struct scl_node *l = scl_input(g, "labels", SCL_I32, SCL_SHAPE1(3));

    ck_assert_ptr_null(scl_softmax_cross_entropy(g, x, l));
    ck_assert_str_eq(scl_error(),
                     "softmax_cross_entropy: labels is [3], not an integer to each row of [4, 10]");
}
END_TEST

const char *const suite_name = "ops/softmax_cross_entropy";

void suite_fill(TCase *tc)
{
    const int n = sizeof shapes / sizeof *shapes;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, forward_matches_reference, 0, n);
    tcase_add_loop_test(tc, gradient_matches_finite_difference, 0, n);
    tcase_add_loop_test(tc, mean_and_its_gradient_match, 0, n);
    tcase_add_test(tc, large_logits_do_not_overflow);
    tcase_add_loop_test(tc, label_outside_is_not_a_number, 0, 2);
    tcase_add_test(tc, label_for_each_row_is_wanted);
}
