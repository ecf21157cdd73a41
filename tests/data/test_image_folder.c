/* test_image_folder.c - splits, classes, order; damaged files and odd folders. */
#include <check.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/status.h"
#include "data/dataset.h"
#include "io/image.h"
#include "support/damage.h"
#include "support/temp_folder.h"

/* A PNG whose every value is `value`. */
static void write_image(const char *path, int height, int width, int value)
{
    struct scl_image image = { 0 };

    write_file(path, "", 0); /* for the folders */
    ck_assert_int_eq(scl_image_init(&image, (uint32_t)height, (uint32_t)width, path), SCL_OK);
    memset(image.pixels, value, scl_image_bytes(&image));
    ck_assert_int_eq(scl_image_save_png(path, &image), SCL_OK);
    scl_image_fini(&image);
}

static int open_folder(struct scl_dataset **d, const char *split, size_t cache_bytes)
{
    const struct scl_data_spec spec = { .kind = "image_folder",
                                        .root = temp_path("set"),
                                        .split = split,
                                        .cache_bytes = cache_bytes,
                                        .threads = 3 };

    *d = NULL;
    return scl_dataset_open(d, &spec);
}

/* Image `index` is height x width, filled with `value`, and has the label. */
static void check_image(struct scl_dataset *d, uint32_t index, int height, int width, int value,
                        int label)
{
    uint8_t pixels[4096];
    int32_t size[2];

    ck_assert_uint_le(scl_dataset_max_bytes(d), sizeof pixels);
    ck_assert_msg(scl_dataset_read(d, index, pixels, size) == SCL_OK, "%s", scl_error());
    ck_assert(size[0] == height && size[1] == width);
    for (int i = 0; i < height * width * 3; i++)
        ck_assert_int_eq(pixels[i], value);
    ck_assert_int_eq(scl_dataset_label(d, index), label);
}

static void check_refused_as(int code, const char *split, size_t cache_bytes, const char *words)
{
    struct scl_dataset *d;

    ck_assert_int_eq(open_folder(&d, split, cache_bytes), code);
    ck_assert_ptr_null(d);
    ck_assert_msg(strstr(scl_error(), words) && !strchr(scl_error(), '\n'), "'%s' lacks '%s'",
                  scl_error(), words);
}

static void check_refused(const char *split, size_t cache_bytes, const char *words)
{
    check_refused_as(SCL_DATA, split, cache_bytes, words);
}

static void write_pets(void)
{
    write_image(temp_path("set/train/dog/b.png"), 4, 5, 3);
    write_image(temp_path("set/train/dog/B 2.PNG"), 6, 4, 2);
    write_image(temp_path("set/train/a cat/\xC3\xA9.png"), 4, 4, 1);
    write_image(temp_path("set/test/dog/x.png"), 4, 4, 9);
}

START_TEST(classes_and_files_are_in_order_of_their_names)
{
    struct scl_dataset *d;
    int height, width;

    write_pets();
    write_file(temp_path("set/train/dog/notes.txt"), "no image", 8);
    write_file(temp_path("set/train/dog/.hidden.png"), "no image", 8);
    write_file(temp_path("set/train/.cache/x"), "no class", 8);
    for (size_t cache = 0; cache < 1000; cache += 999) {
        ck_assert_msg(open_folder(&d, "train", cache) == SCL_OK, "%s", scl_error());
        ck_assert_uint_eq(scl_dataset_count(d), 3);
        ck_assert_int_eq(scl_dataset_classes(d), 2);
        ck_assert_str_eq(scl_dataset_class_name(d, 0), "a cat");
        ck_assert(!scl_dataset_same_size(d));
        scl_dataset_max_size(d, &height, &width);
        ck_assert(height == 6 && width == 5);
        ck_assert_uint_eq(scl_dataset_max_bytes(d), 6 * 4 * 3);
        check_image(d, 0, 4, 4, 1, 0);
        check_image(d, 1, 6, 4, 2, 1);
        check_image(d, 2, 4, 5, 3, 1);
        scl_dataset_close(d);
    }
}
END_TEST

