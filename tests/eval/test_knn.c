/* test_knn.c - predictions against plain C, around the edges of chunks, and refusals. */
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"
#include "eval/knn.h"
#include "support/op_check.h"

static struct scl_features bank, query;
static int32_t *want, *got;

static void setup(void)
{
    bank = query = (struct scl_features){ 0 };
    want = got = NULL;
}

static void teardown(void)
{
    scl_features_fini(&bank);
    scl_features_fini(&query);
    free(want);
    free(got);
}

/* Classes overlap, so that neighbours disagree. With `grid`, whole coordinates from 0 to
 * 2: many distances are equal, and exact in every precision. */
static void fill(struct scl_features *f, int n, int dim, int n_classes, int which, bool grid)
{
    ck_assert_int_eq(scl_features_init(f, n, dim), SCL_OK);
    for (int i = 0; i < n; i++) {
        struct scl_rng rng = scl_rng_at(7, SCL_RNG_TEST, 0, (uint32_t)i, (uint32_t)which);

        f->label[i] = (int32_t)scl_rng_below(&rng, (uint32_t)n_classes);
        for (int d = 0; d < dim; d++)
            f->row[(size_t)i * (size_t)dim + (size_t)d] =
                grid ? (float)scl_rng_below(&rng, 3)
                     : scl_rng_normal(&rng) + (d % n_classes == f->label[i] ? 1.0f : 0.0f);
    }
}

static void make(int n, int m, int dim, int n_classes, bool grid)
{
    fill(&bank, n, dim, n_classes, 0, grid);
    fill(&query, m, dim, n_classes, 1, grid);
    want = calloc((size_t)m, sizeof *want);
    got = calloc((size_t)m, sizeof *got);
    ck_assert(want && got);
}

static double distance2(const float *a, const float *b, int dim, bool cosine)
{
    double aa = 0, bb = 0, ab = 0, sum = 0;

    for (int d = 0; d < dim; d++) {
        aa += (double)a[d] * a[d];
        bb += (double)b[d] * b[d];
        ab += (double)a[d] * b[d];
        sum += ((double)a[d] - b[d]) * ((double)a[d] - b[d]);
    }
    return cosine ? 2 - 2 * ab / sqrt(aa * bb) : sum;
}

/* The definition: the k nearest, of equal ones the earlier; their votes. */
static int32_t predict(const float *q, const struct scl_knn_spec *spec)
{
    double *distance = malloc((size_t)bank.n * sizeof *distance), votes[16] = { 0 };
    int32_t best = 0;

    for (int j = 0; j < bank.n; j++)
        distance[j] = distance2(q, bank.row + (size_t)j * (size_t)bank.dim, bank.dim, spec->cosine);
    for (int k = 0; k < spec->k; k++) {
        int nearest = 0;
        double x;

        for (int j = 1; j < bank.n; j++)
            if (distance[j] < distance[nearest])
                nearest = j;
        x = spec->cosine ? 1 - distance[nearest] / 2 : -sqrt(distance[nearest]);
        votes[bank.label[nearest]] += spec->exp_vote ? exp(x / (double)spec->temperature) : 1;
        distance[nearest] = INFINITY;
    }
    for (int32_t c = 1; c < 16; c++)
        if (votes[c] > votes[best])
            best = c;
    free(distance);
    return best;
}

static void compare(const struct scl_knn_spec *spec)
{
    double accuracy = -1;
    int correct = 0;

    ck_assert_msg(scl_knn_accuracy(&accuracy, got, test_device(), spec, &bank, &query) == SCL_OK,
                  "%s", scl_error());
    for (int i = 0; i < query.n; i++) {
        want[i] = predict(query.row + (size_t)i * (size_t)query.dim, spec);
        ck_assert_msg(got[i] == want[i], "query %d of %d: found %d, wanted %d", i, query.n, got[i],
                      want[i]);
        correct += want[i] == query.label[i];
    }
    ck_assert_double_eq_tol(accuracy, 100.0 * correct / query.n, 1e-12);
}

static const struct scl_knn_spec specs[] = {
    { .k = 5, .temperature = 1 },
    { .k = 1, .temperature = 1 },
    { .k = 20, .cosine = true, .exp_vote = true, .temperature = 0.1f },
    { .k = 20, .cosine = true, .temperature = 1 },
    { .k = 20, .exp_vote = true, .temperature = 0.5f },
};

/* Distances and votes of the drawn rows differ by far more than fp32 rounds, so all
 * predictions must be equal. */
START_TEST(predictions_are_those_of_the_definition)
{
    make(301, 67, 19, 4, false);
    compare(&specs[_i]);
}
END_TEST

START_TEST(equal_distances_and_equal_votes_are_settled_as_defined)
{
    make(200, 50, 3, 5, true);
    compare(&(struct scl_knn_spec){ .k = _i, .temperature = 1 });
}
END_TEST

/* One less than, exactly, and one more than the chunks of 4096 and 1024, and several. */
static const struct {
    int n, m;
} sizes[] = { { 4095, 3 }, { 4096, 1 },  { 4097, 2 },  { 8200, 3 },
              { 5, 1023 }, { 33, 1024 }, { 33, 1025 }, { 4100, 1030 } };

START_TEST(chunks_meet_without_a_seam)
{
    make(sizes[_i].n, sizes[_i].m, 2, 3, false);
    compare(&specs[0]);
}
END_TEST

START_TEST(ties_across_chunks_go_to_the_earlier_row)
{
    make(4200, 9, 2, 7, true);
    compare(&specs[0]);
}
END_TEST

/* 419 rows of 40000 floats are 64 MiB. */
START_TEST(long_rows_come_in_smaller_chunks)
{
    make(420, 2, 40000, 3, false);
    compare(&specs[0]);
}
END_TEST

