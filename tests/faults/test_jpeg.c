/* test_jpeg.c - JPEG files with one thing wrong: what decodes all the same, what is refused. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "io/image.h"
#include "support/damage.h"
#include "support/temp_folder.h"

enum { SOF0 = 0xC0, SOF2 = 0xC2, DHT = 0xC4, RST0 = 0xD0, SOI = 0xD8, EOI = 0xD9, SOS = 0xDA };
enum { DQT = 0xDB, DRI = 0xDD, APP0 = 0xE0, COM = 0xFE };

/* Bytes of the segment whose marker stands at `at`, marker and length too. */
static size_t segment(const struct damage *d, size_t at)
{
    return 2 + ((size_t)d->bytes[at + 2] << 8 | d->bytes[at + 3]);
}

/* One number in one segment; `at` counts from the marker's 0xFF: 2 is the length, 4 the data. */
static const struct {
    const char *file;
    uint8_t marker;
    size_t at;
    uint32_t value;
    int bytes;
    const char *words;
} changed[] = {
    { "baseline420.jpg", SOF0, 4, 12, 1, "Unsupported JPEG data precision 12" },
    { "baseline420.jpg", SOF0, 4, 16, 1, "Unsupported JPEG data precision 16" },
    { "baseline420.jpg", SOF0, 5, 0, 2, "Empty JPEG image (DNL not supported)" },
    { "baseline420.jpg", SOF0, 7, 0, 2, "Empty JPEG image (DNL not supported)" },
    { "baseline420.jpg", SOF0, 5, 65535, 2, "Maximum supported image dimension is 65500 pixels" },
    { "baseline420.jpg", SOF0, 5, 0xFFFFFFFF, 4, "dimension is 65500 pixels" },
    { "baseline420.jpg", SOF0, 5, 0xFFDCFFDC, 4, "is 65500 x 65500 pixels, more than 268435456" },
    { "baseline420.jpg", SOF0, 5, 0x40004001, 4, "is 16385 x 16384 pixels, more than 268435456" },
    { "baseline420.jpg", SOF0, 5, 0x40004000, 4, "premature end of data segment" },
    { "progressive420.jpg", SOF2, 5, 0x40004000, 4, "premature end of data segment" },
    { "cmyk_progressive.jpg", SOF2, 5, 0x40004000, 4, "premature end of data segment" },
    { "baseline420.jpg", SOF0, 9, 2, 1, "Bogus marker length" },
    { "baseline420.jpg", SOF0, 9, 0, 1, "Empty JPEG image (DNL not supported)" },
    { "baseline420.jpg", SOF0, 11, 0, 1, "Bogus sampling factors" },
    { "baseline420.jpg", SOF0, 11, 0x55, 1, "Bogus sampling factors" },
    { "baseline420.jpg", SOF0, 11, 0x44, 1, "Sampling factors too large for interleaved scan" },
    { "baseline420.jpg", SOF0, 12, 3, 1, "Quantization table 0x03 was not defined" },
    { "baseline420.jpg", SOF0, 12, 9, 1, "Quantization table 0x09 was not defined" },
    { "baseline420.jpg", SOF0, 1, 0xC3, 1, "Unsupported JPEG process: SOF type 0xc3" },
    { "baseline420.jpg", SOF0, 1, 0xC5, 1, "Unsupported JPEG process: SOF type 0xc5" },
    { "baseline420.jpg", SOF0, 1, COM, 1, "Invalid JPEG file structure: SOS before SOF" },
    { "baseline420.jpg", SOF0, 1, SOI, 1, "Invalid JPEG file structure: two SOI markers" },
    { "baseline420.jpg", SOF0, 2, 8, 2, "Bogus marker length" },
    { "baseline420.jpg", DQT, 2, 0, 2, "Bogus marker length" },
    { "baseline420.jpg", DQT, 4, 4, 1, "Bogus DQT index 4" },
    { "baseline420.jpg", DHT, 4, 4, 1, "Bogus DHT index 4" },
    { "baseline420.jpg", DHT, 4, 0x14, 1, "Bogus DHT index 4" },
    { "baseline420.jpg", DHT, 5, 3, 1, "Bogus Huffman table definition" },
    { "baseline420.jpg", DHT, 5, 255, 1, "Bogus Huffman table definition" },
    { "baseline420.jpg", SOS, 4, 0, 1, "Bogus marker length" },
    { "baseline420.jpg", SOS, 4, 5, 1, "Bogus marker length" },
    { "baseline420.jpg", SOS, 5, 9, 1, "Invalid component ID 9 in SOS" },
    { "baseline420.jpg", SOS, 6, 0x33, 1, "Huffman table 0x03 was not defined" },
    { "baseline420.jpg", SOS, 6, 0xFF, 1, "Huffman table 0x0f was not defined" },
    { "progressive420.jpg", SOS, 11, 64, 1, "Invalid progressive parameters" },
    { "progressive420.jpg", SOS, 12, 64, 1, "Invalid progressive parameters" },
    { "progressive420.jpg", SOS, 13, 0xFF, 1, "Invalid progressive parameters" },
    { "restarts.jpg", DRI, 4, 0, 2, "Corrupt JPEG data" },
    { "restarts.jpg", DRI, 4, 1, 2, "Corrupt JPEG data" },
    { "restarts.jpg", DRI, 4, 3, 2, "Corrupt JPEG data" },
    { "restarts.jpg", DRI, 2, 5, 2, "Bogus marker length" },
    { "restarts.jpg", RST0, 1, RST0 + 1, 1, "found marker 0xd1 instead of RST0" },
    { "restarts.jpg", RST0, 1, RST0 + 2, 1, "found marker 0xd2 instead of RST0" },
    { "restarts.jpg", RST0, 1, EOI, 1, "Corrupt JPEG data: " },
    { "restarts.jpg", RST0, 1, 0, 1, "Corrupt JPEG data: " },
    { "restarts.jpg", EOI, 1, RST0, 1, "Premature end of JPEG file" },
};

