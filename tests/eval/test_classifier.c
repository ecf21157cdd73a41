/* test_classifier.c - the right class's place among the values of a layer that is known. */
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "eval/classifier.h"
#include "support/op_check.h"

enum { CLASSES = 7 };

static struct scl_classifier layer;
static struct scl_store *store;
static struct scl_features rows;
static struct scl_accuracy accuracy;

static void setup(void)
{
    layer = (struct scl_classifier){ 0 };
    rows = (struct scl_features){ 0 };
    store = NULL;
}

static void teardown(void)
{
    scl_features_fini(&rows);
    scl_store_free(store);
    scl_classifier_fini(&layer);
}

static void write_state(const char *name, const float *values)
{
    ck_assert_int_eq(scl_store_write(store, scl_store_find(store, name), values), SCL_OK);
}

/* The values of the classes are the features themselves. */
static void make(int n)
{
    float weight[CLASSES * CLASSES] = { 0 };
    const float bias[CLASSES] = { 0 };

    ck_assert_int_eq(scl_features_init(&rows, n, CLASSES), SCL_OK);
    ck_assert_int_eq(scl_classifier_init(&layer, n, CLASSES, CLASSES), SCL_OK);
    ck_assert_int_eq(scl_store_new(&store, test_device(), 1, &layer.g, 1), SCL_OK);
    for (int c = 0; c < CLASSES; c++)
        weight[c * CLASSES + c] = 1;
    write_state("linear.weight", weight);
    write_state("linear.bias", bias);
}

static void run(void)
{
    ck_assert_msg(scl_classifier_run(&accuracy, &layer, test_device(), store, &rows) == SCL_OK,
                  "%s", scl_error());
}

/* Row i's class comes as number i + 1 of seven. */
START_TEST(top_one_and_top_five_are_counted)
{
    make(CLASSES);
    for (int i = 0; i < CLASSES; i++) {
        rows.label[i] = i;
        for (int c = 0; c < CLASSES; c++)
            rows.row[i * CLASSES + c] = (float)-c;
    }
    run();
    ck_assert_double_eq_tol(accuracy.top1, 100.0 / 7, 1e-12);
    ck_assert_double_eq_tol(accuracy.top5, 500.0 / 7, 1e-12);
}
END_TEST

START_TEST(of_equal_values_the_smaller_class_is_first)
{
    make(2);
    rows.label[0] = 0;
    rows.label[1] = 5; /* five before it */
    run();
    ck_assert_double_eq(accuracy.top1, 50);
    ck_assert_double_eq(accuracy.top5, 50);
}
END_TEST

START_TEST(bias_counts)
{
    const float bias[CLASSES] = { 0, 0, 0, 3, 0, 0, 0 };

    make(3);
    write_state("linear.bias", bias);
    for (int i = 0; i < 3; i++)
        rows.label[i] = 3;
    rows.row[0] = 4; /* of row 0: class 0 */
    run();
    ck_assert_double_eq_tol(accuracy.top1, 200.0 / 3, 1e-12);
    ck_assert_double_eq(accuracy.top5, 100);
}
END_TEST

/* One less than, exactly, and one more than the chunk of 1024. */
START_TEST(chunks_meet_without_a_seam)
{
    const int n = 1023 + _i;

    make(n);
    for (int i = 0; i < n; i++) {
        rows.label[i] = i % CLASSES;
        rows.row[i * CLASSES + i % CLASSES] = 1;
    }
    run();
    ck_assert_double_eq(accuracy.top1, 100);
    rows.label[n - 1] = (n - 1) % CLASSES ? 0 : 1;
    run();
    ck_assert_double_eq_tol(accuracy.top1, 100.0 * (n - 1) / n, 1e-9);
}
END_TEST

static void refuse(int code, const char *words)
{
    ck_assert_int_eq(scl_classifier_run(&accuracy, &layer, test_device(), store, &rows), code);
    ck_assert_str_eq(scl_error(), words);
}

START_TEST(rows_of_another_size_are_refused_in_words)
{
    make(3);
    rows.n = 2;
    refuse(SCL_SHAPE, "classifier: 2 rows of 7, wanted 3 of 7");
}
END_TEST

START_TEST(label_that_is_no_class_is_refused_in_words)
{
    make(3);
    rows.label[1] = CLASSES;
    refuse(SCL_DATA, "classifier: row 1 of the test set has label 7, wanted 0 to 6");
}
END_TEST

START_TEST(value_that_is_not_finite_is_refused_in_words)
{
    const float bias[CLASSES] = { 0, 0, NAN };

    make(3);
    write_state("linear.bias", bias);
    refuse(SCL_NUMERIC, "classifier: a value of row 0 is not finite");
}
END_TEST

START_TEST(no_rows_are_refused_in_words)
{
    ck_assert_int_eq(scl_classifier_init(&layer, 0, 3, 2), SCL_DATA);
    ck_assert_str_eq(scl_error(), "classifier: 0 rows of 3 for 2 classes, wanted 1 or more each");
}
END_TEST

const char *const suite_name = "eval/classifier";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, top_one_and_top_five_are_counted);
    tcase_add_test(tc, of_equal_values_the_smaller_class_is_first);
    tcase_add_test(tc, bias_counts);
    tcase_add_loop_test(tc, chunks_meet_without_a_seam, 0, 3);
    tcase_add_test(tc, rows_of_another_size_are_refused_in_words);
    tcase_add_test(tc, label_that_is_no_class_is_refused_in_words);
    tcase_add_test(tc, value_that_is_not_finite_is_refused_in_words);
    tcase_add_test(tc, no_rows_are_refused_in_words);
}
