/* test_losses.c - what must hold for the loss of every method of two views. Their values are
 * held to PyTorch's by the conformance cases. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "method/method.h"
#include "ops/ops.h"
#include "support/op_check.h"

enum { N = 9, D = 20 };

/* A loss of a, which has a gradient, and of b, which has none where a method stops it. */
struct loss {
    const char *name;
    struct scl_node *(*build)(struct scl_graph *g, struct scl_node *a, struct scl_node *b,
                              struct scl_node *w, struct scl_node **pair);
    bool has_other; /* b takes part */
};

static struct scl_node *simsiam(struct scl_graph *g, struct scl_node *a, struct scl_node *b,
                                struct scl_node *w, struct scl_node **pair)
{
    return scl_simsiam_loss(g, a, b, w, pair);
}

static struct scl_node *byol(struct scl_graph *g, struct scl_node *a, struct scl_node *b,
                             struct scl_node *w, struct scl_node **pair)
{
    return scl_byol_loss(g, a, b, w, pair);
}

static struct scl_node *vicreg(struct scl_graph *g, struct scl_node *a, struct scl_node *b,
                               struct scl_node *w, struct scl_node **pair)
{
    (void)b;
    return scl_vicreg_loss(g, a, w, 25, 25, 1, pair);
}

static struct scl_node *mocov3(struct scl_graph *g, struct scl_node *a, struct scl_node *b,
                               struct scl_node *w, struct scl_node **pair)
{
    return scl_mocov3_loss(g, a, b, w, 0.2, pair);
}

static struct scl_node *dino(struct scl_graph *g, struct scl_node *a, struct scl_node *b,
                             struct scl_node *w, struct scl_node **pair)
{
    static const float temperature = 0.07f;
    float center[D];

    for (int i = 0; i < D; i++)
        center[i] = 0.1f * (float)(i % 3);
    return scl_dino_loss(g, a, b, scl_constant(g, "center", SCL_F32, SCL_SHAPE1(D), center), w, 0.1,
                         scl_constant(g, "teacher", SCL_F32, SCL_SHAPE1(1), &temperature), pair);
}

static const struct loss losses[] = {
    { "simsiam", simsiam, true }, { "byol", byol, true }, { "vicreg", vicreg, false },
    { "mocov3", mocov3, true },   { "dino", dino, true },
};
enum { N_LOSS = sizeof losses / sizeof *losses };

static struct scl_graph *g;
static float first[2 * N * D], second[2 * N * D];

static void setup(void)
{
    struct scl_rng rng = scl_rng_at(8, SCL_RNG_TEST, 0, 0, 0);

    g = scl_graph_new();
    check_reset();
    check_range(-1, 1);
    for (int i = 0; i < 2 * N * D; i++) {
        first[i] = scl_rng_uniform(&rng, -1, 1);
        second[i] = scl_rng_uniform(&rng, -1, 1);
    }
}

static void teardown(void)
{
    scl_graph_free(g);
}

/* The loss (or with `pair` that of each pair) on the device, with these weights or none. */
static void run(const struct loss *loss, const float *a, const float *b, const float *weight,
                bool of_pairs, float *out)
{
    struct scl_graph *own = scl_graph_new();
    struct scl_node *x = scl_input(own, "a", SCL_F32, SCL_SHAPE2(2 * N, D)), *pair, *y;
    struct scl_node *z =
        loss->has_other ? scl_input(own, "b", SCL_F32, SCL_SHAPE2(2 * N, D)) : NULL;
    struct scl_node *w = weight ? scl_input(own, "w", SCL_F32, SCL_SHAPE1(N)) : NULL;
    const void *in[] = { a, z ? b : weight, weight };

    y = loss->build(own, x, z, w, &pair);
    ck_assert_msg(run_node(own, of_pairs ? pair : y, in, out) == SCL_OK, "%s: %s", loss->name,
                  scl_error());
    scl_graph_free(own);
}

static float value(const struct loss *loss, const float *a, const float *b, const float *weight)
{
    float y;

    run(loss, a, b, weight, false, &y);
    return y;
}

START_TEST(weights_of_one_give_the_bits_of_no_weights)
{
    float one[N];

    for (int i = 0; i < N; i++)
        one[i] = 1;
    ck_assert_float_eq(value(&losses[_i], first, second, one),
                       value(&losses[_i], first, second, NULL));
}
END_TEST

/* The rest of the loss (VICReg's variance and covariance) is what weights of 0 leave. */
START_TEST(weights_multiply_the_loss_of_their_pair)
{
    const struct loss *loss = &losses[_i];
    float weight[N], zero[N] = { 0 }, pair[N];
    double want = value(loss, first, second, zero);
    const double per_pair = strcmp(loss->name, "vicreg") == 0 ? 25 : 1;

    run(loss, first, second, NULL, true, pair);
    for (int k = 0; k < N; k++) {
        weight[k] = 0.25f * (float)k;
        want += per_pair * (double)weight[k] * (double)pair[k] / N;
    }
    ck_assert_float_eq_tol(value(loss, first, second, weight), (float)want,
                           1e-5f * (float)fabs(want));
}
END_TEST

/* The order of summation changes; a few units of rounding. */
START_TEST(order_of_pairs_does_not_matter)
{
    const struct loss *loss = &losses[_i];
    float a[2 * N * D], b[2 * N * D], y = value(loss, first, second, NULL);

    for (int row = 0; row < 2 * N; row++) {
        const int from = (row % N * 4 + 3) % N + row / N * N;

        memcpy(a + row * D, first + from * D, D * sizeof *a);
        memcpy(b + row * D, second + from * D, D * sizeof *b);
    }
    ck_assert_float_eq_tol(value(loss, a, b, NULL), y, 1e-5f * fabsf(y));
}
END_TEST

