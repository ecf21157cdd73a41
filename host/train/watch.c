/* watch.c - features of bank and queries, then their nearest neighbours. */
#include "train/watch_impl.h"

#include <math.h>

#include "base/status.h"
#include "data/configured.h"

/* A data set without a test split can be trained on all the same; one that is damaged is refused
 * before the first step. NULL: there is nothing to look at. */
static int open_queries(struct scl_watch *w, const struct scl_config *config)
{
    const bool validation = config->data.validation > 0;
    bool there = true;
    int rc = SCL_OK;

    if (config->eval.knn_every == 0 || scl_dataset_classes(w->bank) == 0)
        return SCL_OK;
    if (!validation)
        SCL_TRY(scl_dataset_has_test(&there, &config->data));
    if (!there)
        return SCL_OK;
    SCL_TRY(
        scl_dataset_open_configured(&w->query, &config->data, validation ? "validation" : "test"));
    if (scl_dataset_classes(w->query) == 0) {
        scl_dataset_close(w->query);
        w->query = NULL;
    }
out:
    return rc;
}

int scl_watch_init(struct scl_watch *w, const struct scl_config *config, struct scl_dataset *bank)
{
    struct scl_encoder_spec spec = { .config = config, .batch = config->eval.batch };
    struct scl_knn_spec knn;
    int rc = SCL_OK;

    *w = (struct scl_watch){ .config = config, .bank = bank };
    SCL_TRY(open_queries(w, config));
    if (!w->query) {
        scl_watch_fini(w);
        return SCL_OK;
    }
    knn = scl_knn_protocol(&config->eval, (enum scl_knn_protocol)config->eval.protocol);
    if (knn.k > (int)scl_dataset_count(bank)) {
        rc = scl_fail(SCL_CONFIG, "%s is %d, more neighbours than the %d training images",
                      config->eval.protocol == SCL_KNN_HT ? "eval.k" : "eval.knn_k", knn.k,
                      (int)scl_dataset_count(bank));
        goto out;
    }
    SCL_TRY(scl_encoder_spec_set_images(&spec, bank));
    SCL_TRY(scl_encoder_spec_set_images(&spec, w->query));
    SCL_TRY(scl_encoder_graph(&w->graph, &spec));
    if (config->probe.online)
        rc = scl_classifier_init(&w->probe, (int)scl_dataset_count(w->query), w->graph.dim,
                                 scl_dataset_classes(bank));
out:
    if (rc < 0)
        scl_watch_fini(w);
    return rc;
}

void scl_watch_fini(struct scl_watch *w)
{
    scl_knn_free(w->knn);
    scl_encoder_free(w->encoder);
    scl_features_fini(&w->bank_features);
    scl_features_fini(&w->query_features);
    scl_classifier_fini(&w->probe);
    scl_encoder_graph_fini(&w->graph);
    scl_dataset_close(w->query);
    *w = (struct scl_watch){ 0 };
}

int scl_watch_bind(struct scl_watch *w, struct scl_device *device, struct scl_store *store)
{
    const int n_bank = w->bank ? (int)scl_dataset_count(w->bank) : 0;
    const int n_query = w->query ? (int)scl_dataset_count(w->query) : 0;
    struct scl_knn_spec spec;
    int rc;

    if (!w->graph.g)
        return SCL_OK;
    w->device = device;
    w->store = store;
    spec = scl_knn_protocol(&w->config->eval, (enum scl_knn_protocol)w->config->eval.protocol);
    scl_knn_title(w->title, &spec);
    SCL_TRY(scl_encoder_new(&w->encoder, device, store, &w->graph));
    SCL_TRY(scl_knn_new(&w->knn, device, &spec, n_bank, n_query, w->graph.dim));
    SCL_TRY(scl_features_init(&w->bank_features, n_bank, w->graph.dim));
    rc = scl_features_init(&w->query_features, n_query, w->graph.dim);
out:
    return rc;
}

int scl_watch_run(double *knn, double *probe, struct scl_watch *w)
{
    struct scl_accuracy accuracy = { .top1 = NAN };
    int rc;

    SCL_TRY(scl_encoder_features(&w->bank_features, w->encoder, w->bank, NULL, NULL));
    SCL_TRY(scl_encoder_features(&w->query_features, w->encoder, w->query, NULL, NULL));
    SCL_TRY(scl_knn_run(knn, NULL, w->knn, &w->bank_features, &w->query_features));
    if (w->probe.g)
        SCL_TRY(scl_classifier_run(&accuracy, &w->probe, w->device, w->store, &w->query_features));
    *probe = accuracy.top1;
out:
    return rc;
}
