/* dataset.h - numbered images with labels, whatever they are stored in.
 *
 * A data set is a list of n images of one split. What differs between kinds is
 * one `const struct scl_dataset_kind`; the rest of the program reads images by
 * number and never asks where they come from. Small sets are decoded once and
 * kept, so that later epochs touch no file.
 *
 *     struct scl_dataset *train = NULL;
 *     const struct scl_data_spec spec = {
 *         .kind = "image_folder", .root = "photos", .split = "train",
 *         .cache_bytes = (size_t)1 << 30,
 *     };
 *     SCL_TRY(scl_dataset_open(&train, &spec));
 *     SCL_TRY(scl_dataset_read(train, 7, pixels, size));
 *     ...
 * out:
 *     scl_dataset_close(train);
 *
 * Reading is safe from any number of threads; opening and closing are not.
 */
#ifndef SCL_DATA_DATASET_H
#define SCL_DATA_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scl_dataset;
struct scl_image;

/* `done` of `n` images have been looked at; called on the opening thread. Reading
 * the headers and decoding are two passes, each from 0 to n. */
typedef void scl_data_progress(void *context, uint32_t done, uint32_t n);

/* What to open. Unused members are zero. */
struct scl_data_spec {
    const char *kind;            /* "synthetic", "image_folder", "cifar10", "cifar100" */
    const char *root;            /* the folder; none for "synthetic" */
    const char *split;           /* "train", "test", ...; NULL is "train" */
    const char *classes;         /* image_folder: a file that lists the classes; NULL: all */
    int max_side;                /* image_folder: longer images are shrunk, px; 0: as they are */
    bool coarse;                 /* cifar100: the 20 coarse classes, not the 100 fine ones */
    uint32_t n;                  /* synthetic: how many images; 0 is 10000, or 2000 of "test" */
    uint64_t seed;               /* synthetic: which ones; and which are held out */
    uint32_t hold_out;           /* so many images, drawn by the seed, are left out ... */
    bool held_out;               /* ... or are the only ones: a validation split */
    size_t cache_bytes;          /* keep decoded images if all of them fit in this */
    int threads;                 /* for looking at files; 0 is one a processor */
    scl_data_progress *progress; /* or NULL */
    void *progress_context;
};

/* One way to store images. To add one: write a file with such a struct and list
 * it in dataset.c. */
struct scl_dataset_kind {
    const char *name;
    bool in_files;  /* each image is a file, which may turn out to be damaged */
    bool in_memory; /* decoding costs less than keeping a copy */

    /* Sets n, n_classes, class_name, label and the sizes (height, width if all are
     * equal, else image_size), with memory of d->arena; or says why it cannot.
     * After a failure close() is still called. */
    int (*open)(struct scl_dataset *d, const struct scl_data_spec *spec);

    /* A fresh image that the caller frees, of the size that open() gave; refuses
     * another. From many threads at once. */
    int (*decode)(const struct scl_dataset *d, uint32_t index, struct scl_image *out);

    /* Gives back what `own` holds outside the arena. NULL: nothing. */
    void (*close)(struct scl_dataset *d);
};

int scl_dataset_open(struct scl_dataset **out, const struct scl_data_spec *spec);
void scl_dataset_close(struct scl_dataset *d);

/* How many images; how many classes, 0 for images without labels. */
uint32_t scl_dataset_count(const struct scl_dataset *d);
int scl_dataset_classes(const struct scl_dataset *d);
const char *scl_dataset_class_name(const struct scl_dataset *d, int label);

/* 0 ... n_classes - 1; -1 in a set without labels. */
int scl_dataset_label(const struct scl_dataset *d, uint32_t index);

/* The greatest height and the greatest width (of two images, perhaps), and
 * whether every image has exactly that size. */
void scl_dataset_max_size(const struct scl_dataset *d, int *height, int *width);
bool scl_dataset_same_size(const struct scl_dataset *d);

/* Bytes of the largest image: 3 * height * width. */
size_t scl_dataset_max_bytes(const struct scl_dataset *d);

/* What a graph must know of the images that will come. */
struct scl_extent {
    uint32_t count; /* 0: not known */
    int bytes;      /* of the largest image: 3 * height * width */
    int max_side;   /* the longest side, px */
    int classes;    /* 0: no labels */
};

/* Refuses images of more than 512 MiB. */
int scl_dataset_extent(struct scl_extent *out, const struct scl_dataset *d);

/* Decodes image `index` to pixels[height * width * 3], which has room for
 * scl_dataset_max_bytes(), and its size = { height, width }. Refuses a file whose
 * size has changed since it was opened. */
int scl_dataset_read(struct scl_dataset *d, uint32_t index, uint8_t *pixels, int32_t size[2]);

/* Decodes every image once, in threads, and names the first that cannot be. Done
 * by scl_dataset_open() itself where images are files and the cache holds them. */
int scl_dataset_check(struct scl_dataset *d, const struct scl_data_spec *spec);

/* The built-in set as PNG files, ROOT/train/CLASS/00000.png and ROOT/test/...:
 * the images that "synthetic" gives for this seed. Refuses a root that exists and
 * is not empty. It is complete or not there at all: until the end its name is
 * ROOT.partial. */
int scl_data_synth_save(const char *root, uint32_t n_train, uint32_t n_test, uint64_t seed);

#endif