START_TEST(test_split_has_the_labels_of_train)
{
    struct scl_dataset *d;

    write_pets();
    ck_assert_int_eq(open_folder(&d, "test", 0), SCL_OK);
    ck_assert_int_eq(scl_dataset_classes(d), 2);
    check_image(d, 0, 4, 4, 9, 1);
    scl_dataset_close(d);
    write_image(temp_path("set/test/bird/x.png"), 4, 4, 9);
    check_refused("test", 0, "set/test: its folder 'bird' is not one of the 2 classes of train");
    check_refused("val", 0, "set/val: there is no such folder, so no split 'val'");
}
END_TEST

START_TEST(folder_without_splits_is_all_train)
{
    struct scl_dataset *d;

    write_image(temp_path("set/b/x.png"), 2, 2, 1);
    write_image(temp_path("set/a/x.png"), 2, 2, 2);
    ck_assert_int_eq(open_folder(&d, NULL, 0), SCL_OK);
    ck_assert(scl_dataset_same_size(d));
    check_image(d, 0, 2, 2, 2, 0);
    check_image(d, 1, 2, 2, 1, 1);
    scl_dataset_close(d);
    check_refused("test", 0, "has no folder 'train', so all of it is the split 'train'");
}
END_TEST

START_TEST(images_without_class_folders_have_no_labels)
{
    struct scl_dataset *d;

    write_image(temp_path("set/x.png"), 2, 2, 7);
    ck_assert_int_eq(open_folder(&d, "train", 100), SCL_OK);
    ck_assert_int_eq(scl_dataset_classes(d), 0);
    check_image(d, 0, 2, 2, 7, -1);
    scl_dataset_close(d);
}
END_TEST

START_TEST(missing_and_empty_folders_are_refused)
{
    check_refused("train", 0, "set: there is no such folder");
    ck_assert_int_eq(scl_folder_make(temp_path("set")), SCL_OK);
    check_refused("train", 0, "set: holds no .png, .jpg or .jpeg image");
    write_pets();
    ck_assert_int_eq(scl_folder_make(temp_path("set/train/cow")), SCL_OK);
    check_refused("train", 0, "set/train/cow: holds no .png, .jpg or .jpeg image");
}
END_TEST

START_TEST(damaged_header_is_found_at_open)
{
    write_pets();
    write_file(temp_path("set/train/dog/a.jpg"), "not a JPEG", 10);
    check_refused("train", 0, "set/train/dog/a.jpg: begins with 6e 6f 74");
    write_file(temp_path("set/train/dog/a.jpg"), "", 0);
    check_refused("train", 0, "set/train/dog/a.jpg: is 0 bytes long");
}
END_TEST

/* A file whose header is whole and whose pixels are not. */
static void cut_image(const char *path)
{
    size_t size;
    char *bytes = read_file(&size, path);

    write_file(path, bytes, size - 20);
    free(bytes);
}

START_TEST(first_damaged_image_is_named_before_training)
{
    struct scl_dataset *d;
    const struct scl_data_spec spec = { .threads = 4 };

    for (int i = 0; i < 200; i++)
        write_image(temp_path("set/c/%03d.png", i), 3, 3, i);
    cut_image(temp_path("set/c/150.png"));
    cut_image(temp_path("set/c/077.png"));
    cut_image(temp_path("set/c/199.png"));
    for (int i = 0; i < 5; i++)
        check_refused("train", 1 << 20, "set/c/077.png: damaged PNG");
    ck_assert_int_eq(open_folder(&d, "train", 0), SCL_OK); /* too large to keep: headers only */
    ck_assert_int_eq(scl_dataset_check(d, &spec), SCL_DATA);
    ck_assert_ptr_nonnull(strstr(scl_error(), "set/c/077.png: damaged PNG"));
    check_image(d, 5, 3, 3, 5, 0); /* the others can still be read */
    scl_dataset_close(d);
}
END_TEST

