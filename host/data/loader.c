/* loader.c - a ring of batches that threads fill and one caller empties.
 *
 * Batches are numbered from 0 over all epochs, and batch g lives in slot g modulo
 * capacity. A slot is armed (its images are chosen) by the caller's thread, filled
 * by the workers, which take runs of images from the oldest batch that has some
 * left, and given out when all are done. One lock guards everything but the pixels
 * and sizes of images that a worker has taken: those are its own until it says done.
 */
#include "data/loader.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"
#include "data/dataset.h"
#include "data/parallel.h"

/* Images taken at once: the lock costs little beside 8 images of any size. */
#define RUN 8
#define MAX_CAPACITY 64
#define MAX_BYTES ((size_t)1 << 38)

struct slot {
    struct scl_batch batch; /* points into this slot */
    uint8_t *pixels;
    int32_t (*size)[2];
    int32_t *label;
    uint32_t *image;
    uint32_t taken, done; /* images; full when done == batch.n */

    int rc; /* of the first image in the batch that failed */
    uint32_t failed;
    char words[SCL_ERROR_BYTES];
};

struct scl_loader {
    struct scl_dataset *d;
    struct scl_loader_spec spec;
    uint32_t n; /* images that there are */
    uint32_t n_batches;
    uint32_t *order; /* the images of order_epoch, by their place in the subset */
    uint32_t order_epoch;
    bool has_order;

    pthread_t *thread;
    int n_threads;
    pthread_mutex_t lock;
    pthread_cond_t work, full; /* for workers; for the caller */

    struct slot *slot; /* [spec.capacity] */
    uint64_t next;     /* the batch that the caller gets next */
    uint64_t armed;    /* batches below are armed, those from next on in the ring */
    uint64_t end;      /* batches in all: one epoch if sequential, else no end */
    int n_busy;        /* workers that hold images */
    bool stop, quit;   /* take nothing; leave */
};

/* ---- the caller's side: which images a batch has ---------------------------------- */

static void set_order(struct scl_loader *l, uint32_t epoch)
{
    struct scl_rng rng = scl_rng_at(l->spec.seed, SCL_RNG_SHUFFLE, epoch, 0, 0);

    if (l->has_order && l->order_epoch == epoch)
        return;
    if (l->spec.sequential)
        for (uint32_t i = 0; i < l->n; i++)
            l->order[i] = i;
    else
        scl_rng_shuffle(&rng, l->order, l->n);
    l->order_epoch = epoch;
    l->has_order = true;
}

static void arm(struct scl_loader *l, uint64_t g)
{
    struct slot *s = &l->slot[g % (uint64_t)l->spec.capacity];
    const uint32_t epoch = (uint32_t)(g / l->n_batches), index = (uint32_t)(g % l->n_batches);
    const uint32_t begin = index * l->spec.batch, left = l->n - begin;

    set_order(l, epoch);
    s->batch.epoch = epoch;
    s->batch.index = index;
    s->batch.n = left < l->spec.batch ? left : l->spec.batch;
    for (uint32_t i = 0; i < s->batch.n; i++) {
        const uint32_t at = l->order[begin + i];

        s->image[i] = l->spec.subset ? l->spec.subset[at] : at;
        s->label[i] = scl_dataset_label(l->d, s->image[i]);
    }
    s->taken = s->done = 0;
    s->rc = SCL_OK;
    s->failed = s->batch.n;
}

/* Arms what the ring has room for. Slot next - 1 is the caller's until now. */
static void arm_all(struct scl_loader *l)
{
    while (l->armed < l->next + (uint64_t)l->spec.capacity && l->armed < l->end)
        arm(l, l->armed++);
    pthread_cond_broadcast(&l->work);
}

/* ---- the workers ------------------------------------------------------------------- */

/* The oldest batch with images to take, or NULL. */
static struct slot *find_work(struct scl_loader *l)
{
    for (uint64_t g = l->next; !l->stop && g < l->armed; g++) {
        struct slot *s = &l->slot[g % (uint64_t)l->spec.capacity];

        if (s->taken < s->batch.n)
            return s;
    }
    return NULL;
}

