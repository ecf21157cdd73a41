/* eval_open.c - what every evaluation needs before its work begins. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/progress.h"
#include "base/status.h"
#include "cli/cli.h"
#include "cli/eval_impl.h"
#include "data/configured.h"
#include "train/checkpoint.h"

/* A run folder's configuration, or the file itself. */
static int load_config(struct scl_evaluation *e, const struct scl_eval_request *r,
                       const struct scl_texts *set)
{
    const bool is_run = scl_path_kind(r->path) == SCL_PATH_FOLDER;
    char *path = is_run ? scl_path_join(r->path, "config.yaml") : NULL;
    int rc = SCL_OK;

    if (is_run && !path)
        return SCL_NOMEM;
    e->folder = is_run ? r->path : NULL;
    if (scl_path_kind(r->path) == SCL_PATH_NONE)
        rc = scl_fail(SCL_USAGE, "eval: %s: there is no such file or folder", r->path);
    else if (!is_run && !r->untrained && !r->pixels && !r->checkpoint)
        rc = scl_fail(SCL_USAGE,
                      "eval: %s is no run folder; to evaluate a configuration, say --untrained, "
                      "--pixels or --checkpoint FILE",
                      r->path);
    else if (is_run && scl_path_kind(path) == SCL_PATH_NONE)
        rc = scl_fail(SCL_USAGE, "eval: %s has no config.yaml, so it is no run folder", r->path);
    else
        rc = scl_options_config(&e->config, is_run ? path : r->path, set, r->device);
    free(path);
    return rc;
}

/* Which weights. */
static int find_weights(struct scl_evaluation *e, const struct scl_eval_request *r)
{
    struct scl_checkpoint info;
    int rc;

    if (r->pixels || r->untrained) {
        strcpy(e->weights, r->pixels ? "none" : "initial");
        return SCL_OK;
    }
    if (r->checkpoint)
        snprintf(e->weights, sizeof e->weights, "%s", r->checkpoint);
    else
        SCL_TRY(scl_checkpoint_find(e->weights, sizeof e->weights, r->path));
    if (!e->weights[0])
        return scl_fail(SCL_DATA,
                        "eval: %s has no checkpoint yet; --untrained evaluates its first "
                        "weights",
                        r->path);
    SCL_TRY(scl_checkpoint_info(&info, NULL, e->weights));
    if (info.phase != SCL_PHASE_ENCODER)
        return scl_fail(SCL_DATA, "eval: %s is of the score network: no encoder is trained yet",
                        e->weights);
    e->step = info.step;
    e->trained = true;
out:
    return rc;
}

/* Queries when no split is named: test, or what there is. */
static const char *default_split(const struct scl_evaluation *e)
{
    char *path = scl_path_join(e->config.data.root, "test");
    const bool lacks_test = e->config.data.kind == SCL_DATA_IMAGE_FOLDER && path &&
                            scl_path_kind(path) != SCL_PATH_FOLDER;

    free(path);
    return lacks_test ? "train" : "test";
}

/* The queries, and where there are labels to be guessed the bank. */
static int open_data(struct scl_evaluation *e, const struct scl_eval_request *r)
{
    const struct scl_data_config *data = &e->config.data;
    int rc;

    e->query_split = r->split ? r->split : default_split(e);
    if (strcmp(e->query_split, "validation") == 0 && data->validation == 0)
        return scl_fail(SCL_USAGE, "eval: --split validation: data.validation is 0, so no images "
                                   "are held out");
    SCL_TRY(scl_dataset_open_configured(&e->query, data, e->query_split));
    SCL_TRY(scl_encoder_spec_set_images(&e->spec, e->query));
    if (e->kind->needs_labels && scl_dataset_classes(e->query) == 0) {
        if (!e->kind->unlabelled)
            return scl_fail(SCL_DATA,
                            "eval: %s needs labels, and the images of the split %s have "
                            "none",
                            e->kind->name, e->query_split);
        e->kind = e->kind->unlabelled;
    }
    if (!e->kind->needs_labels)
        return SCL_OK;
    if (strcmp(e->query_split, "train") == 0)
        return scl_fail(SCL_USAGE,
                        "eval: %s on the split train would be asked what it was told: "
                        "wanted a folder 'test', or --split validation",
                        e->kind->name);
    SCL_TRY(scl_dataset_open_configured(&e->bank, data, "train"));
    rc = scl_encoder_spec_set_images(&e->spec, e->bank);
out:
    return rc;
}

/* The graphs, in the order in which the model's memory is made for them. */
static int open_model(struct scl_evaluation *e)
{
    struct scl_graph *graph[4];
    int n = 0, rc;

    SCL_TRY(scl_device_open(&e->device, e->config.device, e->config.memory_bytes));
    SCL_TRY(scl_device_load_tuning(e->device));
    scl_device_key(e->device_key, sizeof e->device_key, scl_device_facts(e->device));
    SCL_TRY(scl_encoder_graph(&e->encoder, &e->spec));
    if (e->kind->open)
        SCL_TRY(e->kind->open(e));
    if (e->step_graph.g)
        graph[n++] = e->step_graph.g;
    graph[n++] = e->encoder.g;
    if (e->layer.g)
        graph[n++] = e->layer.g;
    if (e->drawn.g)
        graph[n++] = e->drawn.g;
    SCL_TRY(scl_store_new(&e->store, e->device, n, graph, e->config.seed));
    if (e->trained)
        rc = scl_checkpoint_load_states(e->store, e->weights);
out:
    return rc;
}

int scl_evaluation_open(struct scl_evaluation *e, const struct scl_eval_request *r,
                        const struct scl_texts *set)
{
    int rc;

    SCL_TRY(load_config(e, r, set));
    SCL_TRY(find_weights(e, r));
    e->spec = (struct scl_encoder_spec){ .config = &e->config,
                                         .batch = e->config.eval.batch,
                                         .pixels = r->pixels };
    e->protocol = r->protocol;
    e->percent = r->labels ? atoi(r->labels) : 10;
    SCL_TRY(open_data(e, r));
    rc = open_model(e);
out:
    return rc;
}

void scl_evaluation_close(struct scl_evaluation *e)
{
    scl_features_fini(&e->query_rows);
    scl_features_fini(&e->bank_rows);
    scl_features_fini(&e->view_rows);
    scl_store_free(e->store);
    scl_supervised_fini(&e->step_graph);
    scl_classifier_fini(&e->layer);
    scl_encoder_graph_fini(&e->encoder);
    scl_encoder_graph_fini(&e->drawn);
    scl_subset_fini(&e->subset);
    scl_device_close(e->device);
    scl_dataset_close(e->bank);
    scl_dataset_close(e->query);
}
