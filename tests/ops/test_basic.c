/* test_basic.c - add_rows, fourier, concat and slice. */
#include <check.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Images whose channels are less than a vector, one, and more; the last has several
 * groups to an image. */
static const struct scl_shape images[] = {
    { 4, { 1, 1, 1, 1 } },  { 4, { 2, 3, 5, 3 } },    { 4, { 3, 4, 4, 16 } },
    { 4, { 2, 5, 3, 33 } }, { 4, { 2, 12, 12, 64 } },
};

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

static struct scl_node *input(const char *name, struct scl_shape shape)
{
    return scl_input(g, name, SCL_F32, shape);
}

static struct scl_node *added(struct scl_shape shape)
{
    struct scl_node *x = input("x", shape);

    return scl_add_rows(g, x, input("e", SCL_SHAPE2(shape.dim[0], shape.dim[3])));
}

/* Tolerances: a rounding of fp32 for each operation. */
START_TEST(add_rows_matches_reference)
{
    check_forward(g, added(images[_i]), 1e-7);
}
END_TEST

/* The sum over the pixels has a rounding for each 32, and 32. */
START_TEST(add_rows_gradient_matches_finite_difference)
{
    check_range(-1, 1);
    check_gradient(g, added(images[_i]), 2e-6);
}
END_TEST

/* p is up to 2 pi ln(1.5) 1.5 and has some roundings. */
START_TEST(fourier_matches_reference)
{
    struct scl_node *sigma = input("sigma", SCL_SHAPE1(1 + 30 * _i));

    check_forward(g, scl_fourier(g, sigma, input("freq", SCL_SHAPE1(64 * _i + 1))), 2e-6);
}
END_TEST

/* Up to 129 of 4 turns, in sums that may cancel. */
START_TEST(fourier_gradient_matches_finite_difference)
{
    struct scl_node *sigma = input("sigma", SCL_SHAPE1(1 + 30 * _i));

    check_gradient(g, scl_fourier(g, sigma, input("freq", SCL_SHAPE1(64 * _i + 1))), 1e-5);
}
END_TEST

/* Frequencies as a network has them, at the smallest noise. */
START_TEST(fourier_of_many_turns_is_right)
{
    static const float sigma[1] = { 0.01f }, freq[3] = { -3.1f, 0, 3.7f };
    struct scl_node *s = input("sigma", SCL_SHAPE1(1)), *f = input("freq", SCL_SHAPE1(3));

    check_set(s, sigma);
    check_set(f, freq);
    check_forward(g, scl_fourier(g, s, f), 5e-5); /* 107 radians in fp32: 4e-6, and ln's own */
}
END_TEST

/* Axis, and what the second tensor has of it. */
static const struct {
    struct scl_shape a;
    int axis, other;
} pairs[] = {
    { { 1, { 1 } }, 0, 1 },
    { { 2, { 3, 5 } }, 1, 17 },
    { { 2, { 3, 5 } }, 0, 4 },
    { { 4, { 2, 3, 4, 16 } }, 3, 16 },
    { { 4, { 2, 3, 4, 33 } }, -1, 3 },
    { { 4, { 2, 3, 4, 5 } }, 1, 2 },
    { { 4, { 2, 9, 9, 64 } }, 3, 32 },
    { { 2, { 2, 5000 } }, 0, 1 },
    { { 2, { 2, 5000 } }, 1, 4097 },
};

static struct scl_node *joined(int i)
{
    struct scl_shape other = pairs[i].a;
    struct scl_node *a = input("a", pairs[i].a);

    other.dim[pairs[i].axis < 0 ? other.rank + pairs[i].axis : pairs[i].axis] = pairs[i].other;
    return scl_concat(g, a, input("b", other), pairs[i].axis);
}

START_TEST(concat_copies)
{
    check_forward(g, joined(_i), 0);
}
END_TEST

START_TEST(concat_gradient_matches_finite_difference)
{
    check_gradient(g, joined(_i), 0);
}
END_TEST

/* First, middle and last part along the axis. */
static const struct {
    struct scl_shape x;
    int axis, first, count;
} parts[] = {
    { { 1, { 1 } }, 0, 0, 1 },
    { { 2, { 3, 70 } }, 1, 0, 17 },
    { { 2, { 3, 70 } }, 1, 17, 33 },
    { { 2, { 7, 5 } }, 0, 4, 3 },
    { { 4, { 2, 3, 4, 48 } }, -1, 16, 32 },
    { { 4, { 2, 3, 4, 5 } }, 1, 1, 1 },
    { { 4, { 2, 9, 9, 64 } }, 3, 1, 62 },
};

static struct scl_node *sliced(int i)
{
    return scl_slice(g, input("x", parts[i].x), parts[i].axis, parts[i].first, parts[i].count);
}

START_TEST(slice_copies)
{
    check_forward(g, sliced(_i), 0);
}
END_TEST

START_TEST(slice_gradient_matches_finite_difference)
{
    check_gradient(g, sliced(_i), 0);
}
END_TEST

START_TEST(wrong_rows_are_refused_in_words)
{
    struct scl_node *x = input("x", SCL_SHAPE4(2, 3, 3, 8));

    ck_assert_ptr_null(scl_add_rows(g, x, input("e", SCL_SHAPE2(2, 7))));
    ck_assert_int_eq(scl_graph_check(g), SCL_SHAPE);
    ck_assert_str_eq(scl_error(), "add_rows: x is [2, 3, 3, 8] and e is [2, 7], not [N, H, W, C] "
                                  "and [N, C]");
}
END_TEST

START_TEST(concat_of_unequal_sides_is_refused_in_words)
{
    struct scl_node *a = input("a", SCL_SHAPE2(2, 3));

    ck_assert_ptr_null(scl_concat(g, a, input("b", SCL_SHAPE2(3, 3)), 1));
    ck_assert_str_eq(scl_error(), "concat: a is [2, 3] and b is [3, 3]; only axis 1 may differ");
}
END_TEST

START_TEST(slice_beyond_the_end_is_refused_in_words)
{
    ck_assert_ptr_null(scl_slice(g, input("x", SCL_SHAPE2(2, 3)), 1, 2, 2));
    ck_assert_str_eq(scl_error(), "slice: x is [2, 3], which has no indices 2 to 3 of axis 1");
}
END_TEST

const char *const suite_name = "ops/basic";

void suite_fill(TCase *tc)
{
    const int n = sizeof images / sizeof *images;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, add_rows_matches_reference, 0, n);
    tcase_add_loop_test(tc, add_rows_gradient_matches_finite_difference, 0, n);
    tcase_add_loop_test(tc, fourier_matches_reference, 0, 3);
    tcase_add_loop_test(tc, fourier_gradient_matches_finite_difference, 0, 3);
    tcase_add_test(tc, fourier_of_many_turns_is_right);
    tcase_add_loop_test(tc, concat_copies, 0, sizeof pairs / sizeof *pairs);
    tcase_add_loop_test(tc, concat_gradient_matches_finite_difference, 0,
                        sizeof pairs / sizeof *pairs);
    tcase_add_loop_test(tc, slice_copies, 0, sizeof parts / sizeof *parts);
    tcase_add_loop_test(tc, slice_gradient_matches_finite_difference, 0,
                        sizeof parts / sizeof *parts);
    tcase_add_test(tc, wrong_rows_are_refused_in_words);
    tcase_add_test(tc, concat_of_unequal_sides_is_refused_in_words);
    tcase_add_test(tc, slice_beyond_the_end_is_refused_in_words);
}
