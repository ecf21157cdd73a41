/* augment_unpack.c - stored images as floats, whole, mirrored where asked.
 *
 * Kernel: cl_kernels/augment_unpack.cl.
 */
#include <math.h>

#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

struct attr {
    int h, w;
};

static int infer(struct scl_node *y)
{
    const struct scl_node *x = y->in[0], *table = y->in[1];
    const struct attr *attr = y->attr;

    if (attr->h < 1 || attr->w < 1)
        return scl_fail(SCL_SHAPE, "augment_unpack: size %d by %d, wanted above 0", attr->h,
                        attr->w);
    if (!(x->type == SCL_U8 && x->shape.rank == 2) &&
        !(x->type == SCL_F32 && x->shape.rank == 4 && x->shape.dim[3] == 3))
        return scl_fail(SCL_SHAPE,
                        "augment_unpack: %s is %s, not [N, bytes] or [N, H, W, 3] in fp32", x->name,
                        scl_shape_text(x->shape));
    if (table->type != SCL_I32 || table->shape.rank != 2 ||
        table->shape.dim[1] != SCL_UNPACK_COLUMNS)
        return scl_fail(SCL_SHAPE, "augment_unpack: table is %s, not [M, %d] integers",
                        scl_shape_text(table->shape), SCL_UNPACK_COLUMNS);
    y->shape = SCL_SHAPE4(table->shape.dim[0], attr->h, attr->w, 3);
    return SCL_OK;
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    scl_launch_rows(l, "augment_unpack", "augment_unpack", key, (size_t)y->shape.dim[0]);
    scl_lower_define(l, "BYTES", y->in[0]->type == SCL_U8);
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_value(l, y->in[1]);
    scl_lower_int(l, (int)scl_shape_inner(y->in[0]->shape, 0));
    scl_lower_int(l, (int)scl_shape_inner(y->shape, 0));
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

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const size_t stride = scl_shape_inner(y->in[0]->shape, 0), size = scl_shape_inner(y->shape, 0);
    const double unit = y->in[0]->type == SCL_U8 ? 1.0 / 255 : 1;

    for (int m = 0; m < y->shape.dim[0]; m++) {
        const double *row = in[1] + m * SCL_UNPACK_COLUMNS;
        const double *pixels = in[0] + (size_t)row[SCL_UNPACK_SOURCE] * stride;
        const size_t w = (size_t)row[SCL_UNPACK_W], n = 3 * w * (size_t)row[SCL_UNPACK_H];

        for (size_t i = 0; i < size; i++) {
            const size_t p = i / 3, column = p % w, line = p - column;
            const size_t from = row[SCL_UNPACK_FLIP] != 0 ? line + w - 1 - column : p;

            out[m * size + i] = i < n ? unit * pixels[3 * from + i % 3] : 0;
        }
    }
}

/* Whole images, every other one mirrored. */
static double value(const struct scl_node *y, int i, size_t at)
{
    const struct attr *attr = y->attr;
    const int row = (int)(at / SCL_UNPACK_COLUMNS);
    const double image[SCL_UNPACK_COLUMNS] = {
        [SCL_UNPACK_SOURCE] = row % y->in[0]->shape.dim[0],
        [SCL_UNPACK_H] = attr->h,
        [SCL_UNPACK_W] = attr->w,
        [SCL_UNPACK_FLIP] = row % 2,
    };

    return i == 1 ? image[at % SCL_UNPACK_COLUMNS] : NAN;
}

struct scl_node *scl_augment_unpack(struct scl_graph *g, struct scl_node *x, struct scl_node *table,
                                    int h, int w)
{
    const struct attr attr = { .h = h, .w = w };
    struct scl_node *in[] = { x, table };

    return scl_apply(g, &scl_op_augment_unpack, 2, in, &attr, sizeof attr);
}

const struct scl_op scl_op_augment_unpack = {
    .name = "augment_unpack",
    .n_in = 2,
    .integers = 1u << 0 | 1u << 1,
    .value = value,
    .infer = infer,
    .candidates = candidates,
    .reference = reference,
};
