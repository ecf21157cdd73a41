/* test_png.c - PNG files with one thing wrong: what decodes all the same, what is refused. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/file.h"
#include "base/status.h"
#include "io/image.h"
#include "support/damage.h"
#include "support/temp_folder.h"

/* One number in one chunk, in a file whose checksums are right. */
static const struct {
    const char *file, *chunk;
    size_t at; /* in the data */
    uint32_t value;
    int bytes;
    const char *words;
} changed[] = {
    { "colour8.png", "IHDR", 0, 0, 4, "Invalid IHDR data" },
    { "colour8.png", "IHDR", 4, 0, 4, "Invalid IHDR data" },
    { "colour8.png", "IHDR", 0, 0x80000000, 4, "PNG unsigned integer out of range" },
    { "colour8.png", "IHDR", 0, 0xFFFFFFFF, 4, "PNG unsigned integer out of range" },
    { "colour8.png", "IHDR", 0, 0x7FFFFFFF, 4, "2147483647 x 7 pixels; a side may have at most" },
    { "colour8.png", "IHDR", 4, 65501, 4, "13 x 65501 pixels; a side may have at most 65500" },
    { "colour8.png", "IHDR", 0, 14, 4, "bad adaptive filter value" },
    { "colour8.png", "IHDR", 4, 8, 4, "Not enough image data" },
    { "colour8.png", "IHDR", 4, 65500, 4, "Not enough image data" },
    { "colour8.png", "IHDR", 8, 3, 1, "Invalid IHDR data" },
    { "colour8.png", "IHDR", 8, 4, 1, "Invalid IHDR data" },
    { "colour8.png", "IHDR", 8, 0, 1, "Invalid IHDR data" },
    { "colour8.png", "IHDR", 8, 32, 1, "Invalid IHDR data" },
    { "colour8.png", "IHDR", 9, 1, 1, "Invalid IHDR data" },
    { "colour8.png", "IHDR", 9, 5, 1, "Invalid IHDR data" },
    { "colour8.png", "IHDR", 9, 3, 1, "Missing PLTE before IDAT" },
    { "colour8.png", "IHDR", 9, 6, 1, "bad adaptive filter value" },
    { "palette8.png", "IHDR", 8, 16, 1, "Invalid IHDR data" },
    { "colour8.png", "IHDR", 10, 1, 1, "Invalid IHDR data" },
    { "colour8.png", "IHDR", 11, 1, 1, "Invalid IHDR data" },
    { "colour8.png", "IHDR", 12, 2, 1, "Invalid IHDR data" },
    { "colour8.png", "IHDR", 12, 1, 1, "bad adaptive filter value" },
    { "colour8.png", "IDAT", 0, 0, 2, "IDAT: " },
    { "palette8.png", "PLTE", -4, 0x504C5445 ^ 0x20, 4, "unhandled critical chunk" },
    { "palette8.png", "PLTE", -4, 0x78787878, 4, "Missing PLTE before IDAT" },
    { "colour8.png", "IEND", -4, 0x49454E45, 4, "the file ends early" },
    { "colour8.png", "gAMA", -4, 0x00414D41, 4, "invalid chunk type" },
    { "colour8.png", "IHDR", -4, 0x49444154, 4, "Missing IHDR before IDAT" },
    { "colour8.png", "IDAT", -8, 0x7FFFFFFF, 4, "the file ends early" },
    { "colour8.png", "IDAT", -8, 0xFFFFFFFF, 4, "PNG unsigned integer out of range" },
    { "colour8.png", "IHDR", -8, 12, 4, "invalid" },
    { "palette8.png", "PLTE", -8, 1, 4, "PLTE: invalid" },
};

START_TEST(changed_number_is_refused_in_words)
{
    struct damage d = image_damage(changed[_i].file);

    damage_put(&d, png_chunk(&d, changed[_i].chunk, 0) + 8 + changed[_i].at, changed[_i].value,
               changed[_i].bytes);
    png_mend_checksums(&d);
    check_image_refused(&d, changed[_i].words);
    damage_fini(&d);
}
END_TEST

