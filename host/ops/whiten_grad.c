/* whiten_grad.c - the gradient of whitening, through the rows and through their covariance.
 *
 * Kernels and formulas: cl_kernels/whiten/.
 */
#include <string.h>

#include "base/status.h"
#include "ops/ops.h"
#include "ops/split_impl.h"
#include "ops/whiten_impl.h"

/* Of dz, z and the factors. */
static int infer(struct scl_node *dx)
{
    dx->shape = dx->in[0]->shape;
    return SCL_OK;
}

/* M = dz^T z, K symmetric with M's lower triangle, T = dz - (1 - eps) / (rows - 1) z K,
 * dx = T W: the factorisation itself is not gone through again. */
static int lower(const struct scl_node *dx, struct scl_lowering *l, enum scl_family family)
{
    const struct scl_node *dz = dx->in[0], *z_node = dx->in[1];
    const struct scl_whiten *attr = dx->attr;
    const struct scl_whiten_size z = scl_whiten_size(dx);
    const int k = scl_lower_scratch(l, z.slices * z.E * z.E * sizeof(float));
    const int t = scl_lower_scratch(l, scl_shape_count(dx->shape) * sizeof(float));
    const struct scl_whiten_gram gram = { .c = k, .a = dz, .b = z_node, .scale = 1 };
    const struct scl_whiten_product through = { .y.scratch = t,
                                                .a.node = z_node,
                                                .b.scratch = k,
                                                .stride = z.E * z.E,
                                                .base = dz,
                                                .alpha = (attr->eps - 1) / (attr->size - 1) };
    const struct scl_whiten_product back = { .y.node = dx,
                                             .a.scratch = t,
                                             .b.node = dx->in[2],
                                             .stride = scl_whiten_factor_floats(z),
                                             .triangle = SCL_WHITEN_LOWER };

    scl_whiten_gram(l, family, z, &gram);
    scl_whiten_product(l, family, z, &through);
    scl_whiten_product(l, family, z, &back);
    return scl_lower_end(l);
}

static int lower_vec(const struct scl_node *dx, struct scl_lowering *l)
{
    return lower(dx, l, SCL_VEC);
}

static int lower_tile(const struct scl_node *dx, struct scl_lowering *l)
{
    return lower(dx, l, SCL_TILE);
}

static const struct scl_candidate candidates[] = {
    { .name = "product.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "product.tile",
      .family = SCL_TILE,
      .accepts = scl_tile_accepts,
      .lower = lower_tile },
    { .name = NULL },
};

/* sum_r dz[r,i] z[r,j] of a slice, i >= j. */
static double product_sum(const double *dz, const double *z, struct scl_whiten_size size, size_t i,
                          size_t j)
{
    double sum = 0;

    for (size_t r = 0; r < size.rows; r++)
        sum += dz[r * size.E + i] * z[r * size.E + j];
    return sum;
}

/* Rows of a slice become T, then T W in place: element k of a row needs none before it. */
static void grad_slice(double *out, const double *dz, const double *z, const double *w,
                       struct scl_whiten_size size, double share)
{
    const size_t E = size.E;

    memcpy(out, dz, size.rows * E * sizeof *out);
    for (size_t i = 0; i < E; i++)
        for (size_t j = 0; j < E; j++) {
            const double k = product_sum(dz, z, size, i > j ? i : j, i > j ? j : i);

            for (size_t r = 0; r < size.rows; r++)
                out[r * E + j] -= share * z[r * E + i] * k;
        }
    for (size_t r = 0; r < size.rows; r++)
        for (size_t k = 0; k < E; k++) {
            double sum = 0;

            for (size_t i = k; i < E; i++)
                sum += out[r * E + i] * w[i * E + k];
            out[r * E + k] = sum;
        }
}

static void reference(const struct scl_node *dx, double *const in[], double *out)
{
    const struct scl_whiten *attr = dx->attr;
    const struct scl_whiten_size z = scl_whiten_size(dx);

    for (size_t s = 0; s < z.slices; s++) {
        const size_t first = s * z.rows * z.E;

        grad_slice(out + first, in[0] + first, in[1] + first,
                   in[2] + s * scl_whiten_factor_floats(z), z, (1 - attr->eps) / (attr->size - 1));
    }
}

static double flops(const struct scl_node *dx)
{
    return 4.0 * (double)scl_shape_count(dx->shape) * dx->shape.dim[1];
}

const struct scl_op scl_op_whiten_grad = {
    .name = "whiten_grad",
    .n_in = 3,
    .infer = infer,
    .key = scl_whiten_key,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
};
