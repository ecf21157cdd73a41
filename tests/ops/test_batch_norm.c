/* test_batch_norm.c - statistics, gradients in both modes, running statistics, refusals. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "base/status.h"
#include "ops/norm_grad_impl.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Channels: less than a vector, one, one and a rest, two and four at a time, several blocks; rows:
 * fewer than are added apart, and more than one chunk of rows (of 4096 or 16384 floats). The
 * simulator runs the first N_SMALL. */
#define N_SMALL 6
static const struct {
    struct scl_shape x;
    int views;
} cases[] = {
    { { 2, { 2, 1 } }, 1 },         { { 2, { 9, 33 } }, 1 },       { { 2, { 16, 17 } }, 2 },
    { { 4, { 4, 3, 5, 3 } }, 2 },   { { 2, { 6, 64 } }, 2 },       { { 2, { 5, 32 } }, 1 },
    { { 4, { 2, 3, 5, 16 } }, 1 },  { { 4, { 2, 7, 9, 48 } }, 1 }, { { 4, { 8, 5, 5, 64 } }, 4 },
    { { 4, { 2, 3, 3, 160 } }, 2 },
};

static const int many_rows[] = { 3, 16, 32, 64 }; /* channels; not for the simulator */

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

struct parts {
    struct scl_node *x, *gamma, *beta, *mean, *var, *residual, *y;
};

/* Inputs and not states: each then has a buffer of its own, and oclgrind 21.10, which forgets
 * what it knew of a buffer when the host writes a part of it, sees everything. */
static struct scl_node *per_channel(const char *name, int channels)
{
    return scl_input(g, name, SCL_F32, SCL_SHAPE1(channels));
}

enum { AFFINE = 1, RELU = 2, RESIDUAL = 4, TRAINING = 8 };

static struct parts build(struct scl_shape shape, int views, int with)
{
    const int channels = shape.dim[shape.rank - 1];
    struct parts p = { .x = scl_input(g, "x", SCL_F32, shape) };

    if (with & AFFINE) {
        p.gamma = per_channel("gamma", channels);
        p.beta = per_channel("beta", channels);
    }
    if (with & RESIDUAL)
        p.residual = scl_input(g, "residual", SCL_F32, shape);
    p.mean = per_channel("mean", channels);
    p.var = per_channel("var", channels);
    p.y = scl_batch_norm(g, p.x, p.gamma, p.beta, p.mean, p.var,
                         (struct scl_batch_norm_attr){ .eps = 1e-3f,
                                                       .momentum = 0.1f,
                                                       .views = views,
                                                       .training = with & TRAINING,
                                                       .relu = with & RELU },
                         p.residual);
    return p;
}

/* A variance that is not negative, with the life of a test. */
static void set_variance(const struct parts *p)
{
    static float var[256];

    for (int i = 0; i < 256; i++)
        var[i] = 0.5f + (float)(i % 7);
    check_set(p->var, var);
}

/* Tolerance: xhat carries a few roundings and the largest gain is about 10. */
START_TEST(training_matches_reference)
{
    check_forward(g, build(cases[_i].x, cases[_i].views, TRAINING | AFFINE).y, 1e-5);
}
END_TEST

START_TEST(relu_matches_reference)
{
    check_forward(g, build(cases[_i].x, cases[_i].views, TRAINING | AFFINE | RELU).y, 1e-5);
}
END_TEST

START_TEST(relu_and_residual_match_reference)
{
    check_forward(g, build(cases[_i].x, cases[_i].views, TRAINING | AFFINE | RELU | RESIDUAL).y,
                  1e-5);
}
END_TEST

START_TEST(running_statistics_match_reference)
{
    struct parts p = build(cases[_i].x, cases[_i].views, TRAINING | AFFINE);

    set_variance(&p);
    check_state(g, p.mean, 1e-6);
    check_state(g, p.var, 1e-6);
}
END_TEST

/* Tolerance: as forward; the sums cancel, but are compared to the largest value. */
START_TEST(training_gradient_matches_finite_difference)
{
    check_gradient(g, build(cases[_i].x, cases[_i].views, TRAINING | AFFINE).y, 2e-5);
}
END_TEST

START_TEST(gradient_without_affine_matches_finite_difference)
{
    check_gradient(g, build(cases[_i].x, cases[_i].views, TRAINING).y, 2e-5);
}
END_TEST

START_TEST(gradient_through_relu_matches_finite_difference)
{
    check_gradient(g, build(cases[_i].x, cases[_i].views, TRAINING | AFFINE | RELU).y, 2e-5);
}
END_TEST