/* Every chunk of every file once has a wrong checksum. */
START_TEST(wrong_checksum_in_any_chunk_is_refused)
{
    struct scl_folder folder = { 0 };
    int n = 0;

    ck_assert_int_eq(scl_folder_load(&folder, IMAGES), SCL_OK);
    for (size_t i = 0; i < folder.n; i++) {
        struct damage d;

        if (!strstr(folder.entry[i].name, ".png"))
            continue;
        d = image_damage(folder.entry[i].name);
        for (size_t at = 8; at < d.size; n++) {
            at += 12 + png_length(&d, at);
            d.bytes[at - 1 - (size_t)n % 4] ^= 1;
            check_image_refused(&d, "CRC error");
            d.bytes[at - 1 - (size_t)n % 4] ^= 1;
        }
        damage_fini(&d);
    }
    scl_folder_fini(&folder);
    ck_assert_int_gt(n, 300);
}
END_TEST

/* What stands between the chunks, or behind them, without a word of the pixels in it. */
START_TEST(chunks_that_hold_no_pixels_change_none)
{
    static const uint8_t text[] = "\0\0\0\3aaAaxyz\0\0\0\0";
    struct damage d = image_damage("palette4.png");

    damage_replace(&d, d.size, 0, "behind the end", 14);
    check_image_same(&d, "palette4.rgb.png");
    damage_replace(&d, png_chunk(&d, "IDAT", 0), 0, text, sizeof text - 1);
    damage_replace(&d, png_chunk(&d, "IEND", 0), 0, text, sizeof text - 1);
    png_mend_checksums(&d);
    check_image_same(&d, "palette4.rgb.png");
    damage_fini(&d);
}
END_TEST

/* A chunk is taken out (or put in a second time, at its own place). */
static const struct {
    const char *file, *chunk, *twice, *without; /* NULL: the same pixels */
} whole_chunks[] = {
    { "colour8.png", "IHDR", "out of place", "missing IHDR" },
    { "colour8.png", "gAMA", NULL, NULL },
    { "palette8.png", "PLTE", "PLTE: duplicate", "Missing PLTE before IDAT" },
    { "palette8.png", "tRNS", NULL, NULL },
    { "palette8.png", "IEND", NULL, "the file ends early" },
};

START_TEST(missing_or_second_chunk_is_refused_where_it_matters)
{
    char golden[64];

    snprintf(golden, sizeof golden, "%.*s.rgb.png", (int)strcspn(whole_chunks[_i].file, "."),
             whole_chunks[_i].file);
    for (int twice = 0; twice < 2; twice++) {
        struct damage d = image_damage(whole_chunks[_i].file),
                      copy = image_damage(whole_chunks[_i].file);
        const size_t at = png_chunk(&d, whole_chunks[_i].chunk, 0), n = 12 + png_length(&d, at);
        const char *words = twice ? whole_chunks[_i].twice : whole_chunks[_i].without;

        damage_replace(&d, at, n, NULL, 0);
        for (int k = 0; k < 2 * twice; k++)
            damage_replace(&d, at, 0, copy.bytes + at, n);
        if (words)
            check_image_refused(&d, words);
        else
            check_image_same(&d, golden);
        damage_fini(&d);
        damage_fini(&copy);
    }
}
END_TEST

/* 13 x 7 rows of colour, a filter's number before each. */
enum { ROWS = 7, ROW = 1 + 13 * 3 };

/* colour8.png with these bytes as what its IDAT unpacks to. */
static struct damage with_pixels(const uint8_t *raw, size_t n)
{
    struct damage d = image_damage("colour8.png");
    const size_t at = png_chunk(&d, "IDAT", 0);
    uint8_t packed[1024];
    uLongf size = sizeof packed;

    ck_assert_int_eq(compress2(packed, &size, raw, n, 9), Z_OK);
    damage_replace(&d, at + 8, png_length(&d, at), packed, size);
    damage_put(&d, at, (uint32_t)size, 4);
    png_mend_checksums(&d);
    return d;
}

START_TEST(pixels_are_neither_too_few_nor_filtered_by_another_rule)
{
    uint8_t raw[ROWS * ROW + 40] = { 0 };
    struct scl_image image = { 0 };
    struct damage d = with_pixels(raw, ROWS * ROW - 1);

    check_image_refused(&d, "Not enough image data");
    damage_fini(&d);
    raw[3 * ROW] = 5;
    d = with_pixels(raw, ROWS * ROW);
    check_image_refused(&d, "bad adaptive filter value");
    damage_fini(&d);
    raw[3 * ROW] = 4;
    d = with_pixels(raw, sizeof raw); /* too many: the rest is left, as PIL leaves it */
    write_file(temp_path("x.png"), d.bytes, d.size);
    ck_assert_msg(scl_image_load(&image, temp_path("x.png")) == SCL_OK, "%s", scl_error());
    ck_assert_int_eq(image.pixels[0], 0);
    scl_image_fini(&image);
    damage_fini(&d);
}
END_TEST

