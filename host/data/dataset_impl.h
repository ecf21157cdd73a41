/* dataset_impl.h - what a data set is made of; for this folder only. */
#ifndef SCL_DATA_DATASET_IMPL_H
#define SCL_DATA_DATASET_IMPL_H

#include <stdatomic.h>

#include "base/arena.h"
#include "data/dataset.h"

struct scl_dataset {
    const struct scl_dataset_kind *kind;
    const char *split;
    struct scl_arena arena;
    void *own; /* the kind's struct, usually in the arena */

    uint32_t n;
    int n_classes;
    const char *const *class_name; /* [n_classes] */
    const int32_t *label;          /* [n], or NULL without labels */

    uint32_t *shown; /* [n_shown] the images that are seen from outside; NULL: all n */
    uint32_t n_shown;

    int height, width;              /* the greatest */
    const int32_t (*image_size)[2]; /* [n] height, width; NULL if all are equal */
    size_t max_bytes;               /* of one image */

    /* Decoded images, one after the other, and which of them are there. */
    uint8_t *cache;
    size_t *cache_at;             /* [n] where each begins; NULL if all are equal */
    _Atomic uint8_t *cache_state; /* [n] */
};

extern const struct scl_dataset_kind scl_dataset_cifar10;
extern const struct scl_dataset_kind scl_dataset_cifar100;
extern const struct scl_dataset_kind scl_dataset_image_folder;
extern const struct scl_dataset_kind scl_dataset_synthetic;

/* The images held out for validation: `held_out` of 0 ... n - 1, drawn by the seed, go to
 * subset[0 ... held_out - 1], the others to the rest, both in rising order. */
void scl_data_hold_out(uint32_t *subset, uint32_t n, uint32_t held_out, uint64_t seed);

/* The published names of CIFAR's classes, by label. */
extern const char *const scl_cifar10_names[10];
extern const char *const scl_cifar100_coarse_names[20], *const scl_cifar100_fine_names[100];

/* Draws image `index` of the built-in set; its class is index % SCL_SYNTH_CLASSES. */
#define SCL_SYNTH_CLASSES 10
#define SCL_SYNTH_SIDE 32
const char *scl_synth_class_name(int class);
void scl_synth_draw(uint8_t pixels[SCL_SYNTH_SIDE * SCL_SYNTH_SIDE * 3], uint64_t seed,
                    uint32_t split, uint32_t index);

#endif
