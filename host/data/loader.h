/* loader.h - batches of a data set, in a drawn order, decoded ahead by threads.
 *
 * The order of an epoch is a permutation that depends on the seed and the epoch
 * alone; the last images that do not fill a batch are left out. What comes out
 * depends neither on the number of threads nor on how fast they are, and a resumed
 * run seeks to where it was.
 *
 *     struct scl_loader *loader = NULL;
 *     const struct scl_loader_spec spec = { .batch = 256, .seed = seed, .threads = 2 };
 *     const struct scl_batch *batch;
 *     SCL_TRY(scl_loader_open(&loader, train, &spec));
 *     SCL_TRY(scl_loader_seek(loader, epoch, step));
 *     for (...) {
 *         SCL_TRY(scl_loader_next(loader, &batch));
 *         ...
 *     }
 * out:
 *     scl_loader_close(loader);
 *
 * One thread uses a loader; several loaders may share a data set.
 */
#ifndef SCL_DATA_LOADER_H
#define SCL_DATA_LOADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scl_dataset;
struct scl_loader;

/* Unused members are zero. */
struct scl_loader_spec {
    uint32_t batch;         /* images in a batch */
    uint64_t seed;          /* of the order */
    int threads;            /* that decode; 0 is half of the processors, 1 to 8 */
    int capacity;           /* batches in memory, the one in use among them; 0 is 3 */
    bool sequential;        /* in the data set's order, once, with the last partial batch */
    const uint32_t *subset; /* only these images of the set; borrowed. NULL: all */
    uint32_t n_subset;
};

/* One batch; image i begins at pixels + i * stride and is [height, width, 3] with
 * size[i] = { height, width }, rows without padding. Borrowed from the loader
 * until the next call to it. */
struct scl_batch {
    uint32_t epoch, index; /* which epoch, and which batch in it */
    uint32_t n;            /* images in it */
    const uint8_t *pixels;
    size_t stride; /* bytes: scl_dataset_max_bytes() */
    const int32_t (*size)[2];
    const int32_t *label;  /* -1 where there are none */
    const uint32_t *image; /* numbers in the data set */
};

/* Borrows the data set. Starts at epoch 0, batch 0, and decoding at once. Refuses fewer
 * images than one batch, unless sequential. */
int scl_loader_open(struct scl_loader **out, struct scl_dataset *d,
                    const struct scl_loader_spec *spec);

/* Stops the threads after the few images that each has taken. */
void scl_loader_close(struct scl_loader *loader);

/* Batches in an epoch. */
uint32_t scl_loader_batches(const struct scl_loader *loader);

/* The next batch, waiting for it where necessary; *out is NULL at the end of a
 * sequential pass. An image that cannot be decoded is an error of its batch, in the
 * data set's words, and of each call after it until a seek. */
int scl_loader_next(struct scl_loader *loader, const struct scl_batch **out);

/* Goes on with batch `index` of `epoch`; index may be scl_loader_batches(), the end
 * of the epoch. A sequential loader has epoch 0 only; seek to (0, 0) to begin
 * another pass. */
int scl_loader_seek(struct scl_loader *loader, uint32_t epoch, uint32_t index);

#endif
