/* test_whiten_singular.c - slices that cannot be whitened: they are NaN, counted, and alone. */
#include <check.h>
#include <math.h>

#include "base/rng.h"
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

static struct scl_node *whitened(int rows, int columns, int size, double eps,
                                 struct scl_node **singular)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE2(rows, columns));

    return scl_whiten(g, x, size, eps, singular);
}

/* Uniform in [-1, 1), each slice of `size` rows its own stream. */
static void draw(float *x, int slice, int size, int columns)
{
    struct scl_rng rng = scl_rng_at(7, SCL_RNG_TEST, 0, (uint32_t)slice, 0);

    for (int i = 0; i < size * columns; i++)
        x[slice * size * columns + i] = scl_rng_uniform(&rng, -1, 1);
}

/* Slices of 24 rows and 5 columns, each with a fault of its own. */
enum { HEALTHY, CONSTANT, DOUBLED, DEFICIENT, NOT_A_NUMBER, INFINITE, N_FAULT };
enum { SIZE = 24, E = 5, SLICE = SIZE * E };

static void spoil(float *x, int fault)
{
    for (int r = 0; r < SIZE; r++) {
        float *row = x + r * E;

        if (fault == CONSTANT)
            row[3] = 0.1f;
        if (fault == DOUBLED)
            row[4] = row[1];
        if (fault == DEFICIENT)
            row[2] = row[0] - row[4];
    }
    if (fault == NOT_A_NUMBER)
        x[7] = NAN;
    if (fault == INFINITE)
        x[SLICE - 1] = INFINITY;
    /* A fault that counts, unless something is not finite. */
    for (int r = 0; r < SIZE && fault >= NOT_A_NUMBER; r++)
        x[r * E + 1] = x[r * E];
}

static float faulty[N_FAULT * SLICE];

static struct scl_node *whitened_faults(struct scl_node **singular)
{
    for (int s = 0; s < N_FAULT; s++) {
        draw(faulty, s, SIZE, E);
        spoil(faulty + s * SLICE, s);
    }
    return whitened(N_FAULT * SIZE, E, SIZE, 0, singular);
}

START_TEST(singular_slices_count_and_others_that_are_not_finite_do_not)
{
    const void *in[] = { faulty };
    struct scl_node *count;
    float singular;

    whitened_faults(&count);
    ck_assert_int_eq(run_node(g, count, in, &singular), SCL_OK);
    ck_assert_float_eq(singular, 3);
}
END_TEST

START_TEST(slices_at_fault_are_nan_and_healthy_ones_beside_them_are_not)
{
    const void *in[] = { faulty };
    float z[N_FAULT * SLICE];

    ck_assert_int_eq(run_node(g, whitened_faults(NULL), in, z), SCL_OK);
    for (int i = 0; i < N_FAULT * SLICE; i++)
        ck_assert(isnan(z[i]) == (i / SLICE != HEALTHY));
}
END_TEST

START_TEST(faults_match_reference)
{
    struct scl_node *count, *z = whitened_faults(&count);

    check_set(scl_graph_node(g, 0), faulty);
    check_forward(g, z, 1e-5);
    check_forward(g, count, 0);
}
END_TEST

/* A covariance summed in plain fp32 hides one in four of these. */
START_TEST(column_that_follows_from_others_is_always_seen)
{
    enum { SLICES = 16, ROWS = 256 };
    static float x[SLICES * ROWS * 3];
    const void *in[] = { x };
    struct scl_node *count;
    float singular;

    whitened(SLICES * ROWS, 3, ROWS, 0, &count);
    for (int s = 0; s < SLICES; s++)
        draw(x, s, ROWS, 3);
    for (int i = 0; i < SLICES * ROWS * 3; i += 3)
        x[i + 2] = x[i] - x[i + 1];
    ck_assert_int_eq(run_node(g, count, in, &singular), SCL_OK);
    ck_assert_float_eq(singular, SLICES);
}
END_TEST

START_TEST(constant_column_is_regular_with_eps)
{
    float x[SLICE], z[SLICE], singular;
    const void *in[] = { x };
    struct scl_node *count, *node = whitened(SIZE, E, SIZE, 1e-3, &count);

    draw(x, 0, SIZE, E);
    spoil(x, CONSTANT);
    ck_assert_int_eq(run_node(g, node, in, z), SCL_OK);
    ck_assert_int_eq(run_node(g, count, in, &singular), SCL_OK);
    ck_assert_float_eq(singular, 0);
    for (int r = 0; r < SIZE; r++)
        ck_assert(isfinite(z[r * E]) && z[r * E + 3] == 0);
}
END_TEST

const char *const suite_name = "ops/whiten_singular";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, singular_slices_count_and_others_that_are_not_finite_do_not);
    tcase_add_test(tc, slices_at_fault_are_nan_and_healthy_ones_beside_them_are_not);
    tcase_add_test(tc, faults_match_reference);
    tcase_add_test(tc, column_that_follows_from_others_is_always_seen);
    tcase_add_test(tc, constant_column_is_regular_with_eps);
}
