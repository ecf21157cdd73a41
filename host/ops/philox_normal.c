/* philox_normal.c - standard normal numbers from a counter, a stream to a row.
 *
 * Kernel and formulas: cl_kernels/philox_normal.cl; the host's twin: base/rng.h.
 */
#include <math.h>

#include "base/rng.h"
#include "base/status.h"
#include "ops/ops.h"

static int infer(struct scl_node *y)
{
    const struct scl_node *draw = y->in[0], *index = y->in[1];

    y->shape = *(const struct scl_shape *)y->attr;
    if (draw->type != SCL_I32 || scl_shape_count(draw->shape) != 4)
        return scl_fail(SCL_SHAPE, "philox_normal: %s is %s, not 4 integers", draw->name,
                        scl_shape_text(draw->shape));
    if (y->shape.rank < 1 || index->type != SCL_I32 || index->shape.rank != 1 ||
        index->shape.dim[0] != y->shape.dim[0])
        return scl_fail(SCL_SHAPE, "philox_normal: %s is %s, not an integer to each row of %s",
                        index->name, scl_shape_text(index->shape), scl_shape_text(y->shape));
    return SCL_OK;
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const int wg = scl_lower_param(l, key, "WG"), span = scl_lower_param(l, key, "SPAN");
    const size_t cols = scl_shape_inner(y->shape, 0), of_group = (size_t)span * (size_t)wg;

    scl_lower_begin(l, "philox_normal", "philox_normal");
    scl_lower_define(l, "WG", wg);
    scl_lower_define(l, "LANES", scl_lower_param(l, key, "LANES"));
    scl_lower_define(l, "SPAN", span);
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_value(l, y->in[1]);
    scl_lower_int(l, (int)cols);
    scl_lower_groups(l, (cols + of_group - 1) / of_group, (size_t)y->shape.dim[0], 1, (size_t)wg);
    return scl_lower_end(l);
}

static int lower_vec(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "philox_normal.vec");
}

static int lower_tile(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "philox_normal.tile");
}

static const struct scl_candidate candidates[] = {
    { .name = "span.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "span.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

/* The word that the integer in a double stands for. */
static uint32_t word_of(double value)
{
    return (uint32_t)(int32_t)value;
}

static double unit_of(uint32_t word)
{
    return (double)(word >> 8) / 16777216.0;
}

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const uint32_t key[2] = { word_of(in[0][0]), word_of(in[0][1]) };
    const size_t cols = scl_shape_inner(y->shape, 0);

    for (int row = 0; row < y->shape.dim[0]; row++)
        for (size_t e = 0; e < cols; e++) {
            const uint32_t counter[4] = { (uint32_t)(e / 2), word_of(in[1][row]), word_of(in[0][2]),
                                          word_of(in[0][3]) };
            uint32_t word[4];

            scl_philox(word, counter, key);
            out[(size_t)row * cols + e] = sqrt(-2 * log(1 - unit_of(word[e % 2 * 2]))) *
                                          cos(2 * acos(-1) * unit_of(word[e % 2 * 2 + 1]));
        }
}

struct scl_node *scl_philox_normal(struct scl_graph *g, struct scl_node *draw,
                                   struct scl_node *index, struct scl_shape shape)
{
    struct scl_node *in[] = { draw, index };

    return scl_apply(g, &scl_op_philox_normal, 2, in, &shape, sizeof shape);
}

const struct scl_op scl_op_philox_normal = {
    .name = "philox_normal",
    .n_in = 2,
    .integers = 1u << 0 | 1u << 1,
    .infer = infer,
    .candidates = candidates,
    .reference = reference,
};
