/* nt_xent.c - the contrastive loss of each pair of views.
 *
 * Kernels and formulas: cl_kernels/nt_xent.cl.
 */
#include <math.h>

#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

static int check_similarity(const struct scl_node *s)
{
    if (s->shape.rank != 2 || s->shape.dim[0] != s->shape.dim[1] || s->shape.dim[0] % 2 != 0 ||
        s->type != SCL_F32)
        return scl_fail(SCL_SHAPE, "nt_xent: %s is %s, not [2 pairs, 2 pairs] in fp32", s->name,
                        scl_shape_text(s->shape));
    return SCL_OK;
}

static int infer(struct scl_node *y)
{
    y->shape = SCL_SHAPE1(y->in[0]->shape.dim[0] / 2);
    return check_similarity(y->in[0]);
}

static int grad_infer(struct scl_node *ds)
{
    ds->shape = ds->in[1]->shape;
    return check_similarity(ds->in[1]);
}

static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    struct scl_node *in[] = { dy, y->in[0] };

    if (want[0])
        dx[0] = scl_apply(g, &scl_op_nt_xent_grad, 2, in, NULL, 0);
    return scl_graph_check(g);
}

/* A group to a pair forward, to a row backward: to a row of y in both. */
static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const struct scl_node *s = y->in[y->n_in - 1];

    scl_launch_rows(l, "nt_xent", y->op->name, key, (size_t)y->shape.dim[0]);
    scl_lower_value(l, y);
    for (int i = 0; i < y->n_in; i++)
        scl_lower_value(l, y->in[i]);
    scl_lower_int(l, s->shape.dim[0] / 2);
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

/* log sum exp of row i, without element i. */
static double log_mass(const double *s, int i, int size)
{
    double top = -INFINITY, mass = 0;

    for (int j = 0; j < size; j++)
        if (j != i)
            top = fmax(top, s[j]);
    for (int j = 0; j < size; j++)
        if (j != i)
            mass += exp(s[j] - top);
    return log(mass) + top;
}

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const int n = y->shape.dim[0], size = 2 * n;

    for (int k = 0; k < n; k++) {
        const double *a = in[0] + (size_t)k * size, *b = in[0] + (size_t)(k + n) * size;

        out[k] = 0.5 * (log_mass(a, k, size) - a[k + n] + log_mass(b, k + n, size) - b[k]);
    }
}

static void grad_reference(const struct scl_node *ds, double *const in[], double *out)
{
    const int size = ds->shape.dim[0], n = size / 2;

    for (int i = 0; i < size; i++) {
        const double *s = in[1] + (size_t)i * size;
        const double mass = log_mass(s, i, size), half_dy = 0.5 * in[0][i % n];

        for (int j = 0; j < size; j++)
            out[(size_t)i * size + j] =
                j == i ? 0 : half_dy * (exp(s[j] - mass) - (j == (i + n) % size));
    }
}

struct scl_node *scl_nt_xent(struct scl_graph *g, struct scl_node *s)
{
    return scl_apply(g, &scl_op_nt_xent, 1, &s, NULL, 0);
}

const struct scl_op scl_op_nt_xent = {
    .name = "nt_xent",
    .n_in = 1,
    .infer = infer,
    .grad = grad,
    .candidates = candidates,
    .reference = reference,
};

const struct scl_op scl_op_nt_xent_grad = {
    .name = "nt_xent_grad",
    .n_in = 2,
    .infer = grad_infer,
    .candidates = candidates,
    .reference = grad_reference,
};
