/* test_synthetic.c - the built-in data set: a function of its numbers, and fit for its use. */
#include <check.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "data/dataset.h"
#include "support/temp_folder.h"

enum { BYTES = 32 * 32 * 3 };

static struct scl_dataset *open_set(const char *split, uint32_t n, uint64_t seed)
{
    const struct scl_data_spec spec = {
        .kind = "synthetic", .split = split, .n = n, .seed = seed, .cache_bytes = 1 << 26
    };
    struct scl_dataset *d = NULL;

    ck_assert_msg(scl_dataset_open(&d, &spec) == SCL_OK, "%s", scl_error());
    return d;
}

static void read_image(uint8_t pixels[BYTES], struct scl_dataset *d, uint32_t index)
{
    int32_t size[2];

    ck_assert_int_eq(scl_dataset_read(d, index, pixels, size), SCL_OK);
    ck_assert(size[0] == 32 && size[1] == 32);
}

START_TEST(set_says_what_it_holds)
{
    struct scl_dataset *d = open_set("train", 35, 1);
    int height, width;

    ck_assert_uint_eq(scl_dataset_count(d), 35);
    ck_assert_int_eq(scl_dataset_classes(d), 10);
    ck_assert_str_eq(scl_dataset_class_name(d, 0), "disc");
    ck_assert_str_eq(scl_dataset_class_name(d, 9), "dots");
    ck_assert_int_eq(scl_dataset_label(d, 27), 7);
    scl_dataset_max_size(d, &height, &width);
    ck_assert(height == 32 && width == 32 && scl_dataset_same_size(d));
    ck_assert_uint_eq(scl_dataset_max_bytes(d), BYTES);
    scl_dataset_close(d);
    d = open_set("test", 0, 1);
    ck_assert_uint_eq(scl_dataset_count(d), 2000);
    scl_dataset_close(d);
}
END_TEST

/* The image of `all` that has these pixels. */
static uint32_t find_image(struct scl_dataset *all, const uint8_t pixels[BYTES])
{
    uint8_t other[BYTES];
    uint32_t i = 0;

    for (;; i++) {
        ck_assert_uint_lt(i, scl_dataset_count(all));
        read_image(other, all, i);
        if (memcmp(other, pixels, BYTES) == 0)
            return i;
    }
}

START_TEST(held_out_images_and_the_others_make_the_whole)
{
    enum { ALL = 50, OUT = 20 };
    struct scl_data_spec spec = {
        .kind = "synthetic", .n = ALL, .seed = 1, .hold_out = OUT, .cache_bytes = 1 << 26
    };
    struct scl_dataset *all = open_set("train", ALL, 1), *part;
    bool seen[ALL] = { false };

    for (int held_out = 0; held_out < 2; held_out++) {
        spec.held_out = held_out;
        ck_assert_int_eq(scl_dataset_open(&part, &spec), SCL_OK);
        ck_assert_uint_eq(scl_dataset_count(part), held_out ? OUT : ALL - OUT);
        for (uint32_t i = 0; i < scl_dataset_count(part); i++) {
            uint8_t pixels[BYTES];
            uint32_t at;

            read_image(pixels, part, i);
            at = find_image(all, pixels);
            ck_assert(!seen[at]);
            seen[at] = true;
            ck_assert_int_eq(scl_dataset_label(part, i), scl_dataset_label(all, at));
        }
        scl_dataset_close(part);
    }
    for (int i = 0; i < ALL; i++)
        ck_assert(seen[i]);
    spec.hold_out = ALL;
    ck_assert_int_eq(scl_dataset_open(&part, &spec), SCL_CONFIG);
    ck_assert_str_eq(scl_error(), "data: 50 images are to be held out of the 50 of split train");
    scl_dataset_close(all);
}
END_TEST

START_TEST(image_depends_on_seed_split_and_number_alone)
{
    struct scl_dataset *d[] = { open_set("train", 20, 1), open_set("train", 50, 1),
                                open_set("train", 20, 2), open_set("test", 20, 1) };
    uint8_t pixels[4][BYTES], again[BYTES];

    for (int i = 0; i < 4; i++)
        read_image(pixels[i], d[i], 13);
    read_image(again, d[0], 13); /* from the cache this time */
    ck_assert_mem_eq(pixels[0], again, BYTES);
    ck_assert_mem_eq(pixels[0], pixels[1], BYTES);
    ck_assert_mem_ne(pixels[0], pixels[2], BYTES);
    ck_assert_mem_ne(pixels[0], pixels[3], BYTES);
    read_image(again, d[0], 3); /* the next of its class */
    ck_assert_mem_ne(pixels[0], again, BYTES);
    for (int i = 0; i < 4; i++)
        scl_dataset_close(d[i]);
}
END_TEST

