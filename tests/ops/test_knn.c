/* test_knn.c - nearest neighbours, their lists and their vote. */
#include <math.h>
#include <stdlib.h>

#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

static struct scl_graph *g;

static void setup(void)
{
    g = scl_graph_new();
    check_range(-1, 1);
}

static void teardown(void)
{
    check_reset();
    scl_graph_free(g);
}

/* Q, M, D around the tiles 4, 16, 32, 64. */
static const int shapes[][3] = { { 1, 1, 1 },   { 3, 5, 15 },   { 4, 4, 16 },   { 5, 63, 17 },
                                 { 33, 65, 8 }, { 64, 64, 33 }, { 65, 129, 20 } };

START_TEST(distances_match_their_definition)
{
    const int *s = shapes[_i];
    struct scl_node *a = scl_input(g, "a", SCL_F32, SCL_SHAPE2(s[0], s[2]));
    struct scl_node *b = scl_input(g, "b", SCL_F32, SCL_SHAPE2(s[1], s[2]));

    /* A sum of D positive terms: relative rounding at most D * 6e-8. */
    check_forward(g, scl_squared_distance(g, a, b), 5e-6);
}
END_TEST

/* |a|^2 is 1e8 times the distance here: norms and products would return noise. */
START_TEST(near_rows_far_from_the_origin_keep_their_order)
{
    float a[32], b[3 * 32], out[3];
    const void *const in[] = { a, b };
    struct scl_node *q = scl_input(g, "a", SCL_F32, SCL_SHAPE2(1, 32));
    struct scl_node *m = scl_input(g, "b", SCL_F32, SCL_SHAPE2(3, 32));

    for (int i = 0; i < 32; i++) {
        a[i] = 100;
        for (int j = 0; j < 3; j++)
            b[j * 32 + i] = 100 + (i == 7 ? 0.01f * (float)(3 - j) : 0);
    }
    ck_assert_int_eq(run_node(g, scl_squared_distance(g, q, m), in, out), SCL_OK);
    ck_assert_float_gt(out[0], out[1]);
    ck_assert_float_gt(out[1], out[2]);
    ck_assert_float_gt(out[2], 0);
}
END_TEST

/* k and M around the blocks of 256 and 1024, and k above M. */
static const int lists[][2] = { { 1, 1 },   { 1, 40 },    { 5, 3 },    { 5, 255 },
                                { 5, 257 }, { 20, 1025 }, { 200, 300 } };

static struct scl_node *list(const char *name, int k)
{
    return scl_state(g, name, SCL_SHAPE2(3, k), (struct scl_init){ 0 });
}

static const int32_t *bank_labels(int n)
{
    static int32_t labels[2048];

    for (int i = 0; i < n; i++)
        labels[i] = i;
    return labels;
}

START_TEST(a_chunk_is_merged_as_by_its_definition)
{
    const int k = lists[_i / 2][0], n = lists[_i / 2][1];
    const int32_t range[] = { _i % 2 ? 7 : 0, n - (n > 2) };
    struct scl_node *value = list("value", k), *label = list("label", k);
    struct scl_node *distance = scl_input(g, "distance", SCL_F32, SCL_SHAPE2(3, n));
    struct scl_node *labels = scl_input(g, "labels", SCL_I32, SCL_SHAPE1(n));
    struct scl_node *bounds = scl_input(g, "range", SCL_I32, SCL_SHAPE1(2));
    float *seen = malloc(3 * (size_t)k * sizeof *seen);

    ck_assert_ptr_nonnull(seen);
    /* oclgrind 21.10 takes what the host writes into a part of a buffer for
     * uninitialised, and such are the lists that a chunk finds. */
    if (getenv("SCL_SIMULATOR") && range[0] > 0) {
        free(seen);
        return;
    }
    for (int i = 0; i < 3 * k; i++)
        seen[i] = -1 + 0.01f * (float)(i % k);
    check_set(value, seen);
    check_set(labels, bank_labels(n));
    check_set(bounds, range);
    ck_assert_int_eq(scl_graph_check(g), SCL_OK);
    scl_topk_merge(g, value, label, distance, labels, bounds);
    check_state(g, value, 0);
    check_state(g, label, 0);
    free(seen);
}
END_TEST

/* A plane of queries and a bank with ties in distance and in votes. */
static const float bank[] = { 0, 1, 0, -1, 1, 0, -1, 0, 3, 3, 3, 3 };
static const int32_t bank_label[] = { 4, 2, 2, 4, 0, 1 };

