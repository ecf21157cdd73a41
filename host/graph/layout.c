/* layout.c - permutations of dimensions. */
#include "graph/layout.h"

#include <string.h>

void scl_permute(void *out, const void *in, size_t bytes, int rank, const size_t in_dim[],
                 const int order[])
{
    size_t stride[SCL_LAYOUT_MAX_DIM], index[SCL_LAYOUT_MAX_DIM] = { 0 }, n = 1;

    for (int d = rank - 1; d >= 0; d--) {
        stride[d] = n;
        n *= in_dim[d];
    }
    for (size_t i = 0; i < n; i++) {
        size_t at = 0;

        for (int d = 0; d < rank; d++)
            at += index[d] * stride[order[d]];
        memcpy((char *)out + i * bytes, (const char *)in + at * bytes, bytes);
        for (int d = rank - 1; d >= 0 && ++index[d] == in_dim[order[d]]; d--)
            index[d] = 0;
    }
}

/* The same list serves both ways only for the plain and the linear layout. */
static const int plain[] = { 0, 1, 2, 3 }, linear[] = { 1, 0 };
static const int kernel_to_torch[] = { 3, 2, 0, 1 }, kernel_from_torch[] = { 2, 3, 1, 0 };

static const int *to_torch(int rank)
{
    return rank == 4 ? kernel_to_torch : rank == 2 ? linear : plain;
}

struct scl_shape scl_layout_torch_shape(struct scl_shape shape)
{
    struct scl_shape out = { .rank = shape.rank };

    for (int d = 0; d < shape.rank; d++)
        out.dim[d] = shape.dim[to_torch(shape.rank)[d]];
    return out;
}

void scl_layout_to_torch(float *out, const float *in, struct scl_shape shape)
{
    size_t dim[SCL_MAX_DIM];

    for (int d = 0; d < shape.rank; d++)
        dim[d] = (size_t)shape.dim[d];
    scl_permute(out, in, sizeof *out, shape.rank, dim, to_torch(shape.rank));
}

void scl_layout_from_torch(float *out, const float *in, struct scl_shape shape)
{
    const int *order = shape.rank == 4 ? kernel_from_torch : shape.rank == 2 ? linear : plain;
    size_t dim[SCL_MAX_DIM];

    for (int d = 0; d < shape.rank; d++)
        dim[order[d]] = (size_t)shape.dim[d];
    scl_permute(out, in, sizeof *out, shape.rank, dim, order);
}
