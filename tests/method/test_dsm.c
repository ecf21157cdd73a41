/* test_dsm.c - noise of the wanted level, and the loss that goes with it. */
#include <check.h>

#include "base/rng.h"
#include "base/status.h"
#include "method/method.h"
#include "ops/ops.h"
#include "support/op_check.h"

enum { N = 4, M = 32 * 32 * 3 };

static struct scl_graph *g;
static struct scl_node *x, *sigma, *noise, *noisy;

static const int32_t draw[] = { 1, 0, 7, SCL_RNG_NOISE << 24 }, rows[] = { 11, 5, 3, 40000 };
static float image[N * M];
static const void *in[4];

/* Inputs in the order of `in`: images, levels, draw, rows. */
static void setup(void)
{
    const struct scl_shape shape = SCL_SHAPE4(N, 32, 32, 3);
    struct scl_node *d, *index;

    for (int i = 0; i < N * M; i++)
        image[i] = (float)(i % 256) / 255;
    g = scl_graph_new();
    check_reset();
    x = scl_input(g, "x", SCL_F32, shape);
    sigma = scl_input(g, "sigma", SCL_F32, SCL_SHAPE1(N));
    d = scl_input(g, "draw", SCL_I32, SCL_SHAPE1(4));
    index = scl_input(g, "index", SCL_I32, SCL_SHAPE1(N));
    noisy = scl_dsm_perturb(g, x, sigma, d, index, &noise);
    in[0] = image;
    in[2] = draw;
    in[3] = rows;
}

static void teardown(void)
{
    scl_graph_free(g);
}

START_TEST(level_of_zero_leaves_the_images)
{
    const float level[N] = { 0 };
    static float y[N * M];

    in[1] = level;
    ck_assert_int_eq(run_node(g, noisy, in, y), SCL_OK);
    for (int i = 0; i < N * M; i++)
        ck_assert_float_eq(y[i], image[i]);
}
END_TEST

START_TEST(image_gets_its_own_level_and_its_own_stream)
{
    const float level[N] = { 0.01f, 0.1f, 1, 0.5f };
    static float y[N * M];

    in[1] = level;
    ck_assert_int_eq(run_node(g, noisy, in, y), SCL_OK);
    for (int n = 0; n < N; n++) {
        struct scl_rng rng = scl_rng_at(1, SCL_RNG_NOISE, 7, (uint32_t)rows[n], 0);

        for (int e = 0; e < M; e++)
            ck_assert_float_eq_tol(y[n * M + e], image[n * M + e] + level[n] * scl_rng_normal(&rng),
                                   5e-6f);
    }
}
END_TEST

/* Half of 3072 (facts/methods.md 6.1), whatever the level; the standard error over four
 * images is 20. */
START_TEST(score_of_zero_has_half_the_elements_for_a_loss)
{
    const float level[N] = { 0.01f, 0.1f, 1, 0.5f };
    struct scl_node *zero = scl_constant(g, "zero", SCL_F32, SCL_SHAPE4(N, 32, 32, 3), NULL);
    float loss;

    in[1] = level;
    ck_assert_int_eq(run_node(g, scl_dsm_loss(g, zero, noise, sigma), in, &loss), SCL_OK);
    ck_assert_float_eq_tol(loss, 1536, 80);
}
END_TEST

const char *const suite_name = "method/dsm";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, level_of_zero_leaves_the_images);
    tcase_add_test(tc, image_gets_its_own_level_and_its_own_stream);
    tcase_add_test(tc, score_of_zero_has_half_the_elements_for_a_loss);
}
