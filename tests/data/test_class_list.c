/* test_class_list.c - some of the class folders, in the order of a file. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/status.h"
#include "data/class_list_impl.h"
#include "data/dataset.h"
#include "io/image.h"
#include "support/temp_folder.h"

/* A PNG of 2 x 2 pixels, all of this value. */
static void write_image(const char *path, int value)
{
    struct scl_image image = { 0 };

    write_file(path, "", 0); /* for the folders */
    ck_assert_int_eq(scl_image_init(&image, 2, 2, path), SCL_OK);
    memset(image.pixels, value, scl_image_bytes(&image));
    ck_assert_int_eq(scl_image_save_png(path, &image), SCL_OK);
    scl_image_fini(&image);
}

static void setup(void)
{
    temp_folder_open();
    write_image(temp_path("set/train/ant/1.png"), 1);
    write_image(temp_path("set/train/big bee/1.png"), 2);
    write_image(temp_path("set/train/cow/1.png"), 3);
    write_image(temp_path("set/train/cow/2.png"), 4);
    write_image(temp_path("set/test/cow/1.png"), 5);
    write_image(temp_path("set/test/ant/1.png"), 6);
}

static int open_listed(struct scl_dataset **d, const char *split, const char *text)
{
    const struct scl_data_spec spec = { .kind = "image_folder",
                                        .root = temp_path("set"),
                                        .classes = temp_path("list.txt"),
                                        .split = split };

    *d = NULL;
    write_file(spec.classes, text, strlen(text));
    return scl_dataset_open(d, &spec);
}

static void check_image(struct scl_dataset *d, uint32_t index, int value, int label)
{
    uint8_t pixels[12];
    int32_t size[2];

    ck_assert_int_eq(scl_dataset_read(d, index, pixels, size), SCL_OK);
    ck_assert_int_eq(pixels[0], value);
    ck_assert_int_eq(scl_dataset_label(d, index), label);
}

static void check_refused(const char *split, const char *text, const char *words)
{
    struct scl_dataset *d;

    ck_assert_int_eq(open_listed(&d, split, text), SCL_DATA);
    ck_assert_ptr_null(d);
    ck_assert_msg(strstr(scl_error(), words) != NULL, "'%s' lacks '%s'", scl_error(), words);
}

START_TEST(labels_follow_the_list_and_other_folders_are_left_out)
{
    struct scl_dataset *d;

    ck_assert_msg(open_listed(&d, "train", "# two of three\n\n  cow \r\n\tbig bee") == SCL_OK, "%s",
                  scl_error());
    ck_assert_uint_eq(scl_dataset_count(d), 3);
    ck_assert_int_eq(scl_dataset_classes(d), 2);
    ck_assert_str_eq(scl_dataset_class_name(d, 0), "cow");
    ck_assert_str_eq(scl_dataset_class_name(d, 1), "big bee");
    check_image(d, 0, 3, 0);
    check_image(d, 1, 4, 0);
    check_image(d, 2, 2, 1);
    scl_dataset_close(d);
}
END_TEST

START_TEST(test_split_has_the_labels_of_the_list)
{
    struct scl_dataset *d;

    ck_assert_msg(open_listed(&d, "test", "cow\nant\n") == SCL_OK, "%s", scl_error());
    ck_assert_uint_eq(scl_dataset_count(d), 2);
    check_image(d, 0, 5, 0);
    check_image(d, 1, 6, 1);
    scl_dataset_close(d);
}
END_TEST

START_TEST(class_without_test_images_is_an_empty_folder)
{
    struct scl_dataset *d;

    check_refused("test", "cow\nbig bee\n", "set/test/big bee");
    ck_assert_int_eq(scl_folder_make(temp_path("set/test/big bee")), SCL_OK);
    ck_assert_int_eq(open_listed(&d, "test", "cow\nbig bee\n"), SCL_OK);
    ck_assert_uint_eq(scl_dataset_count(d), 1);
    ck_assert_int_eq(scl_dataset_classes(d), 2);
    scl_dataset_close(d);
    check_refused("test", "big bee\n", "set/test: holds no image of the classes of ");
}
END_TEST

START_TEST(class_to_train_on_has_images)
{
    ck_assert_int_eq(scl_folder_make(temp_path("set/train/dog")), SCL_OK);
    check_refused("train", "dog\ncow\n", "set/train/dog: holds no .png, .jpg or .jpeg image");
}
END_TEST

