/* test_gate.c - the reference, the gradient, open and shut, the refusals. */
#include <check.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Around a vector of 16 floats, a span of 4096 and a GPU's group of 1024: less, equal, more. */
static const int sizes[] = { 1, 15, 16, 17, 1023, 4096, 4097, 8195 };

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

static struct scl_node *gated(int n)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE2(1, n));

    return scl_gate(g, x, scl_input(g, "s", SCL_F32, SCL_SHAPE1(1)));
}

/* One rounding. */
START_TEST(forward_matches_reference)
{
    check_forward(g, gated(sizes[_i]), 1e-7);
}
END_TEST

START_TEST(gradient_matches_finite_difference)
{
    check_gradient(g, gated(sizes[_i]), 1e-7);
}
END_TEST

START_TEST(open_gate_copies_and_shut_gate_is_zero)
{
    const float x[4] = { 0.1f, -3, 1e30f, -1e-30f }, s = (float)_i;
    const void *in[] = { x, &s };
    float y[4];

    ck_assert_int_eq(run_node(g, gated(4), in, y), SCL_OK);
    for (int i = 0; i < 4; i++)
        ck_assert_float_eq(y[i], _i ? x[i] : 0);
}
END_TEST

START_TEST(gate_itself_has_no_gradient)
{
    struct scl_node *y = gated(1), *ds;

    ck_assert_int_eq(scl_gradients(&ds, g, y, NULL, 1, &y->in[1]), SCL_SHAPE);
}
END_TEST

START_TEST(several_gates_are_refused_in_words)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE2(1, 3));

    ck_assert_ptr_null(scl_gate(g, x, x));
    ck_assert_int_eq(scl_graph_check(g), SCL_SHAPE);
    ck_assert_str_eq(scl_error(), "gate: x is [1, 3], not one number");
}
END_TEST

START_TEST(integers_are_refused_in_words)
{
    struct scl_node *x = scl_input(g, "index", SCL_I32, SCL_SHAPE1(3));

    ck_assert_ptr_null(scl_gate(g, x, x));
    ck_assert_str_eq(scl_error(), "gate: index is [3], not 1 to 2^31 - 1 elements in fp32");
}
END_TEST

const char *const suite_name = "ops/gate";

void suite_fill(TCase *tc)
{
    const int n = sizeof sizes / sizeof *sizes;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, forward_matches_reference, 0, n);
    tcase_add_loop_test(tc, gradient_matches_finite_difference, 0, n);
    tcase_add_loop_test(tc, open_gate_copies_and_shut_gate_is_zero, 0, 2);
    tcase_add_test(tc, gate_itself_has_no_gradient);
    tcase_add_test(tc, several_gates_are_refused_in_words);
    tcase_add_test(tc, integers_are_refused_in_words);
}
