/* watch_impl.h - k-NN accuracy, and that of the online probe, while a run trains; for host/train
 * only.
 *
 * The encoder in evaluation mode stands beside the one that trains and shares its
 * states. Queries are the test images, or the validation images where some are held out.
 */
#ifndef SCL_TRAIN_WATCH_IMPL_H
#define SCL_TRAIN_WATCH_IMPL_H

#include "config/config.h"
#include "data/dataset.h"
#include "eval/classifier.h"
#include "eval/features.h"
#include "eval/knn.h"

/* All zeros: there is nothing to watch with (no labels, no test images), or
 * eval.knn_every is 0. */
struct scl_watch {
    const struct scl_config *config;
    struct scl_dataset *bank; /* borrowed: the training images */
    struct scl_dataset *query;
    struct scl_encoder_graph graph;
    struct scl_encoder *encoder;
    struct scl_classifier probe; /* online; g NULL: there is none */
    struct scl_device *device;   /* borrowed, once bound */
    struct scl_store *store;
    struct scl_knn *knn;
    struct scl_features bank_features, query_features;
    char title[SCL_KNN_BYTES]; /* "5-NN" */
};

/* Opens the queries and builds the graph, which the model must know of. */
int scl_watch_init(struct scl_watch *w, const struct scl_config *config, struct scl_dataset *bank);
void scl_watch_fini(struct scl_watch *w);

int scl_watch_bind(struct scl_watch *w, struct scl_device *device, struct scl_store *store);

/* Percent of the queries that the bank labels rightly, and that the online probe does; NaN where
 * there is none. */
int scl_watch_run(double *knn, double *probe, struct scl_watch *w);

#endif
