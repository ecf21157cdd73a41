/* test_sum_squares.c - one block, its edges, and many. */
#include <check.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Around 16 lanes and a block of 4096; and more blocks than a group has items. */
static const int sizes[] = { 1, 15, 17, 4095, 4096, 4097, 70000 };

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

/* At most 256 squares in a lane, then some tens of sums: 1e-6 is three units of rounding
 * more than was seen. */
START_TEST(forward_matches_reference)
{
    check_forward(g, scl_sum_squares(g, scl_input(g, "x", SCL_F32, SCL_SHAPE1(sizes[_i]))), 1e-6);
}
END_TEST

START_TEST(shape_does_not_matter)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE4(3, 5, 7, 2));

    check_forward(g, scl_sum_squares(g, x), 1e-6);
}
END_TEST

START_TEST(integers_are_refused)
{
    ck_assert_ptr_null(scl_sum_squares(g, scl_input(g, "x", SCL_I32, SCL_SHAPE1(4))));
    ck_assert_str_eq(scl_error(), "sum_squares: x is no tensor in fp32");
}
END_TEST

const char *const suite_name = "ops/sum_squares";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, forward_matches_reference, 0, sizeof sizes / sizeof *sizes);
    tcase_add_test(tc, shape_does_not_matter);
    tcase_add_test(tc, integers_are_refused);
}
