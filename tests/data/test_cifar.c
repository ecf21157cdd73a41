/* test_cifar.c - the published binary files: layout, labels, lengths. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/status.h"
#include "data/dataset.h"
#include "support/temp_folder.h"

enum { RECORD = 3073, RECORDS = 10000, SIZE = RECORD * RECORDS };
enum { RECORD_100 = 3074, SIZE_100 = RECORD_100 * RECORDS }; /* CIFAR-100: two labels */

/* Record i of file f: label (i + f) % 10, and values that tell channel and place. */
static uint8_t value(int f, int i, int channel, int place)
{
    return (uint8_t)(31 * f + 7 * i + 101 * channel + place);
}

static void fill_pixels(char pixels[3072], int f, int i)
{
    for (int j = 0; j < 3072; j++)
        pixels[j] = (char)value(f, i, j / 1024, j % 1024);
}

static void write_batch(const char *path, int f, size_t size)
{
    char *bytes = calloc(1, SIZE + 1);

    for (int i = 0; i < RECORDS; i++) {
        bytes[(size_t)i * RECORD] = (char)((i + f) % 10);
        fill_pixels(bytes + (size_t)i * RECORD + 1, f, i);
    }
    write_file(path, bytes, size);
    free(bytes);
}

/* Record i of CIFAR-100: coarse label i % 20, fine label i % 100, the pixels of file f. */
static void write_batch_100(const char *path, int f, int n, size_t size)
{
    char *bytes = calloc((size_t)n + 1, RECORD_100);

    for (int i = 0; i < n; i++) {
        char *record = bytes + (size_t)i * RECORD_100;

        record[0] = (char)(i % 20);
        record[1] = (char)(i % 100);
        fill_pixels(record + 2, f, i);
    }
    write_file(path, bytes, size);
    free(bytes);
}

static int open_set(struct scl_dataset **d, const char *root, const char *split)
{
    const struct scl_data_spec spec = { .kind = "cifar10", .root = root, .split = split };

    *d = NULL;
    return scl_dataset_open(d, &spec);
}

static int open_set_100(struct scl_dataset **d, const char *split, bool coarse)
{
    const struct scl_data_spec spec = {
        .kind = "cifar100", .root = temp_path("."), .split = split, .coarse = coarse
    };

    *d = NULL;
    return scl_dataset_open(d, &spec);
}

static void check_pixels(struct scl_dataset *d, uint32_t index, int f, int i)
{
    uint8_t pixels[3072];
    int32_t size[2];

    ck_assert_int_eq(scl_dataset_read(d, index, pixels, size), SCL_OK);
    ck_assert(size[0] == 32 && size[1] == 32);
    for (int j = 0; j < 3072; j++)
        ck_assert_int_eq(pixels[j], value(f, i, j % 3, j / 3));
}

static void check_image(struct scl_dataset *d, uint32_t index, int f, int i)
{
    check_pixels(d, index, f, i);
    ck_assert_int_eq(scl_dataset_label(d, index), (i + f) % 10);
}

START_TEST(five_batches_follow_each_other)
{
    struct scl_dataset *d;

    for (int f = 1; f <= 5; f++)
        write_batch(temp_path("set/cifar-10-batches-bin/data_batch_%d.bin", f), f, SIZE);
    ck_assert_msg(open_set(&d, temp_path("set"), "train") == SCL_OK, "%s", scl_error());
    ck_assert_uint_eq(scl_dataset_count(d), 50000);
    ck_assert_int_eq(scl_dataset_classes(d), 10);
    ck_assert(scl_dataset_same_size(d));
    check_image(d, 0, 1, 0);
    check_image(d, 9999, 1, 9999);
    check_image(d, 10000, 2, 0);
    check_image(d, 49999, 5, 9999);
    scl_dataset_close(d);
}
END_TEST

