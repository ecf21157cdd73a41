/* test_subset.c - every class has its share; the draw repeats, and grows. */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "eval/subset.h"
#include "io/image.h"
#include "support/temp_folder.h"

static struct scl_dataset *data;
static struct scl_subset subset, other;

static void setup(void)
{
    temp_folder_open();
}

static void teardown(void)
{
    scl_subset_fini(&subset);
    scl_subset_fini(&other);
    scl_dataset_close(data);
    data = NULL;
    temp_folder_close();
}

/* Ten classes by turns. */
static void open_synthetic(uint32_t n)
{
    ck_assert_int_eq(
        scl_dataset_open(&data, &(struct scl_data_spec){ .kind = "synthetic", .n = n }), SCL_OK);
}

static void draw(struct scl_subset *out, int percent, uint64_t seed)
{
    ck_assert_msg(scl_subset_init(out, data, percent, seed) == SCL_OK, "%s", scl_error());
}

static int count(const struct scl_subset *s, int label)
{
    int n = 0;

    for (uint32_t i = 0; i < s->n; i++)
        n += scl_dataset_label(data, s->image[i]) == label;
    return n;
}

/* 200 of each class: 2, 20, 200; 30 of each: 0.3 is still one. */
static const struct {
    uint32_t n;
    int percent, each;
} shares[] = {
    { 2000, 1, 2 }, { 2000, 10, 20 }, { 2000, 100, 200 }, { 300, 1, 1 }, { 250, 50, 13 }
};

START_TEST(every_class_has_its_share)
{
    open_synthetic(shares[_i].n);
    draw(&subset, shares[_i].percent, 7);
    ck_assert_uint_eq(subset.n, (uint32_t)shares[_i].each * 10);
    for (int c = 0; c < 10; c++)
        ck_assert_int_eq(count(&subset, c), shares[_i].each);
}
END_TEST

START_TEST(images_come_once_and_in_order)
{
    open_synthetic(1000);
    draw(&subset, 10, 7);
    for (uint32_t i = 1; i < subset.n; i++)
        ck_assert_uint_gt(subset.image[i], subset.image[i - 1]);
    ck_assert_uint_lt(subset.image[subset.n - 1], 1000);
}
END_TEST

START_TEST(draw_repeats_and_follows_the_seed)
{
    open_synthetic(1000);
    draw(&subset, 10, 7);
    draw(&other, 10, 7);
    ck_assert_uint_eq(subset.n, other.n);
    ck_assert_mem_eq(subset.image, other.image, subset.n * sizeof *subset.image);
    scl_subset_fini(&other);
    draw(&other, 10, 8);
    ck_assert_mem_ne(subset.image, other.image, subset.n * sizeof *subset.image);
}
END_TEST

START_TEST(smaller_share_is_part_of_a_larger)
{
    uint32_t at = 0;

    open_synthetic(3000);
    draw(&subset, 1, 3);
    draw(&other, 10, 3);
    for (uint32_t i = 0; i < subset.n; i++) {
        while (at < other.n && other.image[at] < subset.image[i])
            at++;
        ck_assert(at < other.n && other.image[at] == subset.image[i]);
    }
}
END_TEST

static void save_images(const char *class, int n)
{
    struct scl_image image;

    for (int i = 0; i < n; i++) {
        write_file(temp_path("train/%s/%02d.png", class, i), "", 0); /* makes the folders */
        ck_assert_int_eq(scl_image_init(&image, 2, 2, class), SCL_OK);
        memset(image.pixels, i, 12);
        ck_assert_int_eq(scl_image_save_png(temp_path("train/%s/%02d.png", class, i), &image),
                         SCL_OK);
        scl_image_fini(&image);
    }
}

static void open_folder(void)
{
    ck_assert_msg(scl_dataset_open(&data, &(struct scl_data_spec){ .kind = "image_folder",
                                                                   .root = temp_path(".") }) ==
                      SCL_OK,
                  "%s", scl_error());
}

/* 40, 4 and 1 images: 4, 0.4 and 0.1, of which the last two are one. */
START_TEST(classes_of_other_sizes_keep_their_proportion)
{
    save_images("a", 40);
    save_images("b", 4);
    save_images("c", 1);
    open_folder();
    draw(&subset, 10, 1);
    ck_assert_int_eq(count(&subset, 0), 4);
    ck_assert_int_eq(count(&subset, 1), 1);
    ck_assert_int_eq(count(&subset, 2), 1);
}
END_TEST

START_TEST(set_without_labels_is_refused_in_words)
{
    save_images("", 3);
    open_folder();
    ck_assert_int_eq(scl_subset_init(&subset, data, 10, 1), SCL_DATA);
    ck_assert_str_eq(scl_error(), "subset: the data set has no labels");
}
END_TEST

START_TEST(share_of_nothing_is_refused_in_words)
{
    open_synthetic(20);
    ck_assert_int_eq(scl_subset_init(&subset, data, 0, 1), SCL_USAGE);
    ck_assert_str_eq(scl_error(), "subset: found 0 percent, wanted 1 to 100");
    ck_assert_int_eq(scl_subset_init(&subset, data, 101, 1), SCL_USAGE);
}
END_TEST

const char *const suite_name = "eval/subset";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, every_class_has_its_share, 0, sizeof shares / sizeof *shares);
    tcase_add_test(tc, images_come_once_and_in_order);
    tcase_add_test(tc, draw_repeats_and_follows_the_seed);
    tcase_add_test(tc, smaller_share_is_part_of_a_larger);
    tcase_add_test(tc, classes_of_other_sizes_keep_their_proportion);
    tcase_add_test(tc, set_without_labels_is_refused_in_words);
    tcase_add_test(tc, share_of_nothing_is_refused_in_words);
}
