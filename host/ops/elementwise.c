/* elementwise.c - the shape rule and the launches of element-wise operators. */
#include "ops/elementwise_impl.h"

#include <limits.h>

#include "base/status.h"
#include "ops/launch_impl.h"

int scl_elementwise_infer(struct scl_node *y)
{
    const struct scl_node *x = y->in[0];

    for (int i = 0; i < y->n_in; i++) {
        if (y->in[i]->type != SCL_F32)
            return scl_fail(SCL_SHAPE, "%s: %s is not fp32", y->op->name, y->in[i]->name);
        if (!scl_shape_equal(y->in[i]->shape, x->shape))
            return scl_fail(SCL_SHAPE, "%s: %s is %s, and %s is %s; they have one shape",
                            y->op->name, x->name, scl_shape_text(x->shape), y->in[i]->name,
                            scl_shape_text(y->in[i]->shape));
    }
    if (!scl_shape_count(x->shape) || scl_shape_count(x->shape) > INT_MAX)
        return scl_fail(SCL_SHAPE, "%s: %s has %zu elements; 1 to 2^31 - 1 fit", y->op->name,
                        x->name, scl_shape_count(x->shape));
    y->shape = x->shape;
    return SCL_OK;
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const struct scl_elementwise *attr = y->attr;
    const size_t n = scl_shape_count(y->shape);

    scl_launch_spans(l, attr->file, y->op->name, key, n);
    scl_lower_value(l, y);
    for (int i = 0; i < y->n_in; i++)
        scl_lower_value(l, y->in[i]);
    scl_lower_int(l, (int)n);
    for (int i = 0; i < attr->n_scalar; i++)
        scl_lower_float(l, attr->scalar[i]);
    return scl_lower_end(l);
}

static int lower_vec(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "elementwise.vec");
}

static int lower_tile(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "elementwise.tile");
}

const struct scl_candidate scl_elementwise_candidates[] = {
    { .name = "span.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "span.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};
