/* test_augment.c - what the operators that make views do to images. */
#include <stdint.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

static struct scl_graph *g;

static void setup(void)
{
    g = scl_graph_new();
    check_range(0, 1);
}

static void teardown(void)
{
    check_reset();
    scl_graph_free(g);
}

static void fill_bytes(uint8_t *out, size_t n)
{
    struct scl_rng rng = scl_rng_at(7, SCL_RNG_TEST, 0, 0, 0);

    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)scl_rng_below(&rng, 256);
}

/* Weights come from exact positions, so fp32 costs a few roundings of 6e-8 a tap. */
#define TOLERANCE 2e-6

/* Source height and width, crop, output height and width. */
static const struct {
    int h, w, top, left, height, width, out_h, out_w;
} crops[] = {
    { 1, 1, 0, 0, 1, 1, 1, 1 },       { 1, 1, 0, 0, 1, 1, 4, 3 },
    { 8, 8, 0, 0, 8, 8, 8, 8 },       { 9, 7, 2, 1, 5, 6, 8, 8 },
    { 5, 31, 1, 2, 4, 29, 3, 5 },     { 40, 33, 3, 0, 37, 33, 32, 32 },
    { 33, 41, 0, 5, 21, 17, 33, 7 },  { 2, 140, 0, 3, 2, 134, 2, 9 },
    { 4, 130, 0, 0, 4, 129, 1, 120 },
};

/* Three crops: the table's row, the same mirrored, and one pixel of another source. */
static struct scl_node *crop_of(struct scl_node *x, int k, bool cubic)
{
    static int32_t table[3][SCL_CROP_COLUMNS];
    const int side = crops[k].h > crops[k].w ? crops[k].h : crops[k].w;
    struct scl_node *node = scl_input(g, "table", SCL_I32, SCL_SHAPE2(3, SCL_CROP_COLUMNS));

    for (int m = 0; m < 3; m++) {
        const int32_t row[] = { m == 0,
                                crops[k].h,
                                crops[k].w,
                                m < 2 ? crops[k].top : crops[k].h - 1,
                                m < 2 ? crops[k].left : crops[k].w - 1,
                                m < 2 ? crops[k].height : 1,
                                m < 2 ? crops[k].width : 1,
                                m == 1 };

        for (int i = 0; i < SCL_CROP_COLUMNS; i++)
            table[m][i] = row[i];
    }
    check_set(node, table);
    return scl_augment_crop(g, x, node, crops[k].out_h, crops[k].out_w, cubic, side);
}

START_TEST(crop_of_bytes_matches_its_definition)
{
    const int k = _i / 2, bytes = 3 * crops[k].h * crops[k].w + 5;
    struct scl_node *x = scl_input(g, "x", SCL_U8, SCL_SHAPE2(2, bytes));
    uint8_t *pixels = malloc(2 * (size_t)bytes);

    ck_assert_ptr_nonnull(pixels);
    fill_bytes(pixels, 2 * (size_t)bytes);
    check_set(x, pixels);
    check_forward(g, crop_of(x, k, _i % 2), TOLERANCE);
    free(pixels);
}
END_TEST

START_TEST(crop_of_floats_matches_its_definition)
{
    const int k = _i / 2;
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE4(2, crops[k].h, crops[k].w, 3));

    check_forward(g, crop_of(x, k, _i % 2), TOLERANCE);
}
END_TEST

START_TEST(crop_of_the_whole_at_its_own_size_changes_nothing)
{
    static const int32_t table[] = { 0, 8, 8, 0, 0, 8, 8, 0 };
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE4(1, 8, 8, 3));
    struct scl_node *rows = scl_constant(g, "table", SCL_I32, SCL_SHAPE2(1, 8), table);
    float in[192], out[192];
    const void *const inputs[] = { in };

    for (int i = 0; i < 192; i++)
        in[i] = (float)i / 191;
    ck_assert_int_eq(run_node(g, scl_augment_crop(g, x, rows, 8, 8, true, 8), inputs, out), SCL_OK);
    for (int i = 0; i < 192; i++)
        ck_assert_float_eq_tol(out[i], in[i], 1e-6f);
}
END_TEST

/* Halving a step edge: 4 cubic taps on each side, from Pillow's formula by hand. */
START_TEST(shrinking_takes_the_wider_kernel)
{
    static const int32_t table[] = { 0, 1, 4, 0, 0, 1, 4, 0 };
    static const float in[12] = { 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1 };
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE4(1, 1, 4, 3));
    struct scl_node *rows = scl_constant(g, "table", SCL_I32, SCL_SHAPE2(1, 8), table);
    const void *const inputs[] = { in };
    float out[6];

    /* Linear, output 0: centre 1, taps at distances .25 .25 .75 1.25 of 2 px: .75 .75 .25. */
    ck_assert_int_eq(run_node(g, scl_augment_crop(g, x, rows, 1, 2, false, 4), inputs, out),
                     SCL_OK);
    ck_assert_float_eq_tol(out[0], 0.25f / 1.75f, 1e-6f);
    ck_assert_float_eq_tol(out[3], 1.5f / 1.75f, 1e-6f);
}
END_TEST

