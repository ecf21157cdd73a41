/* test_simclr.c - SimCLR's loss: its value where it is known, and what must not change it. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "method/method.h"
#include "ops/ops.h"
#include "support/op_check.h"

enum { N = 9, D = 20 };

static struct scl_graph *g;
static float z[2 * N * D];

static void setup(void)
{
    struct scl_rng rng = scl_rng_at(5, SCL_RNG_TEST, 0, 0, 0);

    g = scl_graph_new();
    check_reset();
    check_range(-1, 1);
    for (int i = 0; i < 2 * N * D; i++)
        z[i] = scl_rng_uniform(&rng, -1, 1);
}

static void teardown(void)
{
    scl_graph_free(g);
}

/* The loss of `embedding` on the device, with these weights or none. */
static float loss_of(const float *embedding, const float *weight, double temperature)
{
    struct scl_graph *own = scl_graph_new();
    struct scl_node *x = scl_input(own, "z", SCL_F32, SCL_SHAPE2(2 * N, D));
    struct scl_node *w = weight ? scl_input(own, "w", SCL_F32, SCL_SHAPE1(N)) : NULL;
    const void *in[] = { embedding, weight };
    float loss = 0;

    ck_assert_msg(run_node(own, scl_simclr_loss(own, x, w, temperature, NULL), in, &loss) == SCL_OK,
                  "%s", scl_error());
    scl_graph_free(own);
    return loss;
}

/* Row a and row b of `to` become rows c and d of z. */
static void put_pair(float *to, int a, int b, int c, int d)
{
    memcpy(to + a * D, z + c * D, D * sizeof *to);
    memcpy(to + b * D, z + d * D, D * sizeof *to);
}

/* -log(e^{s_ij / t} / sum_{m != i} e^{s_im / t}), facts/methods.md 1.1, word for word. */
static double row_loss(int i, int partner, double t)
{
    double sum = 0, positive = 0;

    for (int m = 0; m < 2 * N; m++) {
        double im = 0, ii = 0, mm = 0;

        for (int d = 0; d < D; d++) {
            im += (double)z[i * D + d] * z[m * D + d];
            ii += (double)z[i * D + d] * z[i * D + d];
            mm += (double)z[m * D + d] * z[m * D + d];
        }
        if (m != i)
            sum += exp(im / sqrt(ii * mm) / t);
        if (m == partner)
            positive = exp(im / sqrt(ii * mm) / t);
    }
    return -log(positive / sum);
}

START_TEST(loss_is_that_of_the_paper)
{
    const double t = _i ? 0.5 : 0.07;
    float weight[N];
    double plain = 0, weighted = 0;

    for (int k = 0; k < N; k++) {
        const double pair = (row_loss(k, k + N, t) + row_loss(k + N, k, t)) / 2;

        weight[k] = 0.25f * (float)(k + 1);
        plain += pair / N;
        weighted += (double)weight[k] * pair / N;
    }
    ck_assert_double_eq_tol(loss_of(z, NULL, t), plain, 1e-5 * plain);
    ck_assert_double_eq_tol(loss_of(z, weight, t), weighted, 1e-5 * weighted);
}
END_TEST

START_TEST(equal_embeddings_give_the_logarithm_of_the_others)
{
    float same[2 * N * D];

    for (int i = 0; i < 2 * N; i++)
        memcpy(same + i * D, z, D * sizeof *same);
    ck_assert_float_eq_tol(loss_of(same, NULL, 0.5), logf(2 * N - 1), 1e-5f);
}
END_TEST

START_TEST(weights_of_one_give_the_bits_of_no_weights)
{
    float one[N];

    for (int i = 0; i < N; i++)
        one[i] = 1;
    ck_assert_float_eq(loss_of(z, one, 0.2), loss_of(z, NULL, 0.2));
}
END_TEST

