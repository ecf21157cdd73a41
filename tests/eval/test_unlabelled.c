/* test_unlabelled.c - measures of sets whose measures are known, and eigenvalues. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "eval/eigen.h"
#include "eval/unlabelled.h"

static struct scl_features whole, views;
static struct scl_unlabelled measures;

static void setup(void)
{
    whole = views = (struct scl_features){ 0 };
}

static void teardown(void)
{
    scl_features_fini(&whole);
    scl_features_fini(&views);
}

/* Standard normal rows; the views are the row itself and the row plus `noise` times
 * another. */
static void make(int n, int dim, float noise)
{
    ck_assert_int_eq(scl_features_init(&whole, n, dim), SCL_OK);
    ck_assert_int_eq(scl_features_init(&views, 2 * n, dim), SCL_OK);
    for (int i = 0; i < n; i++) {
        struct scl_rng rng = scl_rng_at(3, SCL_RNG_TEST, 0, (uint32_t)i, 0);

        for (int d = 0; d < dim; d++) {
            const float x = scl_rng_normal(&rng);

            whole.row[i * dim + d] = views.row[i * dim + d] = x;
            views.row[(n + i) * dim + d] = x + noise * scl_rng_normal(&rng);
        }
    }
}

static void set_all(struct scl_features *f, float value)
{
    for (int i = 0; i < f->n * f->dim; i++)
        f->row[i] = value;
}

static void measure(void)
{
    ck_assert_msg(scl_unlabelled_find(&measures, &whole, &views) == SCL_OK, "%s", scl_error());
}

/* Directions are uniform on the sphere. |u - u'|^2 = 2 - 2 c, with c nearly normal of
 * variance 1 / D: ln E exp(-4 + 4 c) = -4 + 8 / D. The rank of 4000 rows of 32 falls short of
 * 32 as singular values spread by sqrt(D / n) / 2 each way: by D (D / n) / 8 or so, 0.03. */
START_TEST(even_directions_fill_the_space)
{
    make(4000, 32, 0);
    measure();
    ck_assert_double_eq_tol(measures.spread, 1, 0.01);
    ck_assert_double_eq_tol(measures.uniformity, -4 + 8.0 / 32, 0.01);
    ck_assert_double_eq_tol(measures.effective_rank, 32, 0.1);
    ck_assert_double_eq(measures.alignment, 0);
    ck_assert_int_eq(measures.n, 4000);
    ck_assert_int_eq(measures.dim, 32);
}
END_TEST

START_TEST(collapse_is_seen)
{
    make(50, 8, 0);
    set_all(&whole, 2);
    set_all(&views, 2);
    measure();
    ck_assert_double_eq_tol(measures.spread, 0, 1e-12);
    ck_assert_double_eq_tol(measures.uniformity, 0, 1e-12);
    ck_assert_double_eq(measures.effective_rank, 0);
    ck_assert_double_eq_tol(measures.alignment, 0, 1e-12);
}
END_TEST

START_TEST(zeros_give_numbers)
{
    make(5, 4, 0);
    set_all(&whole, 0);
    set_all(&views, 0);
    measure();
    ck_assert_double_eq(measures.spread, 0);
    ck_assert_double_eq(measures.uniformity, 0);
    ck_assert_double_eq(measures.effective_rank, 0);
    ck_assert_double_eq(measures.alignment, 0);
}
END_TEST

/* One direction with and one without a mean: singular values are of the centred rows. */
START_TEST(features_on_a_line_have_rank_one)
{
    make(40, 6, 0);
    for (int i = 0; i < 40; i++)
        for (int d = 0; d < 6; d++)
            whole.row[i * 6 + d] = (float)(i * (d + 1)) + 5 * (float)_i;
    measure();
    ck_assert_double_eq_tol(measures.effective_rank, 1, 1e-4); /* singular values to 1e-6 */
}
END_TEST

/* Rows +-a e_0, +-b e_1: singular values in the ratio a : b. */
START_TEST(rank_is_the_entropy_of_singular_values)
{
    const double p = 0.75, q = 0.25;

    make(4, 3, 0);
    set_all(&whole, 0);
    whole.row[0] = 3;
    whole.row[3] = -3;
    whole.row[7] = 1;
    whole.row[10] = -1;
    measure();
    ck_assert_double_eq_tol(measures.effective_rank, exp(-p * log(p) - q * log(q)), 1e-9);
}
END_TEST

/* Opposite views are 2 apart, whatever their lengths. */
START_TEST(opposite_views_are_not_aligned)
{
    make(10, 5, 0);
    for (int i = 10 * 5; i < 20 * 5; i++)
        views.row[i] *= -7;
    measure();
    ck_assert_double_eq_tol(measures.alignment, 4, 1e-6);
}
END_TEST

