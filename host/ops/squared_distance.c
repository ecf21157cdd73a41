/* squared_distance.c - distances between the rows of two matrices.
 *
 * Kernels: cl_kernels/squared_distance/.
 */
#include "base/status.h"
#include "ops/knn.h"

static int infer(struct scl_node *y)
{
    const struct scl_node *a = y->in[0], *b = y->in[1];

    if (a->type != SCL_F32 || b->type != SCL_F32 || a->shape.rank != 2 || b->shape.rank != 2 ||
        a->shape.dim[1] != b->shape.dim[1])
        return scl_fail(SCL_SHAPE, "squared_distance: %s and %s, wanted [Q, D] and [M, D] in fp32",
                        scl_shape_text(a->shape), scl_shape_text(b->shape));
    y->shape = SCL_SHAPE2(a->shape.dim[0], b->shape.dim[0]);
    return SCL_OK;
}

static void add_arguments(const struct scl_node *y, struct scl_lowering *l)
{
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_value(l, y->in[1]);
    scl_lower_int(l, y->shape.dim[0]);
    scl_lower_int(l, y->shape.dim[1]);
    scl_lower_int(l, y->in[0]->shape.dim[1]);
}

/* The parameter's value, also defined for the kernel. */
static size_t define(struct scl_lowering *l, const char *file, const char *param)
{
    const int value = scl_lower_param(l, file, param);

    scl_lower_define(l, param, value);
    return (size_t)value;
}

static int lower_vec(const struct scl_node *y, struct scl_lowering *l)
{
    const char *file = "squared_distance/vec";
    const size_t q = (size_t)y->shape.dim[0], m = (size_t)y->shape.dim[1];
    size_t tq, tm;

    scl_lower_begin(l, file, "squared_distance_vec");
    tq = define(l, file, "TQ");
    tm = define(l, file, "TM");
    define(l, file, "RQ");
    define(l, file, "RM");
    add_arguments(y, l);
    scl_lower_groups(l, (m + tm - 1) / tm, (q + tq - 1) / tq, 1, 1);
    return scl_lower_end(l);
}

static int lower_tile(const struct scl_node *y, struct scl_lowering *l)
{
    const char *file = "squared_distance/tile";
    const size_t q = (size_t)y->shape.dim[0], m = (size_t)y->shape.dim[1];
    size_t t, r;

    scl_lower_begin(l, file, "squared_distance_tile");
    t = define(l, file, "T");
    r = define(l, file, "R");
    define(l, file, "TC");
    add_arguments(y, l);
    scl_lower_groups(l, (m + t - 1) / t, (q + t - 1) / t, 1, t / r * (t / r));
    return scl_lower_end(l);
}

static const struct scl_candidate candidates[] = {
    { .name = "block.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "block.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const size_t m = (size_t)y->shape.dim[1], d = (size_t)y->in[0]->shape.dim[1];

    for (size_t i = 0; i < scl_shape_count(y->shape); i++) {
        out[i] = 0;
        for (size_t c = 0; c < d; c++) {
            const double difference = in[0][i / m * d + c] - in[1][i % m * d + c];

            out[i] += difference * difference;
        }
    }
}

static double flops(const struct scl_node *y)
{
    return 3.0 * (double)scl_shape_count(y->shape) * y->in[0]->shape.dim[1];
}

struct scl_node *scl_squared_distance(struct scl_graph *g, struct scl_node *a, struct scl_node *b)
{
    struct scl_node *in[] = { a, b };

    return scl_apply(g, &scl_op_squared_distance, 2, in, NULL, 0);
}

const struct scl_op scl_op_squared_distance = {
    .name = "squared_distance",
    .n_in = 2,
    .infer = infer,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
};
