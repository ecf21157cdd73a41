/* test_features.c - features against the reference, batches, crops, views, refusals. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "eval/features.h"
#include "graph/evaluate.h"
#include "io/image.h"
#include "support/op_check.h"
#include "support/temp_folder.h"

#define MUST(call) ck_assert_msg((call) >= 0, "%s", scl_error())

/* What a test has open. */
static struct scl_config config;
static struct scl_dataset *data;
static struct scl_encoder_graph graph;
static struct scl_store *store;
static struct scl_encoder *encoder;
static struct scl_features features;

static void setup(void)
{
    config = (struct scl_config){ .seed = 5, .data = { .threads = 1 } };
    config.augment = (struct scl_augment_config){ .size = 32,
                                                  .crop_scale = { 1, 1 },
                                                  .crop_ratio = { 1, 1 },
                                                  .mean = { 0.49, 0.48, 0.45 },
                                                  .std = { 0.25, 0.24, 0.26 } };
    config.encoder = (struct scl_encoder_config){ .width = 8 };
    temp_folder_open();
}

static void close_encoder(void)
{
    scl_features_fini(&features);
    scl_encoder_free(encoder);
    scl_store_free(store);
    scl_encoder_graph_fini(&graph);
    encoder = NULL;
    store = NULL;
}

static void teardown(void)
{
    close_encoder();
    scl_dataset_close(data);
    data = NULL;
    temp_folder_close();
}

static void open_synthetic(uint32_t n)
{
    MUST(scl_dataset_open(&data, &(struct scl_data_spec){ .kind = "synthetic", .n = n }));
}

static void save_image(const char *name, int height, int width)
{
    struct scl_image image;

    write_file(temp_path("train/a/%s", name), "", 0); /* makes the folders */
    MUST(scl_image_init(&image, (uint32_t)height, (uint32_t)width, name));
    for (int i = 0; i < height * width * 3; i++)
        image.pixels[i] = (uint8_t)(i * 7 % 256);
    MUST(scl_image_save_png(temp_path("train/a/%s", name), &image));
    scl_image_fini(&image);
}

static void open_folder(void)
{
    MUST(scl_dataset_open(&data, &(struct scl_data_spec){ .kind = "image_folder",
                                                          .root = temp_path("."),
                                                          .cache_bytes = 1 << 20 }));
}

static void open_encoder(int batch, int views, bool pixels)
{
    struct scl_encoder_spec spec = {
        .config = &config, .batch = batch, .views = views, .pixels = pixels
    };
    int h, w;

    scl_dataset_max_size(data, &h, &w);
    spec.bytes = (int)scl_dataset_max_bytes(data);
    spec.max_side = h > w ? h : w;
    MUST(scl_encoder_graph(&graph, &spec));
    MUST(scl_store_new(&store, test_device(), 1, &graph.g, config.seed));
    MUST(scl_encoder_new(&encoder, test_device(), store, &graph));
}

static void run(int views)
{
    MUST(scl_features_init(&features, (int)scl_dataset_count(data) * views, graph.dim));
    MUST(scl_encoder_features(&features, encoder, data, NULL, NULL));
}

static const float *row(int i)
{
    return features.row + (size_t)i * (size_t)features.dim;
}

/* The whole graph by the references, in double precision; batch 2. */
static void evaluate(double *out)
{
    struct scl_values *v;
    uint8_t pixels[32 * 32 * 3];
    const int32_t square[2][SCL_CROP_COLUMNS] = { { 0, 32, 32, 0, 0, 32, 32, 0 },
                                                  { 1, 32, 32, 0, 0, 32, 32, 0 } };
    float values[64 * 64 * 9];
    int32_t size[2];

    MUST(scl_values_new(&v, graph.g));
    for (uint32_t i = 0; i < 2; i++) {
        MUST(scl_dataset_read(data, i, pixels, size));
        for (size_t k = 0; k < sizeof pixels; k++)
            v->of[graph.pixels->id][i * sizeof pixels + k] = pixels[k];
        for (int k = 0; k < SCL_CROP_COLUMNS; k++)
            v->of[graph.square->id][i * SCL_CROP_COLUMNS + (uint32_t)k] = square[i][k];
    }
    for (int id = 0; id < scl_graph_count(graph.g); id++) {
        const struct scl_node *y = scl_graph_node(graph.g, id);

        if (y->role != SCL_STATE)
            continue;
        ck_assert(strncmp(y->name, "encoder.", 8) == 0);
        ck_assert_uint_le(scl_shape_count(y->shape), sizeof values / sizeof *values);
        MUST(scl_store_read(store, scl_store_find(store, y->name), values));
        for (size_t k = 0; k < scl_shape_count(y->shape); k++)
            v->of[id][k] = values[k];
    }
    scl_values_run(v);
    memcpy(out, v->of[graph.features->id], 2 * (size_t)graph.dim * sizeof *out);
    scl_values_free(v);
}

