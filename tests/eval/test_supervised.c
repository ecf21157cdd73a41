/* test_supervised.c - a tiny encoder with labels: what moves, what stays, what it learns. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "eval/supervised.h"
#include "support/op_check.h"

#define MUST(call) ck_assert_msg((call) >= 0, "%s", scl_error())

/* What a test has open. */
static struct scl_config config;
static struct scl_dataset *train, *test;
static struct scl_encoder_graph encoder;
static struct scl_supervised step;
static struct scl_classifier layer;
static struct scl_store *store;
static struct scl_subset subset;
static double first_loss, last_loss;
static int n_steps;

static void setup(void)
{
    config = (struct scl_config){ .seed = 5, .data = { .threads = 2 } };
    config.augment = (struct scl_augment_config){ .size = 32,
                                                  .mean = { 0.5, 0.5, 0.5 },
                                                  .std = { 0.25, 0.25, 0.25 } };
    config.encoder = (struct scl_encoder_config){ .width = 8 };
    subset = (struct scl_subset){ 0 };
}

static void close_model(void)
{
    scl_store_free(store);
    scl_classifier_fini(&layer);
    scl_supervised_fini(&step);
    scl_encoder_graph_fini(&encoder);
    store = NULL;
}

static void teardown(void)
{
    close_model();
    scl_subset_fini(&subset);
    scl_dataset_close(train);
    scl_dataset_close(test);
    train = test = NULL;
}

static void open_sets(uint32_t n_train, uint32_t n_test)
{
    MUST(scl_dataset_open(&train, &(struct scl_data_spec){ .kind = "synthetic", .n = n_train }));
    MUST(scl_dataset_open(
        &test, &(struct scl_data_spec){ .kind = "synthetic", .split = "test", .n = n_test }));
}

static struct scl_recipe recipe_of(double lr, double lr_encoder, int epochs)
{
    struct scl_recipe r = {
        .optim = { .kind = SCL_OPTIM_SGD, .lr = lr, .momentum = 0.9, .nesterov = lr_encoder > 0 },
        .lr_encoder = lr_encoder,
        .epochs = epochs,
        .fall = 1,
        .drop = 1
    };

    return r;
}

static void open_model(struct scl_recipe recipe, int batch, bool pixels)
{
    const struct scl_supervised_spec spec = { .config = &config,
                                              .recipe = recipe,
                                              .classes = 10,
                                              .batch = batch,
                                              .bytes = 3072,
                                              .max_side = 32,
                                              .pixels = pixels };
    struct scl_encoder_spec whole = { .config = &config, .batch = 32, .pixels = pixels };

    MUST(scl_encoder_spec_set_images(&whole, test));
    MUST(scl_encoder_graph(&encoder, &whole));
    MUST(scl_supervised_init(&step, &spec));
    ck_assert_int_eq(step.dim, encoder.dim);
    MUST(scl_classifier_init(&layer, (int)scl_dataset_count(test), step.dim, 10));
    MUST(scl_store_new(&store, test_device(), 3,
                       (struct scl_graph *[]){ step.g, encoder.g, layer.g }, config.seed));
}

static void note(void *context, int done, int of, double loss)
{
    (void)context;
    ck_assert_int_eq(done, ++n_steps);
    ck_assert_int_le(done, of);
    if (isnan(loss))
        return;
    first_loss = isnan(first_loss) ? loss : first_loss;
    last_loss = loss;
}

static int run(void)
{
    first_loss = NAN;
    n_steps = 0;
    return scl_supervised_run(&step, test_device(), store, train, subset.n ? &subset : NULL, note,
                              NULL);
}

static double accuracy(void)
{
    struct scl_features features;
    struct scl_encoder *e;
    struct scl_accuracy found;

    MUST(scl_encoder_new(&e, test_device(), store, &encoder));
    MUST(scl_features_init(&features, (int)scl_dataset_count(test), encoder.dim));
    MUST(scl_encoder_features(&features, e, test, NULL, NULL));
    MUST(scl_classifier_run(&found, &layer, test_device(), store, &features));
    scl_features_fini(&features);
    scl_encoder_free(e);
    return found.top1;
}

/* Whether any state whose name has this part differs from what it started with. */
static bool has_moved(const char *part)
{
    bool moved = false, seen = false;

    for (int i = 0; i < scl_store_count(store); i++) {
        const struct scl_store_entry *e = scl_store_entry(store, i);
        const size_t n = scl_shape_count(e->shape);
        float *now = malloc(n * sizeof *now), *before = malloc(n * sizeof *before);

        if (strstr(e->name, part) == e->name ||
            (part[0] == '.' && strncmp(e->name, "encoder.", 8) == 0 && strstr(e->name, part))) {
            seen = true;
            MUST(scl_store_read(store, e, now));
            scl_store_draw(before, e, config.seed);
            moved = moved || memcmp(now, before, n * sizeof *now) != 0;
        }
        free(now);
        free(before);
    }
    ck_assert(seen);
    return moved;
}