START_TEST(order_of_views_does_not_matter)
{
    const struct loss *loss = &losses[_i];
    float a[2 * N * D], b[2 * N * D], y = value(loss, first, second, NULL);

    memcpy(a, first + N * D, N * D * sizeof *a);
    memcpy(a + N * D, first, N * D * sizeof *a);
    memcpy(b, second + N * D, N * D * sizeof *b);
    memcpy(b + N * D, second, N * D * sizeof *b);
    ck_assert_float_eq_tol(value(loss, a, b, NULL), y, 1e-5f * fabsf(y));
}
END_TEST

/* Chains of up to six operators in fp32. */
START_TEST(gradient_matches_finite_difference)
{
    const struct loss *loss = &losses[_i];
    struct scl_node *a = scl_input(g, "a", SCL_F32, SCL_SHAPE2(2 * N, D));
    struct scl_node *b = loss->has_other ? scl_input(g, "b", SCL_F32, SCL_SHAPE2(2 * N, D)) : NULL;
    struct scl_node *w = scl_input(g, "w", SCL_F32, SCL_SHAPE1(N));

    check_gradient(g, loss->build(g, a, b, w, NULL), 5e-5);
}
END_TEST

START_TEST(no_gradient_reaches_what_is_stopped)
{
    const struct loss *loss = &losses[_i];
    struct scl_node *a = scl_input(g, "a", SCL_F32, SCL_SHAPE2(2 * N, D));
    struct scl_node *b = scl_input(g, "b", SCL_F32, SCL_SHAPE2(2 * N, D));
    struct scl_node *y = loss->build(g, a, b, NULL, NULL), *grad;

    if (loss->has_other)
        ck_assert_int_eq(scl_gradients(&grad, g, y, NULL, 1, &b), SCL_SHAPE);
    ck_assert_int_eq(scl_gradients(&grad, g, y, NULL, 1, &a), SCL_OK);
}
END_TEST

/* cos = 1 for all: the least that the two can be. */
START_TEST(equal_views_lose_least)
{
    float same[2 * N * D];

    memcpy(same, first, N * D * sizeof *same);
    memcpy(same + N * D, first, N * D * sizeof *same);
    ck_assert_float_eq_tol(value(&losses[0], same, same, NULL), -1, 1e-6f);
    ck_assert_float_eq_tol(value(&losses[1], same, same, NULL), 0, 2e-6f);
}
END_TEST

START_TEST(barlow_gradient_matches_finite_difference)
{
    struct scl_node *z = scl_input(g, "z", SCL_F32, SCL_SHAPE2(2 * N, D));

    check_gradient(g, scl_barlow_loss(g, z, 0.0051, 0.1), 1e-4);
}
END_TEST

/* C_ii is 1 but for the eps of the norm, so what is left are the entries beside it. */
START_TEST(barlow_of_equal_views_has_no_diagonal_term)
{
    struct scl_node *z = scl_input(g, "z", SCL_F32, SCL_SHAPE2(2 * N, D));
    const void *in[] = { first };
    float y;

    memcpy(first + N * D, first, N * D * sizeof *first);
    ck_assert_int_eq(run_node(g, scl_barlow_loss(g, z, 0, 1), in, &y), SCL_OK);
    ck_assert_float_le(y, 1e-6f);
}
END_TEST

START_TEST(temperatures_of_zero_are_refused)
{
    struct scl_node *z = scl_input(g, "z", SCL_F32, SCL_SHAPE2(4, 8));

    if (_i == 0)
        scl_mocov3_loss(g, z, z, NULL, 0, NULL);
    else
        scl_dino_loss(g, z, z, z, NULL, 0, z, NULL);
    ck_assert_int_eq(scl_graph_check(g), SCL_CONFIG);
    ck_assert_str_eq(scl_error(), _i == 0 ? "mocov3: temperature is 0, not above 0"
                                          : "dino: temperature is 0, not above 0");
}
END_TEST

START_TEST(one_pair_has_no_variance)
{
    struct scl_node *z = scl_input(g, "z", SCL_F32, SCL_SHAPE2(2, 8));

    ck_assert_ptr_null(scl_vicreg_loss(g, z, NULL, 25, 25, 1, NULL));
    ck_assert_str_eq(scl_error(), "vicreg: z is [2, 8]; two pairs or more have a variance");
}
END_TEST

const char *const suite_name = "method/losses";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, weights_of_one_give_the_bits_of_no_weights, 0, N_LOSS);
    tcase_add_loop_test(tc, weights_multiply_the_loss_of_their_pair, 0, N_LOSS);
    tcase_add_loop_test(tc, order_of_pairs_does_not_matter, 0, N_LOSS);
    tcase_add_loop_test(tc, order_of_views_does_not_matter, 0, N_LOSS);
    tcase_add_loop_test(tc, gradient_matches_finite_difference, 0, N_LOSS);
    tcase_add_loop_test(tc, no_gradient_reaches_what_is_stopped, 0, N_LOSS);
    tcase_add_test(tc, equal_views_lose_least);
    tcase_add_test(tc, barlow_gradient_matches_finite_difference);
    tcase_add_test(tc, barlow_of_equal_views_has_no_diagonal_term);
    tcase_add_loop_test(tc, temperatures_of_zero_are_refused, 0, 2);
    tcase_add_test(tc, one_pair_has_no_variance);
}
