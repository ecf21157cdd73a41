/* test_pair_weight.c - every map against the reference, and what holds for all. */
#include <check.h>
#include <math.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Around 16 lanes, a group of 64, and many. */
static const int sizes[] = { 1, 2, 15, 16, 17, 63, 65, 1025 };

enum { N_SIZE = sizeof sizes / sizeof *sizes, N_MAP = 3 };

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

static struct scl_node *weights(int n, struct scl_pair_weight spec)
{
    return scl_pair_weight(g, scl_input(g, "d", SCL_F32, SCL_SHAPE1(n)), spec);
}

/* pow and exp of the device, and a standard deviation. */
START_TEST(forward_matches_reference)
{
    static const float powers[] = { 1, 2, 0.5f, -1 };
    const struct scl_pair_weight spec = { .map = _i % N_MAP,
                                          .power = powers[_i % 4],
                                          .temperature = 0.7f,
                                          .lambda = _i % 2 ? -0.8f : 0.8f,
                                          .clip = _i % 2 ? 1.2f : 0 };

    check_forward(g, weights(sizes[_i / N_MAP], spec), 1e-5);
}
END_TEST

/* Also when the difference is 0, and under a power; the clip comes last. */
START_TEST(equal_differences_weigh_exactly_one)
{
    static const float values[] = { 0, 0.1f, 7 }, powers[] = { 1, 0.3f, -1 };
    const int n = 37;

    for (int map = 0; map < N_MAP; map++)
        for (int p = 0; p < 3; p++)
            for (int clip = 0; clip < 2; clip++) {
                const struct scl_pair_weight spec = { .map = map,
                                                      .power = powers[p],
                                                      .temperature = 1,
                                                      .lambda = 0.3f,
                                                      .clip = clip ? 0.5f : 0 };
                struct scl_graph *own = scl_graph_new();
                struct scl_node *d = scl_input(own, "d", SCL_F32, SCL_SHAPE1(n));
                float same[37], w[37];
                const void *in[] = { same };

                for (int i = 0; i < n; i++)
                    same[i] = values[_i];
                ck_assert_int_eq(run_node(own, scl_pair_weight(own, d, spec), in, w), SCL_OK);
                for (int i = 0; i < n; i++)
                    ck_assert_float_eq(w[i], clip ? 0.5f : 1.0f);
                scl_graph_free(own);
            }
}
END_TEST

START_TEST(mean_of_weights_is_one)
{
    const struct scl_pair_weight spec = { .map = _i, .power = 1, .temperature = 1, .lambda = 0.3f };
    float d[100], w[100], sum = 0;
    const void *in[] = { d };

    for (int i = 0; i < 100; i++)
        d[i] = 1 + (float)(i * 37 % 100) / 100;
    ck_assert_int_eq(run_node(g, weights(100, spec), in, w), SCL_OK);
    for (int i = 0; i < 100; i++)
        sum += w[i] / 100;
    ck_assert_float_eq_tol(sum, 1.0f, 1e-5f);
}
END_TEST

START_TEST(affine_weights_are_not_below_zero)
{
    const struct scl_pair_weight spec = { .map = SCL_PAIR_AFFINE, .power = 1, .lambda = 3 };
    const float d[] = { 0, 1, 1, 1 };
    const void *in[] = { d };
    float w[4];

    ck_assert_int_eq(run_node(g, weights(4, spec), in, w), SCL_OK);
    ck_assert_float_eq(w[0], 0.0f);
    ck_assert_float_gt(w[1], 1.0f);
}
END_TEST

/* A broken score network must not pass for a batch of equal weights. */
START_TEST(difference_that_is_no_number_stays_one)
{
    const struct scl_pair_weight spec = { .map = _i, .power = 1, .temperature = 1, .lambda = 1 };
    const float d[] = { 1, NAN, 1 };
    const void *in[] = { d };
    float w[3];

    ck_assert_int_eq(run_node(g, weights(3, spec), in, w), SCL_OK);
    ck_assert(isnan(w[1]));
}
END_TEST

START_TEST(temperature_of_zero_is_refused)
{
    const struct scl_pair_weight spec = { .map = SCL_PAIR_SOFTMAX, .power = 1 };

    ck_assert_ptr_null(weights(4, spec));
    ck_assert_int_eq(scl_graph_check(g), SCL_CONFIG);
    ck_assert_str_eq(scl_error(), "pair_weight: temperature is 0, not above 0");
}
END_TEST

const char *const suite_name = "ops/pair_weight";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, forward_matches_reference, 0, N_SIZE * N_MAP);
    tcase_add_loop_test(tc, equal_differences_weigh_exactly_one, 0, 3);
    tcase_add_loop_test(tc, mean_of_weights_is_one, 0, N_MAP);
    tcase_add_test(tc, affine_weights_are_not_below_zero);
    tcase_add_loop_test(tc, difference_that_is_no_number_stays_one, 0, N_MAP);
    tcase_add_test(tc, temperature_of_zero_is_refused);
}
