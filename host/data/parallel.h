/* parallel.h - the same small work for many images, on several threads. */
#ifndef SCL_DATA_PARALLEL_H
#define SCL_DATA_PARALLEL_H

#include "data/dataset.h"

/* Calls work(context, i) once for each i in 0 ... n - 1, on `threads` threads (0:
 * one a processor), this one among them. Of several failures it returns that of
 * the least i, with its words, whatever the number of threads: after a failure
 * only smaller numbers are still tried. `progress` may be NULL. */
int scl_parallel_run(uint32_t n, int threads, int (*work)(void *context, uint32_t i), void *context,
                     scl_data_progress *progress, void *progress_context);

/* Processors that this process may use, at least 1. */
int scl_parallel_processors(void);

#endif
