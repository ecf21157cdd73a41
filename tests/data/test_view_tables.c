/* test_view_tables.c - what brings draws to the device, and their parameters. */
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "data/augment.h"

static const struct scl_augment_config recipe = {
    .order = SCL_ORDER_HT,
    .size = 32,
    .crop_scale = { 0.25, 1.0 },
    .crop_ratio = { 1, 1 },
    .flip = 0.5,
    .jitter = 0.8,
    .brightness = 0.5,
    .contrast = 0.5,
    .saturation = 0.5,
    .hue = 0.125,
    .grayscale = 0.1,
    .blur = { 0.5 },
    .n_blur = 1,
    .blur_sigma = { 0.1, 2.0 },
    .solarize = { 0.2 },
    .n_solarize = 1,
};

START_TEST(tables_hold_views_row_by_row)
{
    static const uint32_t index[] = { 9, 4 };
    static const int32_t size[][2] = { { 20, 30 }, { 32, 32 } };
    struct scl_view_tables t;
    struct scl_view_draw d;

    ck_assert_int_eq(scl_view_tables_init(&t, 4), SCL_OK);
    scl_view_tables_fill(&t, &recipe, 1, 3, 2, 2, index, size);
    scl_view_draw(&d, &recipe, 1, 3, 9, 1, 20, 30);
    const int32_t *crop = t.crop + 2 * SCL_CROP_COLUMNS;
    const int32_t want[] = { 2, 20, 30, d.top, d.left, d.height, d.width, d.flip };

    ck_assert_mem_eq(crop, want, sizeof want);
    ck_assert_int_eq(t.unpack[2 * SCL_UNPACK_COLUMNS], 0);
    ck_assert_float_eq(t.color[2 * SCL_COLOR_COLUMNS + SCL_COLOR_PIXELS], 600);
    ck_assert_float_eq(t.color[2 * SCL_COLOR_COLUMNS + SCL_COLOR_FACTOR + 3], d.factor[3]);
    ck_assert_float_eq(t.sigma[2], d.sigma);
    scl_view_tables_fini(&t);
}
END_TEST

START_TEST(one_to_four_views_fill_their_rows)
{
    static const uint32_t index[] = { 9, 4, 2 };
    static const int32_t size[][2] = { { 20, 30 }, { 32, 32 }, { 7, 8 } };
    const int n_views = _i;
    struct scl_view_tables t;

    ck_assert_int_eq(scl_view_tables_init(&t, 3 * n_views), SCL_OK);
    scl_view_tables_fill(&t, &recipe, 1, 3, 3, n_views, index, size);
    for (int row = 0; row < 3 * n_views; row++) {
        const int i = row % 3;
        const int32_t *crop = t.crop + row * SCL_CROP_COLUMNS;
        struct scl_view_draw d;

        scl_view_draw(&d, &recipe, 1, 3, index[i], (uint32_t)(row / 3), size[i][0], size[i][1]);
        ck_assert_int_eq(crop[SCL_CROP_SOURCE], row); /* unpacked, a row a view */
        ck_assert_int_eq(t.unpack[row * SCL_UNPACK_COLUMNS + SCL_UNPACK_SOURCE], i);
        ck_assert(crop[SCL_CROP_TOP] == d.top && crop[SCL_CROP_W] == d.width);
        ck_assert_float_eq(t.color[row * SCL_COLOR_COLUMNS + SCL_COLOR_FACTOR], d.factor[0]);
        ck_assert_float_eq(t.sigma[row], d.sigma);
        ck_assert_float_eq(t.threshold[row], d.threshold);
    }
    scl_view_tables_fini(&t);
}
END_TEST

