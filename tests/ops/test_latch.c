/* test_latch.c - the first value that is not zero stays. */
#include <check.h>
#include <math.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

static struct scl_graph *g;

static void setup(void)
{
    g = scl_graph_new();
}

static void teardown(void)
{
    scl_graph_free(g);
    check_reset();
}

static const float moves[][2] = {
    { 0, 0 }, { 0, 3 }, { 0, -0.5f }, { 2, 5 }, { 2, 0 }, { -1e-30f, 5 }, { 0, NAN }, { NAN, 5 },
};

START_TEST(state_that_is_not_zero_stays_and_zero_takes_the_value)
{
    struct scl_node *state = scl_state(g, "state", SCL_SHAPE1(1), (struct scl_init){ 0 });
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE1(1));

    check_set(state, &moves[_i][0]);
    check_set(x, &moves[_i][1]);
    scl_latch(g, state, x);
    check_state(g, state, 0);
}
END_TEST

/* The second finds what the first has written. */
START_TEST(first_of_several_values_stays)
{
    static const float values[3] = { 0, 7, 9 };
    struct scl_node *state = scl_state(g, "state", SCL_SHAPE1(1), (struct scl_init){ 0 });

    check_set(state, &values[0]);
    for (int i = 0; i < 3; i++) {
        struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE1(1));

        check_set(x, &values[i]);
        scl_latch(g, state, x);
    }
    check_state(g, state, 0);
}
END_TEST

START_TEST(several_numbers_are_refused_in_words)
{
    struct scl_node *state = scl_state(g, "state", SCL_SHAPE1(1), (struct scl_init){ 0 });

    ck_assert_ptr_null(scl_latch(g, state, scl_input(g, "x", SCL_F32, SCL_SHAPE1(2))));
    ck_assert_int_eq(scl_graph_check(g), SCL_SHAPE);
    ck_assert_str_eq(scl_error(), "latch: x is [2], not one number");
}
END_TEST

const char *const suite_name = "ops/latch";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, state_that_is_not_zero_stays_and_zero_takes_the_value, 0,
                        sizeof moves / sizeof *moves);
    tcase_add_test(tc, first_of_several_values_stays);
    tcase_add_test(tc, several_numbers_are_refused_in_words);
}