START_TEST(gradient_through_relu_without_affine_matches_finite_difference)
{
    check_gradient(g, build(cases[_i].x, cases[_i].views, TRAINING | RELU).y, 2e-5);
}
END_TEST

START_TEST(gradient_with_residual_matches_finite_difference)
{
    check_gradient(g, build(cases[_i].x, cases[_i].views, TRAINING | AFFINE | RELU | RESIDUAL).y,
                   2e-5);
}
END_TEST

/* y is read twice, so that its gradient is a sum: with a residual one behind a ReLU of its own. */
START_TEST(gradient_of_a_value_read_twice_matches_finite_difference)
{
    static const int with[] = { AFFINE | RELU | RESIDUAL, AFFINE | RELU, 0 };

    for (size_t i = 0; i < sizeof with / sizeof *with; i++) {
        struct scl_node *y = build(cases[_i].x, cases[_i].views, TRAINING | with[i]).y;

        check_gradient(g, scl_add(g, scl_scale(g, y, 2, 0), scl_scale(g, y, 0.5f, 1)), 2e-5);
        scl_graph_free(g);
        g = scl_graph_new();
    }
}
END_TEST

START_TEST(evaluation_matches_reference)
{
    struct parts p = build(cases[_i].x, 1, AFFINE | RELU | RESIDUAL);

    set_variance(&p);
    check_forward(g, p.y, 1e-6);
}
END_TEST

/* Of x, gamma and beta: running statistics are what they are. */
START_TEST(evaluation_gradient_matches_finite_difference)
{
    struct parts p = build(cases[_i].x, 1, AFFINE);

    set_variance(&p);
    check_gradient(g, p.y, 1e-5);
}
END_TEST

START_TEST(evaluation_gradient_through_relu_matches_finite_difference)
{
    struct parts p = build(cases[_i].x, 1, AFFINE | RELU);

    set_variance(&p);
    check_gradient(g, p.y, 1e-5);
}
END_TEST

/* Many chunks of rows, of which the last is not full. */
START_TEST(many_rows_match_reference)
{
    check_forward(g, build(SCL_SHAPE4(2, 61, 67, many_rows[_i]), 2, TRAINING | AFFINE).y, 1e-5);
}
END_TEST

START_TEST(many_rows_gradient_matches_finite_difference)
{
    check_gradient(g, build(SCL_SHAPE4(2, 31, 37, many_rows[_i]), 2, TRAINING | AFFINE).y, 2e-5);
}
END_TEST

/* As many chunks as a group adds side by side, and one that is not full. */
START_TEST(many_rows_of_one_channel_match_reference)
{
    check_gradient(g, build(SCL_SHAPE2(4100, 1), 1, TRAINING).y, 2e-5);
}
END_TEST

START_TEST(sums_over_many_rows_of_one_channel_match_reference)
{
    struct scl_node *dy = scl_input(g, "dy", SCL_F32, SCL_SHAPE2(4100, 1));
    const struct scl_norm_in in = { .x = scl_input(g, "x", SCL_F32, SCL_SHAPE2(4100, 1)),
                                    .stats = scl_input(g, "stats", SCL_F32, SCL_SHAPE3(1, 3, 1)) };
    const struct scl_norm norm = { .eps = 1e-5f, .views = 1, .rows = 4100, .together = 1 };

    check_forward(g, scl_norm_grad_sums(g, dy, &in, norm), 1e-5);
}
END_TEST

/* So many views that a chunk is all of one: more rows than are read twice at once. */
START_TEST(long_chunks_match_reference)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE2(512 * 130, 32));
    const struct scl_batch_norm_attr attr = { .eps = 1e-3f, .views = 512, .training = true };

    check_forward(g, scl_batch_norm(g, x, NULL, NULL, NULL, NULL, attr, NULL), 1e-5);
}
END_TEST

/* E[x^2] - E[x]^2 would have lost everything here: mean 1000, variance 1/12. */
START_TEST(large_mean_keeps_the_variance)
{
    struct parts p = build(SCL_SHAPE2(4096, 16), 1, TRAINING);

    check_range(1000, 1001);
    check_forward(g, p.y, 1e-3); /* x itself has a rounding of 3e-5, 1e-4 of its deviation */
}
END_TEST

START_TEST(constant_channel_becomes_beta)
{
    struct parts p = build(SCL_SHAPE2(50, 3), 1, TRAINING | AFFINE);
    static float x[150], beta[3] = { 1, -2, 3 };

    for (int i = 0; i < 150; i++)
        x[i] = 7;
    check_set(p.x, x);
    check_set(p.beta, beta);
    check_forward(g, p.y, 0);
}
END_TEST

