/* eigen.c - Householder and bisection. */
#include "eval/eigen.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/status.h"

/* Reflects what is below the diagonal of column k into one element, from both sides. p and v
 * have room for n. Returns that element. */
static double reflect(double *a, size_t n, size_t k, double *v, double *p)
{
    double length = 0, alpha, vv = 0, vp = 0;

    for (size_t i = k + 1; i < n; i++)
        length = hypot(length, a[i * n + k]);
    alpha = a[(k + 1) * n + k] > 0 ? -length : length;
    for (size_t i = k + 1; i < n; i++) {
        v[i] = a[i * n + k] - (i == k + 1 ? alpha : 0);
        vv += v[i] * v[i];
        p[i] = 0;
    }
    if (vv == 0)
        return alpha;
    /* p = A v from the lower triangle; then A -= v w' + w v', w = beta (p - (beta/2) (p'v) v). */
    for (size_t i = k + 1; i < n; i++) {
        for (size_t j = k + 1; j < i; j++) {
            p[i] += a[i * n + j] * v[j];
            p[j] += a[i * n + j] * v[i];
        }
        p[i] += a[i * n + i] * v[i];
    }
    for (size_t i = k + 1; i < n; i++)
        vp += v[i] * p[i];
    for (size_t i = k + 1; i < n; i++)
        p[i] = 2 / vv * (p[i] - vp / vv * v[i]);
    for (size_t i = k + 1; i < n; i++)
        for (size_t j = k + 1; j <= i; j++)
            a[i * n + j] -= v[i] * p[j] + p[i] * v[j];
    return alpha;
}

/* How many eigenvalues of the tridiagonal matrix lie below x: signs of the pivots of
 * T - x I. `off` holds the squares of the off-diagonal. */
static size_t count_below(const double *diagonal, const double *off, size_t n, double x)
{
    size_t count = 0;
    double pivot = 1;

    for (size_t i = 0; i < n; i++) {
        pivot = diagonal[i] - x - (i > 0 ? off[i] / pivot : 0);
        if (pivot == 0)
            pivot = -DBL_MIN;
        count += pivot < 0;
    }
    return count;
}

static void bisect(double *value, const double *diagonal, const double *off, size_t n)
{
    double low = 0, high = 0;

    for (size_t i = 0; i < n; i++) { /* Gershgorin's circles */
        const double radius = sqrt(off[i]) + (i + 1 < n ? sqrt(off[i + 1]) : 0);

        low = fmin(low, diagonal[i] - radius);
        high = fmax(high, diagonal[i] + radius);
    }
    for (size_t i = 0; i < n; i++) {
        double a = low, b = high;

        for (double x; x = a + (b - a) / 2, x > a && x < b;)
            *(count_below(diagonal, off, n, x) > i ? &b : &a) = x;
        value[i] = b;
        low = a;
    }
}

int scl_eigenvalues_find(double *value, double *a, int n)
{
    const size_t N = (size_t)n;
    double *work = calloc(4 * N + 1, sizeof *work);
    double *diagonal = work, *off = work + N, *v = work + 2 * N, *p = work + 3 * N;

    if (!work)
        return scl_fail(SCL_NOMEM, "out of memory for %d eigenvalues", n);
    for (size_t k = 0; k + 1 < N; k++) {
        const double below = reflect(a, N, k, v, p);

        off[k + 1] = below * below;
    }
    for (size_t i = 0; i < N; i++)
        diagonal[i] = a[i * N + i];
    bisect(value, diagonal, off, N);
    free(work);
    return SCL_OK;
}