/* Decodes images begin ... end - 1 of the slot; without the lock. The position of
 * the first that failed, with its code in *rc, or end. */
static uint32_t decode_run(struct scl_loader *l, struct slot *s, uint32_t begin, uint32_t end,
                           int *rc)
{
    for (uint32_t i = begin; i < end; i++) {
        *rc = scl_dataset_read(l->d, s->image[i], s->pixels + i * s->batch.stride, s->size[i]);
        if (*rc < 0)
            return i;
    }
    return end;
}

static void *run_worker(void *context)
{
    struct scl_loader *l = context;

    pthread_mutex_lock(&l->lock);
    while (!l->quit) {
        struct slot *s = find_work(l);
        uint32_t begin, end, reached;
        int rc = SCL_OK;

        if (!s) {
            pthread_cond_wait(&l->work, &l->lock);
            continue;
        }
        begin = s->taken;
        end = s->batch.n - begin < RUN ? s->batch.n : begin + RUN;
        s->taken = end;
        l->n_busy++;
        pthread_mutex_unlock(&l->lock);
        reached = decode_run(l, s, begin, end, &rc);
        pthread_mutex_lock(&l->lock);
        l->n_busy--;
        s->done += end - begin;
        if (rc < 0 && reached < s->failed) {
            s->failed = reached;
            s->rc = rc;
            snprintf(s->words, sizeof s->words, "%s", scl_error());
        }
        if (s->done == s->batch.n || l->n_busy == 0)
            pthread_cond_signal(&l->full);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

/* ---- open, close, seek, next ------------------------------------------------------- */

static int open_slot(struct scl_loader *l, struct slot *s)
{
    const size_t n = l->spec.batch, stride = scl_dataset_max_bytes(l->d);

    s->pixels = malloc(n * stride);
    s->size = calloc(n, sizeof *s->size);
    s->label = calloc(n, sizeof *s->label);
    s->image = calloc(n, sizeof *s->image);
    if (!s->pixels || !s->size || !s->label || !s->image)
        return scl_fail(SCL_NOMEM, "loader: no memory for a batch of %u images (%zu bytes)",
                        l->spec.batch, n * stride);
    s->batch = (struct scl_batch){
        .pixels = s->pixels,
        .stride = stride,
        .size = (const int32_t(*)[2])s->size,
        .label = s->label,
        .image = s->image,
    };
    return SCL_OK;
}

static int open_threads(struct scl_loader *l)
{
    l->thread = calloc((size_t)l->spec.threads, sizeof *l->thread);
    if (!l->thread)
        return scl_fail(SCL_NOMEM, "loader: no memory for %d threads", l->spec.threads);
    while (l->n_threads < l->spec.threads &&
           pthread_create(&l->thread[l->n_threads], NULL, run_worker, l) == 0)
        l->n_threads++;
    return l->n_threads > 0
               ? SCL_OK
               : scl_fail(SCL_NOMEM, "loader: the system gives no thread to decode on");
}

static uint32_t count(const struct scl_loader_spec *spec, const struct scl_dataset *d)
{
    return spec->subset ? spec->n_subset : scl_dataset_count(d);
}

static int check_spec(struct scl_loader_spec *spec, const struct scl_dataset *d)
{
    const int half = scl_parallel_processors() / 2;
    const uint32_t n = count(spec, d);

    if (spec->threads <= 0)
        spec->threads = half < 1 ? 1 : half > 8 ? 8 : half;
    if (spec->capacity == 0)
        spec->capacity = 3;
    if (spec->capacity < 2 || spec->capacity > MAX_CAPACITY)
        return scl_fail(SCL_CONFIG, "loader: a capacity of %d batches, not 2 to %d", spec->capacity,
                        MAX_CAPACITY);
    if (spec->batch == 0)
        return scl_fail(SCL_CONFIG, "loader: a batch of 0 images");
    if (spec->sequential && spec->batch > n)
        spec->batch = n;
    if (spec->batch > n)
        return scl_fail(SCL_CONFIG, "loader: there are %u images, fewer than one batch of %u", n,
                        spec->batch);
    if (scl_dataset_max_bytes(d) * spec->batch > MAX_BYTES / (size_t)spec->capacity)
        return scl_fail(SCL_CONFIG,
                        "loader: %d batches of %u images of up to %zu bytes are too many",
                        spec->capacity, spec->batch, scl_dataset_max_bytes(d));
    return SCL_OK;
}

int scl_loader_open(struct scl_loader **out, struct scl_dataset *d,
                    const struct scl_loader_spec *spec)
{
    struct scl_loader_spec s = *spec;
    struct scl_loader *l;
    int rc = check_spec(&s, d);

    if (rc < 0)
        return rc;
    l = calloc(1, sizeof *l);
    if (!l)
        return scl_fail(SCL_NOMEM, "loader: no memory");
    l->d = d;
    l->spec = s;
    l->n = count(&s, d);
    l->n_batches = s.sequential ? (l->n - 1) / s.batch + 1 : l->n / s.batch;
    l->end = s.sequential ? l->n_batches : (uint64_t)UINT32_MAX * l->n_batches;
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->work, NULL);
    pthread_cond_init(&l->full, NULL);
    l->order = malloc(l->n * sizeof *l->order);
    l->slot = calloc((size_t)s.capacity, sizeof *l->slot);
    if (!l->order || !l->slot) {
        rc = scl_fail(SCL_NOMEM, "loader: no memory for the order of %u images", l->n);
        goto out;
    }
    for (int i = 0; i < s.capacity; i++)
        SCL_TRY(open_slot(l, &l->slot[i]));
    arm_all(l);
    SCL_TRY(open_threads(l));
    *out = l;
    l = NULL;
out:
    scl_loader_close(l);
    return rc;
}

void scl_loader_close(struct scl_loader *loader)
{
    struct scl_loader *l = loader;

    if (!l)
        return;
    pthread_mutex_lock(&l->lock);
    l->quit = true;
    pthread_cond_broadcast(&l->work);
    pthread_mutex_unlock(&l->lock);
    for (int t = 0; t < l->n_threads; t++)
        pthread_join(l->thread[t], NULL);
    for (int i = 0; l->slot && i < l->spec.capacity; i++) {
        free(l->slot[i].pixels);
        free(l->slot[i].size);
        free(l->slot[i].label);
        free(l->slot[i].image);
    }
    pthread_cond_destroy(&l->full);
    pthread_cond_destroy(&l->work);
    pthread_mutex_destroy(&l->lock);
    free(l->slot);
    free(l->order);
    free(l->thread);
    free(l);
}

uint32_t scl_loader_batches(const struct scl_loader *loader)
{
    return loader->n_batches;
}

int scl_loader_next(struct scl_loader *loader, const struct scl_batch **out)
{
    struct scl_loader *l = loader;
    struct slot *s;
    int rc = SCL_OK;

    *out = NULL;
    pthread_mutex_lock(&l->lock);
    arm_all(l); /* the batch given out last is over: its slot is free */
    if (l->next < l->end) {
        s = &l->slot[l->next % (uint64_t)l->spec.capacity];
        while (s->done < s->batch.n)
            pthread_cond_wait(&l->full, &l->lock);
        if (s->rc < 0) {
            rc = scl_fail(s->rc, "%s", s->words);
        } else {
            *out = &s->batch;
            l->next++;
        }
    }
    pthread_mutex_unlock(&l->lock);
    return rc;
}

int scl_loader_seek(struct scl_loader *loader, uint32_t epoch, uint32_t index)
{
    struct scl_loader *l = loader;
    const uint64_t g = (uint64_t)epoch * l->n_batches + index;

    if (index > l->n_batches || g > l->end)
        return scl_fail(SCL_DATA, "loader: there is no batch %u in epoch %u; an epoch has %u",
                        index, epoch, l->n_batches);
    pthread_mutex_lock(&l->lock);
    l->stop = true;
    while (l->n_busy > 0)
        pthread_cond_wait(&l->full, &l->lock);
    l->stop = false;
    l->next = l->armed = g;
    arm_all(l);
    pthread_mutex_unlock(&l->lock);
    return SCL_OK;
}