START_TEST(whole_bank_may_be_the_neighbours)
{
    make(9, 4, 3, 3, false);
    compare(&(struct scl_knn_spec){ .k = 9, .temperature = 1 });
}
END_TEST

START_TEST(one_row_answers_everything)
{
    make(1, 3, 1, 2, false);
    compare(&(struct scl_knn_spec){ .k = 1, .temperature = 1 });
}
END_TEST

START_TEST(one_class_is_always_right)
{
    double accuracy;

    make(30, 10, 4, 1, false);
    ck_assert_int_eq(scl_knn_accuracy(&accuracy, NULL, test_device(), &specs[2], &bank, &query),
                     SCL_OK);
    ck_assert_double_eq(accuracy, 100);
}
END_TEST

/* The lists start anew: nothing of the first run is left. */
START_TEST(second_run_forgets_the_first)
{
    struct scl_knn *knn;
    double before, after;

    make(60, 20, 5, 4, false);
    ck_assert_int_eq(scl_knn_new(&knn, test_device(), &specs[0], 60, 20, 5), SCL_OK);
    ck_assert_int_eq(scl_knn_run(&before, want, knn, &bank, &query), SCL_OK);
    for (int i = 0; i < 60 * 5; i++)
        bank.row[i] += 100;
    ck_assert_int_eq(scl_knn_run(&after, got, knn, &bank, &query), SCL_OK);
    for (int i = 0; i < 20; i++)
        ck_assert_int_eq(got[i], predict(query.row + (size_t)i * 5, &specs[0]));
    for (int i = 0; i < 60 * 5; i++)
        bank.row[i] -= 100;
    ck_assert_int_eq(scl_knn_run(&after, got, knn, &bank, &query), SCL_OK);
    ck_assert_mem_eq(got, want, 20 * sizeof *got);
    ck_assert_double_eq(before, after);
    scl_knn_free(knn);
}
END_TEST

static void refuse(const struct scl_knn_spec *spec, int code, const char *words)
{
    double accuracy;

    ck_assert_int_eq(scl_knn_accuracy(&accuracy, NULL, test_device(), spec, &bank, &query), code);
    ck_assert_str_eq(scl_error(), words);
}

START_TEST(k_above_the_bank_is_refused_in_words)
{
    make(4, 2, 3, 2, false);
    refuse(&specs[0], SCL_DATA, "knn: k is 5, wanted 1 to 4, the size of the bank");
}
END_TEST

START_TEST(no_queries_are_refused_in_words)
{
    make(6, 0, 3, 2, false);
    refuse(&specs[0], SCL_DATA, "knn: a bank of 6 and 0 queries of 3, wanted 1 or more each");
}
END_TEST

START_TEST(missing_label_is_refused_in_words)
{
    make(6, 2, 3, 2, false);
    query.label[1] = -1;
    refuse(&specs[0], SCL_DATA, "knn: row 1 of the queries has label -1, wanted 0 to 16777215");
}
END_TEST

START_TEST(feature_that_is_not_finite_is_refused_in_words)
{
    make(6, 2, 3, 2, false);
    bank.row[4] = NAN;
    refuse(&specs[0], SCL_NUMERIC, "knn: feature 1 of row 1 of the bank is not finite");
}
END_TEST

START_TEST(queries_of_another_width_are_refused_in_words)
{
    make(6, 2, 3, 2, false);
    query.dim = 1;
    refuse(&specs[0], SCL_SHAPE, "knn: queries of 2 rows of 1, wanted 2 of 3");
}
END_TEST

START_TEST(protocols_are_those_of_the_literature)
{
    const struct scl_eval_config eval = { .k = 5, .knn_k = 200, .knn_temperature = 0.1 };
    const struct scl_knn_spec ht = scl_knn_protocol(&eval, SCL_KNN_HT);
    const struct scl_knn_spec weighted = scl_knn_protocol(&eval, SCL_KNN_WEIGHTED);
    char text[SCL_KNN_BYTES];

    ck_assert_str_eq(scl_knn_text(text, &ht),
                     "5-NN, euclidean distance, majority vote, ties to the smallest label");
    ck_assert_str_eq(scl_knn_text(text, &weighted),
                     "200-NN, cosine, votes exp(cos / 0.1), ties to the smallest label");
    ck_assert_str_eq(scl_knn_title(text, &ht), "5-NN");
    ck_assert_str_eq(scl_knn_title(text, &weighted), "weighted 200-NN");
}
END_TEST

const char *const suite_name = "eval/knn";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, predictions_are_those_of_the_definition, 0,
                        sizeof specs / sizeof *specs);
    tcase_add_loop_test(tc, equal_distances_and_equal_votes_are_settled_as_defined, 1, 10);
    tcase_add_loop_test(tc, chunks_meet_without_a_seam, 0, sizeof sizes / sizeof *sizes);
    tcase_add_test(tc, ties_across_chunks_go_to_the_earlier_row);
    tcase_add_test(tc, long_rows_come_in_smaller_chunks);
    tcase_add_test(tc, whole_bank_may_be_the_neighbours);
    tcase_add_test(tc, one_row_answers_everything);
    tcase_add_test(tc, one_class_is_always_right);
    tcase_add_test(tc, second_run_forgets_the_first);
    tcase_add_test(tc, k_above_the_bank_is_refused_in_words);
    tcase_add_test(tc, no_queries_are_refused_in_words);
    tcase_add_test(tc, missing_label_is_refused_in_words);
    tcase_add_test(tc, feature_that_is_not_finite_is_refused_in_words);
    tcase_add_test(tc, queries_of_another_width_are_refused_in_words);
    tcase_add_test(tc, protocols_are_those_of_the_literature);
}