/* The order of summation changes; a few units of rounding. */
START_TEST(order_of_pairs_does_not_matter)
{
    float other[2 * N * D];

    for (int k = 0; k < N; k++)
        put_pair(other, k, k + N, (k * 4 + 3) % N, (k * 4 + 3) % N + N);
    ck_assert_float_eq_tol(loss_of(other, NULL, 0.2), loss_of(z, NULL, 0.2), 2e-6f);
}
END_TEST

START_TEST(order_of_views_does_not_matter)
{
    float other[2 * N * D];

    for (int k = 0; k < N; k++)
        put_pair(other, k, k + N, k % 2 ? k : k + N, k % 2 ? k + N : k);
    ck_assert_float_eq_tol(loss_of(other, NULL, 0.2), loss_of(z, NULL, 0.2), 2e-6f);
}
END_TEST

START_TEST(length_of_embeddings_does_not_matter)
{
    float other[2 * N * D];

    for (int i = 0; i < 2 * N * D; i++)
        other[i] = z[i] * (float)(1 << i / D % 5);
    ck_assert_float_eq_tol(loss_of(other, NULL, 0.2), loss_of(z, NULL, 0.2), 2e-6f);
}
END_TEST

/* A chain of four operators in fp32, at logits up to 5. */
START_TEST(gradient_matches_finite_difference)
{
    struct scl_node *x = scl_input(g, "z", SCL_F32, SCL_SHAPE2(2 * N, D));
    struct scl_node *w = scl_input(g, "w", SCL_F32, SCL_SHAPE1(N));

    check_gradient(g, scl_simclr_loss(g, x, _i ? w : NULL, 0.2, NULL), 2e-5);
}
END_TEST

START_TEST(loss_of_each_pair_is_given)
{
    struct scl_node *x = scl_input(g, "z", SCL_F32, SCL_SHAPE2(2 * N, D)), *pair;
    const void *in[] = { z };
    float of_pair[N], sum = 0;

    scl_simclr_loss(g, x, NULL, 0.2, &pair);
    ck_assert_int_eq(run_node(g, pair, in, of_pair), SCL_OK);
    for (int k = 0; k < N; k++)
        sum += of_pair[k] / N;
    ck_assert_float_eq_tol(sum, loss_of(z, NULL, 0.2), 2e-6f);
}
END_TEST

START_TEST(temperature_of_zero_is_refused)
{
    struct scl_node *x = scl_input(g, "z", SCL_F32, SCL_SHAPE2(4, 8));

    ck_assert_ptr_null(scl_simclr_loss(g, x, NULL, 0, NULL));
    ck_assert_int_eq(scl_graph_check(g), SCL_CONFIG);
    ck_assert_str_eq(scl_error(), "simclr: temperature is 0, not above 0");
}
END_TEST

START_TEST(weights_of_another_batch_are_refused)
{
    struct scl_node *x = scl_input(g, "z", SCL_F32, SCL_SHAPE2(8, 8));
    struct scl_node *w = scl_input(g, "w", SCL_F32, SCL_SHAPE1(8));

    ck_assert_ptr_null(scl_simclr_loss(g, x, w, 0.5, NULL));
    ck_assert_str_eq(scl_error(), "weighted_mean: values [4] and weights [8] are not both [n]");
}
END_TEST

const char *const suite_name = "method/simclr";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, loss_is_that_of_the_paper, 0, 2);
    tcase_add_test(tc, equal_embeddings_give_the_logarithm_of_the_others);
    tcase_add_test(tc, weights_of_one_give_the_bits_of_no_weights);
    tcase_add_test(tc, order_of_pairs_does_not_matter);
    tcase_add_test(tc, order_of_views_does_not_matter);
    tcase_add_test(tc, length_of_embeddings_does_not_matter);
    tcase_add_loop_test(tc, gradient_matches_finite_difference, 0, 2);
    tcase_add_test(tc, loss_of_each_pair_is_given);
    tcase_add_test(tc, temperature_of_zero_is_refused);
    tcase_add_test(tc, weights_of_another_batch_are_refused);
}
