/* test_ema.c - the average in place against the reference. */
#include <check.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Around 16 lanes, a group of 256 items of 4, and a span of 4096. */
static const int sizes[] = { 1, 15, 17, 1023, 1025, 4095, 4097 };

static const float decay = 0.999f;

static struct scl_graph *g;
static struct scl_node *average, *param;

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

static void build(int n)
{
    struct scl_node *d = scl_input(g, "decay", SCL_F32, SCL_SHAPE1(1));

    average = scl_state(g, "average", SCL_SHAPE1(n), (struct scl_init){ 0 });
    param = scl_input(g, "param", SCL_F32, SCL_SHAPE1(n));
    scl_ema(g, average, param, d);
    check_set(d, &decay);
}

/* Three operations. */
START_TEST(forward_matches_reference)
{
    build(sizes[_i]);
    check_state(g, average, 1e-6);
}
END_TEST

START_TEST(average_of_equal_parameters_stays)
{
    static float p[100];

    for (int i = 0; i < 100; i++)
        p[i] = 0.1f * (float)i;
    build(100);
    check_set(average, p);
    check_set(param, p);
    check_state(g, average, 0);
}
END_TEST

START_TEST(average_of_other_shape_is_refused)
{
    struct scl_node *a = scl_state(g, "average", SCL_SHAPE1(4), (struct scl_init){ 0 });
    struct scl_node *p = scl_state(g, "param", SCL_SHAPE2(2, 2), (struct scl_init){ 0 });

    ck_assert_ptr_null(scl_ema(g, a, p, scl_input(g, "decay", SCL_F32, SCL_SHAPE1(1))));
    ck_assert_str_eq(scl_error(), "ema: param is [2, 2], not [4] in fp32 like average");
}
END_TEST

const char *const suite_name = "ops/ema";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, forward_matches_reference, 0, sizeof sizes / sizeof *sizes);
    tcase_add_test(tc, average_of_equal_parameters_stays);
    tcase_add_test(tc, average_of_other_shape_is_refused);
}