START_TEST(changed_number_is_refused_in_words)
{
    struct damage d = image_damage(changed[_i].file);

    damage_put(&d, jpeg_marker(&d, changed[_i].marker, 0) + changed[_i].at, changed[_i].value,
               changed[_i].bytes);
    check_image_refused(&d, changed[_i].words);
    damage_fini(&d);
}
END_TEST

/* A segment that is taken out. */
static const struct {
    uint8_t marker;
    const char *words; /* NULL: it is an image all the same */
} missing[] = {
    { SOF0, "SOS before SOF" },
    { DQT, "Quantization table 0x00 was not defined" },
    { DHT, NULL }, /* the standard's table is meant, and was used */
    { APP0, NULL },
};

START_TEST(missing_segment_is_refused_where_it_matters)
{
    struct damage d = image_damage("baseline420.jpg");
    const size_t at = jpeg_marker(&d, missing[_i].marker, 0);

    damage_replace(&d, at, segment(&d, at), NULL, 0);
    if (missing[_i].words)
        check_image_refused(&d, missing[_i].words);
    else
        check_image_same(&d, "baseline420.rgb.png");
    damage_fini(&d);
}
END_TEST

START_TEST(segments_without_pixels_and_bytes_between_them_change_none)
{
    static const uint8_t comment[] = "\xFF\xFE\0\5abc\xFF\xFF\xFF\xED\0\2";
    struct damage d = image_damage("baseline420.jpg");

    damage_replace(&d, d.size, 0, "behind the end", 14);
    damage_replace(&d, jpeg_marker(&d, SOS, 0), 0, comment, sizeof comment - 1);
    check_image_same(&d, "baseline420.rgb.png");
    damage_replace(&d, jpeg_marker(&d, SOF0, 0), 0, "junk", 4);
    check_image_same(&d, "baseline420.rgb.png");
    damage_fini(&d);
}
END_TEST

START_TEST(restart_marker_that_is_lost_or_one_too_many_is_refused)
{
    struct damage d = image_damage("restarts.jpg");

    damage_replace(&d, jpeg_marker(&d, RST0 + 1, 0), 2, NULL, 0);
    check_image_refused(&d, "Corrupt JPEG data: ");
    damage_fini(&d);
    d = image_damage("restarts.jpg");
    damage_replace(&d, jpeg_marker(&d, RST0 + 1, 0), 0, "\xFF\xD1", 2);
    check_image_refused(&d, "Corrupt JPEG data: ");
    damage_fini(&d);
}
END_TEST

START_TEST(file_without_its_image_is_refused)
{
    static const uint8_t end[] = "\xFF\xD8\xFF\xD9\0\0\0\0",
                         ends[] = "\xFF\xD8\xFF\xFF\xFF\xFF\xFF\xFF";
    struct damage d = image_damage("grey.jpg");

    damage_replace(&d, 0, d.size, end, 8);
    check_image_refused(&d, "JPEG datastream contains no image");
    damage_replace(&d, 0, 8, ends, 8);
    check_image_refused(&d, "damaged JPEG: ");
    damage_fini(&d);
}
END_TEST

/* The first scan of a grey image, all of the first coefficients, again and again: a decoder
 * goes over the whole image each time. */
START_TEST(scans_without_end_are_refused)
{
    struct damage d = image_damage("grey_progressive.jpg");
    const size_t begin = jpeg_marker(&d, SOS, 0);
    size_t n = segment(&d, begin);
    uint8_t scan[512];

    while (d.bytes[begin + n] != 0xFF || d.bytes[begin + n + 1] == 0)
        n++;
    ck_assert_uint_le(n, sizeof scan);
    memcpy(scan, d.bytes + begin, n);
    scan[segment(&d, begin) - 1] = 0; /* whole coefficients at once */
    damage_replace(&d, begin + n, d.size - begin - n, "\xFF\xD9", 2);
    memcpy(d.bytes + begin, scan, n);
    for (int i = 1; i < 500; i++)
        damage_replace(&d, begin, 0, scan, n);
    write_file(temp_path("many.jpg"), d.bytes, d.size);
    {
        struct scl_image image = { 0 };

        ck_assert_msg(scl_image_load(&image, temp_path("many.jpg")) == SCL_OK, "%s", scl_error());
        scl_image_fini(&image);
    }
    damage_replace(&d, begin, 0, scan, n);
    check_image_refused(&d, "has more than 500 scans");
    damage_fini(&d);
}
END_TEST

const char *const suite_name = "faults/jpeg";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, temp_folder_open, temp_folder_close);
    tcase_add_loop_test(tc, changed_number_is_refused_in_words, 0,
                        sizeof changed / sizeof *changed);
    tcase_add_loop_test(tc, missing_segment_is_refused_where_it_matters, 0,
                        sizeof missing / sizeof *missing);
    tcase_add_test(tc, segments_without_pixels_and_bytes_between_them_change_none);
    tcase_add_test(tc, restart_marker_that_is_lost_or_one_too_many_is_refused);
    tcase_add_test(tc, file_without_its_image_is_refused);
    tcase_add_test(tc, scans_without_end_are_refused);
}
