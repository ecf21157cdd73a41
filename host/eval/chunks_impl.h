/* chunks_impl.h - rows that pass through a device in chunks of one size; for host/eval only.
 *
 *     SCL_TRY(scl_chunks_init(&bank, n, dim, 4096));
 *     ... a plan for inputs of [bank.chunk, dim] ...
 *     for (int first = 0; first < n; first += bank.chunk)
 *         SCL_TRY(scl_exec_write(exec, in, scl_chunk_rows(&bank, &features, first), false));
 */
#ifndef SCL_EVAL_CHUNKS_IMPL_H
#define SCL_EVAL_CHUNKS_IMPL_H

#include "eval/features.h"

struct scl_chunks {
    int n, chunk;   /* rows in all; rows of a chunk */
    float *row;     /* of the last chunk, which may be shorter: old rows behind it */
    int32_t *label; /* likewise */
};

/* Rows of a chunk: at most `most`, and fewer where they are long: 64 MiB. */
int scl_chunk_size(int n, int dim, int most);

int scl_chunks_init(struct scl_chunks *c, int n, int dim, int most);
void scl_chunks_fini(struct scl_chunks *c);

/* Rows in the chunk that begins with row `first`. */
int scl_chunk_count(const struct scl_chunks *c, int first);

/* They, or their labels, as a whole chunk: where they are, or a copy that stays as it is until
 * the next call. */
const float *scl_chunk_rows(const struct scl_chunks *c, const struct scl_features *f, int first);
const int32_t *scl_chunk_labels(const struct scl_chunks *c, const struct scl_features *f,
                                int first);

#endif
