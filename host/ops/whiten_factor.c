/* whiten_factor.c - the inverse of a covariance's Cholesky factor, slice by slice, and how
 * many slices have none.
 *
 * Kernels and formulas: cl_kernels/whiten/factor.cl. Gradients do not pass through: the
 * operator that applies it has them all.
 */
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"
#include "ops/split_impl.h"
#include "ops/whiten_impl.h"

static int infer(struct scl_node *y)
{
    const struct scl_whiten_size z = scl_whiten_size(y);

    y->shape = SCL_SHAPE3((int)z.slices, 2 * (int)z.E + 1, (int)z.E);
    return SCL_OK;
}

static int lower(const struct scl_node *y, struct scl_lowering *l, enum scl_family family,
                 const char *key, const char *row_key)
{
    const struct scl_whiten *attr = y->attr;
    const struct scl_whiten_size z = scl_whiten_size(y);
    const size_t bytes = z.slices * z.E * z.E * sizeof(float);
    const size_t wg = (size_t)scl_lower_param(l, row_key, "WG");
    const size_t width = wg * (size_t)scl_lower_param(l, row_key, "LANES");
    const float limit = (float)scl_whiten_limit(z.E);
    const struct scl_whiten_gram gram = { .c = scl_lower_scratch(l, bytes),
                                          .a = y->in[0],
                                          .b = y->in[0],
                                          .scale = (1 - attr->eps) / (attr->size - 1),
                                          .diagonal = attr->eps };
    const int factor = scl_lower_scratch(l, bytes);

    scl_whiten_gram(l, family, z, &gram);

    scl_launch_rows(l, "whiten/factor", "whiten_factor", key, z.slices);
    scl_lower_define(l, "COLS", (int)z.E);
    scl_lower_value(l, y);
    scl_lower_use(l, factor);
    scl_lower_use(l, gram.c);
    scl_lower_float(l, limit);

    scl_launch_rows(l, "whiten/factor", "whiten_invert", row_key, 1);
    scl_lower_define(l, "COLS", (int)z.E);
    scl_lower_value(l, y);
    scl_lower_use(l, factor);
    scl_lower_float(l, limit);
    scl_lower_groups(l, scl_divide_up(z.E, width), z.slices, 1, wg);
    return scl_lower_end(l);
}

static int lower_vec(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, SCL_VEC, "whiten/factor.vec", "rowwise.vec");
}

static int lower_tile(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, SCL_TILE, "whiten/factor.tile", "rowwise.tile");
}

static const struct scl_candidate candidates[] = {
    { .name = "cholesky.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "cholesky.tile",
      .family = SCL_TILE,
      .accepts = scl_tile_accepts,
      .lower = lower_tile },
    { .name = NULL },
};

/* The lower triangle of S' into c. */
static void covariance(double *c, const double *x, struct scl_whiten_size z, double eps)
{
    for (size_t i = 0; i < z.E; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = 0;

            for (size_t r = 0; r < z.rows; r++)
                sum += x[r * z.E + i] * x[r * z.E + j];
            c[i * z.E + j] = (1 - eps) * sum / (double)(z.rows - 1) + (i == j ? eps : 0);
        }
}

/* S' to its lower Cholesky factor, column by column; returns the smallest pivot over its
 * diagonal, where that is a sign of singularity after no more columns. */
static double cholesky(double *c, size_t E)
{
    double least = INFINITY;

    for (size_t j = 0; j < E; j++)
        if (!isfinite(c[j * E + j]))
            return NAN;
    for (size_t j = 0; j < E && least > scl_whiten_limit(E); j++) {
        const double whole = c[j * E + j];

        for (size_t i = j; i < E; i++)
            for (size_t k = 0; k < j; k++)
                c[i * E + j] -= c[i * E + k] * c[j * E + k];
        least = fmin(least, whole > 0 ? c[j * E + j] / whole : 0);
        c[j * E + j] = sqrt(c[j * E + j]);
        for (size_t i = j + 1; i < E; i++)
            c[i * E + j] /= c[j * E + j];
    }
    return least;
}

/* Column j of w = l^-1. */
static void invert_column(double *w, const double *l, size_t E, size_t j)
{
    for (size_t i = 0; i < E; i++) {
        double sum = i == j;

        for (size_t k = j; k < i; k++)
            sum -= l[i * E + k] * w[k * E + j];
        w[i * E + j] = i < j ? 0 : sum / l[i * E + i];
    }
}

/* A slice's covariance is formed where its W^T will be. */
static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const struct scl_whiten_size z = scl_whiten_size(y);
    const size_t E = z.E;

    for (size_t s = 0; s < z.slices; s++) {
        double *w = out + s * scl_whiten_factor_floats(z), *turned = w + E * E, least;

        covariance(turned, in[0] + s * z.rows * E, z, ((const struct scl_whiten *)y->attr)->eps);
        least = cholesky(turned, E);
        for (size_t j = 0; j < E; j++)
            invert_column(w, turned, E, j);
        for (size_t i = 0; i < E * E; i++)
            w[i] = least > scl_whiten_limit(E) ? w[i] : NAN;
        for (size_t i = 0; i < E * E; i++)
            turned[i] = w[i % E * E + i / E];
        for (size_t i = 0; i < E; i++)
            turned[E * E + i] = least;
    }
}

static double flops(const struct scl_node *y)
{
    const struct scl_whiten_size z = scl_whiten_size(y);
    const double E = (double)z.E;

    return (double)z.slices * E * E * ((double)z.rows + 2 * E / 3);
}

const struct scl_op scl_op_whiten_factor = {
    .name = "whiten_factor",
    .n_in = 1,
    .infer = infer,
    .key = scl_whiten_key,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
};

static int singular_infer(struct scl_node *y)
{
    y->shape = SCL_SHAPE1(1);
    return SCL_OK;
}

static int lower_singular(const struct scl_node *y, struct scl_lowering *l)
{
    const struct scl_shape f = y->in[0]->shape;

    scl_lower_begin(l, "whiten/factor", "whiten_singular");
    scl_lower_define(l, "COLS", f.dim[2]);
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_int(l, f.dim[0]);
    scl_lower_float(l, (float)scl_whiten_limit((size_t)f.dim[2]));
    scl_lower_groups(l, 1, 1, 1, 1);
    return scl_lower_end(l);
}

static const struct scl_candidate singular_candidates[] = {
    { .name = "item.vec", .family = SCL_VEC, .lower = lower_singular },
    { .name = "item.tile", .family = SCL_TILE, .lower = lower_singular },
    { .name = NULL },
};

static void singular_reference(const struct scl_node *y, double *const in[], double *out)
{
    const struct scl_shape f = y->in[0]->shape;
    const size_t floats = scl_shape_inner(f, 0);

    out[0] = 0;
    for (size_t s = 0; s < (size_t)f.dim[0]; s++)
        out[0] += in[0][(s + 1) * floats - 1] <= scl_whiten_limit((size_t)f.dim[2]);
}

const struct scl_op scl_op_whiten_singular = {
    .name = "whiten_singular",
    .n_in = 1,
    .infer = singular_infer,
    .candidates = singular_candidates,
    .reference = singular_reference,
};