/* Twenty layers of fp32 sums of up to 576 products. */
START_TEST(features_are_those_of_the_reference)
{
    double want[2 * 64], largest = 0;

    open_synthetic(2);
    open_encoder(2, 0, false);
    ck_assert_int_eq(graph.dim, 64);
    run(1);
    evaluate(want);
    for (int i = 0; i < 2 * 64; i++)
        largest = fmax(largest, fabs(want[i]));
    ck_assert_double_gt(largest, 0);
    for (int i = 0; i < 2 * 64; i++)
        ck_assert_double_eq_tol((double)features.row[i], want[i], 1e-5 * largest);
}
END_TEST

/* 10 images: two batches and a half, and one that is not full. Other candidates may
 * serve other batches, so only rounding may differ. */
START_TEST(features_do_not_depend_on_the_batch)
{
    float first[10 * 64];

    open_synthetic(10);
    open_encoder(4, 0, false);
    run(1);
    memcpy(first, features.row, sizeof first);
    for (int i = 0; i < 10; i++)
        ck_assert_int_eq(features.label[i], scl_dataset_label(data, (uint32_t)i));
    close_encoder();
    open_encoder(16, 0, false);
    run(1);
    for (int i = 0; i < 10 * 64; i++)
        ck_assert_float_eq_tol(features.row[i], first[i], 1e-5f);
    ck_assert_mem_ne(row(0), row(9), 64 * sizeof(float));
}
END_TEST

START_TEST(second_pass_gives_the_same_bits)
{
    float first[5 * 64];

    open_synthetic(5);
    open_encoder(4, 0, false);
    run(1);
    memcpy(first, features.row, sizeof first);
    MUST(scl_encoder_features(&features, encoder, data, NULL, NULL));
    ck_assert_mem_eq(features.row, first, sizeof first);
}
END_TEST

/* Resampling weights of a crop of the same size are 0 and 1 but for rounding. */
START_TEST(pixels_are_the_images)
{
    uint8_t pixels[32 * 32 * 3];
    int32_t size[2];

    config.augment.interpolation = _i;
    open_synthetic(5);
    open_encoder(3, 0, true);
    ck_assert_int_eq(graph.dim, 3072);
    run(1);
    for (int i = 0; i < 5; i++) {
        MUST(scl_dataset_read(data, (uint32_t)i, pixels, size));
        for (int k = 0; k < 3072; k++)
            ck_assert_float_eq_tol(row(i)[k], (float)pixels[k] / 255, 1e-6f);
    }
}
END_TEST

START_TEST(largest_central_square_is_taken)
{
    config.augment.size = 8;
    save_image("0.png", 8, 13);
    save_image("1.png", 12, 8);
    save_image("2.png", 8, 8);
    open_folder();
    open_encoder(2, 0, true);
    run(1);
    for (int y = 0; y < 8; y++)
        for (int x = 0; x < 8 * 3; x++) {
            const int k = y * 24 + x;

            ck_assert_float_eq_tol(row(0)[k] * 255, (float)((y * 39 + 6 + x) * 7 % 256), 1e-3f);
            ck_assert_float_eq_tol(row(1)[k] * 255, (float)((y * 24 + 48 + x) * 7 % 256), 1e-3f);
            ck_assert_float_eq_tol(row(2)[k] * 255, (float)(k * 7 % 256), 1e-3f);
        }
}
END_TEST

/* Resized from 16 to 16: the central 8 by 8 as they are. */
START_TEST(central_crop_follows_the_resizing)
{
    config.augment.size = 8;
    config.eval.resize = 16;
    save_image("0.png", 16, 20);
    open_folder();
    open_encoder(1, 0, true);
    run(1);
    for (int y = 0; y < 8; y++)
        for (int x = 0; x < 8 * 3; x++)
            ck_assert_float_eq_tol(row(0)[y * 24 + x] * 255,
                                   (float)(((y + 4) * 60 + 6 * 3 + x) * 7 % 256), 1e-3f);
}
END_TEST

