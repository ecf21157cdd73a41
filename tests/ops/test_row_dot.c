/* test_row_dot.c - the reference, both gradients, a matrix with itself, the refusals. */
#include <check.h>
#include <math.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Around 16 lanes and a group of 64: less, equal, more, and rows of an embedding. */
static const struct scl_shape shapes[] = {
    { 2, { 1, 1 } },  { 2, { 3, 15 } }, { 2, { 2, 16 } },   { 2, { 3, 17 } },
    { 2, { 1, 63 } }, { 2, { 2, 64 } }, { 2, { 33, 257 } },
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

static struct scl_node *input(const char *name, struct scl_shape shape)
{
    return scl_input(g, name, SCL_F32, shape);
}

static struct scl_node *dotted(struct scl_shape shape)
{
    struct scl_node *a = input("a", shape);

    return scl_row_dot(g, a, input("b", shape));
}

/* Sums of up to 257 products, of which a lane has 17. */
START_TEST(forward_matches_reference)
{
    check_forward(g, dotted(shapes[_i]), 1e-6);
}
END_TEST

/* One product. */
START_TEST(gradient_matches_finite_difference)
{
    check_gradient(g, dotted(shapes[_i]), 1e-7);
}
END_TEST

START_TEST(gradients_of_a_matrix_with_itself_add_up)
{
    struct scl_node *x = input("x", shapes[_i]);

    check_gradient(g, scl_row_dot(g, x, x), 1e-7);
}
END_TEST

START_TEST(one_rows_nan_stays_in_its_row)
{
    static const float a[4] = { 1, 2, NAN, 4 }, b[4] = { 1, 1, 0, 1 };
    const void *in[] = { a, b };
    float y[2];

    ck_assert_int_eq(run_node(g, dotted(SCL_SHAPE2(2, 2)), in, y), SCL_OK);
    ck_assert(y[0] == 3 && isnan(y[1]));
}
END_TEST

START_TEST(unequal_shapes_are_refused_in_words)
{
    struct scl_node *a = input("a", SCL_SHAPE2(2, 3));

    ck_assert_ptr_null(scl_row_dot(g, a, input("b", SCL_SHAPE2(3, 2))));
    ck_assert_int_eq(scl_graph_check(g), SCL_SHAPE);
    ck_assert_str_eq(scl_error(), "row_dot: a is [2, 3] and b is [3, 2], not both [N, D] in fp32");
}
END_TEST

START_TEST(image_batch_is_refused_in_words)
{
    struct scl_node *a = input("a", SCL_SHAPE3(2, 3, 4));

    ck_assert_ptr_null(scl_row_dot(g, a, a));
    ck_assert_str_eq(scl_error(),
                     "row_dot: a is [2, 3, 4] and a is [2, 3, 4], not both [N, D] in fp32");
}
END_TEST

const char *const suite_name = "ops/row_dot";

void suite_fill(TCase *tc)
{
    const int n = sizeof shapes / sizeof *shapes;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, forward_matches_reference, 0, n);
    tcase_add_loop_test(tc, gradient_matches_finite_difference, 0, n);
    tcase_add_loop_test(tc, gradients_of_a_matrix_with_itself_add_up, 0, n);
    tcase_add_test(tc, one_rows_nan_stays_in_its_row);
    tcase_add_test(tc, unequal_shapes_are_refused_in_words);
    tcase_add_test(tc, image_batch_is_refused_in_words);
}
