/* test_image.c - every kind of PNG and JPEG against PIL; damaged files; writing.
 *
 * tests/io/images has each image twice: NAME.png or NAME.jpg, and NAME.rgb.png, which is
 * what PIL's convert("RGB") gives (tools/golden/images.py).
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/file.h"
#include "base/status.h"
#include "io/image.h"
#include "support/temp_folder.h"

static const char *const golden = "tests/io/images";

/* Loading fails with one line that begins with the path and holds `words`. */
static void check_refused(const char *path, int code, const char *words)
{
    struct scl_image image = { 0 };

    ck_assert_msg(scl_image_load(&image, path) == code, "%s: not refused as %d (%s)", path, code,
                  words);
    ck_assert_ptr_null(image.pixels);
    ck_assert_msg(strncmp(scl_error(), path, strlen(path)) == 0, "'%s' does not begin with %s",
                  scl_error(), path);
    ck_assert_msg(strstr(scl_error(), words) && !strchr(scl_error(), '\n'), "'%s' lacks '%s'",
                  scl_error(), words);
}

static char *read_golden(size_t *size, const char *name)
{
    char *path = scl_path_join(golden, name), *bytes = read_file(size, path);

    free(path);
    return bytes;
}

/* NAME.ext and NAME.rgb.png hold the same pixels, and the header says their size. */
static void check_same(const char *name)
{
    struct scl_image image = { 0 }, want = { 0 }, info = { 0 };
    char *path = scl_path_join(golden, name);
    char other[256];

    snprintf(other, sizeof other, "%s/%.*s.rgb.png", golden, (int)strcspn(name, "."), name);
    ck_assert_msg(scl_image_load(&image, path) == SCL_OK, "%s", scl_error());
    ck_assert_msg(scl_image_load(&want, other) == SCL_OK, "%s", scl_error());
    ck_assert_int_eq(scl_image_info(&info, path), SCL_OK);
    ck_assert(image.height == want.height && image.width == want.width);
    ck_assert(info.height == want.height && info.width == want.width && !info.pixels);
    ck_assert_msg(memcmp(image.pixels, want.pixels, scl_image_bytes(&want)) == 0,
                  "%s is not as PIL decodes it", name);
    scl_image_fini(&image);
    scl_image_fini(&want);
    free(path);
}

START_TEST(every_kind_decodes_as_in_pil)
{
    struct scl_folder folder = { 0 };
    int n = 0;

    ck_assert_int_eq(scl_folder_load(&folder, golden), SCL_OK);
    for (size_t i = 0; i < folder.n; i++)
        if (!strstr(folder.entry[i].name, ".rgb.png")) {
            check_same(folder.entry[i].name);
            n++;
        }
    scl_folder_fini(&folder);
    ck_assert_int_eq(n, 39);
}
END_TEST

START_TEST(saved_image_is_loaded_back)
{
    uint8_t pixels[5 * 3 * 3];
    const struct scl_image image = { 5, 3, pixels };
    struct scl_image back = { 0 };

    for (int i = 0; i < 45; i++)
        pixels[i] = (uint8_t)(i * 37);
    ck_assert_int_eq(scl_image_save_png(temp_path("x.png"), &image), SCL_OK);
    ck_assert_int_eq(scl_image_load(&back, temp_path("x.png")), SCL_OK);
    ck_assert(back.height == 5 && back.width == 3);
    ck_assert_mem_eq(back.pixels, pixels, sizeof pixels);
    scl_image_fini(&back);
    ck_assert_int_eq(scl_image_save_png(temp_path("no/x.png"), &image), SCL_IO);
    ck_assert_ptr_nonnull(strstr(scl_error(), "no/x.png: cannot be created"));
}
END_TEST

static const char *const to_cut[] = {
    "colour8.png",     "palette4_interlaced.png", "grey16.png",
    "baseline420.jpg", "progressive420.jpg",      "cmyk.jpg",
};

