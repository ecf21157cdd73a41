/* weighted_mean.c - the mean of weighted values.
 *
 * Kernels and formulas: cl_kernels/weighted_mean.cl.
 */
#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

static int infer(struct scl_node *y)
{
    const struct scl_node *x = y->in[0], *w = y->in[1];

    if (x->shape.rank != 1 || !scl_shape_equal(x->shape, w->shape))
        return scl_fail(SCL_SHAPE, "weighted_mean: values %s and weights %s are not both [n]",
                        scl_shape_text(x->shape), scl_shape_text(w->shape));
    y->shape = SCL_SHAPE1(1);
    return SCL_OK;
}

static int grad_infer(struct scl_node *dx)
{
    dx->shape = dx->in[1]->shape;
    return SCL_OK;
}

static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    for (int i = 0; i < 2; i++)
        if (want[i])
            dx[i] = scl_apply(g, &scl_op_weighted_mean_grad, 2,
                              (struct scl_node *[]){ dy, y->in[1 - i] }, NULL, 0);
    return scl_graph_check(g);
}

/* Both directions take y, their two inputs, and the number of values. */
static int finish(const struct scl_node *y, struct scl_lowering *l)
{
    const int n = y->in[1]->shape.dim[0];

    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_value(l, y->in[1]);
    scl_lower_int(l, n);
    scl_lower_float(l, (float)(1.0 / n));
    return scl_lower_end(l);
}

static int lower_vec(const struct scl_node *y, struct scl_lowering *l)
{
    scl_launch_rows(l, "weighted_mean", "weighted_mean", "rowwise.vec", 1);
    return finish(y, l);
}

static int lower_tile(const struct scl_node *y, struct scl_lowering *l)
{
    scl_launch_rows(l, "weighted_mean", "weighted_mean", "rowwise.tile", 1);
    return finish(y, l);
}

static const struct scl_candidate candidates[] = {
    { .name = "row.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "row.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

static int grad_vec(const struct scl_node *dx, struct scl_lowering *l)
{
    scl_launch_spans(l, "weighted_mean", "weighted_mean_grad", "elementwise.vec",
                     scl_shape_count(dx->shape));
    return finish(dx, l);
}

static int grad_tile(const struct scl_node *dx, struct scl_lowering *l)
{
    scl_launch_spans(l, "weighted_mean", "weighted_mean_grad", "elementwise.tile",
                     scl_shape_count(dx->shape));
    return finish(dx, l);
}

static const struct scl_candidate grad_candidates[] = {
    { .name = "span.vec", .family = SCL_VEC, .lower = grad_vec },
    { .name = "span.tile", .family = SCL_TILE, .lower = grad_tile },
    { .name = NULL },
};

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const int n = y->in[0]->shape.dim[0];

    out[0] = 0;
    for (int i = 0; i < n; i++)
        out[0] += in[1][i] * in[0][i] / n;
}

static void grad_reference(const struct scl_node *dx, double *const in[], double *out)
{
    const int n = dx->shape.dim[0];

    for (int i = 0; i < n; i++)
        out[i] = in[0][0] * in[1][i] / n;
}

struct scl_node *scl_weighted_mean(struct scl_graph *g, struct scl_node *x, struct scl_node *w)
{
    struct scl_node *in[] = { x, w };

    return scl_apply(g, &scl_op_weighted_mean, 2, in, NULL, 0);
}

/* Weights of 1 for the rows of x. */
static struct scl_node *ones(struct scl_graph *g, const struct scl_node *x)
{
    float *one;

    if (!x || !(one = scl_graph_keep(g, NULL, scl_shape_count(x->shape) * sizeof *one)))
        return NULL;
    for (size_t i = 0; i < scl_shape_count(x->shape); i++)
        one[i] = 1.0f;
    return scl_constant(g, "ones", SCL_F32, x->shape, one);
}

struct scl_node *scl_row_mean(struct scl_graph *g, struct scl_node *x, struct scl_node *w)
{
    return scl_weighted_mean(g, x, w ? w : ones(g, x));
}

const struct scl_op scl_op_weighted_mean = {
    .name = "weighted_mean",
    .n_in = 2,
    .infer = infer,
    .grad = grad,
    .candidates = candidates,
    .reference = reference,
};

const struct scl_op scl_op_weighted_mean_grad = {
    .name = "weighted_mean_grad",
    .n_in = 2,
    .infer = grad_infer,
    .candidates = grad_candidates,
    .reference = grad_reference,
};