START_TEST(image_that_changed_since_opening_is_refused)
{
    struct scl_dataset *d;
    uint8_t pixels[4096];
    int32_t size[2];

    write_pets();
    ck_assert_int_eq(open_folder(&d, "train", 0), SCL_OK);
    write_image(temp_path("set/train/dog/b.png"), 30, 30, 3);
    ck_assert_int_eq(scl_dataset_read(d, 2, pixels, size), SCL_DATA);
    ck_assert_ptr_nonnull(
        strstr(scl_error(), "b.png: has changed: it is 30 x 30 pixels, and was 5 x 4"));
    scl_dataset_close(d);
}
END_TEST

START_TEST(loop_of_links_is_harmless)
{
    struct scl_dataset *d;

    write_pets();
    ck_assert_int_eq(symlink("..", temp_path("set/train/dog/up")), 0);
    ck_assert_int_eq(open_folder(&d, "train", 0), SCL_OK);
    ck_assert_uint_eq(scl_dataset_count(d), 3);
    scl_dataset_close(d);
    ck_assert_int_eq(symlink(".", temp_path("set/train/loop")), 0);
    check_refused("train", 0, "set/train/loop: holds no");
}
END_TEST

/* The link would be a class: nothing tells whether the run may do without it. */
START_TEST(link_to_nothing_is_refused_where_a_class_may_stand)
{
    struct scl_dataset *d;

    write_pets();
    ck_assert_int_eq(symlink("gone", temp_path("set/train/.hidden")), 0);
    ck_assert_int_eq(symlink("gone", temp_path("set/train/dog/gone")), 0);
    ck_assert_int_eq(symlink("gone", temp_path("set/train/beside.png")), 0);
    ck_assert_msg(open_folder(&d, "train", 0) == SCL_OK, "%s", scl_error());
    ck_assert_int_eq(scl_dataset_classes(d), 2);
    scl_dataset_close(d);
    ck_assert_int_eq(symlink("gone", temp_path("set/test/cow")), 0);
    check_refused("test", 0, "set/test/cow: is a link to nothing, wanted a class folder");
    ck_assert_int_eq(symlink("eel", temp_path("set/train/eel")), 0); /* to itself */
    check_refused("train", 0, "set/train/eel: is a link to nothing, wanted a class folder");
    check_refused("test", 0, "set/train/eel: is a link to nothing, wanted a class folder");
}
END_TEST

START_TEST(link_to_a_folder_is_a_class_and_to_a_file_an_image)
{
    struct scl_dataset *d;

    write_image(temp_path("else where/x.png"), 2, 2, 5);
    write_image(temp_path("set/train/a/1.png"), 2, 2, 6);
    ck_assert_int_eq(symlink("../../else where", temp_path("set/train/b")), 0);
    ck_assert_int_eq(symlink("../b/x.png", temp_path("set/train/a/2.png")), 0);
    ck_assert_msg(open_folder(&d, "train", 0) == SCL_OK, "%s", scl_error());
    ck_assert_uint_eq(scl_dataset_count(d), 3);
    check_image(d, 0, 2, 2, 6, 0);
    check_image(d, 1, 2, 2, 5, 0);
    check_image(d, 2, 2, 2, 5, 1);
    scl_dataset_close(d);
}
END_TEST

