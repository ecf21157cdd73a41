/* test_adam.c - one step and several, in place, against the reference. */
#include <check.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Around 16 lanes, a group of 256 items of 4, and a span of 4096. */
static const int sizes[] = { 1, 15, 17, 1023, 1025, 4095, 4097 };

static const struct scl_adam usual = {
    .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .weight_decay = 1e-2
};

static struct scl_graph *g;
static struct scl_node *param, *mean, *square, *grad, *step, *lr;

static void setup(void)
{
    g = scl_graph_new();
    check_reset();
}

static void teardown(void)
{
    scl_graph_free(g);
}

/* All are drawn from [0.5, 1.5): a square cannot be negative. `done` steps came before.
 * Inputs and not states: each then has a buffer of its own, and oclgrind 21.10, which forgets
 * what it knew of a buffer when the host writes a part of it, sees everything. */
static void build(int n, struct scl_adam adam, int steps, const float *done)
{
    grad = scl_input(g, "grad", SCL_F32, SCL_SHAPE1(n));
    lr = scl_input(g, "lr", SCL_F32, SCL_SHAPE1(1));
    param = scl_input(g, "param", SCL_F32, SCL_SHAPE1(n));
    mean = scl_input(g, "mean", SCL_F32, SCL_SHAPE1(n));
    square = scl_input(g, "square", SCL_F32, SCL_SHAPE1(n));
    step = scl_input(g, "step", SCL_F32, SCL_SHAPE1(1));
    for (int i = 0; i < steps; i++)
        scl_adam(g, param, mean, square, grad, step, lr, adam);
    check_set(step, done);
}

/* Some ten operations, a root and a division a step. */
START_TEST(step_matches_reference)
{
    const float done = 5;

    build(sizes[_i], usual, 1 + _i % 2, &done);
    check_state(g, param, 3e-6);
    check_state(g, mean, 1e-6);
    check_state(g, square, 1e-6);
    check_state(g, step, 0);
}
END_TEST

/* 1 - beta2^t is 0.001 at first, and 1 in the end: no digit may be lost on the way. */
START_TEST(bias_correction_holds_at_every_step)
{
    static const float done[] = { 0, 1, 9, 999, 100000, 10000000 };

    build(17, usual, 1, &done[_i]);
    check_state(g, param, 3e-6);
    check_state(g, step, 0);
}
END_TEST

/* m / sqrt(v) is the sign of the gradient: the step is lr, whatever its size. */
START_TEST(first_step_is_as_long_as_the_rate)
{
    static const float zero[4], start[] = { 1, 1, 1, 1 }, slope[] = { 5, -5e-4f, 3e3f, -2 };
    static const float rate = 0.25f;
    const struct scl_adam adam = { .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8 };

    build(4, adam, 1, zero);
    check_set(param, start);
    check_set(mean, zero);
    check_set(square, zero);
    check_set(grad, slope);
    check_set(lr, &rate);
    check_state(g, param, 1e-5);
}
END_TEST

START_TEST(count_of_steps_is_one_number)
{
    struct scl_node *p = scl_state(g, "param", SCL_SHAPE1(4), (struct scl_init){ 0 });
    lr = scl_input(g, "lr", SCL_F32, SCL_SHAPE1(1));
    ck_assert_ptr_null(scl_adam(g, p, p, p, p, p, lr, usual));
    ck_assert_str_eq(scl_error(), "adam: param is [4], not one number");
}
END_TEST

const char *const suite_name = "ops/adam";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, step_matches_reference, 0, sizeof sizes / sizeof *sizes);
    tcase_add_loop_test(tc, bias_correction_holds_at_every_step, 0, 6);
    tcase_add_test(tc, first_step_is_as_long_as_the_rate);
    tcase_add_test(tc, count_of_steps_is_one_number);
}
