/* block.c - launches that copy blocks of matrices.
 *
 * Kernels: cl_kernels/block_copy.cl.
 */
#include "ops/block_impl.h"

#include "ops/split_impl.h"

size_t scl_block_columns(const struct scl_node *x, int axis)
{
    return scl_shape_inner(x->shape, axis) * (size_t)x->shape.dim[axis];
}

void scl_block_copy(struct scl_lowering *l, const char *key, int axis, struct scl_block to,
                    const struct scl_block *from)
{
    const size_t wg = (size_t)scl_lower_param(l, key, "WG");
    const size_t floats = wg * (size_t)scl_lower_param(l, key, "SPAN");
    const size_t rows = scl_shape_outer(to.matrix->shape, axis);
    size_t width, height;

    if (to.cols == 0)
        return;
    width = scl_smaller(to.cols, floats);
    height = scl_smaller(rows, scl_divide_up(floats, width));
    scl_lower_begin(l, "block_copy", from ? "block_copy" : "block_zero");
    scl_lower_define(l, "WG", (int)wg);
    scl_lower_define(l, "LANES", scl_lower_param(l, key, "LANES"));
    scl_lower_value(l, to.matrix);
    if (from)
        scl_lower_value(l, from->matrix);
    scl_lower_int(l, (int)rows);
    scl_lower_int(l, (int)to.cols);
    scl_lower_int(l, (int)scl_block_columns(to.matrix, axis));
    scl_lower_int(l, (int)to.first);
    if (from) {
        scl_lower_int(l, (int)scl_block_columns(from->matrix, axis));
        scl_lower_int(l, (int)from->first);
    }
    scl_lower_int(l, (int)height);
    scl_lower_int(l, (int)width);
    scl_lower_groups(l, scl_divide_up(rows, height), scl_divide_up(to.cols, width), 1, wg);
}
