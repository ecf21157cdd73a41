/* parallel.c - threads that take numbers from one counter. */
#include "data/parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/status.h"

/* Numbers taken at once: enough to make the counter cheap, few enough to share a
 * small folder of large photographs. */
#define CHUNK 16
#define MAX_THREADS 64

struct job {
    uint32_t n;
    int (*work)(void *context, uint32_t i);
    void *context;
    atomic_uint next; /* in chunks */
    atomic_uint done;
    atomic_uint worst; /* the least number that failed, or n */

    pthread_mutex_t lock; /* of what follows */
    int rc;
    char words[SCL_ERROR_BYTES];
};

int scl_parallel_processors(void)
{
    const long n = sysconf(_SC_NPROCESSORS_ONLN);

    return n < 1 ? 1 : n > MAX_THREADS ? MAX_THREADS : (int)n;
}

static void keep_failure(struct job *job, uint32_t i, int rc)
{
    pthread_mutex_lock(&job->lock);
    if (i < atomic_load(&job->worst)) {
        atomic_store(&job->worst, i);
        job->rc = rc;
        snprintf(job->words, sizeof job->words, "%s", scl_error());
    }
    pthread_mutex_unlock(&job->lock);
}

/* Does one chunk; false when there is none left. */
static bool do_chunk(struct job *job)
{
    const uint64_t begin = (uint64_t)atomic_fetch_add(&job->next, 1u) * CHUNK;

    if (begin >= job->n)
        return false;
    for (uint64_t i = begin; i < begin + CHUNK && i < atomic_load(&job->worst); i++) {
        const int rc = job->work(job->context, (uint32_t)i);

        if (rc < 0)
            keep_failure(job, (uint32_t)i, rc);
        atomic_fetch_add(&job->done, 1u);
    }
    return true;
}

static void *run_thread(void *context)
{
    while (do_chunk(context))
        ;
    return NULL;
}

int scl_parallel_run(uint32_t n, int threads, int (*work)(void *context, uint32_t i), void *context,
                     scl_data_progress *progress, void *progress_context)
{
    struct job job = { .n = n, .work = work, .context = context, .worst = n };
    pthread_t thread[MAX_THREADS];
    int n_started = 0;

    if (threads <= 0)
        threads = scl_parallel_processors();
    if (threads > MAX_THREADS)
        threads = MAX_THREADS;
    pthread_mutex_init(&job.lock, NULL);
    /* With fewer threads than asked for it is only slower. */
    while (n_started < threads - 1 && (uint32_t)n_started < n / CHUNK &&
           pthread_create(&thread[n_started], NULL, run_thread, &job) == 0)
        n_started++;
    while (do_chunk(&job))
        if (progress)
            progress(progress_context, atomic_load(&job.done), n);
    for (int t = 0; t < n_started; t++)
        pthread_join(thread[t], NULL);
    pthread_mutex_destroy(&job.lock);
    if (progress && job.rc == SCL_OK)
        progress(progress_context, n, n);
    return job.rc < 0 ? scl_fail(job.rc, "%s", job.words) : SCL_OK;
}
