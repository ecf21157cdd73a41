/* test_pair_weight.c - from the scores of views to weights. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "method/method.h"
#include "ops/ops.h"
#include "support/op_check.h"

enum { N = 7, M = 4 * 4 * 3 };

static const int kinds[] = { SCL_WEIGHT_SCORE_NORM, SCL_WEIGHT_SCORE_L2 };

static struct scl_graph *g;
static float a[N * M], b[N * M];

static void setup(void)
{
    struct scl_rng rng = scl_rng_at(6, SCL_RNG_TEST, 0, 0, 0);

    g = scl_graph_new();
    check_reset();
    for (int i = 0; i < N * M; i++) {
        a[i] = scl_rng_uniform(&rng, -1, 1);
        b[i] = scl_rng_uniform(&rng, -1, 1);
    }
}

static void teardown(void)
{
    scl_graph_free(g);
}

static struct scl_weight_config spec_of(int kind, int map)
{
    return (struct scl_weight_config){
        .kind = kind, .map = map, .sigma = 0.1, .power = 1, .temperature = 1, .lambda = 0.3
    };
}

static void weights_of(float *w, const float *score_a, const float *score_b,
                       struct scl_weight_config spec)
{
    struct scl_graph *own = scl_graph_new();
    struct scl_node *x = scl_input(own, "a", SCL_F32, SCL_SHAPE4(N, 4, 4, 3));
    struct scl_node *y = scl_input(own, "b", SCL_F32, SCL_SHAPE4(N, 4, 4, 3));
    const void *in[] = { score_a, score_b };

    ck_assert_msg(run_node(own, scl_pair_weights(own, x, y, &spec), in, w) == SCL_OK, "%s",
                  scl_error());
    scl_graph_free(own);
}

/* DESIGN.md 5 for map `mean`, word for word. */
START_TEST(weights_are_differences_over_their_mean)
{
    double d[N], mean = 0;
    float w[N];

    for (int n = 0; n < N; n++) {
        double aa = 0, bb = 0, apart = 0;

        for (int i = n * M; i < (n + 1) * M; i++) {
            aa += (double)a[i] * a[i];
            bb += (double)b[i] * b[i];
            apart += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        }
        d[n] = 0.1 * (kinds[_i] == SCL_WEIGHT_SCORE_L2 ? sqrt(apart) : fabs(sqrt(aa) - sqrt(bb)));
        mean += d[n] / N;
    }
    weights_of(w, a, b, spec_of(kinds[_i], SCL_MAP_MEAN));
    for (int n = 0; n < N; n++)
        ck_assert_double_eq_tol(w[n], d[n] / mean, 1e-5);
}
END_TEST

/* Sigma scales all differences alike. */
START_TEST(weights_do_not_depend_on_sigma)
{
    struct scl_weight_config spec = spec_of(kinds[_i % 2], _i / 2);
    float w[N], other[N];

    weights_of(w, a, b, spec);
    spec.sigma = 0.8;
    weights_of(other, a, b, spec);
    for (int n = 0; n < N; n++)
        ck_assert_float_eq_tol(w[n], other[n], 1e-5f);
}
END_TEST

START_TEST(order_of_views_does_not_matter)
{
    float w[N], other[N];

    weights_of(w, a, b, spec_of(kinds[_i % 2], _i / 2));
    weights_of(other, b, a, spec_of(kinds[_i % 2], _i / 2));
    ck_assert_int_eq(memcmp(w, other, sizeof w), 0);
}
END_TEST

START_TEST(weights_follow_the_order_of_pairs)
{
    float w[N], other[N], other_a[N * M], other_b[N * M];

    for (int n = 0; n < N; n++) {
        memcpy(other_a + n * M, a + (n + 3) % N * M, M * sizeof *a);
        memcpy(other_b + n * M, b + (n + 3) % N * M, M * sizeof *b);
    }
    weights_of(w, a, b, spec_of(kinds[_i % 2], _i / 2));
    weights_of(other, other_a, other_b, spec_of(kinds[_i % 2], _i / 2));
    for (int n = 0; n < N; n++)
        ck_assert_float_eq_tol(other[n], w[(n + 3) % N], 1e-6f);
}
END_TEST

START_TEST(equal_views_weigh_exactly_one)
{
    float w[N];

    weights_of(w, a, a, spec_of(kinds[_i % 2], _i / 2));
    for (int n = 0; n < N; n++)
        ck_assert_float_eq(w[n], 1.0f);
}
END_TEST

START_TEST(uniform_weights_need_no_scores)
{
    const struct scl_weight_config spec = spec_of(SCL_WEIGHT_UNIFORM, SCL_MAP_MEAN);
    struct scl_node *x = scl_input(g, "a", SCL_F32, SCL_SHAPE4(N, 4, 4, 3));

    ck_assert_ptr_null(scl_pair_weights(g, x, x, &spec));
    ck_assert_int_eq(scl_graph_check(g), SCL_CONFIG);
}
END_TEST

const char *const suite_name = "method/pair_weight";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, weights_are_differences_over_their_mean, 0, 2);
    tcase_add_loop_test(tc, weights_do_not_depend_on_sigma, 0, 6);
    tcase_add_loop_test(tc, order_of_views_does_not_matter, 0, 6);
    tcase_add_loop_test(tc, weights_follow_the_order_of_pairs, 0, 6);
    tcase_add_loop_test(tc, equal_views_weigh_exactly_one, 0, 6);
    tcase_add_test(tc, uniform_weights_need_no_scores);
}
