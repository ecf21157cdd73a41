/* lars.c - a step of LARS over tensors side by side, in place.
 *
 * Kernels and formulas: cl_kernels/lars.cl.
 */
#include <inttypes.h>
#include <math.h>
#include <xxhash.h>

#include "base/status.h"
#include "graph/key.h"
#include "ops/launch_impl.h"
#include "ops/optim_impl.h"
#include "ops/ops.h"

enum { PARAM, BUFFER, GRAD, SEGMENT, RATE, N_IN };

/* A row of the segment table. */
struct segment {
    int32_t first, count, excluded;
};

static int infer(struct scl_node *y)
{
    const struct scl_node *table = y->in[SEGMENT];
    const size_t n = scl_shape_count(y->in[PARAM]->shape);
    const struct segment *segment = table->data;
    size_t end = 0;

    if (table->role != SCL_CONST || table->type != SCL_I32 || table->shape.rank != 2 ||
        table->shape.dim[1] != 3)
        return scl_fail(SCL_SHAPE, "lars: %s is %s, not a constant table [tensors, 3]", table->name,
                        scl_shape_text(table->shape));
    for (int i = 0; i < table->shape.dim[0]; i++) {
        const struct segment s = segment[i];

        if (s.first < 0 || s.count < 1 || (size_t)s.first < end ||
            (size_t)s.first + (size_t)s.count > n)
            return scl_fail(SCL_SHAPE,
                            "lars: segment %d is %d elements from %d on; they rise, do not "
                            "meet, and end at %zu",
                            i, s.count, s.first, n);
        end = (size_t)s.first + (size_t)s.count;
    }
    return scl_optim_check("lars", y, GRAD + 1, RATE);
}

static size_t count_blocks(const struct scl_node *table, struct scl_lowering *l, const char *key)
{
    const struct segment *segment = table->data;
    size_t blocks = 0;

    for (int i = 0; i < table->shape.dim[0]; i++)
        blocks += scl_launch_block_count(l, key, (size_t)segment[i].count);
    return blocks;
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const struct scl_lars *attr = y->attr;
    const size_t tensors = (size_t)y->in[SEGMENT]->shape.dim[0];
    const size_t blocks = count_blocks(y->in[SEGMENT], l, key);
    const int part = scl_lower_scratch(l, 2 * blocks * sizeof(float));
    const int ratio = scl_lower_scratch(l, 2 * tensors * sizeof(float));

    scl_launch_blocks(l, "lars", "lars_norms", key, blocks);
    scl_lower_use(l, part);
    scl_lower_value(l, y->in[PARAM]);
    scl_lower_value(l, y->in[GRAD]);
    scl_lower_value(l, y->in[SEGMENT]);
    scl_lower_int(l, (int)blocks);

    scl_launch_blocks(l, "lars", "lars_ratios", key, tensors);
    scl_lower_use(l, ratio);
    scl_lower_use(l, part);
    scl_lower_value(l, y->in[SEGMENT]);
    scl_lower_value(l, y->in[RATE]);
    scl_lower_int(l, (int)blocks);
    scl_lower_int(l, attr->clip);
    scl_lower_float(l, attr->eta);
    scl_lower_float(l, attr->weight_decay);

    scl_launch_blocks(l, "lars", "lars", key, blocks);
    scl_lower_value(l, y->in[PARAM]);
    scl_lower_value(l, y->in[BUFFER]);
    scl_lower_value(l, y->in[GRAD]);
    scl_lower_use(l, ratio);
    scl_lower_value(l, y->in[SEGMENT]);
    scl_lower_value(l, y->in[RATE]);
    scl_lower_float(l, attr->momentum);
    return scl_lower_end(l);
}

static int lower_vec(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "reduce.vec");
}

static int lower_tile(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "reduce.tile");
}

/* How many blocks there are depends on the lengths of all segments. */
static void node_key(char *out, size_t size, const struct scl_node *y)
{
    const struct scl_lars *attr = y->attr;
    const struct scl_node *table = y->in[SEGMENT];
    const size_t bytes = scl_node_bytes(table);

    scl_node_key_with(out, size, y, "c%d#%016" PRIx64, attr->clip,
                      (uint64_t)XXH3_64bits(table->data, bytes));
}

static const struct scl_candidate candidates[] = {
    { .name = "block.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "block.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

static double length_of(const double *x, int n)
{
    double sum = 0;

    for (int i = 0; i < n; i++)
        sum += x[i] * x[i];
    return sqrt(sum);
}

static void reference_segment(const struct scl_lars *attr, struct segment s, double *const in[])
{
    double *p = in[PARAM] + s.first, *v = in[BUFFER] + s.first, *g = in[GRAD] + s.first;
    const double norm_p = length_of(p, s.count), norm_g = length_of(g, s.count);
    const double lr = in[RATE][0];
    const bool plain = s.excluded || norm_p == 0 || norm_g == 0;
    double q = attr->eta * norm_p / (norm_g + attr->weight_decay * norm_p + 1e-8);

    if (attr->clip)
        q = q / lr > 1 ? 1 : q / lr; /* a NaN stays one */
    for (int i = 0; i < s.count; i++) {
        v[i] = attr->momentum * v[i] + (plain ? g[i] : (g[i] + attr->weight_decay * p[i]) * q);
        p[i] -= lr * v[i];
    }
}

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const struct segment *segment = y->in[SEGMENT]->data;

    (void)out;
    for (int i = 0; i < y->in[SEGMENT]->shape.dim[0]; i++)
        reference_segment(y->attr, segment[i], in);
}

static double flops(const struct scl_node *y)
{
    return 11.0 * (double)scl_shape_count(y->in[PARAM]->shape);
}

struct scl_node *scl_lars(struct scl_graph *g, struct scl_node *param, struct scl_node *buffer,
                          struct scl_node *grad, struct scl_node *segments, struct scl_node *lr,
                          struct scl_lars lars)
{
    struct scl_node *in[] = { param, buffer, grad, segments, lr };

    return scl_apply(g, &scl_op_lars, N_IN, in, &lars, sizeof lars);
}

struct scl_node *scl_lars_segments(struct scl_graph *g, const struct scl_node *bundle,
                                   bool exclude_vectors)
{
    struct segment *segment;

    if (!bundle)
        return NULL;
    segment = scl_graph_keep(g, NULL, (size_t)bundle->n_in * sizeof *segment);
    for (int i = 0; segment && i < bundle->n_in; i++) {
        const struct scl_node *member = bundle->in[i];

        segment[i].first = (int32_t)scl_bundle_offset(bundle, i);
        segment[i].count = (int32_t)scl_shape_count(member->shape);
        segment[i].excluded = exclude_vectors && member->shape.rank == 1;
    }
    return scl_constant(g, "segments", SCL_I32, SCL_SHAPE2(bundle->n_in, 3), segment);
}

const struct scl_op scl_op_lars = {
    .name = "lars",
    .n_in = N_IN,
    .writes = 1u << PARAM | 1u << BUFFER,
    .integers = 1u << SEGMENT,
    .infer = infer,
    .key = node_key,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
};