/* Chance is 10; with a hundred steps more it is 58. */
START_TEST(trained_encoder_beats_chance)
{
    open_sets(500, 200);
    open_model(recipe_of(0.1, 0.1, 14), 50, false);
    ck_assert_msg(run() == SCL_OK, "%s", scl_error());
    ck_assert_int_eq(n_steps, 140);
    ck_assert_double_lt(last_loss, first_loss);
    ck_assert_double_gt(accuracy(), 25);
    ck_assert(has_moved(".conv1.weight") && has_moved(".running_mean") && has_moved("linear."));
}
END_TEST

START_TEST(frozen_encoder_keeps_its_bits)
{
    open_sets(100, 20);
    open_model(recipe_of(1, 0, 3), 32, false);
    ck_assert_msg(run() == SCL_OK, "%s", scl_error());
    ck_assert_int_eq(n_steps, 9); /* four images of each epoch are left out */
    ck_assert(!has_moved("encoder.") && has_moved("linear."));
}
END_TEST

START_TEST(frozen_encoder_has_no_rate_of_its_own)
{
    open_sets(20, 20);
    open_model(recipe_of(1, 0, 1), 10, false);
    ck_assert_ptr_null(step.lr_encoder);
    close_model();
    open_model(recipe_of(1, 1, 1), 10, false);
    ck_assert_ptr_nonnull(step.lr_encoder);
}
END_TEST

START_TEST(pixels_serve_as_features)
{
    open_sets(100, 20);
    open_model(recipe_of(1e-3, 0, 2), 50, true);
    ck_assert_int_eq(step.dim, 3072);
    ck_assert_msg(run() == SCL_OK, "%s", scl_error());
    ck_assert(has_moved("linear."));
    for (int i = 0; i < scl_store_count(store); i++)
        ck_assert(strncmp(scl_store_entry(store, i)->name, "encoder.", 8) != 0);
    ck_assert_double_ge(accuracy(), 0);
}
END_TEST

START_TEST(same_seed_gives_the_same_bits)
{
    double before;

    open_sets(60, 20);
    open_model(recipe_of(0.1, 0.1, 2), 20, false);
    ck_assert_msg(run() == SCL_OK, "%s", scl_error());
    before = last_loss;
    close_model();
    open_model(recipe_of(0.1, 0.1, 2), 20, false);
    ck_assert_msg(run() == SCL_OK, "%s", scl_error());
    ck_assert_double_eq(last_loss, before);
    close_model();
    config.seed = 6;
    open_model(recipe_of(0.1, 0.1, 2), 20, false);
    ck_assert_msg(run() == SCL_OK, "%s", scl_error());
    ck_assert_double_ne(last_loss, before);
}
END_TEST

/* One image a class: the step sees these ten and no other. */
START_TEST(subset_is_all_that_is_seen)
{
    open_sets(300, 20);
    MUST(scl_subset_init(&subset, train, 1, config.seed));
    ck_assert_uint_eq(subset.n, 10);
    open_model(recipe_of(0.1, 0.1, 3), 10, false);
    ck_assert_msg(run() == SCL_OK, "%s", scl_error());
    ck_assert_int_eq(n_steps, 3);
}
END_TEST

START_TEST(batch_above_the_subset_is_refused_in_words)
{
    open_sets(300, 20);
    MUST(scl_subset_init(&subset, train, 1, config.seed));
    open_model(recipe_of(0.1, 0.1, 3), 11, false);
    ck_assert_int_eq(run(), SCL_CONFIG);
    ck_assert_str_eq(scl_error(), "loader: there are 10 images, fewer than one batch of 11");
}
END_TEST

START_TEST(loss_that_is_not_finite_stops_the_run)
{
    open_sets(40, 20);
    open_model(recipe_of(1e38, 1e38, 3), 10, false);
    ck_assert_int_eq(run(), SCL_NUMERIC);
    ck_assert_str_eq(scl_error(), "the loss is not finite in epoch 1 of 3; a lower rate may help "
                                  "than 1e+38");
}
END_TEST

const char *const suite_name = "eval/supervised";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 300);
    tcase_add_test(tc, trained_encoder_beats_chance);
    tcase_add_test(tc, frozen_encoder_keeps_its_bits);
    tcase_add_test(tc, frozen_encoder_has_no_rate_of_its_own);
    tcase_add_test(tc, pixels_serve_as_features);
    tcase_add_test(tc, same_seed_gives_the_same_bits);
    tcase_add_test(tc, subset_is_all_that_is_seen);
    tcase_add_test(tc, batch_above_the_subset_is_refused_in_words);
    tcase_add_test(tc, loss_that_is_not_finite_stops_the_run);
}
