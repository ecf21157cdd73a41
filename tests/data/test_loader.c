/* test_loader.c - order, threads, resume, errors of batches. */
#include <check.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "data/dataset.h"
#include "data/loader.h"
#include "io/image.h"
#include "support/temp_folder.h"

enum { N = 103, BATCH = 10, BYTES = 32 * 32 * 3 };

static struct scl_dataset *d;

static void setup(void)
{
    const struct scl_data_spec spec = {
        .kind = "synthetic", .n = N, .seed = 3, .cache_bytes = 1 << 20
    };

    temp_folder_open();
    ck_assert_int_eq(scl_dataset_open(&d, &spec), SCL_OK);
}

static void teardown(void)
{
    scl_dataset_close(d);
    d = NULL;
    temp_folder_close();
}

static struct scl_loader *open_loader(struct scl_loader_spec spec)
{
    struct scl_loader *loader = NULL;

    ck_assert_msg(scl_loader_open(&loader, d, &spec) == SCL_OK, "%s", scl_error());
    return loader;
}

static const struct scl_batch *next(struct scl_loader *loader)
{
    const struct scl_batch *batch = NULL;

    ck_assert_msg(scl_loader_next(loader, &batch) == SCL_OK, "%s", scl_error());
    return batch;
}

/* Pixels, sizes and labels are those of the images that the batch names. */
static void check_content(const struct scl_batch *batch)
{
    for (uint32_t i = 0; i < batch->n; i++) {
        uint8_t pixels[BYTES];
        int32_t size[2];

        ck_assert_int_eq(scl_dataset_read(d, batch->image[i], pixels, size), SCL_OK);
        ck_assert_mem_eq(batch->pixels + i * batch->stride, pixels, BYTES);
        ck_assert(batch->size[i][0] == 32 && batch->size[i][1] == 32);
        ck_assert_int_eq(batch->label[i], scl_dataset_label(d, batch->image[i]));
    }
}

START_TEST(epoch_shows_images_once_in_another_order)
{
    struct scl_loader *loader = open_loader((struct scl_loader_spec){ .batch = BATCH, .seed = 1 });
    uint32_t first[2][BATCH];

    ck_assert_uint_eq(scl_loader_batches(loader), 10);
    for (uint32_t epoch = 0; epoch < 2; epoch++) {
        bool seen[N] = { 0 };

        for (uint32_t b = 0; b < 10; b++) {
            const struct scl_batch *batch = next(loader);

            ck_assert(batch->epoch == epoch && batch->index == b && batch->n == BATCH);
            check_content(batch);
            for (uint32_t i = 0; i < BATCH; i++) {
                ck_assert(!seen[batch->image[i]]);
                seen[batch->image[i]] = true;
            }
            if (b == 0)
                memcpy(first[epoch], batch->image, sizeof first[epoch]);
        }
    }
    ck_assert_mem_ne(first[0], first[1], sizeof first[0]);
    scl_loader_close(loader);
}
END_TEST

/* A fold of the images of `n` batches, in order. */
static uint64_t fold(struct scl_loader *loader, int n)
{
    uint64_t h = 0;

    for (int b = 0; b < n; b++) {
        const struct scl_batch *batch = next(loader);

        for (uint32_t i = 0; i < batch->n; i++)
            h = h * 1000003 + batch->image[i];
        check_content(batch);
    }
    return h;
}

START_TEST(order_does_not_depend_on_threads)
{
    static const int threads[] = { 1, 2, 7 }, capacity[] = { 2, 3, 40 };
    uint64_t want = 0;

    for (int i = 0; i < 9; i++) {
        struct scl_loader *loader = open_loader((struct scl_loader_spec){
            .batch = BATCH, .seed = 5, .threads = threads[i / 3], .capacity = capacity[i % 3] });
        const uint64_t h = fold(loader, 35); /* over three ends of an epoch */

        want = i == 0 ? h : want;
        ck_assert(h == want);
        scl_loader_close(loader);
    }
}
END_TEST

START_TEST(seed_changes_the_order)
{
    struct scl_loader *a = open_loader((struct scl_loader_spec){ .batch = BATCH, .seed = 1 });
    struct scl_loader *b = open_loader((struct scl_loader_spec){ .batch = BATCH, .seed = 2 });

    ck_assert(fold(a, 10) != fold(b, 10));
    scl_loader_close(a);
    scl_loader_close(b);
}
END_TEST

START_TEST(resumed_loader_goes_on_where_it_was)
{
    const struct scl_loader_spec spec = { .batch = BATCH, .seed = 5, .threads = 3 };
    struct scl_loader *whole = open_loader(spec), *resumed = open_loader(spec);

    fold(whole, 27);
    ck_assert_int_eq(scl_loader_seek(resumed, 2, 7), SCL_OK);
    ck_assert(fold(whole, 15) == fold(resumed, 15));
    ck_assert_int_eq(scl_loader_seek(resumed, 0, 10), SCL_OK); /* the end of an epoch */
    ck_assert_uint_eq(next(resumed)->epoch, 1);
    for (int i = 0; i < 50; i++) /* and never waits for what was being decoded */
        ck_assert_int_eq(scl_loader_seek(resumed, (uint32_t)(i * 7 % 5), (uint32_t)(i % 10)),
                         SCL_OK);
    ck_assert_int_eq(scl_loader_seek(resumed, 0, 11), SCL_DATA);
    ck_assert_ptr_nonnull(strstr(scl_error(), "there is no batch 11 in epoch 0"));
    scl_loader_close(whole);
    scl_loader_close(resumed);
}
END_TEST

