/* retrieval.h - whether images of a query's class are what is found first.
 *
 * A gallery is ranked for each query by cosine, the nearest first, of equal ones the earlier.
 *
 *     SCL_TRY(scl_retrieval_find(&found, device, &gallery, &query, threads, NULL, NULL));
 *     printf("recall at 1: %.2f %%\n", found.recall[0]);
 */
#ifndef SCL_EVAL_RETRIEVAL_H
#define SCL_EVAL_RETRIEVAL_H

#include "device/device.h"
#include "eval/features.h"

enum { SCL_RECALLS = 3 };
extern const int scl_recall_at[SCL_RECALLS]; /* 1, 5, 10 */

/* In percent. A query whose class the gallery lacks finds nothing: 0 in all of them. */
struct scl_retrieval {
    /* Queries with at least one image of their class among the first k; Jegou et al. 2011, as
     * metric learning counts it. */
    double recall[SCL_RECALLS];

    /* Mean over the queries of the average precision over the whole ranking: the mean, over the
     * images of the query's class, of the share of that class among all up to there. */
    double mean_average_precision;
};

/* Distances come from the device in chunks, never more than 64 MiB of them (or one query's);
 * they are ranked on `threads` threads (0: one a processor). Refuses empty sets, rows of two
 * widths and rows without a label; features that are not finite are SCL_NUMERIC. `progress`
 * may be NULL. */
int scl_retrieval_find(struct scl_retrieval *out, struct scl_device *device,
                       const struct scl_features *gallery, const struct scl_features *query,
                       int threads, scl_data_progress *progress, void *context);

#endif