static struct scl_node *knn(const float *query, const struct scl_knn_spec *spec,
                            const int32_t *range)
{
    struct scl_node *q = scl_input(g, "query", SCL_F32, SCL_SHAPE2(2, 2));
    struct scl_node *m = scl_input(g, "bank", SCL_F32, SCL_SHAPE2(6, 2));
    struct scl_node *labels = scl_input(g, "labels", SCL_I32, SCL_SHAPE1(6));
    struct scl_node *bounds = scl_input(g, "range", SCL_I32, SCL_SHAPE1(2));

    check_set(q, query);
    check_set(m, bank);
    check_set(labels, bank_label);
    check_set(bounds, range);
    return scl_knn(g, q, m, labels, bounds, spec);
}

/* What the device predicts; run_node reads the four bytes of an int as they are. */
static void predict(int32_t *out, const float *query, const struct scl_knn_spec *spec)
{
    static const int32_t range[] = { 0, 6 };
    const void *const in[] = { query, bank, bank_label, range };
    union {
        float f[2];
        int32_t i[2];
    } got;

    ck_assert_int_eq(run_node(g, knn(query, spec, range), in, got.f), SCL_OK);
    out[0] = got.i[0];
    out[1] = got.i[1];
}

START_TEST(equal_votes_go_to_the_smallest_label)
{
    static const float query[] = { 0, 0, 3, 3 };
    int32_t got[2];

    predict(got, query, &(struct scl_knn_spec){ .k = 4 });
    ck_assert_int_eq(got[0], 2); /* two of 4, two of 2 */
    ck_assert_int_eq(got[1], 0); /* one each of 0, 1, 4 and 2 */
}
END_TEST

START_TEST(of_equal_distances_the_smaller_index_is_nearer)
{
    static const float query[] = { 0, 0, 3, 3 };
    int32_t got[2];

    predict(got, query, &(struct scl_knn_spec){ .k = 1 });
    ck_assert_int_eq(got[0], 4);
    ck_assert_int_eq(got[1], 0);
}
END_TEST

START_TEST(predictions_match_their_definition)
{
    static const float query[] = { 0.3f, 0.1f, 2, 2.5f };
    static const int32_t range[] = { 0, 6 };
    const struct scl_knn_spec spec = {
        .k = 1 + _i / 4 * 2, .cosine = _i % 2, .exp_vote = _i % 4 / 2, .temperature = 0.05f
    };

    check_forward(g, knn(query, &spec, range), 0);
}
END_TEST

START_TEST(a_temperature_of_a_hundredth_does_not_overflow)
{
    static const float query[] = { 0.1f, 1, -5, 4 };
    int32_t got[2];

    predict(
        got, query,
        &(struct scl_knn_spec){ .k = 6, .cosine = true, .exp_vote = true, .temperature = 0.01f });
    ck_assert_int_eq(got[0], 4);
    ck_assert_int_eq(got[1], 4);
}
END_TEST

START_TEST(a_list_without_neighbours_predicts_none)
{
    static const float query[] = { 0, 0, 3, 3 };
    static const int32_t range[] = { 0, 0 };

    check_forward(g, knn(query, &(struct scl_knn_spec){ .k = 3 }, range), 0);
}
END_TEST

START_TEST(rows_of_different_length_are_refused_in_words)
{
    struct scl_node *a = scl_input(g, "a", SCL_F32, SCL_SHAPE2(2, 3));

    ck_assert_ptr_null(scl_squared_distance(g, a, scl_input(g, "b", SCL_F32, SCL_SHAPE2(2, 4))));
    ck_assert_str_eq(scl_error(),
                     "squared_distance: [2, 3] and [2, 4], wanted [Q, D] and [M, D] in fp32");
}
END_TEST

START_TEST(a_temperature_of_zero_is_refused_in_words)
{
    static const float query[4] = { 0 };
    static const int32_t range[] = { 0, 6 };

    ck_assert_ptr_null(knn(query, &(struct scl_knn_spec){ .k = 3, .exp_vote = true }, range));
    ck_assert_str_eq(scl_error(), "knn_vote: temperature 0, wanted above 0");
}
END_TEST

const char *const suite_name = "ops/knn";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, distances_match_their_definition, 0, sizeof shapes / sizeof *shapes);
    tcase_add_test(tc, near_rows_far_from_the_origin_keep_their_order);
    tcase_add_loop_test(tc, a_chunk_is_merged_as_by_its_definition, 0,
                        2 * sizeof lists / sizeof *lists);
    tcase_add_test(tc, equal_votes_go_to_the_smallest_label);
    tcase_add_test(tc, of_equal_distances_the_smaller_index_is_nearer);
    tcase_add_loop_test(tc, predictions_match_their_definition, 0, 12);
    tcase_add_test(tc, a_temperature_of_a_hundredth_does_not_overflow);
    tcase_add_test(tc, a_list_without_neighbours_predicts_none);
    tcase_add_test(tc, rows_of_different_length_are_refused_in_words);
    tcase_add_test(tc, a_temperature_of_zero_is_refused_in_words);
}