START_TEST(a_crop_before_the_colours_reads_stored_pixels)
{
    static const uint32_t index[] = { 9, 4 };
    static const int32_t size[][2] = { { 20, 30 }, { 32, 32 } };
    struct scl_augment_config c = recipe;
    struct scl_view_tables t;

    c.order = SCL_ORDER_SL;
    ck_assert_int_eq(scl_view_tables_init(&t, 4), SCL_OK);
    scl_view_tables_fill(&t, &c, 1, 3, 2, 2, index, size);
    ck_assert_int_eq(t.crop[3 * SCL_CROP_COLUMNS], 1);
    ck_assert_float_eq(t.color[3 * SCL_COLOR_COLUMNS + SCL_COLOR_PIXELS], 1024);
    scl_view_tables_fini(&t);
}
END_TEST

/* Rows [piece][view][image], and what was unpacked for a piece is counted within it. */
START_TEST(pieces_have_the_rows_of_the_whole)
{
    static const uint32_t index[] = { 9, 4, 2, 7 };
    static const int32_t size[][2] = { { 20, 30 }, { 32, 32 }, { 7, 8 }, { 5, 5 } };
    struct scl_view_tables whole, pieces;

    ck_assert_int_eq(scl_view_tables_init(&whole, 8), SCL_OK);
    ck_assert_int_eq(scl_view_tables_init(&pieces, 8), SCL_OK);
    pieces.piece = 2;
    scl_view_tables_fill(&whole, &recipe, 1, 3, 4, 2, index, size);
    scl_view_tables_fill(&pieces, &recipe, 1, 3, 4, 2, index, size);
    for (int row = 0; row < 8; row++) {
        const int view = row / 4, i = row % 4, to = (i / 2 * 2 + view) * 2 + i % 2;
        const int32_t *crop = pieces.crop + to * SCL_CROP_COLUMNS;

        ck_assert_int_eq(crop[SCL_CROP_SOURCE], view * 2 + i % 2);
        ck_assert_mem_eq(crop + 1, whole.crop + row * SCL_CROP_COLUMNS + 1,
                         (SCL_CROP_COLUMNS - 1) * sizeof *crop);
        ck_assert_mem_eq(pieces.unpack + to * SCL_UNPACK_COLUMNS,
                         whole.unpack + row * SCL_UNPACK_COLUMNS,
                         SCL_UNPACK_COLUMNS * sizeof *crop);
        ck_assert_mem_eq(pieces.color + to * SCL_COLOR_COLUMNS,
                         whole.color + row * SCL_COLOR_COLUMNS, SCL_COLOR_COLUMNS * sizeof(float));
        ck_assert_mem_eq(pieces.parameters + to * SCL_VIEW_PARAMETERS,
                         whole.parameters + row * SCL_VIEW_PARAMETERS,
                         SCL_VIEW_PARAMETERS * sizeof(float));
        ck_assert_float_eq(pieces.sigma[to], whole.sigma[row]);
        ck_assert_float_eq(pieces.threshold[to], whole.threshold[row]);
    }
    scl_view_tables_fini(&pieces);
    scl_view_tables_fini(&whole);
}
END_TEST

/* Two views of image `index`, 32 x 32. */
static void draw_two(float out[2][SCL_VIEW_PARAMETERS], const struct scl_augment_config *c,
                     uint32_t index)
{
    static const int32_t size[][2] = { { 32, 32 } };
    struct scl_view_tables t;

    ck_assert_int_eq(scl_view_tables_init(&t, 2), SCL_OK);
    scl_view_tables_fill(&t, c, 1, 0, 1, 2, &index, size);
    memcpy(out, t.parameters, 2 * sizeof *out);
    scl_view_tables_fini(&t);
}

