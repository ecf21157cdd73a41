/* test_image.c - every kind of PNG and JPEG against PIL; damaged files; writing.
 *
 * tests/io/images has each image twice: NAME.png or NAME.jpg, and NAME.rgb.png, which is
 * what PIL's convert("RGB") gives (tools/golden/images.py).
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/status.h"
#include "io/image.h"
#include "support/damage.h"
#include "support/temp_folder.h"

static const char *const golden = "tests/io/images";

/* Loading fails with one line that begins with the path and holds `words`. */
static void check_refused(const char *path, int code, const char *words)
{
    struct scl_image image = { 0 };

    ck_assert_msg(scl_image_load(&image, path) == code, "%s: not refused as %d (%s)", path, code,
                  words);
    ck_assert_ptr_null(image.pixels);
    check_said(path, words);
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
    ck_assert_int_eq(n, 50);
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
    "colour8.png",          "palette4_interlaced.png",
    "grey16.png",           "colour_alpha16_interlaced.png",
    "one_pixel_grey1.png",  "baseline420.jpg",
    "progressive420.jpg",   "cmyk.jpg",
    "grey_progressive.jpg", "restarts.jpg",
    "one_pixel.jpg",
};

START_TEST(file_cut_anywhere_is_refused)
{
    const char *path = temp_path("cut");
    size_t size;
    char *bytes = read_golden(&size, to_cut[_i]);

    for (size_t n = 0; n < size; n++) {
        struct scl_image info = { 0 };

        write_file(path, bytes, n);
        check_refused(path, SCL_DATA,
                      n < 8                       ? "bytes long, too short for a PNG or JPEG image"
                      : strstr(to_cut[_i], "png") ? "damaged PNG: the file ends early"
                                                  : "damaged JPEG");
        if (scl_image_info(&info, path) < 0)
            check_said(path, n < 8 ? "too short" : "damaged ");
        ck_assert_ptr_null(info.pixels);
    }
    free(bytes);
}
END_TEST

static void make_socket(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    ck_assert_int_ge(fd, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    close(fd);
}

START_TEST(other_things_are_refused_by_what_they_are)
{
    write_file(temp_path("empty.png"), "", 0);
    check_refused(temp_path("empty.png"), SCL_DATA, "is 0 bytes long, too short");
    write_file(temp_path("text.jpg"), "GIF89a..", 8);
    check_refused(temp_path("text.jpg"), SCL_DATA,
                  "begins with 47 49 46, neither a PNG nor a JPEG");
    check_refused(temp_path("none.png"), SCL_IO, "cannot be opened: No such file");
    ck_assert_int_eq(mkdir(temp_path("folder.png"), 0777), 0);
    check_refused(temp_path("folder.png"), SCL_IO, "is a folder");
    ck_assert_int_eq(mkfifo(temp_path("pipe.png"), 0600), 0);
    check_refused(temp_path("pipe.png"), SCL_IO, "is a device, a pipe or a socket");
    make_socket(temp_path("socket.png"));
    check_refused(temp_path("socket.png"), SCL_IO, "is a device, a pipe or a socket");
    check_refused("/dev/null", SCL_IO, "is a device, a pipe or a socket");
    ck_assert_int_eq(symlink("nowhere", temp_path("link.png")), 0);
    check_refused(temp_path("link.png"), SCL_IO, "cannot be opened: No such file");
    ck_assert_int_eq(symlink("circle.png", temp_path("circle.png")), 0);
    check_refused(temp_path("circle.png"), SCL_IO, "cannot be opened: Too many levels of");
}
END_TEST

/* Its first page belongs to nobody, so that not even root reads it. */
START_TEST(file_that_cannot_be_read_is_not_called_empty)
{
    check_refused("/proc/self/mem", SCL_IO, "cannot be read: Input/output error");
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
    bytes = read_golden(&size, "grey8.png");
    write_file(temp_path("really_a_png.jpg"), bytes, size);
    ck_assert_int_eq(scl_image_load(&image, temp_path("really_a_png.jpg")), SCL_OK);
    scl_image_fini(&image);
    free(bytes);
    check_refused("tests/devices/nvidia.txt", SCL_DATA, "neither a PNG nor a JPEG image");
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
    tcase_add_test(tc, other_things_are_refused_by_what_they_are);
    tcase_add_test(tc, file_that_cannot_be_read_is_not_called_empty);
    tcase_add_test(tc, content_counts_and_not_the_name);
    tcase_add_test(tc, decoders_print_nothing);
    tcase_add_test(tc, shrunk_pixels_are_means_of_what_they_cover);
    tcase_add_test(tc, shrunk_pixels_share_those_on_their_border);
    tcase_add_test(tc, longer_side_decides_and_no_side_vanishes);
}
