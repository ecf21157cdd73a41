/* test_philox_normal.c - the device draws what the host draws. */
#include <check.h>
#include <math.h>

#include "base/rng.h"
#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Elements of a row: odd, around 2 x 16 lanes, a span of 1024, and 32 x 32 x 3. */
static const int cols[] = { 1, 2, 3, 31, 32, 33, 1023, 1025, 3072 };

static const int32_t draw[] = { 12345, -7, 42, SCL_RNG_NOISE << 24 | 1 };
static const int32_t rows[] = { 0, 999999, -2 };

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

static struct scl_node *normal(int n, int m)
{
    struct scl_node *d = scl_input(g, "draw", SCL_I32, SCL_SHAPE1(4));
    struct scl_node *index = scl_input(g, "index", SCL_I32, SCL_SHAPE1(n));

    check_set(d, draw);
    check_set(index, rows);
    return scl_philox_normal(g, d, index, SCL_SHAPE2(n, m));
}

/* log, sqrt and cos of an angle up to 2 pi in fp32, relative to values near 3. */
START_TEST(forward_matches_reference)
{
    check_forward(g, normal(3, cols[_i]), 2e-6);
}
END_TEST

START_TEST(device_draws_what_the_host_draws)
{
    const void *in[] = { draw, rows };
    static float y[3 * 77];

    ck_assert_int_eq(run_node(g, normal(3, 77), in, y), SCL_OK);
    for (int n = 0; n < 3; n++) {
        struct scl_rng rng = scl_rng_at((uint64_t)(uint32_t)draw[1] << 32 | (uint32_t)draw[0],
                                        SCL_RNG_NOISE, 42, (uint32_t)rows[n], 1);

        for (int e = 0; e < 77; e++)
            ck_assert_float_eq_tol(y[77 * n + e], scl_rng_normal(&rng), 4e-6f);
    }
}
END_TEST

/* 9216 draws: the mean is within 0.05 (4.8 standard errors) of 0, the mean square within
 * 0.075 (5.1) of 1. */
START_TEST(draws_have_mean_0_and_variance_1)
{
    const void *in[] = { draw, rows };
    static float y[3 * 3072];
    double sum = 0, square = 0;

    ck_assert_int_eq(run_node(g, normal(3, 3072), in, y), SCL_OK);
    for (int i = 0; i < 3 * 3072; i++) {
        sum += y[i] / (3 * 3072.0);
        square += (double)y[i] * y[i] / (3 * 3072.0);
    }
    ck_assert_double_eq_tol(sum, 0, 0.05);
    ck_assert_double_eq_tol(square, 1, 0.075);
}
END_TEST

START_TEST(index_for_each_row_is_wanted)
{
    struct scl_node *d = scl_input(g, "draw", SCL_I32, SCL_SHAPE1(4));
    struct scl_node *index = scl_input(g, "index", SCL_I32, SCL_SHAPE1(2));

    ck_assert_ptr_null(scl_philox_normal(g, d, index, SCL_SHAPE2(3, 5)));
    ck_assert_str_eq(scl_error(),
                     "philox_normal: index is [2], not an integer to each row of [3, 5]");
}
END_TEST

const char *const suite_name = "ops/philox_normal";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, forward_matches_reference, 0, sizeof cols / sizeof *cols);
    tcase_add_test(tc, device_draws_what_the_host_draws);
    tcase_add_test(tc, draws_have_mean_0_and_variance_1);
    tcase_add_test(tc, index_for_each_row_is_wanted);
}