START_TEST(files_may_lie_in_the_root)
{
    static const char meta[] = "zero\none\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n\n";
    struct scl_dataset *d;

    write_batch(temp_path("test_batch.bin"), 0, SIZE);
    ck_assert_int_eq(open_set(&d, temp_path("."), "test"), SCL_OK);
    ck_assert_uint_eq(scl_dataset_count(d), 10000);
    ck_assert_str_eq(scl_dataset_class_name(d, 6), "frog");
    check_image(d, 17, 0, 17);
    scl_dataset_close(d);
    write_file(temp_path("batches.meta.txt"), meta, sizeof meta - 1);
    ck_assert_int_eq(open_set(&d, temp_path("."), "test"), SCL_OK);
    ck_assert_str_eq(scl_dataset_class_name(d, 6), "six");
    scl_dataset_close(d);
}
END_TEST

static void check_refused(const char *split, int code, const char *words)
{
    struct scl_dataset *d;

    ck_assert_int_eq(open_set(&d, temp_path("."), split), code);
    ck_assert_ptr_null(d);
    ck_assert_msg(strstr(scl_error(), words) != NULL, "'%s' lacks '%s'", scl_error(), words);
}

START_TEST(wrong_length_is_refused_with_both_numbers)
{
    write_batch(temp_path("test_batch.bin"), 0, SIZE - 1);
    check_refused(
        "test", SCL_DATA,
        "test_batch.bin: is 30729999 bytes long, not 30730000 (10000 images of 3073 bytes)");
    write_batch(temp_path("test_batch.bin"), 0, SIZE + 1);
    check_refused("test", SCL_DATA, "is 30730001 bytes long, not 30730000");
    write_batch(temp_path("test_batch.bin"), 0, RECORD * (RECORDS - 1));
    check_refused("test", SCL_DATA, "is 30726927 bytes long, not 30730000");
    write_batch(temp_path("test_batch.bin"), 0, 0);
    check_refused("test", SCL_DATA, "test_batch.bin: is 0 bytes long, not 30730000");
    check_refused("train", SCL_IO, "data_batch_1.bin: cannot be opened");
    check_refused("val", SCL_CONFIG, "CIFAR-10 has the splits 'train' and 'test', not 'val'");
}
END_TEST

/* Its length is known before it is read: no memory is taken for it. */
START_TEST(much_longer_file_is_refused_unread)
{
    write_file(temp_path("test_batch.bin"), "", 0);
    ck_assert_int_eq(truncate(temp_path("test_batch.bin"), (off_t)1 << 40), 0);
    check_refused("test", SCL_IO,
                  "test_batch.bin: is 1099511627776 bytes long, more than the 61460000 that");
}
END_TEST

START_TEST(what_is_no_file_is_refused_with_its_name)
{
    for (int f = 1; f <= 3; f++)
        write_batch(temp_path("data_batch_%d.bin", f), f, SIZE);
    check_refused("train", SCL_IO, "data_batch_4.bin: cannot be opened: No such file");
    ck_assert_int_eq(mkdir(temp_path("data_batch_4.bin"), 0777), 0);
    check_refused("train", SCL_IO, "data_batch_4.bin: is a folder, not a file");
    ck_assert_int_eq(mkfifo(temp_path("test_batch.bin"), 0600), 0);
    check_refused("test", SCL_IO, "test_batch.bin: is a device, a pipe or a socket, not a file");
}
END_TEST

static void change_byte(const char *path, long place, int value)
{
    FILE *file = fopen(path, "r+b");

    fseek(file, place, SEEK_SET);
    fputc(value, file);
    fclose(file);
}

START_TEST(wrong_label_is_refused_with_its_place)
{
    write_batch(temp_path("test_batch.bin"), 0, SIZE);
    change_byte(temp_path("test_batch.bin"), 1234L * RECORD, 77);
    check_refused("test", SCL_DATA, "test_batch.bin: image 1234 has label 77, not 0 to 9");
}
END_TEST

