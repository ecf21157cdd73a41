/* dsm_loss.c - denoising score matching, weighted by sigma squared.
 *
 * Kernels and formulas: cl_kernels/dsm_loss.cl.
 */
#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

static int check_inputs(const struct scl_node *score, const struct scl_node *noise,
                        const struct scl_node *sigma)
{
    if (score->shape.rank < 2 || !scl_shape_equal(score->shape, noise->shape))
        return scl_fail(SCL_SHAPE, "dsm_loss: score %s and noise %s are not alike and by image",
                        scl_shape_text(score->shape), scl_shape_text(noise->shape));
    if (sigma->shape.rank != 1 || sigma->shape.dim[0] != score->shape.dim[0])
        return scl_fail(SCL_SHAPE, "dsm_loss: sigma is %s, not one to each image of %s",
                        scl_shape_text(sigma->shape), scl_shape_text(score->shape));
    return SCL_OK;
}

static int infer(struct scl_node *y)
{
    y->shape = SCL_SHAPE1(1);
    return check_inputs(y->in[0], y->in[1], y->in[2]);
}

static int grad_infer(struct scl_node *ds)
{
    ds->shape = ds->in[1]->shape;
    return check_inputs(ds->in[1], ds->in[2], ds->in[3]);
}

/* With r = sigma s + z: ds = sigma r / N, dz = r / N, dsigma = sum s r / N. */
static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    struct scl_node *score = y->in[0], *sigma = y->in[2], *dz;
    struct scl_node *in[] = { dy, score, y->in[1], sigma };
    struct scl_node *ds = scl_apply(g, &scl_op_dsm_loss_grad, 4, in, NULL, 0);

    if (want[0])
        dx[0] = ds;
    if (!want[1] && !want[2])
        return scl_graph_check(g);
    dz = scl_divide_rows(g, ds, sigma);
    if (want[1])
        dx[1] = dz;
    if (want[2])
        dx[2] = scl_row_products(g, score, dz);
    return scl_graph_check(g);
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const struct scl_shape shape = y->in[0]->shape;
    const size_t rows = (size_t)shape.dim[0];
    const int loss = scl_lower_scratch(l, rows * sizeof(float));

    scl_launch_rows(l, "dsm_loss", "dsm_loss", key, rows);
    scl_lower_use(l, loss);
    for (int i = 0; i < y->n_in; i++)
        scl_lower_value(l, y->in[i]);
    scl_lower_int(l, (int)scl_shape_inner(shape, 0));
    scl_launch_total(l, y, loss, rows, 1.0 / (double)rows, key);
    return scl_lower_end(l);
}

static int lower_vec(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "rowwise.vec");
}

static int lower_tile(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "rowwise.tile");
}

static const struct scl_candidate candidates[] = {
    { .name = "row.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "row.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

static int grad_lower(const struct scl_node *ds, struct scl_lowering *l, const char *key)
{
    const size_t rows = (size_t)ds->shape.dim[0];

    scl_launch_rows(l, "dsm_loss", "dsm_loss_grad", key, rows);
    scl_lower_value(l, ds);
    for (int i = 0; i < ds->n_in; i++)
        scl_lower_value(l, ds->in[i]);
    scl_lower_int(l, (int)scl_shape_inner(ds->shape, 0));
    scl_lower_float(l, (float)(1.0 / (double)rows));
    return scl_lower_end(l);
}

static int grad_vec(const struct scl_node *ds, struct scl_lowering *l)
{
    return grad_lower(ds, l, "rowwise.vec");
}

static int grad_tile(const struct scl_node *ds, struct scl_lowering *l)
{
    return grad_lower(ds, l, "rowwise.tile");
}

static const struct scl_candidate grad_candidates[] = {
    { .name = "row.vec", .family = SCL_VEC, .lower = grad_vec },
    { .name = "row.tile", .family = SCL_TILE, .lower = grad_tile },
    { .name = NULL },
};

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const size_t rows = (size_t)y->in[0]->shape.dim[0];
    const size_t cols = scl_shape_inner(y->in[0]->shape, 0);

    out[0] = 0;
    for (size_t i = 0; i < rows * cols; i++) {
        const double r = in[2][i / cols] * in[0][i] + in[1][i];

        out[0] += 0.5 * r * r / (double)rows;
    }
}

static void grad_reference(const struct scl_node *ds, double *const in[], double *out)
{
    const size_t rows = (size_t)ds->shape.dim[0], cols = scl_shape_inner(ds->shape, 0);

    for (size_t i = 0; i < rows * cols; i++) {
        const double sigma = in[3][i / cols];

        out[i] = in[0][0] / (double)rows * sigma * (sigma * in[1][i] + in[2][i]);
    }
}

struct scl_node *scl_dsm_loss(struct scl_graph *g, struct scl_node *score, struct scl_node *noise,
                              struct scl_node *sigma)
{
    struct scl_node *in[] = { score, noise, sigma };

    return scl_apply(g, &scl_op_dsm_loss, 3, in, NULL, 0);
}

const struct scl_op scl_op_dsm_loss = {
    .name = "dsm_loss",
    .n_in = 3,
    .infer = infer,
    .grad = grad,
    .candidates = candidates,
    .reference = reference,
};

const struct scl_op scl_op_dsm_loss_grad = {
    .name = "dsm_loss_grad",
    .n_in = 4,
    .infer = grad_infer,
    .candidates = grad_candidates,
    .reference = grad_reference,
};
