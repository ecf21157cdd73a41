/* eigen.h - eigenvalues of a symmetric matrix, on the host, in double precision.
 *
 *     SCL_TRY(scl_eigenvalues_find(value, matrix, n));
 */
#ifndef SCL_EVAL_EIGEN_H
#define SCL_EVAL_EIGEN_H

/* The n eigenvalues of a [n, n], ascending, each to 1e-14 or so of the largest; a is
 * overwritten (its lower triangle is read). Householder's tridiagonal form, then
 * bisection by Sturm's count: Barth, Martin and Wilkinson 1967. About 4/3 n^3
 * operations. */
int scl_eigenvalues_find(double *value, double *a, int n);

#endif
