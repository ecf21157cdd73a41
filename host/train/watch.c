/* watch.c - features of bank and queries, then their nearest neighbours. */
#include "train/watch_impl.h"

#include "base/status.h"
#include "data/configured.h"

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* A data set without a test split can be trained on all the same. */
static bool open_queries(struct scl_watch *w, const struct scl_config *config)
{
    const char *split = config->data.validation > 0 ? "validation" : "test";

    if (config->eval.knn_every == 0 || scl_dataset_classes(w->bank) == 0)
        return false;
    if (scl_dataset_open_configured(&w->query, &config->data, split) < 0)
        return false;
    return scl_dataset_classes(w->query) > 0;
}

int scl_watch_init(struct scl_watch *w, const struct scl_config *config, struct scl_dataset *bank)
{
    struct scl_encoder_spec spec = { .config = config, .batch = config->eval.batch };
    struct scl_knn_spec knn;
    int h[2], v[2], rc = SCL_OK;

    *w = (struct scl_watch){ .config = config, .bank = bank };
    if (!open_queries(w, config)) {
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
    scl_dataset_max_size(bank, &h[0], &v[0]);
    scl_dataset_max_size(w->query, &h[1], &v[1]);
    spec.bytes = larger((int)scl_dataset_max_bytes(bank), (int)scl_dataset_max_bytes(w->query));
    spec.max_side = larger(larger(h[0], h[1]), larger(v[0], v[1]));
    SCL_TRY(scl_encoder_graph(&w->graph, &spec));
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
    spec = scl_knn_protocol(&w->config->eval, (enum scl_knn_protocol)w->config->eval.protocol);
    scl_knn_title(w->title, &spec);
    SCL_TRY(scl_encoder_new(&w->encoder, device, store, &w->graph));
    SCL_TRY(scl_knn_new(&w->knn, device, &spec, n_bank, n_query, w->graph.dim));
    SCL_TRY(scl_features_init(&w->bank_features, n_bank, w->graph.dim));
    rc = scl_features_init(&w->query_features, n_query, w->graph.dim);
out:
    return rc;
}

int scl_watch_run(double *accuracy, struct scl_watch *w)
{
    int rc;

    SCL_TRY(scl_encoder_features(&w->bank_features, w->encoder, w->bank, NULL, NULL));
    SCL_TRY(scl_encoder_features(&w->query_features, w->encoder, w->query, NULL, NULL));
    rc = scl_knn_run(accuracy, NULL, w->knn, &w->bank_features, &w->query_features);
out:
    return rc;
}