/* Named like an image, and none: a pipe would keep its reader waiting for ever. */
START_TEST(what_is_no_file_is_refused_and_a_folder_passed_over)
{
    struct scl_dataset *d;

    write_pets();
    ck_assert_int_eq(mkdir(temp_path("set/train/dog/folder.png"), 0777), 0);
    ck_assert_msg(open_folder(&d, "train", 0) == SCL_OK, "%s", scl_error());
    ck_assert_uint_eq(scl_dataset_count(d), 3);
    scl_dataset_close(d);
    ck_assert_int_eq(symlink("/proc/self/mem", temp_path("set/train/dog/z.png")), 0);
    check_refused_as(SCL_IO, "train", 0, "set/train/dog/z.png: cannot be read: Input/output error");
    ck_assert_int_eq(mkfifo(temp_path("set/train/dog/y.png"), 0600), 0);
    check_refused_as(SCL_IO, "train", 0, "set/train/dog/y.png: is a device, a pipe or a socket");
    ck_assert_int_eq(symlink("gone", temp_path("set/train/dog/x.png")), 0);
    check_refused_as(SCL_IO, "train", 0, "set/train/dog/x.png: cannot be opened: No such file");
    ck_assert_int_eq(symlink("w.png", temp_path("set/train/dog/w.png")), 0);
    check_refused_as(SCL_IO, "train", 0, "set/train/dog/w.png: cannot be opened: Too many levels");
}
END_TEST

/* Blanks, UTF-8, bytes that are no UTF-8, ends of lines, 255 bytes; endings in any case. */
START_TEST(names_are_any_bytes_and_stay_in_the_line)
{
    char longest[256];
    struct scl_dataset *d;

    memset(longest, 'x', 255);
    longest[255] = '\0';
    write_image(temp_path("set/train/ two\nlines /1.PNG"), 2, 2, 1);
    write_image(temp_path("set/train/%s/%.251s.Png", longest, longest), 2, 2, 2);
    write_image(temp_path("set/train/\xE7\x8C\xAB/\xFF\xFE.jpeg"), 2, 2, 3);
    write_image(temp_path("set/train/\xE7\x8C\xAB/\xFF\xFF.JpEg"), 2, 2, 4);
    write_image(temp_path("set/train/\xE7\x8C\xAB/.png"), 2, 2, 9);
    ck_assert_msg(open_folder(&d, "train", 0) == SCL_OK, "%s", scl_error());
    ck_assert_uint_eq(scl_dataset_count(d), 4);
    ck_assert_int_eq(scl_dataset_classes(d), 3);
    ck_assert_str_eq(scl_dataset_class_name(d, 0), " two\nlines ");
    check_image(d, 0, 2, 2, 1, 0);
    check_image(d, 1, 2, 2, 2, 1);
    check_image(d, 3, 2, 2, 4, 2);
    scl_dataset_close(d);
    write_file(temp_path("set/train/ two\nlines /\x1B[2J\n.jpg"), "no image", 8);
    check_refused("train", 0, "set/train/ two\\nlines /\\x1b[2J\\n.jpg: begins with 6e 6f 20");
}
END_TEST

START_TEST(path_of_more_than_a_thousand_bytes_is_said_whole)
{
    char name[256], place[1200];

    memset(name, 'n', 255);
    name[255] = '\0';
    snprintf(place, sizeof place, "%s/%s/%s/%s", name, name, name, name);
    {
        char *path = scl_path_join(temp_path("."), place), *file = scl_path_join(path, "c/x.png");
        const struct scl_data_spec spec = { .kind = "image_folder", .root = path, .threads = 1 };
        struct scl_dataset *d = NULL;

        write_file(file, "no image", 8);
        ck_assert_int_eq(scl_dataset_open(&d, &spec), SCL_DATA);
        check_said(file, ": begins with 6e 6f 20, neither a PNG nor a JPEG image");
        free(file);
        free(path);
    }
}
END_TEST

