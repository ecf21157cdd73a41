/* test_whiten.c - the reference, the gradient, what whitening means, the refusals.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Around 16 columns, of a CPU's vector and a GPU's tile, and 32 rows of a group. The simulator
 * leaves out the last three: more columns than a group of 64 takes, the sizes of W-MSE for
 * CIFAR-10, and more columns than a group of 256 takes. */
static const struct {
    int rows, columns, size;
    double eps;
} cases[] = {
    { 10, 9, 5, 0.3 },   { 24, 5, 12, 1 },       { 4, 1, 2, 0 },     { 24, 5, 12, 0.1 },
    { 33, 15, 33, 0 },   { 80, 16, 40, 1e-4 },   { 120, 17, 40, 0 }, { 144, 65, 144, 0 },
    { 512, 64, 128, 0 }, { 260, 258, 260, 0.5 },
};

static struct scl_graph *g;

static void setup(void)
{
    g = scl_graph_new();
    check_range(-1, 1);
}

static void teardown(void)
{
    scl_graph_free(g);
    check_reset();
}

static struct scl_node *whitened(int rows, int columns, int size, double eps,
                                 struct scl_node **singular)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE2(rows, columns));

    return scl_whiten(g, x, size, eps, singular);
}

static struct scl_node *whitened_case(int i)
{
    return whitened(cases[i].rows, cases[i].columns, cases[i].size, cases[i].eps, NULL);
}

/* Uniform values have a covariance whose condition is at most (1 + r)^2 / (1 - r)^2 with
 * r = sqrt(E / size) up to 0.68, so below 30, which multiplies some roundings of fp32. */
START_TEST(forward_matches_reference)
{
    check_forward(g, whitened_case(_i), 1e-5);
}
END_TEST

START_TEST(gradient_matches_finite_difference)
{
    check_gradient(g, whitened_case(_i), 3e-5);
}
END_TEST

/* The mean is a thousand times what is whitened. */
START_TEST(large_mean_costs_no_digits)
{
    check_range(1000, 1001);
    check_forward(g, whitened(80, 16, 40, 0, NULL), 1e-5);
}
END_TEST

/* Of columns i and j, over rows - 1. */
static double covariance(const float *z, int rows, int columns, int i, int j)
{
    double sum = 0, mean_i = 0, mean_j = 0;

    for (int r = 0; r < rows; r++) {
        mean_i += (double)z[r * columns + i] / rows;
        mean_j += (double)z[r * columns + j] / rows;
    }
    for (int r = 0; r < rows; r++)
        sum += (z[r * columns + i] - mean_i) * (z[r * columns + j] - mean_j);
    return sum / (rows - 1);
}

/* Uniform in [-1, 1), each slice of `size` rows its own stream. */
static void draw(float *x, int slice, int size, int columns)
{
    struct scl_rng rng = scl_rng_at(7, SCL_RNG_TEST, 0, (uint32_t)slice, 0);

    for (int i = 0; i < size * columns; i++)
        x[slice * size * columns + i] = scl_rng_uniform(&rng, -1, 1);
}

START_TEST(covariance_becomes_the_identity)
{
    enum { SIZE = 100, E = 9 };
    float x[SIZE * E], z[SIZE * E];
    const void *in[] = { x };

    draw(x, 0, SIZE, E);
    for (int r = 0; r < SIZE; r++)
        x[r * E + 1] += 3 * x[r * E]; /* something to undo */
    ck_assert_int_eq(run_node(g, whitened(SIZE, E, SIZE, 0, NULL), in, z), SCL_OK);
    for (int i = 0; i < E; i++)
        for (int j = 0; j < E; j++)
            ck_assert_double_eq_tol(covariance(z, SIZE, E, i, j), i == j, 1e-5);
}
END_TEST

enum { SIZE = 24, E = 5, SLICE = SIZE * E };

START_TEST(slices_do_not_change_each_others_bits)
{
    float x[2 * SLICE], z[2][2 * SLICE];
    const void *in[] = { x };
    struct scl_node *node = whitened(2 * SIZE, E, SIZE, 0, NULL);

    draw(x, 0, SIZE, E);
    draw(x, 1, SIZE, E);
    ck_assert_int_eq(run_node(g, node, in, z[0]), SCL_OK);
    for (int i = 0; i < SLICE; i++)
        x[i] = 5 - 2 * x[i] * x[i];
    ck_assert_int_eq(run_node(g, node, in, z[1]), SCL_OK);
    ck_assert_int_ne(memcmp(z[0], z[1], SLICE * sizeof(float)), 0);
    ck_assert_int_eq(memcmp(z[0] + SLICE, z[1] + SLICE, SLICE * sizeof(float)), 0);
}
END_TEST

static const struct {
    int rows, columns, size;
    double eps;
    const char *words;
} refused[] = {
    { 4, 1, 1, 0, "whiten: 4 rows do not divide into slices of 1, at least 2" },
    { 64, 3, 24, 0, "whiten: 64 rows do not divide into slices of 24, at least 2" },
    { 64, 32, 32, 0,
      "whiten: slices of 32 rows have a singular covariance of 32 columns; more "
      "rows than columns are wanted" },
    { 64, 3, 32, -0.5, "whiten: eps is -0.5, not from 0 to 1" },
    { 64, 3, 32, 1.5, "whiten: eps is 1.5, not from 0 to 1" },
};

START_TEST(what_cannot_be_whitened_is_refused_in_words)
{
    struct scl_node *singular;

    ck_assert_ptr_null(whitened(refused[_i].rows, refused[_i].columns, refused[_i].size,
                                refused[_i].eps, &singular));
    ck_assert_ptr_null(singular);
    ck_assert_int_lt(scl_graph_check(g), 0);
    ck_assert_str_eq(scl_error(), refused[_i].words);
}
END_TEST

START_TEST(image_batch_is_refused_in_words)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE3(8, 2, 2));

    ck_assert_ptr_null(scl_whiten(g, x, 4, 0, NULL));
    ck_assert_str_eq(scl_error(), "whiten: x is [8, 2, 2], not [N, E] in fp32");
}
END_TEST

const char *const suite_name = "ops/whiten";

void suite_fill(TCase *tc)
{
    const int n = sizeof cases / sizeof *cases - (getenv("SCL_SIMULATOR") ? 3 : 0);

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, forward_matches_reference, 0, n);
    tcase_add_loop_test(tc, gradient_matches_finite_difference, 0, n);
    tcase_add_test(tc, large_mean_costs_no_digits);
    tcase_add_test(tc, covariance_becomes_the_identity);
    tcase_add_test(tc, slices_do_not_change_each_others_bits);
    tcase_add_loop_test(tc, what_cannot_be_whitened_is_refused_in_words, 0,
                        sizeof refused / sizeof *refused);
    tcase_add_test(tc, image_batch_is_refused_in_words);
}