START_TEST(noise_moves_views_apart)
{
    double before;

    make(200, 16, 0.1f);
    measure();
    before = measures.alignment;
    teardown();
    make(200, 16, 0.5f);
    measure();
    ck_assert_double_gt(before, 0);
    ck_assert_double_gt(measures.alignment, 10 * before); /* as the square of the noise: 25 */
}
END_TEST

START_TEST(one_image_has_no_uniformity)
{
    make(1, 3, 0);
    measure();
    ck_assert(isnan(measures.uniformity));
    ck_assert_double_eq(measures.effective_rank, 0);
}
END_TEST

static void refuse(int code, const char *words)
{
    ck_assert_int_eq(scl_unlabelled_find(&measures, &whole, &views), code);
    ck_assert_str_eq(scl_error(), words);
}

START_TEST(no_images_are_refused_in_words)
{
    make(0, 3, 0);
    refuse(SCL_DATA, "measures: there are no images");
}
END_TEST

START_TEST(one_view_is_refused_in_words)
{
    make(4, 3, 0);
    views.n = 4;
    refuse(SCL_SHAPE, "measures: 4 views of 3 for 4 images of 3, wanted two each");
}
END_TEST

START_TEST(feature_that_is_not_finite_is_refused_in_words)
{
    make(4, 3, 0);
    views.row[5] = INFINITY;
    refuse(SCL_NUMERIC, "measures: feature 2 of view 1 is not finite");
}
END_TEST

/* Toeplitz: 2 on the diagonal, -1 beside it; 2 - 2 cos(k pi / (n + 1)). */
START_TEST(eigenvalues_of_a_chain_are_known)
{
    const int n = _i;
    double *a = calloc((size_t)(n * n), sizeof *a), *value = calloc((size_t)n, sizeof *value);

    for (int i = 0; i < n; i++) {
        a[i * n + i] = 2;
        if (i > 0)
            a[i * n + i - 1] = -1;
    }
    ck_assert_int_eq(scl_eigenvalues_find(value, a, n), SCL_OK);
    for (int k = 1; k <= n; k++)
        ck_assert_double_eq_tol(value[k - 1], 2 - 2 * cos(k * acos(-1) / (n + 1)), 1e-13);
    free(a);
    free(value);
}
END_TEST

/* A full matrix Q L Q' with known L; Q from two reflections. */
START_TEST(eigenvalues_survive_a_rotation)
{
    enum { N = 24 };
    double a[N][N] = { 0 }, value[N];

    for (int i = 0; i < N; i++)
        a[i][i] = i < 4 ? -1 : i; /* four times the same, the others apart */
    for (int turn = 0; turn < 2; turn++) {
        struct scl_rng rng = scl_rng_at(5, SCL_RNG_TEST, 0, (uint32_t)turn, 0);
        double v[N], vv = 0, h[N][N], t[N][N];

        for (int i = 0; i < N; i++) {
            v[i] = scl_rng_normal(&rng);
            vv += v[i] * v[i];
        }
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++)
                h[i][j] = (i == j) - 2 * v[i] * v[j] / vv;
        memset(t, 0, sizeof t);
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++)
                for (int k = 0; k < N; k++)
                    t[i][j] += h[i][k] * a[k][j];
        memset(a, 0, sizeof a);
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++)
                for (int k = 0; k < N; k++)
                    a[i][j] += t[i][k] * h[k][j];
    }
    ck_assert_int_eq(scl_eigenvalues_find(value, &a[0][0], N), SCL_OK);
    for (int i = 0; i < N; i++)
        ck_assert_double_eq_tol(value[i], i < 4 ? -1 : i, 1e-12);
}
END_TEST

const char *const suite_name = "eval/unlabelled";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, even_directions_fill_the_space);
    tcase_add_test(tc, collapse_is_seen);
    tcase_add_test(tc, zeros_give_numbers);
    tcase_add_loop_test(tc, features_on_a_line_have_rank_one, 0, 2);
    tcase_add_test(tc, rank_is_the_entropy_of_singular_values);
    tcase_add_test(tc, opposite_views_are_not_aligned);
    tcase_add_test(tc, noise_moves_views_apart);
    tcase_add_test(tc, one_image_has_no_uniformity);
    tcase_add_test(tc, no_images_are_refused_in_words);
    tcase_add_test(tc, one_view_is_refused_in_words);
    tcase_add_test(tc, feature_that_is_not_finite_is_refused_in_words);
    tcase_add_loop_test(tc, eigenvalues_of_a_chain_are_known, 1, 40);
    tcase_add_test(tc, eigenvalues_survive_a_rotation);
}