static const struct {
    int h, w;
} sizes[] = { { 1, 1 }, { 2, 3 }, { 4, 4 }, { 5, 7 }, { 16, 16 }, { 17, 31 }, { 32, 33 } };

START_TEST(unpacked_images_match_their_definition)
{
    const int h = sizes[_i].h, w = sizes[_i].w, bytes = 3 * h * w + 1;
    struct scl_node *x = scl_input(g, "x", SCL_U8, SCL_SHAPE2(2, bytes));
    struct scl_node *table = scl_input(g, "table", SCL_I32, SCL_SHAPE2(4, SCL_UNPACK_COLUMNS));
    /* Whole, mirrored, and an image that is smaller than its row. */
    const int32_t rows[] = { 1, h, w, 0, 0, h, w, 1, 1, 1, w, 0, 0, h, 1, 1 };
    uint8_t *pixels = malloc(2 * (size_t)bytes);

    ck_assert_ptr_nonnull(pixels);
    fill_bytes(pixels, 2 * (size_t)bytes);
    check_set(x, pixels);
    check_set(table, rows);
    check_forward(g, scl_augment_unpack(g, x, table, h, w), 1e-6);
    free(pixels);
}
END_TEST

START_TEST(mirrored_floats_match_their_definition)
{
    const int h = sizes[_i].h, w = sizes[_i].w;
    const int32_t rows[] = { 1, h, w, 1, 0, h, w, 0 };
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE4(2, h, w, 3));
    struct scl_node *table = scl_input(g, "table", SCL_I32, SCL_SHAPE2(2, SCL_UNPACK_COLUMNS));

    check_set(table, rows);
    check_forward(g, scl_augment_unpack(g, x, table, h, w), 0);
}
END_TEST

/* Every operation first and last, off, and alone; with and without grey. */
static const float jitters[][SCL_COLOR_COLUMNS] = {
    { 0, 1, 2, 3, 4, 1.3f, 0.7f, 1.4f, 0.1f, 0 },
    { 0, 4, 3, 2, 1, 0.6f, 1.4f, 0.6f, -0.1f, 1 },
    { 0, 2, 4, 1, 3, 1.1f, 1.3f, 0.9f, 0.5f, 0 },
    { 0, 0, 0, 0, 0, 9, 9, 9, 9, 0 },
    { 0, 0, 0, 0, 0, 9, 9, 9, 9, 1 },
    { 0, 4, 0, 0, 0, 9, 9, 9, -0.45f, 0 },
    { 0, 3, 0, 0, 2, 9, 0, 0, 9, 0 },
};

START_TEST(jitter_matches_its_definition)
{
    enum { M = sizeof jitters / sizeof *jitters };
    const int h = sizes[_i].h, w = sizes[_i].w;
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE4(M, h, w, 3));
    struct scl_node *table = scl_input(g, "table", SCL_F32, SCL_SHAPE2(M, SCL_COLOR_COLUMNS));
    float rows[M][SCL_COLOR_COLUMNS];

    for (int m = 0; m < M; m++)
        for (int k = 0; k < SCL_COLOR_COLUMNS; k++)
            rows[m][k] = k > 0 ? jitters[m][k] : (float)(m % 2 && h > 1 ? h * w - 1 : h * w);
    check_set(table, rows);
    /* Hue divides by max - min: rounding of 1e-7 is at most 1e-5 of a turn's slope. */
    check_forward(g, scl_augment_color(g, x, table), 1e-5);
}
END_TEST

START_TEST(a_third_of_a_turn_makes_red_green)
{
    static const float row[] = { 2, 4, 0, 0, 0, 1, 1, 1, 1.0f / 3, 0 };
    static const float in[] = { 1, 0, 0, 0.5f, 0.5f, 0.5f };
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE4(1, 1, 2, 3));
    struct scl_node *table = scl_constant(g, "table", SCL_F32, SCL_SHAPE2(1, 10), row);
    const void *const inputs[] = { in };
    float out[6];

    ck_assert_int_eq(run_node(g, scl_augment_color(g, x, table), inputs, out), SCL_OK);
    ck_assert_float_eq_tol(out[0], 0, 1e-6f);
    ck_assert_float_eq_tol(out[1], 1, 1e-6f);
    ck_assert_float_eq_tol(out[2], 0, 1e-6f);
    for (int c = 3; c < 6; c++) /* grey has no hue */
        ck_assert_float_eq(out[c], 0.5f);
}
END_TEST

