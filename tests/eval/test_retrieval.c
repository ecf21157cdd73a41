/* test_retrieval.c - rankings whose measures are known, against the definition, in chunks. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "eval/retrieval.h"
#include "support/op_check.h"

static struct scl_features gallery, query;
static struct scl_retrieval found;

static void setup(void)
{
    gallery = query = (struct scl_features){ 0 };
}

static void teardown(void)
{
    scl_features_fini(&gallery);
    scl_features_fini(&query);
}

/* A row on the unit circle; the nearer in angle, the higher the cosine. */
static void set(struct scl_features *f, int i, double degrees, int32_t label)
{
    f->row[2 * i] = (float)cos(degrees * acos(-1) / 180);
    f->row[2 * i + 1] = (float)sin(degrees * acos(-1) / 180);
    f->label[i] = label;
}

static void make(int n, int m, int dim)
{
    ck_assert_int_eq(scl_features_init(&gallery, n, dim), SCL_OK);
    ck_assert_int_eq(scl_features_init(&query, m, dim), SCL_OK);
}

static void find(int threads)
{
    ck_assert_msg(
        scl_retrieval_find(&found, test_device(), &gallery, &query, threads, NULL, NULL) == SCL_OK,
        "%s", scl_error());
}

/* Ranks of class 0 from 0 degrees: 1, 3, 6; of class 1 from 90 degrees: 1, 4, 5. */
START_TEST(hand_made_rankings_give_their_values)
{
    static const int32_t label[] = { 0, 1, 0, 1, 1, 0 };

    make(6, 2, 2);
    for (int i = 0; i < 6; i++)
        set(&gallery, i, 12 * i + 10, label[i]); /* 10, 22, 34, 46, 58, 70 */
    set(&query, 0, 0, 0);
    set(&query, 1, 90, 1);
    find(1);
    /* from 90 degrees the order is 70, 58, 46, 34, 22, 10: classes 0, 1, 1, 0, 1, 0 */
    ck_assert_double_eq_tol(found.recall[0], 50, 1e-12);
    ck_assert_double_eq_tol(found.recall[1], 100, 1e-12);
    ck_assert_double_eq_tol(found.recall[2], 100, 1e-12);
    ck_assert_double_eq_tol(
        found.mean_average_precision,
        100 * ((1.0 / 1 + 2.0 / 3 + 3.0 / 6) / 3 + (1.0 / 2 + 2.0 / 3 + 3.0 / 5) / 3) / 2, 1e-10);
}
END_TEST

/* The only image of the class comes as number _i + 1. */
START_TEST(recall_counts_the_first_k)
{
    make(12, 1, 2);
    for (int i = 0; i < 12; i++)
        set(&gallery, i, 5 * i, i == _i ? 7 : 1);
    set(&query, 0, -1, 7);
    find(1);
    for (int a = 0; a < SCL_RECALLS; a++)
        ck_assert_double_eq(found.recall[a], _i < scl_recall_at[a] ? 100 : 0);
    ck_assert_double_eq_tol(found.mean_average_precision, 100.0 / (_i + 1), 1e-10);
}
END_TEST

START_TEST(equal_distances_are_ranked_by_their_number)
{
    make(4, 2, 2);
    for (int i = 0; i < 4; i++)
        set(&gallery, i, 30, i % 2);
    set(&query, 0, 0, 0);
    set(&query, 1, 0, 1);
    find(1);
    ck_assert_double_eq(found.recall[0], 50);
    ck_assert_double_eq_tol(found.mean_average_precision,
                            100 * ((1.0 + 2.0 / 3) / 2 + (1.0 / 2 + 2.0 / 4) / 2) / 2, 1e-10);
}
END_TEST

START_TEST(lengths_of_rows_do_not_matter)
{
    make(2, 1, 2);
    set(&gallery, 0, 40, 1);
    set(&gallery, 1, 20, 0);
    set(&query, 0, 0, 0);
    gallery.row[2] *= 50; /* far away, in the nearer direction */
    gallery.row[3] *= 50;
    find(1);
    ck_assert_double_eq(found.recall[0], 100);
}
END_TEST

START_TEST(class_that_the_gallery_lacks_counts_as_nothing_found)
{
    make(3, 2, 2);
    for (int i = 0; i < 3; i++)
        set(&gallery, i, 10 * i, 0);
    set(&query, 0, 0, 0);
    set(&query, 1, 0, 5);
    find(1);
    for (int a = 0; a < SCL_RECALLS; a++)
        ck_assert_double_eq(found.recall[a], 50);
    ck_assert_double_eq_tol(found.mean_average_precision, 50, 1e-10);
}
END_TEST

static void draw(struct scl_features *f, uint32_t purpose, int classes)
{
    for (int i = 0; i < f->n; i++) {
        struct scl_rng rng = scl_rng_at(11, SCL_RNG_TEST, purpose, (uint32_t)i, 0);

        f->label[i] = (int32_t)scl_rng_below(&rng, (uint32_t)classes);
        for (int d = 0; d < f->dim; d++)
            f->row[i * f->dim + d] = scl_rng_normal(&rng) + (d == f->label[i] ? 1 : 0);
    }
}

struct entry {
    double distance;
    int index;
};

static int order(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    if (x->distance != y->distance)
        return x->distance < y->distance ? -1 : 1;
    return x->index - y->index;
}