START_TEST(parameters_are_in_0_to_1_and_differ_from_view_to_view)
{
    float least[SCL_VIEW_PARAMETERS], most[SCL_VIEW_PARAMETERS] = { 0 };
    struct scl_augment_config c = recipe;

    c.crop_ratio[0] = 0.75;
    c.crop_ratio[1] = 4.0 / 3;
    for (int k = 0; k < SCL_VIEW_PARAMETERS; k++)
        least[k] = 1;
    for (uint32_t i = 0; i < 2000; i++) {
        float p[2][SCL_VIEW_PARAMETERS];

        draw_two(p, &c, i);
        ck_assert_mem_ne(p[0], p[1], sizeof *p);
        for (int k = 0; k < SCL_VIEW_PARAMETERS; k++) {
            ck_assert(p[0][k] >= 0 && p[0][k] <= 1);
            least[k] = fminf(least[k], p[0][k]);
            most[k] = fmaxf(most[k], p[0][k]);
        }
    }
    for (int k = 0; k < SCL_VIEW_PARAMETERS; k++) {
        ck_assert_msg(least[k] < 0.1f, "the least of column %d is %g", k, least[k]);
        ck_assert_msg(most[k] > 0.9f, "the most of column %d is %g", k, most[k]);
    }
}
END_TEST

START_TEST(an_operation_that_is_always_or_never_done_is_0)
{
    struct scl_augment_config c = recipe;

    c.crop_scale[0] = c.crop_scale[1] = c.crop_ratio[0] = c.crop_ratio[1] = 1;
    c.flip = c.grayscale = c.blur[0] = c.solarize[0] = _i;
    c.blur_sigma[0] = c.blur_sigma[1] = 1;
    c.jitter = 1;
    c.brightness = c.contrast = c.saturation = c.hue = 0;
    if (_i == 0) {
        c.jitter = 0;
        c.brightness = 0.4;
    }
    for (uint32_t i = 0; i < 20; i++) {
        float p[2][SCL_VIEW_PARAMETERS];

        draw_two(p, &c, i);
        for (int k = 0; k < SCL_VIEW_PARAMETERS; k++)
            ck_assert_msg(p[0][k] == 0 && p[1][k] == 0, "column %d", k);
    }
}
END_TEST

/* Of an image of 16 x 16, whose crops are 8 x 8 to 16 x 16. */
static const struct {
    struct scl_view_draw draw;
    float want[SCL_VIEW_PARAMETERS];
} ends[] = {
    /* Factors of what is not done do not count. */
    { { .height = 8, .width = 8, .threshold = 2, .factor = { 1.2f, 1.2f, 1.2f, 0.05f } },
      { 0, 0, 0, 0, 0, 0.5f, 0.5f, 0.5f, 0.5f, 0, 0, 0 } },
    { { .top = 8, .left = 8, .height = 8, .width = 8, .threshold = 2 },
      { 0, 0, 1, 1, 0, 0.5f, 0.5f, 0.5f, 0.5f, 0, 0, 0 } },
    { { .height = 16,
        .width = 16,
        .flip = true,
        .grey = true,
        .order = { SCL_COLOR_HUE, SCL_COLOR_BRIGHTNESS, SCL_COLOR_SATURATION, SCL_COLOR_CONTRAST },
        .factor = { 1.5f, 1.5f, 1.5f, 0.125f },
        .sigma = 2,
        .threshold = 0.5f },
      { 1, 0, 0.5f, 0.5f, 1, 1, 1, 1, 1, 1, 1, 1 } },
    { { .top = 4,
        .left = 2,
        .height = 8,
        .width = 8,
        .order = { SCL_COLOR_NONE, SCL_COLOR_HUE, SCL_COLOR_CONTRAST },
        .factor = { 1.5f, 0.5f, 0.5f, -0.125f },
        .sigma = 0.5f,
        .threshold = 2 },
      { 0, 0, 0.25f, 0.5f, 0, 0.5f, 0, 0.5f, 0, 0, 0.25f, 0 } },
};

START_TEST(ends_of_a_range_are_0_and_1)
{
    float p[SCL_VIEW_PARAMETERS];

    scl_view_parameters(p, &recipe, 2, &ends[_i].draw, 16, 16);
    for (int k = 0; k < SCL_VIEW_PARAMETERS; k++)
        ck_assert_msg(fabsf(p[k] - ends[_i].want[k]) < 1e-6f, "column %d is %g, not %g", k, p[k],
                      ends[_i].want[k]);
}
END_TEST