START_TEST(blur_matches_its_definition)
{
    static const float sigmas[] = { 1.5f, 0, 0.1f };
    const int h = sizes[_i].h, w = sizes[_i].w, side = h < w ? h : w;
    const int kernel = side > 6 ? 13 : 2 * side - 1;
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE4(3, h, w, 3));
    struct scl_node *sigma = scl_input(g, "sigma", SCL_F32, SCL_SHAPE1(3));

    check_set(sigma, sigmas);
    check_forward(g, scl_augment_blur(g, x, sigma, kernel), 2e-6);
}
END_TEST

START_TEST(solarize_matches_its_definition)
{
    static const float limits[] = { 0.5f, 2, 0 };
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE4(3, sizes[_i].h, sizes[_i].w, 3));
    struct scl_node *threshold = scl_input(g, "threshold", SCL_F32, SCL_SHAPE1(3));

    check_set(threshold, limits);
    check_forward(g, scl_augment_solarize(g, x, threshold), 1e-7);
}
END_TEST

START_TEST(normalize_matches_its_definition)
{
    static const float mean[] = { 0.4914f, 0.4822f, 0.4465f }, std[] = { 0.2023f, 0.2f, 0.201f };
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE4(2, sizes[_i].h, sizes[_i].w, 3));

    check_forward(g, scl_augment_normalize(g, x, mean, std), 1e-6);
}
END_TEST

START_TEST(a_table_of_another_width_is_refused_in_words)
{
    struct scl_node *x = scl_input(g, "x", SCL_U8, SCL_SHAPE2(2, 12));
    struct scl_node *table = scl_input(g, "table", SCL_I32, SCL_SHAPE2(2, 7));

    ck_assert_ptr_null(scl_augment_crop(g, x, table, 2, 2, true, 2));
    ck_assert_str_eq(scl_error(), "augment_crop: table is [2, 7], not [M, 8] integers");
}
END_TEST

START_TEST(an_even_kernel_is_refused_in_words)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE4(1, 8, 8, 3));

    ck_assert_ptr_null(scl_augment_blur(g, x, scl_input(g, "sigma", SCL_F32, SCL_SHAPE1(1)), 4));
    ck_assert_str_eq(scl_error(),
                     "augment_blur: kernel 4 on [1, 8, 8, 3], wanted odd and below 2 sides");
}
END_TEST

START_TEST(a_deviation_of_zero_is_refused_in_words)
{
    static const float mean[] = { 0, 0, 0 }, std[] = { 1, 0, 1 };
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE4(1, 8, 8, 3));

    ck_assert_ptr_null(scl_augment_normalize(g, x, mean, std));
    ck_assert_str_eq(scl_error(), "augment_normalize: mean 0 and std 0 of channel 1, wanted "
                                  "numbers, the second above 0");
}
END_TEST

const char *const suite_name = "ops/augment";

void suite_fill(TCase *tc)
{
    /* The wide ones, behind, take the simulator minutes. */
    const int n_crop =
        2 * ((int)(sizeof crops / sizeof *crops) - (getenv("SCL_SIMULATOR") ? 2 : 0));
    const int n_size = sizeof sizes / sizeof *sizes;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, crop_of_bytes_matches_its_definition, 0, n_crop);
    tcase_add_loop_test(tc, crop_of_floats_matches_its_definition, 0, n_crop);
    tcase_add_test(tc, crop_of_the_whole_at_its_own_size_changes_nothing);
    tcase_add_test(tc, shrinking_takes_the_wider_kernel);
    tcase_add_loop_test(tc, unpacked_images_match_their_definition, 0, n_size);
    tcase_add_loop_test(tc, mirrored_floats_match_their_definition, 0, n_size);
    tcase_add_loop_test(tc, jitter_matches_its_definition, 0, n_size);
    tcase_add_test(tc, a_third_of_a_turn_makes_red_green);
    tcase_add_loop_test(tc, blur_matches_its_definition, 0, n_size);
    tcase_add_loop_test(tc, solarize_matches_its_definition, 0, n_size);
    tcase_add_loop_test(tc, normalize_matches_its_definition, 0, n_size);
    tcase_add_test(tc, a_table_of_another_width_is_refused_in_words);
    tcase_add_test(tc, an_even_kernel_is_refused_in_words);
    tcase_add_test(tc, a_deviation_of_zero_is_refused_in_words);
}
