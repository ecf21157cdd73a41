/* test_pair_difference.c - both differences against the reference. */
#include <check.h>
#include <stdlib.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Elements of a score: one, around 16 lanes and a group of 64, and 32 x 32 x 3. */
static const struct scl_shape shapes[] = {
    { 2, { 1, 1 } },  { 2, { 3, 15 } }, { 4, { 2, 4, 4, 1 } },   { 2, { 3, 17 } },
    { 2, { 5, 63 } }, { 2, { 2, 65 } }, { 4, { 2, 32, 32, 3 } },
};

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

static struct scl_node *difference(struct scl_shape shape, bool vector)
{
    struct scl_node *a = scl_input(g, "a", SCL_F32, shape);

    return scl_pair_difference(g, a, scl_input(g, "b", SCL_F32, shape), vector, 0.1f);
}

/* Lengths near 32, whose difference is near 1. */
START_TEST(lengths_match_reference)
{
    check_forward(g, difference(shapes[_i], false), 1e-5);
}
END_TEST

/* Every element of b is that of a and a little more: lengths near 70 that differ by 1e-3, in
 * thousandths. Each by itself is good to 4e-6. */
START_TEST(lengths_near_each_other_do_not_cancel)
{
    const int n = 3072;
    const struct scl_shape shape = SCL_SHAPE2(1, n);
    struct scl_node *first = scl_input(g, "a", SCL_F32, shape);
    struct scl_node *second = scl_input(g, "b", SCL_F32, shape);
    struct scl_node *y = scl_pair_difference(g, first, second, false, 1000);
    float *a = malloc(2 * n * sizeof *a), *b = a + n;

    ck_assert_ptr_nonnull(a);
    for (int i = 0; i < n; i++) {
        a[i] = i % 3 == 0 ? -1.0f : 1.0f + 0.1f * (float)(i % 7);
        b[i] = a[i] + (a[i] < 0 ? -2e-5f : 2e-5f);
    }
    check_set(first, a);
    check_set(second, b);
    check_forward(g, y, 1e-5);
    free(a);
}
END_TEST

START_TEST(scores_of_zero_do_not_differ)
{
    static const float zero[8];
    const void *in[] = { zero, zero };
    float d[2];

    ck_assert_int_eq(run_node(g, difference(SCL_SHAPE2(2, 4), false), in, d), SCL_OK);
    ck_assert(d[0] == 0 && d[1] == 0);
}
END_TEST

START_TEST(vectors_match_reference)
{
    check_forward(g, difference(shapes[_i], true), 1e-5);
}
END_TEST

START_TEST(equal_scores_do_not_differ)
{
    float s[34];
    const void *in[] = { s, s };
    float d[2];

    for (int i = 0; i < 34; i++)
        s[i] = 0.1f * (float)i;
    ck_assert_int_eq(run_node(g, difference(SCL_SHAPE2(2, 17), _i), in, d), SCL_OK);
    ck_assert_float_eq(d[0], 0.0f);
    ck_assert_float_eq(d[1], 0.0f);
}
END_TEST

START_TEST(scores_of_other_shape_are_refused)
{
    struct scl_node *a = scl_input(g, "a", SCL_F32, SCL_SHAPE2(2, 8));

    ck_assert_ptr_null(
        scl_pair_difference(g, a, scl_input(g, "b", SCL_F32, SCL_SHAPE2(2, 9)), true, 1));
    ck_assert_str_eq(scl_error(),
                     "pair_difference: scores [2, 8] and [2, 9] are not alike and by image");
}
END_TEST

const char *const suite_name = "ops/pair_difference";

void suite_fill(TCase *tc)
{
    const int n = sizeof shapes / sizeof *shapes;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, lengths_match_reference, 0, n);
    tcase_add_loop_test(tc, vectors_match_reference, 0, n);
    tcase_add_test(tc, lengths_near_each_other_do_not_cancel);
    tcase_add_test(tc, scores_of_zero_do_not_differ);
    tcase_add_loop_test(tc, equal_scores_do_not_differ, 0, 2);
    tcase_add_test(tc, scores_of_other_shape_are_refused);
}