START_TEST(nan_reaches_only_its_channel)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE2(4, 2));
    const float values[8] = { 1, NAN, 2, 3, 3, 4, 4, 5 };
    const void *in[] = { values };
    float y[8];

    ck_assert_int_eq(
        run_node(g,
                 scl_batch_norm(g, x, NULL, NULL, NULL, NULL,
                                (struct scl_batch_norm_attr){
                                    .eps = 1e-5f, .views = 1, .training = true, .relu = true },
                                NULL),
                 in, y),
        SCL_OK);
    for (int i = 0; i < 8; i++)
        ck_assert(isnan(y[i]) == (i % 2 == 1));
}
END_TEST

START_TEST(one_value_is_refused_in_words)
{
    ck_assert_ptr_null(build(SCL_SHAPE2(2, 8), 2, TRAINING).y);
    ck_assert_int_eq(scl_graph_check(g), SCL_SHAPE);
    ck_assert_str_eq(scl_error(), "batch_norm: x is [2, 8] in 2 views; a variance needs 2 values "
                                  "of each channel");
}
END_TEST

START_TEST(uneven_views_are_refused_in_words)
{
    ck_assert_ptr_null(build(SCL_SHAPE2(7, 8), 2, TRAINING).y);
    ck_assert_str_eq(scl_error(), "batch_norm: x is [7, 8], which does not divide into 2 views");
}
END_TEST

START_TEST(wrong_gamma_is_refused_in_words)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE2(7, 8));

    ck_assert_ptr_null(
        scl_batch_norm(g, x, per_channel("gamma", 7), per_channel("beta", 7), NULL, NULL,
                       (struct scl_batch_norm_attr){ .views = 1, .training = true }, NULL));
    ck_assert_str_eq(scl_error(),
                     "batch_norm: gamma is [7], and x is [7, 8]; it has a value for each channel");
}
END_TEST

START_TEST(evaluation_without_statistics_is_refused_in_words)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE2(7, 8));

    ck_assert_ptr_null(scl_batch_norm(g, x, NULL, NULL, NULL, NULL,
                                      (struct scl_batch_norm_attr){ .views = 1 }, NULL));
    ck_assert_str_eq(scl_error(), "batch_norm: running mean and variance go together, and only in "
                                  "training there may be none");
}
END_TEST

const char *const suite_name = "ops/batch_norm";

void suite_fill(TCase *tc)
{
    const int n = getenv("SCL_SIMULATOR") ? N_SMALL : sizeof cases / sizeof *cases;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, training_matches_reference, 0, n);
    tcase_add_loop_test(tc, relu_matches_reference, 0, n);
    tcase_add_loop_test(tc, relu_and_residual_match_reference, 0, n);
    tcase_add_loop_test(tc, running_statistics_match_reference, 0, n);
    tcase_add_loop_test(tc, training_gradient_matches_finite_difference, 0, n);
    tcase_add_loop_test(tc, gradient_without_affine_matches_finite_difference, 0, n);
    tcase_add_loop_test(tc, gradient_through_relu_matches_finite_difference, 0, n);
    tcase_add_loop_test(tc, gradient_through_relu_without_affine_matches_finite_difference, 0, n);
    tcase_add_loop_test(tc, gradient_with_residual_matches_finite_difference, 0, n);
    tcase_add_loop_test(tc, gradient_of_a_value_read_twice_matches_finite_difference, 0, n);
    tcase_add_loop_test(tc, evaluation_matches_reference, 0, n);
    tcase_add_loop_test(tc, evaluation_gradient_matches_finite_difference, 0, n);
    tcase_add_loop_test(tc, evaluation_gradient_through_relu_matches_finite_difference, 0, n);
    tcase_add_test(tc, constant_channel_becomes_beta);
    tcase_add_test(tc, nan_reaches_only_its_channel);
    tcase_add_test(tc, one_value_is_refused_in_words);
    tcase_add_test(tc, uneven_views_are_refused_in_words);
    tcase_add_test(tc, wrong_gamma_is_refused_in_words);
    tcase_add_test(tc, evaluation_without_statistics_is_refused_in_words);
    tcase_add_test(tc, sums_over_many_rows_of_one_channel_match_reference);
    if (getenv("SCL_SIMULATOR"))
        return;
    tcase_add_test(tc, many_rows_of_one_channel_match_reference);
    tcase_add_test(tc, large_mean_keeps_the_variance);
    tcase_add_loop_test(tc, many_rows_match_reference, 0, sizeof many_rows / sizeof *many_rows);
    tcase_add_loop_test(tc, many_rows_gradient_matches_finite_difference, 0,
                        sizeof many_rows / sizeof *many_rows);
    tcase_add_test(tc, long_chunks_match_reference);
}