START_TEST(ratio_is_counted_by_its_logarithm)
{
    const struct scl_view_draw wide = { .height = 10, .width = 20 },
                               square_crop = { .height = 16, .width = 16 },
                               high = { .height = 20, .width = 10 };
    struct scl_augment_config c = recipe;
    float p[SCL_VIEW_PARAMETERS];

    c.crop_ratio[0] = 0.5;
    c.crop_ratio[1] = 2;
    scl_view_parameters(p, &c, 2, &wide, 20, 40);
    ck_assert_float_eq_tol(p[SCL_VIEW_RATIO], 1, 1e-6f);
    scl_view_parameters(p, &c, 2, &square_crop, 20, 40);
    ck_assert_float_eq_tol(p[SCL_VIEW_RATIO], 0.5f, 1e-6f);
    scl_view_parameters(p, &c, 2, &high, 20, 40);
    ck_assert_float_eq_tol(p[SCL_VIEW_RATIO], 0, 1e-6f);
}
END_TEST

/* BYOL's views: one always blurred, the other never solarised. */
START_TEST(what_differs_between_views_is_counted)
{
    struct scl_augment_config c = recipe;
    struct scl_view_draw d = { .height = 16, .width = 16, .sigma = 2, .threshold = 0.5f };
    float p[SCL_VIEW_PARAMETERS];

    c.blur[0] = 1;
    c.blur[1] = c.solarize[0] = 0;
    c.solarize[1] = 1;
    c.n_blur = c.n_solarize = 2;
    scl_view_parameters(p, &c, 2, &d, 16, 16);
    ck_assert(p[SCL_VIEW_BLUR] == 1 && p[SCL_VIEW_SOLARIZE] == 1);
    d.sigma = 0;
    d.threshold = 2;
    scl_view_parameters(p, &c, 2, &d, 16, 16);
    ck_assert(p[SCL_VIEW_BLUR] == 0 && p[SCL_VIEW_SOLARIZE] == 0);
    d.sigma = 0.1f; /* blurred always: the least there is is the range's begin */
    scl_view_parameters(p, &c, 1, &d, 16, 16);
    ck_assert_float_eq_tol(p[SCL_VIEW_BLUR], 0, 1e-6f);
}
END_TEST

START_TEST(equal_draws_have_equal_parameters)
{
    float a[2][SCL_VIEW_PARAMETERS], b[2][SCL_VIEW_PARAMETERS];

    draw_two(a, &recipe, 7);
    draw_two(b, &recipe, 8);
    ck_assert_mem_ne(a, b, sizeof a);
    draw_two(b, &recipe, 7);
    ck_assert_mem_eq(a, b, sizeof a);
}
END_TEST

const char *const suite_name = "data/view_tables";

void suite_fill(TCase *tc)
{
    tcase_add_test(tc, tables_hold_views_row_by_row);
    tcase_add_loop_test(tc, one_to_four_views_fill_their_rows, 1, SCL_MAX_VIEWS + 1);
    tcase_add_test(tc, pieces_have_the_rows_of_the_whole);
    tcase_add_test(tc, a_crop_before_the_colours_reads_stored_pixels);
    tcase_add_test(tc, parameters_are_in_0_to_1_and_differ_from_view_to_view);
    tcase_add_loop_test(tc, an_operation_that_is_always_or_never_done_is_0, 0, 2);
    tcase_add_loop_test(tc, ends_of_a_range_are_0_and_1, 0, (int)(sizeof ends / sizeof *ends));
    tcase_add_test(tc, ratio_is_counted_by_its_logarithm);
    tcase_add_test(tc, what_differs_between_views_is_counted);
    tcase_add_test(tc, equal_draws_have_equal_parameters);
}