START_TEST(large_image_is_brought_to_size)
{
    config.augment.size = 4;
    save_image("0.png", 16, 16);
    open_folder();
    open_encoder(1, 0, true);
    run(1);
    ck_assert_int_eq(features.dim, 48);
    for (int k = 0; k < 48; k++)
        ck_assert(row(0)[k] >= 0 && row(0)[k] <= 1);
}
END_TEST

/* A crop of everything, flipped always: row v n + i is image i's mirror image. */
START_TEST(views_are_drawn_as_configured)
{
    uint8_t pixels[32 * 32 * 3];
    int32_t size[2];

    config.augment.flip = 1;
    open_synthetic(5);
    open_encoder(4, 2, true);
    run(2);
    for (int v = 0; v < 2; v++)
        for (int i = 0; i < 5; i++) {
            MUST(scl_dataset_read(data, (uint32_t)i, pixels, size));
            ck_assert_int_eq(features.label[v * 5 + i], scl_dataset_label(data, (uint32_t)i));
            for (int y = 0; y < 32; y++)
                for (int x = 0; x < 96; x++)
                    ck_assert_float_eq_tol(row(v * 5 + i)[y * 96 + x],
                                           (float)pixels[y * 96 + (31 - x / 3) * 3 + x % 3] / 255,
                                           1e-6f);
        }
}
END_TEST

/* Both orders, with every step there is. */
START_TEST(two_views_differ)
{
    struct scl_augment_config *a = &config.augment;

    a->order = _i ? SCL_ORDER_HT : SCL_ORDER_SL;
    a->crop_scale[0] = 0.2;
    a->jitter = a->blur[0] = a->solarize[0] = 0.5;
    a->n_blur = a->n_solarize = 1;
    a->brightness = a->contrast = a->saturation = 0.4;
    a->hue = 0.1;
    a->grayscale = 0.2;
    a->blur_sigma[0] = 0.1;
    a->blur_sigma[1] = 2;
    open_synthetic(3);
    open_encoder(2, 2, false);
    run(2);
    for (int i = 0; i < 3; i++)
        ck_assert_mem_ne(row(i), row(3 + i), 64 * sizeof(float));
}
END_TEST

static void refuse(const char *words)
{
    ck_assert_int_eq(scl_encoder_features(&features, encoder, data, NULL, NULL), SCL_SHAPE);
    ck_assert_str_eq(scl_error(), words);
}

START_TEST(larger_images_are_refused_in_words)
{
    config.augment.size = 8;
    save_image("0.png", 8, 8);
    open_folder();
    open_encoder(1, 0, true);
    run(1);
    scl_dataset_close(data);
    open_synthetic(1);
    refuse("encoder: images of up to 32 by 32, wanted at most 8 either way and 192 bytes");
}
END_TEST

START_TEST(room_for_another_number_of_rows_is_refused_in_words)
{
    open_synthetic(4);
    open_encoder(4, 2, false);
    MUST(scl_features_init(&features, 4, graph.dim));
    refuse("encoder: room for 4 rows of 64, wanted 8 of 64");
}
END_TEST

static void note(void *context, uint32_t done, uint32_t n)
{
    uint32_t *seen = context;

    ck_assert_uint_eq(n, 5);
    ck_assert_uint_gt(done, *seen);
    *seen = done;
}

START_TEST(progress_ends_with_all_images)
{
    uint32_t seen = 0;

    open_synthetic(5);
    open_encoder(2, 0, true);
    MUST(scl_features_init(&features, 5, graph.dim));
    MUST(scl_encoder_features(&features, encoder, data, note, &seen));
    ck_assert_uint_eq(seen, 5);
}
END_TEST

const char *const suite_name = "eval/features";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, features_are_those_of_the_reference);
    tcase_add_test(tc, features_do_not_depend_on_the_batch);
    tcase_add_test(tc, second_pass_gives_the_same_bits);
    tcase_add_loop_test(tc, pixels_are_the_images, 0, 2);
    tcase_add_test(tc, largest_central_square_is_taken);
    tcase_add_test(tc, central_crop_follows_the_resizing);
    tcase_add_test(tc, large_image_is_brought_to_size);
    tcase_add_test(tc, views_are_drawn_as_configured);
    tcase_add_loop_test(tc, two_views_differ, 0, 2);
    tcase_add_test(tc, larger_images_are_refused_in_words);
    tcase_add_test(tc, room_for_another_number_of_rows_is_refused_in_words);
    tcase_add_test(tc, progress_ends_with_all_images);
}