START_TEST(name_without_a_folder_is_refused_with_its_line)
{
    char words[512];

    snprintf(words, sizeof words, "%s:3: class 'dog' has no folder %s", temp_path("list.txt"),
             temp_path("set/train/dog"));
    check_refused("train", "cow\n\ndog\n", words);
    check_refused("test", "cow\n\ndog\n", words); /* train decides what a class is */
    check_refused("train", "cow # and calf\n", "list.txt:1: class 'cow # and calf' has no folder");
    check_refused("train", "cow/../ant\n", "list.txt:1: class 'cow/../ant' has no folder");
    write_file(temp_path("set/train/egg"), "no folder", 9);
    check_refused("train", "egg\n", "list.txt:1: class 'egg' has no folder");
}
END_TEST

START_TEST(list_that_is_none_is_refused)
{
    struct scl_arena arena = { 0 };
    struct scl_class_list list = { 0 };

    check_refused("train", "", "list.txt: names no class, wanted a name a line");
    check_refused("train", "# cow\n \n", "list.txt: names no class, wanted a name a line");
    check_refused("train", "cow\nant\n\n cow\nant\n",
                  "list.txt:5: names class 'ant' again, which line 2 has");
    write_file(temp_path("list.txt"), "cow\0ant", 7);
    ck_assert_int_eq(scl_class_list_load(&list, &arena, temp_path("list.txt")), SCL_DATA);
    ck_assert_ptr_nonnull(strstr(scl_error(), "list.txt: has a zero byte"));
    ck_assert_int_eq(scl_class_list_load(&list, &arena, temp_path("none.txt")), SCL_IO);
    ck_assert_ptr_nonnull(strstr(scl_error(), "none.txt: cannot be opened"));
    ck_assert_int_eq(scl_class_list_load(&list, &arena, temp_path("set")), SCL_IO);
    ck_assert_ptr_nonnull(strstr(scl_error(), "set: is a folder, not a file"));
    ck_assert_int_eq(mkfifo(temp_path("pipe"), 0600), 0);
    ck_assert_int_eq(scl_class_list_load(&list, &arena, temp_path("pipe")), SCL_IO);
    ck_assert_ptr_nonnull(strstr(scl_error(), "pipe: is a device, a pipe or a socket"));
    ck_assert_int_eq(truncate(temp_path("list.txt"), (off_t)1 << 40), 0);
    ck_assert_int_eq(scl_class_list_load(&list, &arena, temp_path("list.txt")), SCL_IO);
    ck_assert_ptr_nonnull(strstr(scl_error(), "list.txt: is 1099511627776 bytes long, more than"));
    scl_arena_fini(&arena);
}
END_TEST

/* Written on a machine where lines end otherwise, or with a mark of its encoding in front. */
START_TEST(what_cannot_be_seen_in_a_name_is_spelt)
{
    struct scl_dataset *d;

    check_refused("train", "cow\rant\r", "list.txt:1: class 'cow\\rant' has no folder");
    check_refused("train", "cow\x1B[1m\n", "list.txt:1: class 'cow\\x1b[1m' has no folder");
    ck_assert_msg(open_listed(&d, "train",
                              "\xEF\xBB\xBF"
                              "cow\r\nant\r\n") == SCL_OK,
                  "%s", scl_error());
    ck_assert_str_eq(scl_dataset_class_name(d, 0), "cow");
    scl_dataset_close(d);
    check_refused("train", "\xEF\xBB\xBF\n", "list.txt: names no class");
}
END_TEST

START_TEST(shipped_list_has_a_hundred_wordnet_ids)
{
    struct scl_arena arena = { 0 };
    struct scl_class_list list = { 0 };
    const int rc = scl_class_list_load(&list, &arena, "configs/imagenet100/classes.txt");

    ck_assert_msg(rc == SCL_OK, "%s", scl_error());
    ck_assert_int_eq(list.n, 100);
    for (int c = 0; c < list.n; c++)
        ck_assert_msg(list.name[c][0] == 'n' && strlen(list.name[c]) == 9 &&
                          strspn(list.name[c] + 1, "0123456789") == 8,
                      "%s", list.name[c]);
    scl_arena_fini(&arena);
}
END_TEST

const char *const suite_name = "data/class_list";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, temp_folder_close);
    tcase_add_test(tc, labels_follow_the_list_and_other_folders_are_left_out);
    tcase_add_test(tc, test_split_has_the_labels_of_the_list);
    tcase_add_test(tc, class_without_test_images_is_an_empty_folder);
    tcase_add_test(tc, class_to_train_on_has_images);
    tcase_add_test(tc, name_without_a_folder_is_refused_with_its_line);
    tcase_add_test(tc, list_that_is_none_is_refused);
    tcase_add_test(tc, what_cannot_be_seen_in_a_name_is_spelt);
    tcase_add_test(tc, shipped_list_has_a_hundred_wordnet_ids);
}
