/* test_matmul.c - matmul, linear and column_sum: candidates, gradients, edges, refusals. */
#include <check.h>
#include <stdlib.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* fp32 sums of up to 1100 products near 1. */
#define TOLERANCE 2e-5

/* M, N, K around register blocks of 6 by 16, tiles of 64 by 64 by 16, and depths of 512:
 * less, equal, more. The long ones are split. The simulator runs the first N_SMALL. */
static const struct {
    int M, N, K;
} sizes[] = {
    { 1, 1, 1 },    { 2, 3, 5 },   { 7, 17, 9 },    { 8, 16, 20 },  { 6, 16, 16 },
    { 5, 15, 600 }, { 65, 63, 3 }, { 3, 33, 1100 }, { 130, 2, 17 },
};

#define N_SMALL 5

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

static struct scl_node *matrix(const char *name, int rows, int cols)
{
    return scl_input(g, name, SCL_F32, SCL_SHAPE2(rows, cols));
}

/* Loop index: a size and which operands are transposed. */
static struct scl_node *product(int index)
{
    const int M = sizes[index / 4].M, N = sizes[index / 4].N, K = sizes[index / 4].K;
    const bool ta = index & 1, tb = index & 2;
    struct scl_node *a = matrix("a", ta ? K : M, ta ? M : K);
    struct scl_node *b = matrix("b", tb ? N : K, tb ? K : N);

    return scl_matmul(g, a, b, ta, tb);
}

static struct scl_node *layer(int index, bool with_bias)
{
    const int M = sizes[index].M, N = sizes[index].N, K = sizes[index].K;
    struct scl_node *x = matrix("x", M, K), *w = matrix("w", K, N);

    return scl_linear(g, x, w, with_bias ? scl_input(g, "bias", SCL_F32, SCL_SHAPE1(N)) : NULL);
}

START_TEST(product_matches_reference)
{
    check_forward(g, product(_i), TOLERANCE);
}
END_TEST

START_TEST(gradients_of_a_product_match_finite_differences)
{
    check_gradient(g, product(_i), TOLERANCE);
}
END_TEST

START_TEST(linear_matches_reference)
{
    check_forward(g, layer(_i / 2, _i & 1), TOLERANCE);
}
END_TEST

START_TEST(gradients_of_linear_match_finite_differences)
{
    check_gradient(g, layer(_i, true), TOLERANCE);
}
END_TEST

/* So long a sum that the tile kernel takes it in parts, which a second launch adds. */
START_TEST(parts_of_a_long_sum_add_up)
{
    check_forward(g, scl_matmul(g, matrix("a", 1, 512), matrix("b", 512, 2), false, false), 1e-5);
}
END_TEST

START_TEST(transposed_product_by_hand)
{
    const float a[] = { 1, 2, 3, 4, 5, 6 }, b[] = { 1, 0, 2 };
    const void *in[] = { a, b };
    struct scl_node *a_node = matrix("a", 3, 2), *b_node = matrix("b", 1, 3);
    float y[2];

    ck_assert_int_eq(run_node(g, scl_matmul(g, a_node, b_node, true, true), in, y), SCL_OK);
    ck_assert_float_eq(y[0], 11);
    ck_assert_float_eq(y[1], 14);
}
END_TEST

START_TEST(column_sum_matches_reference)
{
    static const struct scl_shape shapes[] = {
        { 2, { 1, 1 } },    { 2, { 33, 17 } },      { 2, { 31, 65 } },
        { 2, { 9000, 3 } }, { 4, { 3, 5, 7, 16 } },
    };

    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct scl_graph *one = scl_graph_new();

        check_forward(one, scl_column_sum(one, scl_input(one, "x", SCL_F32, shapes[i])), TOLERANCE);
        scl_graph_free(one);
    }
}
END_TEST

START_TEST(sums_of_different_length_are_refused_in_words)
{
    ck_assert_ptr_null(scl_matmul(g, matrix("a", 2, 3), matrix("b", 4, 5), true, false));
    ck_assert_int_eq(scl_graph_check(g), SCL_SHAPE);
    ck_assert_str_eq(scl_error(), "matmul: [2, 3] transposed by [4, 5]: sums over 2 and over 4");
}
END_TEST

START_TEST(bias_of_another_length_is_refused_in_words)
{
    struct scl_node *bias = scl_input(g, "bias", SCL_F32, SCL_SHAPE1(4));

    ck_assert_ptr_null(scl_linear(g, matrix("x", 2, 3), matrix("w", 3, 5), bias));
    ck_assert_str_eq(scl_error(), "linear: the bias is [4], not [5]");
}
END_TEST

const char *const suite_name = "ops/matmul";

void suite_fill(TCase *tc)
{
    const int n = getenv("SCL_SIMULATOR") ? N_SMALL : sizeof sizes / sizeof *sizes;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, product_matches_reference, 0, 4 * n);
    tcase_add_loop_test(tc, gradients_of_a_product_match_finite_differences, 0, 4 * n);
    tcase_add_loop_test(tc, linear_matches_reference, 0, 2 * n);
    tcase_add_loop_test(tc, gradients_of_linear_match_finite_differences, 0, n);
    tcase_add_test(tc, parts_of_a_long_sum_add_up);
    tcase_add_test(tc, transposed_product_by_hand);
    tcase_add_test(tc, column_sum_matches_reference);
    tcase_add_test(tc, sums_of_different_length_are_refused_in_words);
    tcase_add_test(tc, bias_of_another_length_is_refused_in_words);
}
