/* chunks.c - what a device gets where there are fewer rows left than it takes. */
#include "eval/chunks_impl.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"

#define CHUNK_BYTES ((size_t)64 << 20)

int scl_chunk_size(int n, int dim, int most)
{
    const size_t fit = CHUNK_BYTES / sizeof(float) / (size_t)dim;
    const int size = n < most ? n : most;

    return (size_t)size <= fit ? size : fit < 1 ? 1 : (int)fit;
}

int scl_chunks_init(struct scl_chunks *c, int n, int dim, int most)
{
    *c = (struct scl_chunks){ .n = n, .chunk = scl_chunk_size(n, dim, most) };
    c->row = calloc((size_t)c->chunk * (size_t)dim, sizeof *c->row);
    c->label = calloc((size_t)c->chunk, sizeof *c->label);
    if (c->row && c->label)
        return SCL_OK;
    return scl_fail(SCL_NOMEM, "out of memory for %d rows of %d floats", c->chunk, dim);
}

void scl_chunks_fini(struct scl_chunks *c)
{
    free(c->row);
    free(c->label);
    *c = (struct scl_chunks){ 0 };
}

int scl_chunk_count(const struct scl_chunks *c, int first)
{
    return c->n - first < c->chunk ? c->n - first : c->chunk;
}

const float *scl_chunk_rows(const struct scl_chunks *c, const struct scl_features *f, int first)
{
    const size_t dim = (size_t)f->dim, count = (size_t)scl_chunk_count(c, first);
    const float *from = f->row + (size_t)first * dim;

    return (int)count == c->chunk ? from : memcpy(c->row, from, count * dim * sizeof *from);
}

const int32_t *scl_chunk_labels(const struct scl_chunks *c, const struct scl_features *f, int first)
{
    const size_t count = (size_t)scl_chunk_count(c, first);
    const int32_t *from = f->label + first;

    return (int)count == c->chunk ? from : memcpy(c->label, from, count * sizeof *from);
}