START_TEST(file_cut_anywhere_is_refused)
{
    const char *path = temp_path("cut");
    size_t size;
    char *bytes = read_golden(&size, to_cut[_i]);

    for (size_t n = 8; n < size; n += n + 20 < size ? 5 : 1) {
        write_file(path, bytes, n);
        check_refused(path, SCL_DATA, strstr(to_cut[_i], "png") ? "ends early" : "damaged JPEG");
    }
    free(bytes);
}
END_TEST

START_TEST(wrong_checksum_in_any_chunk_is_refused)
{
    size_t size, n_chunks = 0;
    char *bytes = read_golden(&size, "palette8.png");

    for (size_t at = 8; at < size;) {
        const uint8_t *b = (const uint8_t *)bytes + at;
        const size_t length =
            (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | (size_t)b[3];

        at += 12 + length;
        bytes[at - 1] ^= 1;
        write_file(temp_path("crc.png"), bytes, size);
        check_refused(temp_path("crc.png"), SCL_DATA, "CRC error");
        bytes[at - 1] ^= 1;
        n_chunks++;
    }
    ck_assert_uint_eq(n_chunks, 6); /* IHDR gAMA PLTE tRNS IDAT IEND */
    free(bytes);
}
END_TEST

START_TEST(absurd_size_is_refused_from_the_header)
{
    static const uint32_t sizes[][2] = {
        { 65501, 1 }, { 1, 65501 }, { 20000, 20000 }, { 0x7FFFFFFF, 0x7FFFFFFF }
    };
    size_t size;
    char *bytes = read_golden(&size, "colour8.png");

    for (int i = 0; i < 4; i++) {
        struct scl_image info = { 0 };

        for (int b = 0; b < 8; b++)
            bytes[16 + b] = (char)(sizes[i][b / 4] >> (24 - b % 4 * 8));
        for (int b = 0; b < 4; b++)
            bytes[29 + b] = (char)(crc32(0, (const Bytef *)bytes + 12, 17) >> (24 - b * 8));
        write_file(temp_path("huge.png"), bytes, size);
        check_refused(temp_path("huge.png"), SCL_DATA,
                      i < 2 || i == 3 ? "at most 65500" : "more than");
        ck_assert_int_eq(scl_image_info(&info, temp_path("huge.png")), SCL_DATA);
    }
    free(bytes);
}
END_TEST

START_TEST(other_things_are_refused_by_what_they_are)
{
    write_file(temp_path("empty.png"), "", 0);
    check_refused(temp_path("empty.png"), SCL_DATA, "is empty");
    write_file(temp_path("text.jpg"), "GIF89a..", 8);
    check_refused(temp_path("text.jpg"), SCL_DATA,
                  "begins with 47 49 46, neither a PNG nor a JPEG");
    check_refused(temp_path("none.png"), SCL_IO, "cannot be opened: No such file");
    ck_assert_int_eq(mkdir(temp_path("folder.png"), 0777), 0);
    check_refused(temp_path("folder.png"), SCL_IO, "is a folder");
    ck_assert_int_eq(mkfifo(temp_path("pipe.png"), 0600), 0);
    check_refused(temp_path("pipe.png"), SCL_IO, "is a device or a pipe");
}
END_TEST

START_TEST(content_counts_and_not_the_name)
{
    struct scl_image image = { 0 };
    size_t size;
    char *bytes = read_golden(&size, "grey.jpg");

    write_file(temp_path("really_a_jpeg.png"), bytes, size);
    ck_assert_int_eq(scl_image_load(&image, temp_path("really_a_jpeg.png")), SCL_OK);
    scl_image_fini(&image);
    free(bytes);
}
END_TEST

START_TEST(decoders_print_nothing)
{
    const int old = dup(STDERR_FILENO);
    FILE *file = fopen(temp_path("stderr"), "w+");
    size_t size;
    char *bytes = read_golden(&size, "baseline420.jpg");

    ck_assert_int_ge(dup2(fileno(file), STDERR_FILENO), 0);
    write_file(temp_path("cut.jpg"), bytes, size - 40);
    check_refused(temp_path("cut.jpg"), SCL_DATA, "damaged JPEG");
    free(bytes);
    bytes = read_golden(&size, "palette8.png");
    bytes[size - 1] ^= 1;
    write_file(temp_path("crc.png"), bytes, size);
    check_refused(temp_path("crc.png"), SCL_DATA, "damaged PNG");
    free(bytes);
    dup2(old, STDERR_FILENO);
    close(old);
    fseek(file, 0, SEEK_END);
    ck_assert_int_eq(ftell(file), 0);
    fclose(file);
}
END_TEST

/* 4 by 6 to 2 by 3: each pixel is the mean of four; a channel that is the same stays. */
START_TEST(shrunk_pixels_are_means_of_what_they_cover)
{
    struct scl_image image;

    ck_assert_int_eq(scl_image_init(&image, 4, 6, "image"), SCL_OK);
    for (int i = 0; i < 24; i++) {
        image.pixels[3 * i] = (uint8_t)(10 * i);
        image.pixels[3 * i + 1] = 77;
        image.pixels[3 * i + 2] = i % 2 ? 255 : 0;
    }
    ck_assert_int_eq(scl_image_shrink(&image, 3), SCL_OK);
    ck_assert(image.height == 2 && image.width == 3);
    for (int i = 0; i < 6; i++) {
        const int first = i / 3 * 12 + i % 3 * 2;

        ck_assert_int_eq(image.pixels[3 * i], 10 * first + 35);
        ck_assert_int_eq(image.pixels[3 * i + 1], 77);
        ck_assert_int_eq(image.pixels[3 * i + 2], 128);
    }
    scl_image_fini(&image);
}
END_TEST

/* 3 by 1 to 2 by 1: a pixel and a half each. */
START_TEST(shrunk_pixels_share_those_on_their_border)
{
    struct scl_image image;

    ck_assert_int_eq(scl_image_init(&image, 3, 1, "image"), SCL_OK);
    memset(image.pixels, 0, 9);
    image.pixels[3] = 90;
    image.pixels[6] = 60;
    ck_assert_int_eq(scl_image_shrink(&image, 2), SCL_OK);
    ck_assert(image.height == 2 && image.width == 1);
    ck_assert_int_eq(image.pixels[0], 30);
    ck_assert_int_eq(image.pixels[3], 70);
    scl_image_fini(&image);
}
END_TEST

START_TEST(longer_side_decides_and_no_side_vanishes)
{
    int32_t size[][2] = { { 40, 20 }, { 20, 40 }, { 16, 16 }, { 1, 1000 } };
    static const int32_t want[][2] = { { 16, 8 }, { 8, 16 }, { 16, 16 }, { 1, 16 } };

    for (int i = 0; i < 4; i++) {
        scl_image_shrunk_size(size[i], 16);
        ck_assert(size[i][0] == want[i][0] && size[i][1] == want[i][1]);
    }
}
END_TEST

const char *const suite_name = "io/image";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, temp_folder_open, temp_folder_close);
    tcase_add_test(tc, every_kind_decodes_as_in_pil);
    tcase_add_test(tc, saved_image_is_loaded_back);
    tcase_add_loop_test(tc, file_cut_anywhere_is_refused, 0, sizeof to_cut / sizeof *to_cut);
    tcase_add_test(tc, wrong_checksum_in_any_chunk_is_refused);
    tcase_add_test(tc, absurd_size_is_refused_from_the_header);
    tcase_add_test(tc, other_things_are_refused_by_what_they_are);
    tcase_add_test(tc, content_counts_and_not_the_name);
    tcase_add_test(tc, decoders_print_nothing);
    tcase_add_test(tc, shrunk_pixels_are_means_of_what_they_cover);
    tcase_add_test(tc, shrunk_pixels_share_those_on_their_border);
    tcase_add_test(tc, longer_side_decides_and_no_side_vanishes);
}