static int distance(const uint8_t *a, const uint8_t *b)
{
    int sum = 0;

    for (int i = 0; i < BYTES; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

/* The label that most of the five nearest of n images have; ties to the smallest. */
static int nearest_label(const uint8_t (*bank)[BYTES], int n, const uint8_t *query)
{
    int best[5], label[5], votes[10] = { 0 }, winner = 0;

    for (int k = 0; k < 5; k++) {
        best[k] = INT32_MAX;
        label[k] = 0;
    }
    for (int i = 0; i < n; i++) {
        int d = distance(bank[i], query), l = i % 10;

        for (int k = 0; k < 5; k++)
            if (d < best[k]) {
                const int t = best[k], u = label[k];

                best[k] = d;
                label[k] = l;
                d = t;
                l = u;
            }
    }
    for (int k = 0; k < 5; k++)
        votes[label[k]]++;
    for (int c = 1; c < 10; c++)
        if (votes[c] > votes[winner])
            winner = c;
    return winner;
}

START_TEST(comparing_pixels_finds_few_classes)
{
    enum { TRAIN = 1000, TEST = 150 };
    struct scl_dataset *train = open_set("train", TRAIN, 0), *test = open_set("test", TEST, 0);
    uint8_t(*bank)[BYTES] = malloc(TRAIN * sizeof *bank), query[BYTES];
    int right = 0;

    for (uint32_t i = 0; i < TRAIN; i++)
        read_image(bank[i], train, i);
    for (uint32_t i = 0; i < TEST; i++) {
        read_image(query, test, i);
        right += nearest_label((const uint8_t(*)[BYTES])bank, TRAIN, query) == (int)(i % 10);
    }
    /* Chance is 10 %; 5000 images give 19 %. Above 30 % a trained net would prove little. */
    ck_assert_int_lt(right, TEST * 30 / 100);
    free(bank);
    scl_dataset_close(train);
    scl_dataset_close(test);
}
END_TEST

START_TEST(saved_set_is_the_same_set)
{
    struct scl_dataset *d = open_set("train", 25, 9), *saved = NULL;
    const struct scl_data_spec spec = { .kind = "image_folder",
                                        .root = temp_path("set"),
                                        .split = "train" };

    ck_assert_msg(scl_data_synth_save(temp_path("set/"), 25, 12, 9) == SCL_OK, "%s", scl_error());
    ck_assert_int_eq(scl_path_kind(temp_path("set.partial")), SCL_PATH_NONE);
    ck_assert_int_eq(scl_path_kind(temp_path("set/test/disc/00010.png")), SCL_PATH_FILE);
    ck_assert_int_eq(scl_dataset_open(&saved, &spec), SCL_OK);
    ck_assert_uint_eq(scl_dataset_count(saved), 25);
    ck_assert_int_eq(scl_dataset_classes(saved), 10);
    /* Classes are sorted by name now: checkers is 0, and its first image number 8. */
    for (uint32_t i = 0; i < 2; i++) {
        uint8_t a[BYTES], b[BYTES];

        read_image(a, d, 8 + 10 * i);
        read_image(b, saved, i);
        ck_assert_mem_eq(a, b, BYTES);
    }
    scl_dataset_close(d);
    scl_dataset_close(saved);
}
END_TEST

START_TEST(folder_that_is_not_empty_is_not_written_to)
{
    ck_assert_int_eq(scl_folder_make(temp_path("empty")), SCL_OK);
    ck_assert_int_eq(scl_data_synth_save(temp_path("empty"), 10, 0, 1), SCL_OK);
    ck_assert_int_eq(scl_data_synth_save(temp_path("empty"), 10, 0, 1), SCL_DATA);
    ck_assert_ptr_nonnull(strstr(scl_error(), "empty: exists and is not empty"));
    write_file(temp_path("b.partial/x"), "", 0);
    ck_assert_int_eq(scl_data_synth_save(temp_path("b"), 10, 0, 1), SCL_DATA);
    ck_assert_ptr_nonnull(strstr(scl_error(), "b.partial: is left from a write"));
}
END_TEST

START_TEST(unknown_kind_and_split_are_refused)
{
    const struct scl_data_spec kind = { .kind = "lsun" };
    const struct scl_data_spec split = { .kind = "synthetic", .split = "val" };
    struct scl_dataset *d = NULL;

    ck_assert_int_eq(scl_dataset_open(&d, &kind), SCL_CONFIG);
    ck_assert_str_eq(
        scl_error(),
        "data: there is no kind 'lsun'; there are synthetic, image_folder, cifar10, cifar100");
    ck_assert_int_eq(scl_dataset_open(&d, &split), SCL_CONFIG);
    ck_assert_str_eq(scl_error(), "data: synthetic has the splits 'train' and 'test', not 'val'");
    ck_assert_ptr_null(d);
}
END_TEST

const char *const suite_name = "data/synthetic";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, temp_folder_open, temp_folder_close);
    tcase_add_test(tc, set_says_what_it_holds);
    tcase_add_test(tc, held_out_images_and_the_others_make_the_whole);
    tcase_add_test(tc, image_depends_on_seed_split_and_number_alone);
    tcase_add_test(tc, comparing_pixels_finds_few_classes);
    tcase_add_test(tc, saved_set_is_the_same_set);
    tcase_add_test(tc, folder_that_is_not_empty_is_not_written_to);
    tcase_add_test(tc, unknown_kind_and_split_are_refused);
}
