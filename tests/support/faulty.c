/* faulty.c - one kernel, built to fail in the way that the candidate's name says. */
#include "support/faulty.h"

#include "base/status.h"

static int infer(struct scl_node *y)
{
    y->shape = y->in[0]->shape;
    return SCL_OK;
}

static int lower(const struct scl_node *y, struct scl_lowering *l, int fault)
{
    const int n = (int)scl_shape_count(y->shape);

    scl_lower_begin(l, "../tests/tune/faulty", "twice");
    scl_lower_define(l, "FAULT", fault);
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_int(l, n);
    scl_lower_int(l, 0);
    scl_lower_groups(l, (size_t)n, 1, 1, 1);
    return scl_lower_end(l);
}

#define LOWER(name, fault)                                                                         \
    static int name(const struct scl_node *y, struct scl_lowering *l)                              \
    {                                                                                              \
        return lower(y, l, fault);                                                                 \
    }
LOWER(lower_right, 0)
LOWER(lower_wrong, 1)
LOWER(lower_crash, 2)
LOWER(lower_hang, 3)
LOWER(lower_behind, 4)
LOWER(lower_broken, 5)
LOWER(lower_large, 6)
LOWER(lower_hole, 7)

/* A group of more items than any device has. */
static int lower_huge(const struct scl_node *y, struct scl_lowering *l)
{
    lower(y, l, 0);
    scl_lower_groups(l, 1, 1, 1, (size_t)1 << 30);
    return scl_lower_end(l);
}

static const struct scl_candidate candidates[] = {
    { .name = "right.vec", .family = SCL_VEC, .lower = lower_right },
    { .name = "wrong.vec", .family = SCL_VEC, .lower = lower_wrong },
    { .name = "crash.vec", .family = SCL_VEC, .lower = lower_crash },
    { .name = "hang.vec", .family = SCL_VEC, .lower = lower_hang },
    { .name = "behind.vec", .family = SCL_VEC, .lower = lower_behind },
    { .name = "broken.vec", .family = SCL_VEC, .lower = lower_broken },
    { .name = "large.vec", .family = SCL_VEC, .lower = lower_large },
    { .name = "hole.vec", .family = SCL_VEC, .lower = lower_hole },
    { .name = "huge.vec", .family = SCL_VEC, .lower = lower_huge },
    { .name = "half.vec", .family = SCL_VEC, .numeric = SCL_CLASS_F16, .lower = lower_right },
    { .name = NULL },
};

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    for (size_t i = 0; i < scl_shape_count(y->shape); i++)
        out[i] = 2 * in[0][i];
}

const struct scl_op faulty_op = {
    .name = "faulty",
    .n_in = 1,
    .infer = infer,
    .candidates = candidates,
    .reference = reference,
};

struct scl_node *faulty_node(struct scl_graph *g, int n)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE1(n));

    return scl_apply(g, &faulty_op, 1, &x, NULL, 0);
}
