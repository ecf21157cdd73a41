/* shape.c - small questions about shapes. */
#include <stdio.h>

#include "graph/graph.h"

const char *scl_shape_text(struct scl_shape shape)
{
    static _Thread_local char text[4][64];
    static _Thread_local int turn;
    char *out = text[turn++ % 4];
    int used = 0;

    used += snprintf(out, sizeof text[0], "[");
    for (int i = 0; i < shape.rank; i++)
        used +=
            snprintf(out + used, sizeof text[0] - (size_t)used, i ? ", %d" : "%d", shape.dim[i]);
    snprintf(out + used, sizeof text[0] - (size_t)used, "]");
    return out;
}

size_t scl_shape_outer(struct scl_shape shape, int axis)
{
    size_t n = 1;

    for (int i = 0; i < axis; i++)
        n *= (size_t)shape.dim[i];
    return n;
}

size_t scl_shape_inner(struct scl_shape shape, int axis)
{
    size_t n = 1;

    for (int i = axis + 1; i < shape.rank; i++)
        n *= (size_t)shape.dim[i];
    return n;
}

size_t scl_shape_count(struct scl_shape shape)
{
    return shape.rank ? scl_shape_inner(shape, -1) : 0;
}

bool scl_shape_equal(struct scl_shape a, struct scl_shape b)
{
    bool equal = a.rank == b.rank;

    for (int i = 0; equal && i < a.rank; i++)
        equal = a.dim[i] == b.dim[i];
    return equal;
}

size_t scl_dtype_bytes(enum scl_dtype type)
{
    return type == SCL_U8 ? 1 : type == SCL_F16 ? 2 : 4;
}

size_t scl_bundle_room(const struct scl_node *member)
{
    const size_t align = SCL_BUNDLE_ALIGN;

    return (scl_shape_count(member->shape) + align - 1) / align * align;
}
