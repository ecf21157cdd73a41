/* test_dsm_loss.c - the loss, its gradient, and the noise that goes with it. */
#include <check.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

/* Elements of an image: one, around 16 lanes and a group of 64, and 32 x 32 x 3. */
static const struct scl_shape shapes[] = {
    { 4, { 1, 1, 1, 1 } }, { 4, { 3, 1, 5, 3 } }, { 4, { 2, 4, 4, 1 } },   { 4, { 3, 1, 17, 1 } },
    { 4, { 5, 3, 7, 3 } }, { 2, { 2, 65 } },      { 4, { 2, 32, 32, 3 } },
};

static struct scl_graph *g;

static void setup(void)
{
    g = scl_graph_new();
    check_reset();
    check_range(-1, 1);
}

static void teardown(void)
{
    scl_graph_free(g);
}

static struct scl_node *loss_of(struct scl_shape shape)
{
    struct scl_node *s = scl_input(g, "s", SCL_F32, shape);
    struct scl_node *z = scl_input(g, "z", SCL_F32, shape);

    return scl_dsm_loss(g, s, z, scl_input(g, "sigma", SCL_F32, SCL_SHAPE1(shape.dim[0])));
}

/* Sums of at most 192 squares in a lane. */
START_TEST(forward_matches_reference)
{
    check_forward(g, loss_of(shapes[_i]), 1e-5);
}
END_TEST

START_TEST(gradient_matches_finite_difference)
{
    check_gradient(g, loss_of(shapes[_i]), 1e-5);
}
END_TEST

/* One fused multiply-add. */
START_TEST(noise_matches_reference)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, shapes[_i]);
    struct scl_node *z = scl_input(g, "z", SCL_F32, shapes[_i]);
    struct scl_node *sigma = scl_input(g, "sigma", SCL_F32, SCL_SHAPE1(shapes[_i].dim[0]));

    check_forward(g, scl_add_noise(g, x, z, sigma), 1e-6);
}
END_TEST

/* facts: half the number of elements, whatever sigma is. */
START_TEST(score_of_zero_gives_half_the_noise)
{
    const float s[4] = { 0 }, z[] = { 1, -1, 1, 1 }, sigma[] = { 0.3f };
    const void *in[] = { s, z, sigma };
    float y;

    ck_assert_int_eq(run_node(g, loss_of(SCL_SHAPE4(1, 2, 2, 1)), in, &y), SCL_OK);
    ck_assert_float_eq(y, 2.0f);
}
END_TEST

START_TEST(sigma_for_each_image_is_wanted)
{
    struct scl_node *s = scl_input(g, "s", SCL_F32, SCL_SHAPE4(4, 8, 8, 3));
    struct scl_node *sigma = scl_input(g, "sigma", SCL_F32, SCL_SHAPE1(1));

    ck_assert_ptr_null(scl_dsm_loss(g, s, s, sigma));
    ck_assert_str_eq(scl_error(), "dsm_loss: sigma is [1], not one to each image of [4, 8, 8, 3]");
}
END_TEST

const char *const suite_name = "ops/dsm_loss";

void suite_fill(TCase *tc)
{
    const int n = sizeof shapes / sizeof *shapes;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, forward_matches_reference, 0, n);
    tcase_add_loop_test(tc, gradient_matches_finite_difference, 0, n);
    tcase_add_loop_test(tc, noise_matches_reference, 0, n);
    tcase_add_test(tc, score_of_zero_gives_half_the_noise);
    tcase_add_test(tc, sigma_for_each_image_is_wanted);
}
