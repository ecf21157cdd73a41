/* test_linear.c - what a linear layer can learn, and what it cannot; repeats; refusals. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "eval/linear.h"
#include "support/op_check.h"

static struct scl_features train, test;
static struct scl_accuracy accuracy;
static struct scl_recipe recipe;
static double losses[512];
static int n_losses;

static void setup(void)
{
    train = test = (struct scl_features){ 0 };
    recipe = scl_recipe_ht(&(struct scl_linear_config){ 0 });
    n_losses = 0;
}

static void teardown(void)
{
    scl_features_fini(&train);
    scl_features_fini(&test);
}

static void make(int n, int m, int dim)
{
    ck_assert_int_eq(scl_features_init(&train, n, dim), SCL_OK);
    ck_assert_int_eq(scl_features_init(&test, m, dim), SCL_OK);
}

/* Classes by turns; each has its direction, `apart` long. */
static void draw(struct scl_features *f, uint32_t stream, int classes, float apart)
{
    for (int i = 0; i < f->n; i++) {
        struct scl_rng rng = scl_rng_at(9, SCL_RNG_TEST, stream, (uint32_t)i, 0);

        f->label[i] = i % classes;
        for (int d = 0; d < f->dim; d++)
            f->row[i * f->dim + d] =
                scl_rng_normal(&rng) + (d % classes == i % classes ? apart : 0);
    }
}

static void note(void *context, int done, int of, double loss)
{
    ck_assert_ptr_null(context);
    ck_assert_int_eq(done, n_losses + 1);
    ck_assert_int_le(done, of);
    losses[n_losses++] = loss;
}

static int find(int classes, uint64_t seed)
{
    return scl_linear_find(&accuracy, test_device(), &recipe, classes, seed, &train, &test, note,
                           NULL);
}

static void must_find(int classes, uint64_t seed)
{
    ck_assert_msg(find(classes, seed) == SCL_OK, "%s", scl_error());
}

START_TEST(separable_classes_are_all_found)
{
    make(600, 300, 12);
    draw(&train, 0, 6, 20);
    draw(&test, 1, 6, 20);
    recipe.epochs = 40;
    recipe.batch = 100;
    must_find(6, 1);
    ck_assert_double_eq(accuracy.top1, 100);
    ck_assert_double_eq(accuracy.top5, 100);
    ck_assert_int_eq(n_losses, 40);
    ck_assert_double_lt(losses[39], losses[0]);
}
END_TEST

START_TEST(noise_is_found_by_chance)
{
    make(400, 4000, 8);
    draw(&train, 0, 10, 0);
    draw(&test, 1, 10, 0);
    recipe.epochs = 20;
    must_find(10, 1);
    ck_assert_double_eq_tol(accuracy.top1, 10, 2); /* four deviations of 4000 draws: 1.9 */
    ck_assert_double_eq_tol(accuracy.top5, 50, 4);
}
END_TEST

/* x is 0 or 1; of four rows at 0 one is of class 1, of four at 1 three are: the most likely layer
 * gives a quarter and three quarters, and the loss is the entropy of that. The whole set is
 * one batch, as it is smaller than one. */
START_TEST(regression_finds_the_most_likely_layer)
{
    static const float x[] = { 0, 0, 0, 0, 1, 1, 1, 1 };
    static const int32_t label[] = { 0, 1, 0, 0, 1, 1, 0, 1 };

    make(8, 8, 1);
    memcpy(train.row, x, sizeof x);
    memcpy(train.label, label, sizeof label);
    memcpy(test.row, x, sizeof x);
    memcpy(test.label, label, sizeof label);
    recipe.optim.lr = 0.3; /* it has three times as far to go as the protocol's rates reach */
    must_find(2, 1);
    ck_assert_int_eq(n_losses, 500);
    ck_assert_double_eq_tol(losses[499], -0.25 * log(0.25) - 0.75 * log(0.75), 1e-5);
    ck_assert_double_eq(accuracy.top1, 75);
}
END_TEST

/* The same recipe in double precision: permutations, parts of them, Adam. */
enum { DIM = 5, CLASSES = 3, N_WEIGHT = DIM * CLASSES, N = N_WEIGHT + CLASSES };

/* What the layer starts with: weight, then bias. */
static void first_values(double w[N], uint64_t seed)
{
    const struct scl_init init = { SCL_INIT_UNIFORM, 1 / sqrtf(DIM) };
    const struct scl_store_entry weight = { .name = "linear.weight",
                                            .shape = SCL_SHAPE2(DIM, CLASSES),
                                            .init = init };
    const struct scl_store_entry bias = { .name = "linear.bias",
                                          .shape = SCL_SHAPE1(CLASSES),
                                          .init = init };
    float values[N];

    scl_store_draw(values, &weight, seed);
    scl_store_draw(values + N_WEIGHT, &bias, seed);
    for (int i = 0; i < N; i++)
        w[i] = values[i];
}

