/* unlabelled.c - collapse, alignment, uniformity, effective rank. */
#include "eval/unlabelled.h"

#include <math.h>
#include <stdlib.h>

#include "base/status.h"
#include "eval/eigen.h"

static double inverse_length(const float *x, int dim)
{
    double sum = 0;

    for (int d = 0; d < dim; d++)
        sum += (double)x[d] * x[d];
    return sum > 0 ? 1 / sqrt(sum) : 0;
}

static const float *row_of(const struct scl_features *f, int i)
{
    return f->row + (size_t)i * (size_t)f->dim;
}

/* |u - u'|^2 of the directions of a and b. */
static double distance2(const float *a, const float *b, int dim)
{
    const double p = inverse_length(a, dim), q = inverse_length(b, dim);
    double sum = 0;

    for (int d = 0; d < dim; d++) {
        const double difference = p * a[d] - q * b[d];

        sum += difference * difference;
    }
    return sum;
}

/* Mean and sum of squared deviations of each dimension, row by row: Welford. */
static double spread(const struct scl_features *f, double *mean, double *square)
{
    double sum = 0;

    for (int d = 0; d < f->dim; d++)
        mean[d] = square[d] = 0;
    for (int i = 0; i < f->n; i++) {
        const float *x = row_of(f, i);
        const double scale = inverse_length(x, f->dim);

        for (int d = 0; d < f->dim; d++) {
            const double delta = scale * x[d] - mean[d];

            mean[d] += delta / (i + 1);
            square[d] += delta * (scale * x[d] - mean[d]);
        }
    }
    for (int d = 0; d < f->dim; d++)
        sum += sqrt(square[d] / f->n);
    return sum / sqrt(f->dim);
}

static double alignment(const struct scl_features *views)
{
    const int n = views->n / 2;
    double sum = 0;

    for (int i = 0; i < n; i++)
        sum += distance2(row_of(views, i), row_of(views, n + i), views->dim);
    return sum / n;
}

static double uniformity(const struct scl_features *f)
{
    const int n = f->n < SCL_UNIFORMITY_ROWS ? f->n : SCL_UNIFORMITY_ROWS;
    double sum = 0;

    /* Sets may be sorted by class, so the sample comes from all along. */
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++)
            sum += exp(-2 * distance2(row_of(f, (int)((int64_t)i * f->n / n)),
                                      row_of(f, (int)((int64_t)j * f->n / n)), f->dim));
    return n > 1 ? log(sum / (0.5 * n * (n - 1))) : NAN;
}

/* The lower triangle of the rows' scatter about their mean. Returns the sum of squares. */
static double scatter(double *a, const struct scl_features *f, double *mean, double *centred)
{
    const size_t D = (size_t)f->dim;
    double square = 0;

    for (size_t d = 0; d < D; d++)
        mean[d] = 0;
    for (size_t k = 0; k < D * D; k++)
        a[k] = 0;
    for (int i = 0; i < f->n; i++)
        for (size_t d = 0; d < D; d++) {
            mean[d] += row_of(f, i)[d] / (double)f->n;
            square += (double)row_of(f, i)[d] * row_of(f, i)[d];
        }
    for (int i = 0; i < f->n; i++) {
        for (size_t d = 0; d < D; d++)
            centred[d] = row_of(f, i)[d] - mean[d];
        for (size_t r = 0; r < D; r++)
            for (size_t c = 0; c <= r; c++)
                a[r * D + c] += centred[r] * centred[c];
    }
    return square;
}

/* Singular values are the roots of the scatter's eigenvalues. Those that rounding made of
 * nothing are taken as nothing: there are D of them, and an entropy would count each. The
 * features' own rounding is 1e-7 of them, whose sum of squares is `square`. */
static double effective_rank(const double *eigenvalue, int dim, double square)
{
    const double least = fmax(1e-12 * eigenvalue[dim - 1], 1e-14 * square);
    double sum = 0, entropy = 0;

    for (int d = 0; d < dim; d++)
        sum += eigenvalue[d] > least ? sqrt(eigenvalue[d]) : 0;
    if (sum <= 0)
        return 0;
    for (int d = 0; d < dim; d++)
        if (eigenvalue[d] > least) {
            const double p = sqrt(eigenvalue[d]) / sum;

            entropy -= p * log(p);
        }
    return exp(entropy);
}

static int check(const struct scl_features *whole, const struct scl_features *views)
{
    const struct scl_features *const both[] = { whole, views };

    if (whole->n < 1)
        return scl_fail(SCL_DATA, "measures: there are no images");
    if (whole->dim > SCL_MEASURES_DIM)
        return scl_fail(SCL_SHAPE, "measures: rows of %d floats, wanted at most %d", whole->dim,
                        SCL_MEASURES_DIM);
    if (views->n != 2 * whole->n || views->dim != whole->dim)
        return scl_fail(SCL_SHAPE, "measures: %d views of %d for %d images of %d, wanted two each",
                        views->n, views->dim, whole->n, whole->dim);
    for (int b = 0; b < 2; b++)
        for (int i = 0; i < both[b]->n; i++)
            for (int d = 0; d < both[b]->dim; d++)
                if (!isfinite(row_of(both[b], i)[d]))
                    return scl_fail(SCL_NUMERIC, "measures: feature %d of %s %d is not finite", d,
                                    b ? "view" : "image", i);
    return SCL_OK;
}

int scl_unlabelled_find(struct scl_unlabelled *out, const struct scl_features *whole,
                        const struct scl_features *views)
{
    const size_t D = (size_t)whole->dim;
    double *work = NULL, *a, *x, *y, square; /* [D, D], [D], [D] */
    int rc;

    SCL_TRY(check(whole, views));
    if (!(work = malloc((D * D + 2 * D) * sizeof *work))) {
        rc = scl_fail(SCL_NOMEM, "out of memory for a matrix of %d by %d", whole->dim, whole->dim);
        goto out;
    }
    a = work;
    x = work + D * D;
    y = x + D;
    *out = (struct scl_unlabelled){ .n = whole->n,
                                    .dim = whole->dim,
                                    .spread = spread(whole, x, y),
                                    .alignment = alignment(views),
                                    .uniformity = uniformity(whole) };
    square = scatter(a, whole, x, y);
    SCL_TRY(scl_eigenvalues_find(x, a, whole->dim));
    out->effective_rank = effective_rank(x, whole->dim, square);
out:
    free(work);
    return rc;
}