START_TEST(sequential_pass_keeps_the_last_images)
{
    struct scl_loader *loader =
        open_loader((struct scl_loader_spec){ .batch = BATCH, .sequential = true });

    ck_assert_uint_eq(scl_loader_batches(loader), 11);
    for (int pass = 0; pass < 2; pass++) {
        uint32_t seen = 0;

        for (const struct scl_batch *b; (b = next(loader));) {
            ck_assert_uint_eq(b->n, b->index == 10 ? 3 : BATCH);
            check_content(b);
            for (uint32_t i = 0; i < b->n; i++)
                ck_assert_uint_eq(b->image[i], seen++);
        }
        ck_assert_uint_eq(seen, N);
        ck_assert_ptr_null(next(loader));
        ck_assert_int_eq(scl_loader_seek(loader, 0, 0), SCL_OK);
    }
    scl_loader_close(loader);
}
END_TEST

START_TEST(subset_shows_its_images_and_no_other)
{
    static const uint32_t subset[] = { 3, 8, 21, 50, 51, 77, 102 };
    struct scl_loader *loader = open_loader(
        (struct scl_loader_spec){ .batch = 3, .seed = 1, .subset = subset, .n_subset = 7 });

    ck_assert_uint_eq(scl_loader_batches(loader), 2);
    for (int epoch = 0; epoch < 4; epoch++) {
        bool seen[N] = { 0 };

        for (int b = 0; b < 2; b++) {
            const struct scl_batch *batch = next(loader);

            check_content(batch);
            for (uint32_t i = 0; i < batch->n; i++) {
                bool known = false;

                for (int k = 0; k < 7; k++)
                    known = known || subset[k] == batch->image[i];
                ck_assert(known && !seen[batch->image[i]]);
                seen[batch->image[i]] = true;
            }
        }
    }
    scl_loader_close(loader);
}
END_TEST

START_TEST(batch_in_use_is_left_alone)
{
    struct scl_loader *loader = open_loader(
        (struct scl_loader_spec){ .batch = BATCH, .seed = 1, .threads = 4, .capacity = 2 });

    for (int b = 0; b < 20; b++) {
        const struct scl_batch *batch = next(loader);

        for (int i = 0; i < 20; i++) /* while the next one is decoded */
            check_content(batch);
    }
    scl_loader_close(loader);
}
END_TEST

START_TEST(wrong_sizes_are_refused)
{
    static const struct {
        struct scl_loader_spec spec;
        const char *words;
    } wrong[] = {
        { { .batch = N + 1 }, "loader: there are 103 images, fewer than one batch of 104" },
        { { .batch = 0 }, "loader: a batch of 0 images" },
        { { .batch = 1, .capacity = 1 }, "loader: a capacity of 1 batches, not 2 to 64" },
    };
    struct scl_loader *loader = NULL;

    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(scl_loader_open(&loader, d, &wrong[i].spec), SCL_CONFIG);
        ck_assert_str_eq(scl_error(), wrong[i].words);
        ck_assert_ptr_null(loader);
    }
}
END_TEST

START_TEST(damaged_image_is_an_error_of_its_batch)
{
    const struct scl_data_spec folder = { .kind = "image_folder", .root = temp_path("set") };
    const struct scl_loader_spec spec = { .batch = BATCH, .sequential = true, .threads = 3 };
    const struct scl_batch *batch;
    struct scl_dataset *files = NULL;
    struct scl_loader *loader = NULL;
    size_t size;
    char *bytes;

    ck_assert_int_eq(scl_data_synth_save(temp_path("set"), 50, 0, 1), SCL_OK);
    ck_assert_int_eq(scl_dataset_open(&files, &folder), SCL_OK);
    /* Sorted by class: checkers, crescent, cross, ... five each; number 16 is a disc. */
    bytes = read_file(&size, temp_path("set/train/disc/00010.png"));
    write_file(temp_path("set/train/disc/00010.png"), bytes, size / 2);
    free(bytes);
    ck_assert_int_eq(scl_loader_open(&loader, files, &spec), SCL_OK);
    ck_assert_uint_eq(next(loader)->index, 0);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(scl_loader_next(loader, &batch), SCL_DATA);
        ck_assert_ptr_null(batch);
        ck_assert_ptr_nonnull(strstr(scl_error(), "disc/00010.png: damaged PNG"));
    }
    ck_assert_int_eq(scl_loader_seek(loader, 0, 2), SCL_OK);
    ck_assert_uint_eq(next(loader)->index, 2);
    scl_loader_close(loader);
    scl_dataset_close(files);
}
END_TEST

const char *const suite_name = "data/loader";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, epoch_shows_images_once_in_another_order);
    tcase_add_test(tc, order_does_not_depend_on_threads);
    tcase_add_test(tc, seed_changes_the_order);
    tcase_add_test(tc, resumed_loader_goes_on_where_it_was);
    tcase_add_test(tc, sequential_pass_keeps_the_last_images);
    tcase_add_test(tc, subset_shows_its_images_and_no_other);
    tcase_add_test(tc, batch_in_use_is_left_alone);
    tcase_add_test(tc, wrong_sizes_are_refused);
    tcase_add_test(tc, damaged_image_is_an_error_of_its_batch);
}