START_TEST(cifar100_has_a_fine_and_a_coarse_label)
{
    struct scl_dataset *d;

    write_batch_100(temp_path("cifar-100-binary/train.bin"), 3, 50000, (size_t)50000 * RECORD_100);
    ck_assert_msg(open_set_100(&d, "train", false) == SCL_OK, "%s", scl_error());
    ck_assert_uint_eq(scl_dataset_count(d), 50000);
    ck_assert_int_eq(scl_dataset_classes(d), 100);
    check_pixels(d, 0, 3, 0);
    check_pixels(d, 49999, 3, 49999);
    ck_assert_int_eq(scl_dataset_label(d, 49999), 99);
    scl_dataset_close(d);
    ck_assert_int_eq(open_set_100(&d, "train", true), SCL_OK);
    ck_assert_int_eq(scl_dataset_classes(d), 20);
    check_pixels(d, 49999, 3, 49999);
    ck_assert_int_eq(scl_dataset_label(d, 49999), 19);
    ck_assert_str_eq(scl_dataset_class_name(d, 19), "vehicles_2");
    scl_dataset_close(d);
}
END_TEST

START_TEST(cifar100_names_are_the_published_or_those_of_the_files)
{
    char names[700] = "";
    struct scl_dataset *d;

    write_batch_100(temp_path("test.bin"), 0, RECORDS, SIZE_100);
    ck_assert_int_eq(open_set_100(&d, "test", false), SCL_OK);
    ck_assert_uint_eq(scl_dataset_count(d), 10000);
    check_pixels(d, 9999, 0, 9999);
    ck_assert_str_eq(scl_dataset_class_name(d, 0), "apple");
    for (int c = 1; c < 100; c++) /* which are in the order of the alphabet */
        ck_assert_int_lt(strcmp(scl_dataset_class_name(d, c - 1), scl_dataset_class_name(d, c)), 0);
    scl_dataset_close(d);
    for (int c = 0; c < 100; c++)
        sprintf(names + strlen(names), "fine%d\n", c);
    write_file(temp_path("fine_label_names.txt"), names, strlen(names));
    ck_assert_int_eq(open_set_100(&d, "test", false), SCL_OK);
    ck_assert_str_eq(scl_dataset_class_name(d, 42), "fine42");
    scl_dataset_close(d);
    ck_assert_int_eq(open_set_100(&d, "test", true), SCL_OK);
    ck_assert_str_eq(scl_dataset_class_name(d, 0), "aquatic_mammals");
    scl_dataset_close(d);
}
END_TEST

static void check_refused_100(const char *split, int code, const char *words)
{
    struct scl_dataset *d;

    ck_assert_int_eq(open_set_100(&d, split, false), code);
    ck_assert_ptr_null(d);
    ck_assert_msg(strstr(scl_error(), words) != NULL, "'%s' lacks '%s'", scl_error(), words);
}

START_TEST(damaged_cifar100_is_refused_with_its_place)
{
    write_batch_100(temp_path("test.bin"), 0, RECORDS, SIZE_100 - 1);
    check_refused_100(
        "test", SCL_DATA,
        "test.bin: is 30739999 bytes long, not 30740000 (10000 images of 3074 bytes)");
    check_refused_100("train", SCL_IO, "train.bin: cannot be opened");
    check_refused_100("val", SCL_CONFIG, "CIFAR-100 has the splits 'train' and 'test', not 'val'");
    write_batch_100(temp_path("test.bin"), 0, RECORDS, SIZE_100);
    change_byte(temp_path("test.bin"), 4321L * RECORD_100 + 1, 100);
    check_refused_100("test", SCL_DATA, "test.bin: image 4321 has fine label 100, not 0 to 99");
    change_byte(temp_path("test.bin"), 17L * RECORD_100, 20);
    check_refused_100("test", SCL_DATA, "test.bin: image 17 has coarse label 20, not 0 to 19");
}
END_TEST

const char *const suite_name = "data/cifar";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, temp_folder_open, temp_folder_close);
    tcase_add_test(tc, five_batches_follow_each_other);
    tcase_add_test(tc, files_may_lie_in_the_root);
    tcase_add_test(tc, wrong_length_is_refused_with_both_numbers);
    tcase_add_test(tc, much_longer_file_is_refused_unread);
    tcase_add_test(tc, what_is_no_file_is_refused_with_its_name);
    tcase_add_test(tc, wrong_label_is_refused_with_its_place);
    tcase_add_test(tc, cifar100_has_a_fine_and_a_coarse_label);
    tcase_add_test(tc, cifar100_names_are_the_published_or_those_of_the_files);
    tcase_add_test(tc, damaged_cifar100_is_refused_with_its_place);
}