/* By the definition: everything sorted, precision at each hit. */
static double average_precision(int q, int *first)
{
    struct entry *entry = malloc((size_t)gallery.n * sizeof *entry);
    const float *a = query.row + q * query.dim;
    double sum = 0;
    int hits = 0;

    *first = 0;
    for (int i = 0; i < gallery.n; i++) {
        const float *b = gallery.row + i * gallery.dim;
        double aa = 0, bb = 0, ab = 0;

        for (int d = 0; d < gallery.dim; d++) {
            aa += (double)a[d] * a[d];
            bb += (double)b[d] * b[d];
            ab += (double)a[d] * b[d];
        }
        entry[i] = (struct entry){ -ab / sqrt(aa * bb), i };
    }
    qsort(entry, (size_t)gallery.n, sizeof *entry, order);
    for (int r = 0; r < gallery.n; r++)
        if (gallery.label[entry[r].index] == query.label[q]) {
            sum += ++hits / (r + 1.0);
            *first = *first ? *first : r + 1;
        }
    free(entry);
    return hits ? sum / hits : 0;
}

/* Around the chunks of 4096 rows of the gallery and 1024 queries, and on several threads. */
static const struct {
    int n, m, threads;
} sizes[] = { { 1, 1, 1 }, { 300, 40, 1 }, { 4097, 20, 2 }, { 90, 1025, 3 } };

/* fp32 may swap two images of nearly equal distance: a change of one rank. */
START_TEST(measures_are_those_of_the_definition)
{
    double mean = 0, recall[SCL_RECALLS] = { 0 };

    make(sizes[_i].n, sizes[_i].m, 12);
    draw(&gallery, 0, 5);
    draw(&query, 1, 5);
    find(sizes[_i].threads);
    for (int q = 0; q < query.n; q++) {
        int first;

        mean += 100 * average_precision(q, &first) / query.n;
        for (int a = 0; a < SCL_RECALLS; a++)
            recall[a] += first > 0 && first <= scl_recall_at[a];
    }
    ck_assert_double_eq_tol(found.mean_average_precision, mean, 1e-3);
    for (int a = 0; a < SCL_RECALLS; a++)
        ck_assert_double_eq_tol(found.recall[a], 100 * recall[a] / query.n, 1e-9);
}
END_TEST

/* 64 MiB of distances are 1024 queries to 16384 images; here they are fewer. */
START_TEST(number_of_threads_changes_no_bit)
{
    struct scl_retrieval before;

    make(20000, 850, 4);
    draw(&gallery, 0, 3);
    draw(&query, 1, 3);
    find(1);
    before = found;
    find(4);
    ck_assert_mem_eq(&before, &found, sizeof found);
}
END_TEST

static void note(void *context, uint32_t done, uint32_t n)
{
    uint32_t *seen = context;

    ck_assert_uint_eq(n, 1500);
    ck_assert_uint_gt(done, *seen);
    *seen = done;
}

START_TEST(progress_ends_with_all_queries)
{
    uint32_t seen = 0;

    make(5, 1500, 2);
    draw(&gallery, 0, 2);
    draw(&query, 1, 2);
    ck_assert_int_eq(scl_retrieval_find(&found, test_device(), &gallery, &query, 1, note, &seen),
                     SCL_OK);
    ck_assert_uint_eq(seen, 1500);
}
END_TEST

static void refuse(int code, const char *words)
{
    ck_assert_int_eq(scl_retrieval_find(&found, test_device(), &gallery, &query, 1, NULL, NULL),
                     code);
    ck_assert_str_eq(scl_error(), words);
}

START_TEST(empty_gallery_is_refused_in_words)
{
    make(0, 2, 3);
    refuse(SCL_DATA, "retrieval: a gallery of 0 rows of 3, 2 queries of 3, wanted 1 or more each, "
                     "of one width");
}
END_TEST

START_TEST(row_without_a_label_is_refused_in_words)
{
    make(2, 2, 3);
    query.label[1] = -1;
    refuse(SCL_DATA, "retrieval: row 1 of the queries has label -1, wanted 0 to 16777215");
}
END_TEST

START_TEST(feature_that_is_not_finite_is_refused_in_words)
{
    make(2, 2, 3);
    gallery.row[5] = NAN;
    refuse(SCL_NUMERIC, "retrieval: feature 2 of row 1 of the gallery is not finite");
}
END_TEST

const char *const suite_name = "eval/retrieval";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, hand_made_rankings_give_their_values);
    tcase_add_loop_test(tc, recall_counts_the_first_k, 0, 12);
    tcase_add_test(tc, equal_distances_are_ranked_by_their_number);
    tcase_add_test(tc, lengths_of_rows_do_not_matter);
    tcase_add_test(tc, class_that_the_gallery_lacks_counts_as_nothing_found);
    tcase_add_loop_test(tc, measures_are_those_of_the_definition, 0, sizeof sizes / sizeof *sizes);
    tcase_add_test(tc, number_of_threads_changes_no_bit);
    tcase_add_test(tc, progress_ends_with_all_queries);
    tcase_add_test(tc, empty_gallery_is_refused_in_words);
    tcase_add_test(tc, row_without_a_label_is_refused_in_words);
    tcase_add_test(tc, feature_that_is_not_finite_is_refused_in_words);
}
