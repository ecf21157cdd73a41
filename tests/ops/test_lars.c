/* test_lars.c - tensors side by side, of which some are excluded and some are zero. */
#include <check.h>
#include <string.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

enum { N = 14000 };

/* One element; around 16 lanes; a gap; a block of 4096 and one more; several blocks. */
static const int32_t segments[] = { 0,   1,    0, 1,    17,   0, 128,  128,  1,
                                    256, 4096, 0, 4352, 4097, 0, 8576, 5000, 0 };

static struct scl_graph *g;
static struct scl_node *param, *buffer, *grad, *lr;

/* Inputs and not states: each then has a buffer of its own, and oclgrind 21.10, which forgets
 * what it knew of a buffer when the host writes a part of it, sees everything. */
static void setup(void)
{
    g = scl_graph_new();
    check_reset();
    check_range(-1, 1);
    param = scl_input(g, "param", SCL_F32, SCL_SHAPE1(N));
    buffer = scl_input(g, "buffer", SCL_F32, SCL_SHAPE1(N));
    grad = scl_input(g, "grad", SCL_F32, SCL_SHAPE1(N));
    lr = scl_input(g, "lr", SCL_F32, SCL_SHAPE1(1));
}

static void teardown(void)
{
    scl_graph_free(g);
}

static struct scl_node *step(struct scl_lars lars, int n, const int32_t *table)
{
    struct scl_node *t = scl_constant(g, "table", SCL_I32, SCL_SHAPE2(n, 3), table);

    return scl_lars(g, param, buffer, grad, t, lr, lars);
}

static const struct scl_lars usual = {
    .momentum = 0.9f, .weight_decay = 1e-2f, .eta = 0.02f, .clip = true
};

/* A few operations on norms of thousands of squares. */
START_TEST(step_matches_reference)
{
    static const float rates[] = { 0.003f, 0.3f };
    struct scl_lars lars = usual;

    lars.clip = _i / 2;
    step(lars, 6, segments);
    check_set(lr, &rates[_i % 2]);
    check_state(g, param, 1e-6);
    check_state(g, buffer, 1e-6);
}
END_TEST

START_TEST(two_steps_match_reference)
{
    step(usual, 6, segments);
    step(usual, 6, segments);
    check_state(g, param, 1e-6);
}
END_TEST

/* Neither decay nor scaling where a length is 0; and no division by it. */
START_TEST(tensor_of_zeros_moves_by_its_gradient)
{
    static float zeros[N];

    step(usual, 6, segments);
    check_set(_i ? param : grad, zeros);
    check_state(g, param, 1e-6);
    check_state(g, buffer, 1e-6);
}
END_TEST

/* The first steps of a warm-up from 0. */
START_TEST(rate_of_zero_changes_no_parameter)
{
    static const float rate = 0;
    static float start[N];

    for (int i = 0; i < N; i++)
        start[i] = (float)(i % 100) - 50;
    step(usual, 6, segments);
    check_set(lr, &rate);
    check_set(param, start);
    check_state(g, param, 0);
}
END_TEST

START_TEST(table_of_a_bundle_has_its_members)
{
    const struct scl_init zero = { 0 };
    struct scl_node *members[] = { scl_state(g, "weight", SCL_SHAPE2(3, 50), zero),
                                   scl_state(g, "bias", SCL_SHAPE1(50), zero) };
    const int32_t want[] = { 0, 150, 0, 256, 50, 1 };
    struct scl_node *table = scl_lars_segments(g, scl_bundle(g, 2, members), true);

    ck_assert_ptr_nonnull(table);
    ck_assert_int_eq(memcmp(table->data, want, sizeof want), 0);
}
END_TEST

START_TEST(segments_that_meet_are_refused)
{
    const int32_t table[] = { 0, 10, 0, 9, 10, 0 };

    ck_assert_ptr_null(step(usual, 2, table));
    ck_assert_str_eq(scl_error(), "lars: segment 1 is 10 elements from 9 on; they rise, do not "
                                  "meet, and end at 14000");
}
END_TEST

START_TEST(segment_behind_the_end_is_refused)
{
    const int32_t table[] = { 13999, 2, 0 };

    ck_assert_ptr_null(step(usual, 1, table));
    ck_assert_int_eq(scl_graph_check(g), SCL_SHAPE);
}
END_TEST

const char *const suite_name = "ops/lars";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, step_matches_reference, 0, 4);
    tcase_add_test(tc, two_steps_match_reference);
    tcase_add_loop_test(tc, tensor_of_zeros_moves_by_its_gradient, 0, 2);
    tcase_add_test(tc, rate_of_zero_changes_no_parameter);
    tcase_add_test(tc, table_of_a_bundle_has_its_members);
    tcase_add_test(tc, segments_that_meet_are_refused);
    tcase_add_test(tc, segment_behind_the_end_is_refused);
}