START_TEST(data_in_many_small_chunks_is_the_same_image)
{
    struct damage d = image_damage("colour16_interlaced.png");
    const size_t at = png_chunk(&d, "IDAT", 0), n = png_length(&d, at);
    static const uint8_t head[8] = "\0\0\0\1IDAT", none[12] = "\0\0\0\0IDAT";

    for (size_t i = 1; i < n; i++) { /* the last of what is left becomes a chunk of its own */
        const uint8_t byte = d.bytes[at + 8 + n - i];

        damage_put(&d, at, (uint32_t)(n - i), 4);
        damage_replace(&d, at + 8 + n - i, 1, NULL, 4);
        damage_replace(&d, at + 12 + n - i, 0, head, sizeof head);
        damage_replace(&d, at + 12 + n - i + sizeof head, 0, &byte, 1);
    }
    damage_replace(&d, at, 0, none, sizeof none);
    png_mend_checksums(&d);
    check_image_same(&d, "colour16_interlaced.rgb.png");
    damage_fini(&d);
}
END_TEST

/* 2^28 pixels promised, and none there: refused without touching memory for them. */
START_TEST(largest_image_without_its_pixels_is_refused)
{
    static const char *const files[] = { "colour8.png", "colour_alpha16_interlaced.png" };

    for (int i = 0; i < 2; i++) {
        struct damage d = image_damage(files[i]);
        const size_t at = png_chunk(&d, "IHDR", 0) + 8;
        struct scl_image info = { 0 };

        damage_put(&d, at, 16384, 4);
        damage_put(&d, at + 4, 16384, 4);
        png_mend_checksums(&d);
        check_image_refused(&d, "damaged PNG: ");
        ck_assert_int_eq(scl_image_info(&info, temp_path("image")), SCL_OK);
        ck_assert(info.height == 16384 && info.width == 16384);
        damage_put(&d, at + 4, 16385, 4);
        png_mend_checksums(&d);
        check_image_refused(&d, "is 16384 x 16385 pixels, more than 268435456 in all");
        ck_assert_int_eq(scl_image_info(&info, temp_path("image")), SCL_DATA);
        damage_fini(&d);
    }
}
END_TEST

/* Text that unpacks to 7 MB each time, 1000 times: none of it is unpacked. */
START_TEST(packed_text_fills_no_memory)
{
    enum { TEXT = 7000000 };
    struct damage d = image_damage("colour8.png");
    const size_t at = png_chunk(&d, "gAMA", 0), at_data = 8 + 6;
    uLongf n = 16384;
    uint8_t *text = malloc(TEXT), *chunk = calloc(1, at_data + n + 4), *all;
    struct damage one = { chunk, 0 };
    long before;

    ck_assert(text && chunk);
    memset(text, ' ', TEXT);
    memcpy(chunk, "\0\0\0\0zTXtword\0", 14); /* and 0, the method */
    ck_assert_int_eq(compress2(chunk + at_data, &n, text, TEXT, 9), Z_OK);
    one.size = at_data + n + 4;
    damage_put(&one, 0, (uint32_t)(6 + n), 4);
    ck_assert_ptr_nonnull(all = malloc(1000 * one.size));
    for (size_t i = 0; i < 1000; i++)
        memcpy(all + i * one.size, chunk, one.size);
    damage_replace(&d, at, 0, all, 1000 * one.size);
    png_mend_checksums(&d);
    before = peak_kib();
    check_image_same(&d, "colour8.rgb.png");
    ck_assert_int_lt(peak_kib() - before, 256 << 10);
    free(text);
    free(chunk);
    free(all);
    damage_fini(&d);
}
END_TEST

const char *const suite_name = "faults/png";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, temp_folder_open, temp_folder_close);
    tcase_add_loop_test(tc, changed_number_is_refused_in_words, 0,
                        sizeof changed / sizeof *changed);
    tcase_add_test(tc, wrong_checksum_in_any_chunk_is_refused);
    tcase_add_test(tc, chunks_that_hold_no_pixels_change_none);
    tcase_add_loop_test(tc, missing_or_second_chunk_is_refused_where_it_matters, 0,
                        sizeof whole_chunks / sizeof *whole_chunks);
    tcase_add_test(tc, pixels_are_neither_too_few_nor_filtered_by_another_rule);
    tcase_add_test(tc, data_in_many_small_chunks_is_the_same_image);
    tcase_add_test(tc, largest_image_without_its_pixels_is_refused);
    tcase_add_test(tc, packed_text_fills_no_memory);
}
