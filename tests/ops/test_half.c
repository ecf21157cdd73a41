/* test_half.c - roundings by hand, the way there and back at edges, gradients, refusals; and what a
 * graph keeps as half. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

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
}

static void teardown(void)
{
    scl_graph_free(g);
}

static struct scl_node *there_and_back(struct scl_node *x)
{
    return scl_from_half(g, scl_to_half(g, x));
}

static struct scl_node *halved(int n)
{
    return there_and_back(scl_input(g, "x", SCL_F32, SCL_SHAPE2(1, n)));
}

/* Of large numbers and of those below the least normal half: exactly the reference's. */
START_TEST(values_match_the_reference)
{
    static const float high[] = { 2, 70000, 6e-5f };
    const float range = high[_i / 8];

    check_range(-range, range);
    check_forward(g, halved(sizes[_i % 8]), 0);
}
END_TEST

/* x, and the nearest half: ties to even, least numbers, the largest, beyond it. */
static const float rounding[][2] = {
    { 0, 0 },
    { 1, 1 },
    { -2.5f, -2.5f },
    { 1 + 0x1p-11f, 1 },
    { 1 + 0x1p-11f + 0x1p-23f, 1 + 0x1p-10f },
    { 1 + 3 * 0x1p-11f, 1 + 0x1p-9f },
    { -1 - 3 * 0x1p-11f, -1 - 0x1p-9f },
    { 0x1p-14f, 0x1p-14f },
    { 0x1p-24f, 0x1p-24f },
    { 0x1p-25f, 0 },
    { 0x1.8p-25f, 0x1p-24f },
    { 5 * 0x1p-24f + 0x1p-25f, 6 * 0x1p-24f },
    { 1e-30f, 0 },
    { 65504, 65504 },
    { 65519, 65504 },
    { 65520, 65504 },
    { 1e30f, 65504 },
    { -1e30f, -65504 },
    { INFINITY, INFINITY },
    { -INFINITY, -INFINITY },
};
enum { N_ROUNDING = sizeof rounding / sizeof *rounding };

/* All at once, in vectors, and each alone. */
START_TEST(numbers_are_rounded_as_by_hand)
{
    const int n = _i == N_ROUNDING ? N_ROUNDING : 1, first = _i % N_ROUNDING;
    float x[N_ROUNDING], y[N_ROUNDING];
    const void *in[] = { x };

    for (int i = 0; i < n; i++)
        x[i] = rounding[first + i][0];
    ck_assert_int_eq(run_node(g, halved(n), in, y), SCL_OK);
    for (int i = 0; i < n; i++)
        ck_assert_msg(y[i] == rounding[first + i][1], "%.9g becomes %.9g, and %.9g is wanted",
                      (double)x[i], (double)y[i], (double)rounding[first + i][1]);
}
END_TEST

START_TEST(nan_stays_nan)
{
    const float x[] = { NAN, 1 };
    const void *in[] = { x };
    float y[2];

    ck_assert_int_eq(run_node(g, halved(2), in, y), SCL_OK);
    ck_assert(isnan(y[0]) && y[1] == 1);
}
END_TEST

START_TEST(gradient_passes_as_it_is)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE2(1, 3));
    struct scl_node *dy = scl_input(g, "dy", SCL_F32, SCL_SHAPE2(1, 3)), *dx;

    ck_assert_int_eq(scl_gradients(&dx, g, there_and_back(x), dy, 1, &x), SCL_OK);
    ck_assert_ptr_eq(dx, dy);
}
END_TEST

START_TEST(other_types_are_refused_in_words)
{
    struct scl_node *x = scl_input(g, _i ? "x" : "index", _i ? SCL_F32 : SCL_I32, SCL_SHAPE1(3));

    ck_assert_ptr_null(_i ? scl_from_half(g, x) : scl_to_half(g, x));
    ck_assert_int_eq(scl_graph_check(g), SCL_SHAPE);
    ck_assert_str_eq(scl_error(), _i ? "from_half: x is not half" : "to_half: index is not fp32");
}
END_TEST

/* A half goes nowhere but back. */
START_TEST(half_is_refused_by_other_operators)
{
    ck_assert_ptr_null(scl_relu(g, scl_to_half(g, scl_input(g, "x", SCL_F32, SCL_SHAPE1(3)))));
    ck_assert_int_eq(scl_graph_check(g), SCL_SHAPE);
}
END_TEST

/* ---- what a graph keeps ----------------------------------------------------------------- */

enum { LAYERS = 24 };

/* A chain of SiLUs on images, whose backward pass wants the input of each. */
static struct scl_node *chain(struct scl_node *x)
{
    for (int i = 0; i < LAYERS; i++)
        x = scl_silu(g, x);
    return x;
}

static int count(const struct scl_op *op)
{
    int n = 0;

    for (int id = 0; id < scl_graph_count(g); id++)
        n += scl_graph_node(g, id)->op == op;
    return n;
}

/* Whether a node up to the loss reads halves. */
static bool forward_reads_halves(const struct scl_node *loss)
{
    for (int id = 0; id <= loss->id; id++)
        if (scl_graph_node(g, id)->op == &scl_op_from_half)
            return true;
    return false;
}

START_TEST(values_that_rest_long_are_kept_as_half)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE4(2, 4, 4, 4)), *loss, *dy, *dx;

    loss = chain(x);
    dy = scl_input(g, "dy", SCL_F32, loss->shape);
    ck_assert_int_eq(scl_gradients(&dx, g, loss, dy, 1, &x), SCL_OK);
    ck_assert_int_eq(scl_keep_half(g, loss, 128), SCL_OK);
    ck_assert_int_gt(count(&scl_op_to_half), 0);
    ck_assert_int_lt(count(&scl_op_to_half), LAYERS); /* the last ones rest for a moment only */
    ck_assert_int_eq(count(&scl_op_from_half), count(&scl_op_to_half));
    ck_assert(!forward_reads_halves(loss));
    for (int id = 0; id < scl_graph_count(g); id++) {
        const struct scl_node *y = scl_graph_node(g, id);

        ck_assert_int_eq(y->id, id);
        for (int i = 0; i < y->n_in; i++)
            ck_assert_int_lt(y->in[i]->id, id);
    }
    check_forward(g, dx, 1e-5);
}
END_TEST

START_TEST(small_values_stay)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE4(2, 4, 4, 4)), *loss, *dy, *dx;

    loss = chain(x);
    dy = scl_input(g, "dy", SCL_F32, loss->shape);
    ck_assert_int_eq(scl_gradients(&dx, g, loss, dy, 1, &x), SCL_OK);
    ck_assert_int_eq(scl_keep_half(g, loss, 129), SCL_OK);
    ck_assert_int_eq(count(&scl_op_to_half), 0);
}
END_TEST

const char *const suite_name = "ops/half";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, values_match_the_reference, 0, 3 * 8);
    tcase_add_loop_test(tc, numbers_are_rounded_as_by_hand, 0, N_ROUNDING + 1);
    tcase_add_test(tc, nan_stays_nan);
    tcase_add_test(tc, gradient_passes_as_it_is);
    tcase_add_loop_test(tc, other_types_are_refused_in_words, 0, 2);
    tcase_add_test(tc, half_is_refused_by_other_operators);
    tcase_add_test(tc, values_that_rest_long_are_kept_as_half);
    tcase_add_test(tc, small_values_stay);
}