/* Adds a row's share of the gradient; returns its share of the loss. */
static double add_row(double g[N], const double w[N], uint32_t row, double share)
{
    const float *x = train.row + row * DIM;
    double z[CLASSES], mass = 0;

    for (int c = 0; c < CLASSES; c++) {
        z[c] = w[N_WEIGHT + c];
        for (int d = 0; d < DIM; d++)
            z[c] += (double)x[d] * w[d * CLASSES + c];
        mass += exp(z[c]);
    }
    for (int c = 0; c < CLASSES; c++) {
        const double dz = (exp(z[c]) / mass - (c == train.label[row])) * share;

        for (int d = 0; d < DIM; d++)
            g[d * CLASSES + c] += dz * (double)x[d];
        g[N_WEIGHT + c] += dz;
    }
    return (log(mass) - z[train.label[row]]) * share;
}

struct adam {
    double mean[N], square[N];
    int step;
};

static void update(double w[N], struct adam *a, double g[N], double lr)
{
    a->step++;
    for (int i = 0; i < N; i++) {
        g[i] += recipe.optim.weight_decay * w[i];
        a->mean[i] += 0.1 * (g[i] - a->mean[i]);
        a->square[i] += 0.001 * (g[i] * g[i] - a->square[i]);
        w[i] -= lr * (a->mean[i] / (1 - pow(0.9, a->step))) /
                (sqrt(a->square[i] / (1 - pow(0.999, a->step))) + 1e-8);
    }
}

static double reference(uint64_t seed)
{
    struct adam adam = { 0 };
    double w[N], loss = 0;

    first_values(w, seed);
    for (int epoch = 0; epoch < recipe.epochs; epoch++) {
        struct scl_rng rng = scl_rng_at(seed, SCL_RNG_SHUFFLE, (uint32_t)epoch, 1, 0);
        uint32_t order[64];

        scl_rng_shuffle(&rng, order, (uint32_t)train.n);
        for (int s = 0; s < train.n / recipe.batch; s++) {
            double g[N] = { 0 };

            loss = 0;
            for (int i = 0; i < recipe.batch; i++)
                loss += add_row(g, w, order[s * recipe.batch + i], 1.0 / recipe.batch);
            update(w, &adam, g, recipe.optim.lr * scl_recipe_scale(&recipe, epoch));
        }
    }
    return loss;
}

/* 50 rows in batches of 16: two are left out of each epoch. Rounding of 60 updates, which Adam
 * makes as large as the rate whatever the gradient: 1e-4 of the loss. */
START_TEST(fit_is_that_of_the_definition)
{
    make(50, 10, DIM);
    draw(&train, 0, CLASSES, 1);
    draw(&test, 1, CLASSES, 1);
    recipe.epochs = 20;
    recipe.batch = 16;
    must_find(CLASSES, 4);
    ck_assert_double_eq_tol(losses[19], reference(4), 1e-4);
}
END_TEST

START_TEST(same_seed_gives_the_same_bits)
{
    double before;

    make(300, 50, 20);
    draw(&train, 0, 5, 1);
    draw(&test, 1, 5, 1);
    recipe.epochs = 5;
    recipe.batch = 64;
    must_find(5, 7);
    before = losses[4];
    n_losses = 0;
    must_find(5, 7);
    ck_assert_double_eq(losses[4], before);
    n_losses = 0;
    must_find(5, 8);
    ck_assert_double_ne(losses[4], before);
}
END_TEST

static void refuse(int classes, int code, const char *words)
{
    ck_assert_int_eq(find(classes, 1), code);
    ck_assert_str_eq(scl_error(), words);
}

START_TEST(label_that_is_no_class_is_refused_in_words)
{
    make(4, 4, 2);
    train.label[2] = 3;
    refuse(3, SCL_DATA, "linear: row 2 of the training set has label 3, wanted 0 to 2");
    train.label[2] = -1;
    refuse(3, SCL_DATA, "linear: row 2 of the training set has label -1, wanted 0 to 16777215");
}
END_TEST

START_TEST(rows_of_two_widths_are_refused_in_words)
{
    make(4, 4, 2);
    test.dim = 1;
    refuse(3, SCL_DATA,
           "linear: 4 rows of 2 to train on and 4 of 1 to test on, wanted 1 or more "
           "each, of one width");
}
END_TEST

START_TEST(feature_that_is_not_finite_is_refused_in_words)
{
    make(4, 4, 2);
    train.row[3] = INFINITY;
    refuse(3, SCL_NUMERIC, "linear: feature 1 of row 1 of the training set is not finite");
}
END_TEST

/* Features near the end of fp32: their products are not in it. */
START_TEST(loss_that_is_not_finite_stops_the_fit)
{
    make(4, 4, 2);
    for (int i = 0; i < 8; i++)
        train.row[i] = 3e38f;
    recipe.optim.lr = 100;
    refuse(3, SCL_NUMERIC,
           "linear: the loss is not finite in epoch 1, at a rate of 100; a lower "
           "linear.lr may help");
}
END_TEST

const char *const suite_name = "eval/linear";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, separable_classes_are_all_found);
    tcase_add_test(tc, noise_is_found_by_chance);
    tcase_add_test(tc, regression_finds_the_most_likely_layer);
    tcase_add_test(tc, fit_is_that_of_the_definition);
    tcase_add_test(tc, same_seed_gives_the_same_bits);
    tcase_add_test(tc, label_that_is_no_class_is_refused_in_words);
    tcase_add_test(tc, rows_of_two_widths_are_refused_in_words);
    tcase_add_test(tc, feature_that_is_not_finite_is_refused_in_words);
    tcase_add_test(tc, loss_that_is_not_finite_stops_the_fit);
}
