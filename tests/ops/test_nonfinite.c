/* test_nonfinite.c - none, one wherever it lies, and all kinds. */
#include <check.h>
#include <float.h>
#include <math.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

enum { N = 9000 }; /* two blocks of 4096, and a part of a third */

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

static void expect(const float *x)
{
    struct scl_node *in = scl_input(g, "x", SCL_F32, SCL_SHAPE1(N));

    check_set(in, x);
    check_forward(g, scl_nonfinite(g, in), 0);
}

START_TEST(largest_and_smallest_numbers_are_finite)
{
    static float x[N];

    for (int i = 0; i < N; i++)
        x[i] = i % 3 == 0 ? FLT_MAX : i % 3 == 1 ? -FLT_MAX : 0x1p-149f;
    expect(x);
}
END_TEST

START_TEST(one_is_found_wherever_it_lies)
{
    static const int places[] = { 0, 15, 16, 4095, 4096, 8191, 8192, 8991, 8992, N - 1 };
    static const float kinds[] = { NAN, INFINITY, -INFINITY };
    static float x[N];

    for (int i = 0; i < N; i++)
        x[i] = 1;
    x[places[_i]] = kinds[_i % 3];
    expect(x);
}
END_TEST

START_TEST(all_are_counted)
{
    static float x[N];

    for (int i = 0; i < N; i++)
        x[i] = i % 2 ? NAN : INFINITY;
    expect(x);
}
END_TEST

const char *const suite_name = "ops/nonfinite";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, largest_and_smallest_numbers_are_finite);
    tcase_add_loop_test(tc, one_is_found_wherever_it_lies, 0, 10);
    tcase_add_test(tc, all_are_counted);
}
