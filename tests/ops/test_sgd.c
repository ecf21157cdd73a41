/* test_sgd.c - one step and several, in place, against the reference. */
#include <check.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Around 16 lanes, a group of 256 items of 4, and a span of 4096. */
static const int sizes[] = { 1, 15, 17, 1023, 1025, 4095, 4097 };

static struct scl_graph *g;
static struct scl_node *param, *buffer;

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

/* Inputs and not states: each then has a buffer of its own, and oclgrind 21.10, which forgets
 * what it knew of a buffer when the host writes a part of it, sees everything. */
static void build(int n, struct scl_sgd sgd, int steps)
{
    struct scl_node *grad = scl_input(g, "grad", SCL_F32, SCL_SHAPE1(n));
    struct scl_node *lr = scl_input(g, "lr", SCL_F32, SCL_SHAPE1(1));

    param = scl_input(g, "param", SCL_F32, SCL_SHAPE1(n));
    buffer = scl_input(g, "buffer", SCL_F32, SCL_SHAPE1(n));
    for (int i = 0; i < steps; i++)
        scl_sgd(g, param, buffer, grad, lr, sgd);
}

/* A few fused multiply-adds a step. */
START_TEST(step_matches_reference)
{
    const struct scl_sgd sgd = { .momentum = 0.9f, .weight_decay = 1e-2f, .nesterov = _i % 2 };

    build(sizes[_i / 2], sgd, 1 + _i % 2);
    check_state(g, param, 1e-6);
    check_state(g, buffer, 1e-6);
}
END_TEST

START_TEST(first_step_without_momentum_is_plain_descent)
{
    const float p[] = { 1, 2, 3 }, zero[3] = { 0 };

    build(3, (struct scl_sgd){ 0 }, 1);
    check_set(param, p);
    check_set(buffer, zero);
    check_state(g, param, 1e-6);
}
END_TEST

START_TEST(gradient_of_other_shape_is_refused)
{
    const struct scl_sgd sgd = { .momentum = 0.9f };
    struct scl_node *grad = scl_input(g, "grad", SCL_F32, SCL_SHAPE1(5));
    struct scl_node *lr = scl_input(g, "lr", SCL_F32, SCL_SHAPE1(1));

    param = scl_state(g, "param", SCL_SHAPE1(4), (struct scl_init){ 0 });
    ck_assert_ptr_null(scl_sgd(g, param, param, grad, lr, sgd));
    ck_assert_str_eq(scl_error(), "sgd: grad is [5], not [4] in fp32 like param");
}
END_TEST

START_TEST(rate_is_one_number)
{
    const struct scl_sgd sgd = { .momentum = 0.9f };
    struct scl_node *lr = scl_input(g, "lr", SCL_F32, SCL_SHAPE1(2));

    param = scl_state(g, "param", SCL_SHAPE1(4), (struct scl_init){ 0 });
    ck_assert_ptr_null(scl_sgd(g, param, param, param, lr, sgd));
    ck_assert_str_eq(scl_error(), "sgd: lr is [2], not one number");
}
END_TEST

const char *const suite_name = "ops/sgd";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, step_matches_reference, 0, 2 * (sizeof sizes / sizeof *sizes));
    tcase_add_test(tc, first_step_without_momentum_is_plain_descent);
    tcase_add_test(tc, gradient_of_other_shape_is_refused);
    tcase_add_test(tc, rate_is_one_number);
}
