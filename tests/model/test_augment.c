/* test_augment.c - the views of a batch, from stored bytes to floats. */
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"
#include "data/augment.h"
#include "model/augment.h"
#include "ops/ops.h"
#include "support/op_check.h"

enum { N = 3, BYTES = 3 * 20 * 17, SIDE = 20, VALUES = 9 * 9 * 3 }; /* of a view */

static const int32_t size[N][2] = { { 20, 17 }, { 11, 19 }, { 16, 16 } };
static const uint32_t image[N] = { 5, 0, 77 };

static struct scl_graph *g;
static struct scl_view_tables tables;
static struct scl_view_inputs inputs;
static uint8_t bytes[N * BYTES];

static void setup(void)
{
    struct scl_rng rng = scl_rng_at(3, SCL_RNG_TEST, 0, 0, 0);

    g = scl_graph_new();
    ck_assert_int_eq(scl_view_tables_init(&tables, SCL_MAX_VIEWS * N), SCL_OK);
    for (int i = 0; i < N * BYTES; i++)
        bytes[i] = (uint8_t)scl_rng_below(&rng, 256);
}

static void teardown(void)
{
    check_reset();
    scl_view_tables_fini(&tables);
    scl_graph_free(g);
}

static void set_if(const struct scl_node *node, const void *values)
{
    if (node)
        check_set(node, values);
}

static struct scl_node *views_of(const struct scl_augment_config *config, int n_views)
{
    struct scl_node *pixels = scl_input(g, "pixels", SCL_U8, SCL_SHAPE2(N, BYTES));
    struct scl_node *views = scl_augment_views(g, &inputs, pixels, config, N, n_views, SIDE);

    scl_view_tables_fill(&tables, config, 1, 2, N, n_views, image, size);
    check_set(pixels, bytes);
    set_if(inputs.unpack, tables.unpack);
    set_if(inputs.color, tables.color);
    set_if(inputs.crop, tables.crop);
    set_if(inputs.sigma, tables.sigma);
    set_if(inputs.threshold, tables.threshold);
    return views;
}

/* Everything but solarise, which jumps at its threshold. */
static struct scl_augment_config recipe(enum scl_augment_order order)
{
    return (struct scl_augment_config){
        .order = order,
        .size = 9,
        .crop_scale = { 0.2, 1.0 },
        .crop_ratio = { 0.75, 4.0 / 3 },
        .interpolation = SCL_BICUBIC,
        .flip = 0.5,
        .jitter = 1,
        .brightness = 0.4,
        .contrast = 0.4,
        .saturation = 0.4,
        .hue = 0.1,
        .grayscale = 0.2,
        .blur = { 0.5 },
        .n_blur = 1,
        .blur_sigma = { 0.1, 2.0 },
    };
}

START_TEST(views_match_their_definition)
{
    const struct scl_augment_config config = recipe(_i % 2 ? SCL_ORDER_SL : SCL_ORDER_HT);
    struct scl_node *views = views_of(&config, 1 + _i / 2);

    ck_assert_int_eq(views->shape.dim[0], (1 + _i / 2) * N);
    check_forward(g, views, 1e-5);
    ck_assert(!inputs.unpack == (config.order == SCL_ORDER_SL));
    ck_assert_ptr_null(inputs.threshold);
}
END_TEST

START_TEST(what_never_happens_has_no_node)
{
    struct scl_augment_config config = recipe(SCL_ORDER_HT);

    config.jitter = config.grayscale = config.blur[0] = 0;
    ck_assert_ptr_nonnull(views_of(&config, 2));
    ck_assert_ptr_null(inputs.unpack);
    ck_assert_ptr_null(inputs.color);
    ck_assert_ptr_null(inputs.sigma);
    ck_assert_ptr_null(inputs.threshold);
    ck_assert_ptr_nonnull(inputs.crop);
}
END_TEST

START_TEST(solarize_has_a_node_when_it_may_happen)
{
    struct scl_augment_config config = recipe(SCL_ORDER_SL);

    config.solarize[1] = 0.5; /* of the second view alone */
    config.n_solarize = 2;
    ck_assert_ptr_nonnull(views_of(&config, 2));
    ck_assert_ptr_nonnull(inputs.threshold);
}
END_TEST

/* In order ht too, a view is of its own image: flat images stay flat. */
START_TEST(a_view_shows_its_own_image)
{
    struct scl_augment_config config = recipe(_i ? SCL_ORDER_SL : SCL_ORDER_HT);
    float out[SCL_MAX_VIEWS * N * VALUES];
    struct scl_node *views;

    for (int i = 0; i < N * BYTES; i++)
        bytes[i] = (uint8_t)(50 * (1 + i / BYTES));
    config.brightness = config.contrast = 0;
    views = views_of(&config, SCL_MAX_VIEWS);
    const void *ht[] = { bytes, tables.unpack, tables.color, tables.crop, tables.sigma };
    const void *sl[] = { bytes, tables.crop, tables.color, tables.sigma };

    ck_assert_int_eq(run_node(g, views, _i ? sl : ht, out), SCL_OK);
    for (int i = 0; i < SCL_MAX_VIEWS * N * VALUES; i++)
        ck_assert_float_eq_tol(out[i], 50 * (float)(1 + i / VALUES % N) / 255, 1e-4f);
}
END_TEST

START_TEST(operations_follow_each_other_as_in_the_recipe)
{
    static const char *const ht[] = { "augment_solarize", "augment_blur", "augment_crop",
                                      "augment_color", "augment_unpack" };
    static const char *const sl[] = { "augment_solarize", "augment_blur", "augment_color",
                                      "augment_crop" };
    struct scl_augment_config config = recipe(_i ? SCL_ORDER_SL : SCL_ORDER_HT);
    const struct scl_node *x;

    config.solarize[0] = 0.5;
    config.n_solarize = 1;
    x = views_of(&config, 2);
    for (int i = 0; i < (_i ? 4 : 5); i++, x = x->in[0]) /* from the last to the first */
        ck_assert_str_eq(x->op->name, _i ? sl[i] : ht[i]);
    ck_assert_int_eq(x->role, SCL_INPUT);
}
END_TEST

/* Order sl flips at the end, the program in the crop. */
START_TEST(flip_in_the_crop_is_flip_at_the_end)
{
    struct scl_augment_config config = recipe(SCL_ORDER_SL);
    static float out[2][N * VALUES];

    for (int flip = 0; flip < 2; flip++) {
        struct scl_node *views;

        scl_graph_free(g);
        g = scl_graph_new();
        config.flip = flip;
        views = views_of(&config, 1);
        const void *in[] = { bytes, tables.crop, tables.color, tables.sigma };

        ck_assert_int_eq(run_node(g, views, in, out[flip]), SCL_OK);
    }
    for (int i = 0; i < N * VALUES; i++) {
        const int x = i / 3 % 9;

        ck_assert_float_eq_tol(out[1][i], out[0][i + 3 * (8 - 2 * x)], 1e-5f);
    }
}
END_TEST

const char *const suite_name = "model/augment";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, views_match_their_definition, 0, 2 * SCL_MAX_VIEWS);
    tcase_add_test(tc, what_never_happens_has_no_node);
    tcase_add_test(tc, solarize_has_a_node_when_it_may_happen);
    tcase_add_loop_test(tc, a_view_shows_its_own_image, 0, 2);
    tcase_add_loop_test(tc, operations_follow_each_other_as_in_the_recipe, 0, 2);
    tcase_add_test(tc, flip_in_the_crop_is_flip_at_the_end);
}
