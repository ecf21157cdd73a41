/* whiten.c - slices of rows whose columns get unit covariance: W-MSE's whitening.
 *
 * Kernels and formulas: cl_kernels/whiten/. The covariances' factors: whiten_factor.c; the
 * gradient: whiten_grad.c.
 */
#include "base/status.h"
#include "graph/case.h"
#include "ops/ops.h"
#include "ops/split_impl.h"
#include "ops/whiten_impl.h"

/* Of centered rows and their factors. */
static int infer(struct scl_node *y)
{
    y->shape = y->in[0]->shape;
    return SCL_OK;
}

static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    struct scl_node *in[] = { dy, y, y->in[1] };

    if (want[0])
        dx[0] = scl_apply(g, &scl_op_whiten_grad, 3, in, y->attr, sizeof(struct scl_whiten));
    return scl_graph_check(g);
}

/* z = x W^T, where W^T lies behind W. */
static int lower(const struct scl_node *y, struct scl_lowering *l, enum scl_family family)
{
    const struct scl_whiten_size z = scl_whiten_size(y);
    const struct scl_whiten_product apply = { .y.node = y,
                                              .a.node = y->in[0],
                                              .b.node = y->in[1],
                                              .first = z.E * z.E,
                                              .stride = scl_whiten_factor_floats(z),
                                              .triangle = SCL_WHITEN_UPPER };

    scl_whiten_product(l, family, z, &apply);
    return scl_lower_end(l);
}

static int lower_vec(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, SCL_VEC);
}

static int lower_tile(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, SCL_TILE);
}

static const struct scl_candidate candidates[] = {
    { .name = "product.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "product.tile",
      .family = SCL_TILE,
      .accepts = scl_tile_accepts,
      .lower = lower_tile },
    { .name = NULL },
};

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const struct scl_whiten_size z = scl_whiten_size(y);

    for (size_t n = 0; n < z.slices * z.rows; n++) {
        const double *w = in[1] + n / z.rows * scl_whiten_factor_floats(z);

        for (size_t i = 0; i < z.E; i++) {
            out[n * z.E + i] = 0;
            for (size_t k = 0; k < z.E; k++)
                out[n * z.E + i] += in[0][n * z.E + k] * w[i * z.E + k];
        }
    }
}

static double flops(const struct scl_node *y)
{
    return (double)scl_shape_count(y->shape) * y->shape.dim[1];
}

static int from_case(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *x = scl_case_input(g, c, "x", SCL_CASE_PLAIN);
    const double eps = scl_case_float(c, "eps", 0);

    scl_case_output(g, c, "z", scl_whiten(g, x, x ? x->shape.dim[0] : 0, eps, NULL),
                    SCL_CASE_PLAIN);
    return scl_graph_check(g);
}

static int check(const struct scl_node *x, int size, double eps)
{
    if (x->type != SCL_F32 || x->shape.rank != 2)
        return scl_fail(SCL_SHAPE, "whiten: %s is %s, not [N, E] in fp32", x->name,
                        scl_shape_text(x->shape));
    if (size < 2 || x->shape.dim[0] % size != 0)
        return scl_fail(SCL_SHAPE, "whiten: %d rows do not divide into slices of %d, at least 2",
                        x->shape.dim[0], size);
    if (eps == 0 && size <= x->shape.dim[1])
        return scl_fail(SCL_SHAPE,
                        "whiten: slices of %d rows have a singular covariance of %d columns; "
                        "more rows than columns are wanted",
                        size, x->shape.dim[1]);
    if (!(eps >= 0 && eps <= 1))
        return scl_fail(SCL_CONFIG, "whiten: eps is %g, not from 0 to 1", eps);
    return SCL_OK;
}

struct scl_node *scl_whiten(struct scl_graph *g, struct scl_node *x, int size, double eps,
                            struct scl_node **singular)
{
    const struct scl_whiten attr = { .size = size, .eps = eps };
    struct scl_node *in[2];
    int rc = scl_graph_check(g);

    if (singular)
        *singular = NULL;
    if (rc < 0 || !x)
        return NULL;
    if ((rc = check(x, size, eps)) < 0)
        return scl_graph_refuse(g, rc);
    in[0] = scl_center_slices(g, x, size);
    in[1] = scl_apply(g, &scl_op_whiten_factor, 1, in, &attr, sizeof attr);
    if (singular)
        *singular = scl_apply(g, &scl_op_whiten_singular, 1, &in[1], NULL, 0);
    return scl_apply(g, &scl_op_whiten, 2, in, &attr, sizeof attr);
}

const struct scl_op scl_op_whiten = {
    .name = "whiten",
    .n_in = 2,
    .infer = infer,
    .grad = grad,
    .key = scl_whiten_key,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
    .from_case = from_case,
};
