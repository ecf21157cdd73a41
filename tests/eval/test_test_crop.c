/* test_test_crop.c - the region that is looked at, and that one resampling does for two. */
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "eval/test_crop.h"
#include "ops/ops.h"
#include "support/op_check.h"

static struct scl_config config;

/* Of torchvision's two steps the middle is the same to half a pixel: Resize(256) of 375 by 500
 * and CenterCrop(224) begin in row 16 of 256, which is 23.4 of 375. */
static const struct {
    int size, resize, h, w, top, left, side;
} crops[] = {
    { 32, 0, 32, 32, 0, 0, 32 },                                            /* as it is */
    { 32, 0, 40, 61, 0, 10, 40 },                                           /* the largest square */
    { 224, 256, 256, 256, 16, 16, 224 },                                    /* nothing to resize */
    { 224, 256, 375, 500, 23, 86, 328 },                                    /* 328.1 */
    { 224, 256, 500, 375, 86, 23, 328 }, { 224, 224, 300, 300, 0, 0, 300 }, /* all of it */
    { 32, 36, 32, 48, 2, 10, 28 },                                          /* enlarged: 28.4 */
    { 4, 4096, 8, 8, 3, 3, 1 }, /* never less than a pixel */
};

START_TEST(region_is_that_of_resize_and_central_crop)
{
    int32_t row[SCL_CROP_COLUMNS];

    config.augment.size = crops[_i].size;
    config.eval.resize = crops[_i].resize;
    scl_test_crop(row, &config, 5, crops[_i].h, crops[_i].w);
    ck_assert_int_eq(row[SCL_CROP_SOURCE], 5);
    ck_assert_int_eq(row[SCL_CROP_SOURCE_H], crops[_i].h);
    ck_assert_int_eq(row[SCL_CROP_SOURCE_W], crops[_i].w);
    ck_assert_int_eq(row[SCL_CROP_TOP], crops[_i].top);
    ck_assert_int_eq(row[SCL_CROP_LEFT], crops[_i].left);
    ck_assert_int_eq(row[SCL_CROP_H], crops[_i].side);
    ck_assert_int_eq(row[SCL_CROP_W], crops[_i].side);
    ck_assert_int_eq(row[SCL_CROP_FLIP], 0);
}
END_TEST

START_TEST(region_lies_inside_of_every_image)
{
    int32_t row[SCL_CROP_COLUMNS];

    for (int h = 1; h < 40; h++)
        for (int w = 1; w < 40; w++)
            for (int resize = 8; resize < 24; resize++) {
                config.augment.size = 8;
                config.eval.resize = resize;
                scl_test_crop(row, &config, 0, h, w);
                ck_assert_int_ge(row[SCL_CROP_H], 1);
                ck_assert_int_ge(row[SCL_CROP_TOP], 0);
                ck_assert_int_ge(row[SCL_CROP_LEFT], 0);
                ck_assert_int_le(row[SCL_CROP_TOP] + row[SCL_CROP_H], h);
                ck_assert_int_le(row[SCL_CROP_LEFT] + row[SCL_CROP_W], w);
            }
}
END_TEST

static void resample(float *out, const float *in, const int32_t *table, int h, int w)
{
    struct scl_graph *g = scl_graph_new();
    struct scl_node *x = scl_input(
        g, "x", SCL_F32, SCL_SHAPE4(1, table[SCL_CROP_SOURCE_H], table[SCL_CROP_SOURCE_W], 3));
    struct scl_node *crop = scl_input(g, "crop", SCL_I32, SCL_SHAPE2(1, SCL_CROP_COLUMNS));
    const void *const values[] = { in, table };

    ck_assert_msg(run_node(g, scl_augment_crop(g, x, crop, h, w, true, 36), values, out) == SCL_OK,
                  "%s", scl_error());
    scl_graph_free(g);
}

/* 24 by 36 to 16 by 24, then the central 8 by 8. Its filters reach three pixels of the
 * original, two of the result, past a border, where the two ways see different things. */
START_TEST(one_resampling_gives_what_two_steps_give)
{
    const int32_t whole[SCL_CROP_COLUMNS] = { 0, 24, 36, 0, 0, 24, 36, 0 };
    float image[24 * 36 * 3], once[8 * 8 * 3], resized[16 * 24 * 3];
    int32_t row[SCL_CROP_COLUMNS];

    for (int i = 0; i < 24 * 36 * 3; i++)
        image[i] = 0.5f + 0.4f * sinf((float)(i * i % 977));
    config.augment.size = 8;
    config.eval.resize = 16;
    scl_test_crop(row, &config, 0, 24, 36);
    resample(once, image, row, 8, 8);
    resample(resized, image, whole, 16, 24);
    for (int y = 2; y < 6; y++)
        for (int x = 2; x < 6; x++)
            for (int c = 0; c < 3; c++)
                ck_assert_float_eq_tol(once[(y * 8 + x) * 3 + c],
                                       resized[((y + 4) * 24 + x + 8) * 3 + c], 1e-6f);
}
END_TEST

START_TEST(words_have_every_number)
{
    char text[SCL_TEST_CROP_BYTES];

    config.augment.size = 224;
    config.eval.resize = 0;
    ck_assert_str_eq(scl_test_crop_text(text, &config), "largest central square at 224 x 224");
    config.eval.resize = 256;
    ck_assert_str_eq(scl_test_crop_text(text, &config), "shorter side to 256, central 224 x 224");
}
END_TEST

const char *const suite_name = "eval/test_crop";

void suite_fill(TCase *tc)
{
    tcase_add_loop_test(tc, region_is_that_of_resize_and_central_crop, 0,
                        sizeof crops / sizeof *crops);
    tcase_add_test(tc, region_lies_inside_of_every_image);
    tcase_add_test(tc, one_resampling_gives_what_two_steps_give);
    tcase_add_test(tc, words_have_every_number);
}