/* A class for each folder, though they be many; those of the test split find theirs. */
START_TEST(thousands_of_classes_have_their_labels)
{
    enum { CLASSES = 3000 };
    struct scl_dataset *d;

    write_image(temp_path("one.png"), 2, 2, 8);
    for (int c = 0; c < 2 * CLASSES; c++) {
        const char *split = c < CLASSES ? "train" : "test";

        ck_assert_int_eq(scl_folder_make(temp_path("set/%s/%04d", split, c % CLASSES)), SCL_OK);
        ck_assert_int_eq(
            link(temp_path("one.png"), temp_path("set/%s/%04d/x.png", split, c % CLASSES)), 0);
    }
    for (int test = 0; test < 2; test++) {
        ck_assert_msg(open_folder(&d, test ? "test" : "train", 0) == SCL_OK, "%s", scl_error());
        ck_assert_int_eq(scl_dataset_classes(d), CLASSES);
        for (int c = 0; c < CLASSES; c++)
            ck_assert_int_eq(scl_dataset_label(d, (uint32_t)c), c);
        scl_dataset_close(d);
    }
}
END_TEST

START_TEST(only_two_levels_are_read)
{
    struct scl_dataset *d;

    write_image(temp_path("set/train/a/x.png"), 2, 2, 8);
    write_image(temp_path("set/train/a/deep/er/y.png"), 2, 2, 9);
    ck_assert_msg(open_folder(&d, "train", 0) == SCL_OK, "%s", scl_error());
    ck_assert_uint_eq(scl_dataset_count(d), 1);
    scl_dataset_close(d);
    write_image(temp_path("set/train/b/deep/y.png"), 2, 2, 9);
    check_refused("train", 0, "set/train/b: holds no .png, .jpg or .jpeg image");
    check_refused("test", 0, "set/test: there is no such folder, so no split 'test'");
}
END_TEST

/* Sizes are known at open, so that batches have room; the smaller image stays as it is. */
START_TEST(long_images_are_shrunk_to_max_side)
{
    struct scl_data_spec spec = { .kind = "image_folder", .max_side = 16, .threads = 1 };
    struct scl_dataset *d = NULL;
    int height, width;

    write_image(temp_path("set/train/a/0.png"), 20, 40, 7);
    write_image(temp_path("set/train/a/1.png"), 9, 5, 8);
    spec.root = temp_path("set");
    ck_assert_msg(scl_dataset_open(&d, &spec) == SCL_OK, "%s", scl_error());
    scl_dataset_max_size(d, &height, &width);
    ck_assert(height == 9 && width == 16);
    ck_assert_uint_eq(scl_dataset_max_bytes(d), 8 * 16 * 3);
    check_image(d, 0, 8, 16, 7, 0);
    check_image(d, 1, 9, 5, 8, 0);
    scl_dataset_close(d);
}
END_TEST

const char *const suite_name = "data/image_folder";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, temp_folder_open, temp_folder_close);
    tcase_add_test(tc, classes_and_files_are_in_order_of_their_names);
    tcase_add_test(tc, test_split_has_the_labels_of_train);
    tcase_add_test(tc, folder_without_splits_is_all_train);
    tcase_add_test(tc, images_without_class_folders_have_no_labels);
    tcase_add_test(tc, missing_and_empty_folders_are_refused);
    tcase_add_test(tc, damaged_header_is_found_at_open);
    tcase_add_test(tc, first_damaged_image_is_named_before_training);
    tcase_add_test(tc, image_that_changed_since_opening_is_refused);
    tcase_add_test(tc, loop_of_links_is_harmless);
    tcase_add_test(tc, link_to_nothing_is_refused_where_a_class_may_stand);
    tcase_add_test(tc, link_to_a_folder_is_a_class_and_to_a_file_an_image);
    tcase_add_test(tc, what_is_no_file_is_refused_and_a_folder_passed_over);
    tcase_add_test(tc, names_are_any_bytes_and_stay_in_the_line);
    tcase_add_test(tc, path_of_more_than_a_thousand_bytes_is_said_whole);
    tcase_add_test(tc, thousands_of_classes_have_their_labels);
    tcase_add_test(tc, only_two_levels_are_read);
    tcase_add_test(tc, long_images_are_shrunk_to_max_side);
}
