/* test_soft_cross_entropy.c - the reference, the gradient, what holds of distributions. */
#include <check.h>
#include <stdlib.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Classes: one, around 16 lanes and a work-group of 64, and prototypes as DINO has them; the
 * simulator leaves out the largest. */
static const int shapes[][2] = { { 1, 1 },  { 5, 15 },   { 5, 16 },   { 5, 17 },
                                 { 7, 65 }, { 3, 4096 }, { 2, 65536 } };

enum { N_SHAPE = sizeof shapes / sizeof *shapes, MAX_VALUE = 2 * 65536 };

static struct scl_graph *g;
static float target[MAX_VALUE];

static void setup(void)
{
    g = scl_graph_new();
    check_reset();
    check_range(-3, 3);
}

static void teardown(void)
{
    scl_graph_free(g);
}

/* Distributions of which some classes have nothing. */
static struct scl_node *loss_of(int rows, int cols)
{
    struct scl_node *x = scl_input(g, "logits", SCL_F32, SCL_SHAPE2(rows, cols));
    struct scl_node *q = scl_input(g, "q", SCL_F32, SCL_SHAPE2(rows, cols));

    for (int r = 0; r < rows; r++) {
        float *own = target + (size_t)r * (size_t)cols, total = 0;

        for (int c = 0; c < cols; c++)
            total += own[c] = (float)((7 * r + 5 * c + 3) % 11);
        for (int c = 0; c < cols; c++)
            own[c] /= total;
    }
    check_set(q, target);
    return scl_soft_cross_entropy(g, x, q);
}

/* exp and log of the device; a lane of 4096 sums in a row of 65536. */
START_TEST(forward_matches_reference)
{
    check_forward(g, loss_of(shapes[_i][0], shapes[_i][1]), 1e-5);
}
END_TEST

START_TEST(gradient_matches_finite_difference)
{
    check_gradient(g, loss_of(shapes[_i][0], shapes[_i][1]), 1e-5);
}
END_TEST

START_TEST(distribution_has_no_gradient)
{
    struct scl_node *y = loss_of(2, 3), *q = y->in[1], *dq;

    ck_assert_int_eq(scl_gradients(&dq, g, y, scl_scale(g, y, 1, 0), 1, &q), SCL_SHAPE);
}
END_TEST

START_TEST(certain_distribution_gives_the_loss_of_its_label)
{
    const float x[] = { 0.3f, -2, 1.7f, 5, 0, 4.5f }, q[] = { 0, 0, 1, 0, 1, 0 };
    const int32_t label[] = { 2, 1 };
    const void *in[] = { x, q, label };
    struct scl_node *soft = loss_of(2, 3);
    struct scl_node *labels = scl_input(g, "labels", SCL_I32, SCL_SHAPE1(2));
    struct scl_node *hard = scl_cross_entropy_rows(g, soft->in[0], labels);
    float of_soft[2], of_hard[2];

    ck_assert_int_eq(run_node(g, soft, in, of_soft), SCL_OK);
    ck_assert_int_eq(run_node(g, hard, in, of_hard), SCL_OK);
    for (int r = 0; r < 2; r++)
        ck_assert_float_eq_tol(of_soft[r], of_hard[r], 1e-6f);
}
END_TEST

/* At a temperature of 0.1, logits are some hundred apart. */
START_TEST(large_logits_do_not_overflow)
{
    const float x[] = { 1000, 0, -1000, 0 }, q[] = { 0.25f, 0.75f, 0, 1 };
    const void *in[] = { x, q };
    float y[2];

    ck_assert_int_eq(run_node(g, loss_of(2, 2), in, y), SCL_OK);
    ck_assert_float_eq_tol(y[0], 750.0f, 1e-3f);
    ck_assert_float_eq(y[1], 0.0f);
}
END_TEST

START_TEST(distribution_of_other_classes_is_refused_in_words)
{
    struct scl_node *x = scl_input(g, "logits", SCL_F32, SCL_SHAPE2(4, 10));
    struct scl_node *q = scl_input(g, "q", SCL_F32, SCL_SHAPE2(4, 9));

    ck_assert_ptr_null(scl_soft_cross_entropy(g, x, q));
    ck_assert_int_eq(scl_graph_check(g), SCL_SHAPE);
    ck_assert_str_eq(scl_error(),
                     "soft_cross_entropy: q is [4, 9], not fp32 in the shape [4, 10] of logits");
}
END_TEST

START_TEST(images_are_refused_in_words)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE4(2, 3, 3, 8));

    ck_assert_ptr_null(scl_soft_cross_entropy(g, x, x));
    ck_assert_str_eq(scl_error(),
                     "soft_cross_entropy: x is [2, 3, 3, 8], not [rows, classes] in fp32");
}
END_TEST

const char *const suite_name = "ops/soft_cross_entropy";

void suite_fill(TCase *tc)
{
    const int n = N_SHAPE - (getenv("SCL_SIMULATOR") ? 1 : 0);

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, forward_matches_reference, 0, n);
    tcase_add_loop_test(tc, gradient_matches_finite_difference, 0, n);
    tcase_add_test(tc, distribution_has_no_gradient);
    tcase_add_test(tc, certain_distribution_gives_the_loss_of_its_label);
    tcase_add_test(tc, large_logits_do_not_overflow);
    tcase_add_test(tc, distribution_of_other_classes_is_refused_in_words);
    tcase_add_test(tc, images_are_refused_in_words);
}
