/* test_wmse.c - W-MSE: views, permutations, weights, and covariances that are singular. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "method/method.h"
#include "ops/ops.h"
#include "support/op_check.h"

enum { N = 24, E = 5, V = 4, SIZE = 12 };

static struct scl_graph *g;
static float h[V * N * E];
static int32_t order[N];

static void setup(void)
{
    struct scl_rng rng = scl_rng_at(9, SCL_RNG_TEST, 0, 0, 0);

    g = scl_graph_new();
    check_reset();
    check_range(-1, 1);
    for (int i = 0; i < V * N * E; i++)
        h[i] = scl_rng_uniform(&rng, -1, 1);
    for (int i = 0; i < N; i++)
        order[i] = (i * 7 + 3) % N;
}

static void teardown(void)
{
    scl_graph_free(g);
}

/* One run for `views` views; weight [pairs, N] or NULL. `out` has the loss and *singular. */
static void run(float out[2], const float *embedding, int views, const float *weight)
{
    const struct scl_wmse wmse = { .n_views = views, .size = SIZE };
    const int pairs = views * (views - 1) / 2;
    struct scl_graph *own = scl_graph_new();
    struct scl_node *x = scl_input(own, "h", SCL_F32, SCL_SHAPE2(views * N, E));
    struct scl_node *p = scl_input(own, "order", SCL_I32, SCL_SHAPE1(N)), *w[SCL_MAX_PAIRS];
    struct scl_node *all = NULL, *singular, *loss;
    const void *in[] = { embedding, order, weight };

    if (weight)
        all = scl_input(own, "w", SCL_F32, SCL_SHAPE2(pairs, N));
    for (int k = 0; weight && k < pairs; k++)
        w[k] = scl_reshape(own, scl_rows(own, all, k, 1), SCL_SHAPE1(N));
    loss = scl_wmse_loss(own, x, p, weight ? w : NULL, wmse, NULL, &singular);
    loss = scl_concat(own, loss, singular, 0);
    ck_assert_msg(run_node(own, loss, in, out) == SCL_OK, "%s", scl_error());
    scl_graph_free(own);
}

static float loss_of(const float *embedding, int views, const float *weight)
{
    float out[2];

    run(out, embedding, views, weight);
    ck_assert_float_eq(out[1], 0);
    return out[0];
}

START_TEST(four_views_are_the_mean_of_their_pairs)
{
    float two[2 * N * E];
    double sum = 0;

    for (int a = 0; a < V; a++)
        for (int b = a + 1; b < V; b++) {
            memcpy(two, h + a * N * E, N * E * sizeof *two);
            memcpy(two + N * E, h + b * N * E, N * E * sizeof *two);
            sum += (double)loss_of(two, 2, NULL);
        }
    ck_assert_double_eq_tol((double)loss_of(h, V, NULL), sum / 6, 1e-5);
}
END_TEST

START_TEST(weights_of_one_give_the_bits_of_no_weights)
{
    float one[6 * N];

    for (int i = 0; i < 6 * N; i++)
        one[i] = 1;
    ck_assert_float_eq(loss_of(h, V, one), loss_of(h, V, NULL));
}
END_TEST

/* One image's weight of 1 among zeros gives that image's term, wherever the permutation puts
 * it; so the terms of all images make the whole. */
START_TEST(weights_go_by_the_images_own_rows)
{
    double sum = 0;

    for (int i = 0; i < N; i++) {
        float weight[N] = { 0 };
        double term;

        weight[i] = 1;
        term = (double)loss_of(h, 2, weight);
        sum += term;
        weight[i] = 3;
        ck_assert_double_eq_tol((double)loss_of(h, 2, weight), 3 * term, 1e-5);
    }
    ck_assert_double_eq_tol(sum, (double)loss_of(h, 2, NULL), 1e-5);
}
END_TEST

START_TEST(equal_views_lose_nothing)
{
    memcpy(h + N * E, h, N * E * sizeof *h);
    ck_assert_float_eq_tol(loss_of(h, 2, NULL), 0, 1e-5f);
}
END_TEST

/* Whitening, two norms and inner products in fp32. */
START_TEST(gradient_matches_finite_difference)
{
    const struct scl_wmse wmse = { .n_views = 3, .size = SIZE, .eps = _i ? 0.01 : 0 };
    struct scl_node *x = scl_input(g, "h", SCL_F32, SCL_SHAPE2(3 * N, E));
    struct scl_node *p = scl_constant(g, "order", SCL_I32, SCL_SHAPE1(N), order);

    check_gradient(g, scl_wmse_loss(g, x, p, NULL, wmse, NULL, NULL), 2e-4);
}
END_TEST

START_TEST(equal_embeddings_are_counted_as_singular)
{
    float out[2];

    for (int i = 1; i < N; i++)
        memcpy(h + i * E, h, E * sizeof *h);
    run(out, h, 2, NULL);
    ck_assert(isnan(out[0]));
    ck_assert_float_eq(out[1], N / SIZE);
}
END_TEST

START_TEST(views_that_do_not_divide_the_rows_are_refused)
{
    const struct scl_wmse wmse = { .n_views = 3, .size = SIZE };
    struct scl_node *x = scl_input(g, "h", SCL_F32, SCL_SHAPE2(2 * N + 1, E));
    struct scl_node *p = scl_input(g, "order", SCL_I32, SCL_SHAPE1(N));

    ck_assert_ptr_null(scl_wmse_loss(g, x, p, NULL, wmse, NULL, NULL));
    ck_assert_str_eq(scl_error(), "wmse: h is [49, 5], which is not 2 to 4 views of each image");
}
END_TEST

const char *const suite_name = "method/wmse";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, four_views_are_the_mean_of_their_pairs);
    tcase_add_test(tc, weights_of_one_give_the_bits_of_no_weights);
    tcase_add_test(tc, weights_go_by_the_images_own_rows);
    tcase_add_test(tc, equal_views_lose_nothing);
    tcase_add_loop_test(tc, gradient_matches_finite_difference, 0, 2);
    tcase_add_test(tc, equal_embeddings_are_counted_as_singular);
    tcase_add_test(tc, views_that_do_not_divide_the_rows_are_refused);
}
