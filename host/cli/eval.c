/* eval.c - `scorecl eval`: what an encoder's features are worth. */
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

/* The command line. */
struct request {
    const char *kind, *path;
    const char *protocol, *split, *checkpoint, *device; /* NULL: not given */
    bool untrained, pixels, json;
    struct scl_texts set;
};

/* What is open beside the answer. */
struct session {
    struct scl_device *device;
    struct scl_store *store;
    struct scl_encoder_graph whole, drawn; /* images as they are; two views of each */
    struct scl_features query, bank, views;
};

static int read_options(struct request *r, int argc, char **argv)
{
    const struct scl_option options[] = { { "protocol", .text = &r->protocol },
                                          { "split", .text = &r->split },
                                          { "checkpoint", .text = &r->checkpoint },
                                          { "untrained", .flag = &r->untrained },
                                          { "pixels", .flag = &r->pixels },
                                          { "json", .flag = &r->json },
                                          { "device", .text = &r->device },
                                          { "set", .texts = &r->set },
                                          { 0 } };
    const int first = scl_options_read(argc, argv, options, 2, 2);

    if (first < 0)
        return first;
    r->kind = argv[first];
    r->path = argv[first + 1];
    if (strcmp(r->kind, "knn") != 0 && strcmp(r->kind, "measures") != 0)
        return scl_fail(SCL_USAGE, "eval: found '%s', wanted knn or measures", r->kind);
    if (r->protocol && strcmp(r->protocol, "ht") != 0 && strcmp(r->protocol, "weighted") != 0)
        return scl_fail(SCL_USAGE, "eval: --protocol: found '%s', wanted ht or weighted",
                        r->protocol);
    if (r->split && strcmp(r->split, "test") != 0 && strcmp(r->split, "validation") != 0 &&
        strcmp(r->split, "train") != 0)
        return scl_fail(SCL_USAGE, "eval: --split: found '%s', wanted test, validation or train",
                        r->split);
    if (r->untrained + r->pixels + (r->checkpoint != NULL) > 1)
        return scl_fail(SCL_USAGE,
                        "eval: --untrained, --pixels and --checkpoint exclude each other");
    return SCL_OK;
}

/* A run folder's configuration, or the file itself. */
static int load_config(struct scl_evaluation *e, const struct request *r)
{
    const bool is_run = scl_path_kind(r->path) == SCL_PATH_FOLDER;
    char *path = is_run ? scl_path_join(r->path, "config.yaml") : NULL;
    int rc = SCL_OK;

    if (is_run && !path)
        return SCL_NOMEM;
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
        rc = scl_options_config(&e->config, is_run ? path : r->path, &r->set, r->device);
    free(path);
    return rc;
}

/* Which weights: `path` is where a checkpoint's name goes. */
static int find_weights(struct scl_evaluation *e, const struct request *r, char *path, size_t size)
{
    struct scl_checkpoint info;
    int rc;

    e->weights = r->pixels ? "none" : r->untrained ? "initial" : path;
    if (e->weights != path)
        return SCL_OK;
    if (r->checkpoint)
        snprintf(path, size, "%s", r->checkpoint);
    else
        SCL_TRY(scl_checkpoint_find(path, size, r->path));
    if (!path[0])
        return scl_fail(SCL_DATA,
                        "eval: %s has no checkpoint yet; --untrained evaluates its first "
                        "weights",
                        r->path);
    SCL_TRY(scl_checkpoint_info(&info, path));
    if (info.phase != SCL_PHASE_ENCODER)
        return scl_fail(SCL_DATA, "eval: %s is of the score network: no encoder is trained yet",
                        path);
    e->step = info.step;
    e->trained = true;
out:
    return rc;
}

/* Images for measures when no split is named: test, or what there is. */
static const char *default_split(const struct scl_evaluation *e)
{
    char *path = scl_path_join(e->config.data.root, "test");
    const bool lacks_test = e->config.data.kind == SCL_DATA_IMAGE_FOLDER && path &&
                            scl_path_kind(path) != SCL_PATH_FOLDER;

    free(path);
    return lacks_test ? "train" : "test";
}

/* The queries, and for k-NN the bank, which stays NULL where there are no labels. */
static int open_data(struct scl_evaluation *e, const struct request *r)
{
    const struct scl_data_config *data = &e->config.data;
    const bool knn = strcmp(r->kind, "knn") == 0;
    int rc;

    e->query_split = r->split ? r->split : default_split(e);
    if (strcmp(e->query_split, "validation") == 0 && data->validation == 0)
        return scl_fail(SCL_USAGE, "eval: --split validation: data.validation is 0, so no images "
                                   "are held out");
    SCL_TRY(scl_dataset_open_configured(&e->query, data, e->query_split));
    SCL_TRY(scl_encoder_spec_set_images(&e->spec, e->query));
    if (!knn || scl_dataset_classes(e->query) == 0)
        return SCL_OK;
    if (strcmp(e->query_split, "train") == 0)
        return scl_fail(SCL_USAGE, "eval: k-NN on the split train would find each image itself: "
                                   "wanted a folder 'test', or --split validation");
    SCL_TRY(scl_dataset_open_configured(&e->bank, data, "train"));
    SCL_TRY(scl_encoder_spec_set_images(&e->spec, e->bank));
    e->protocol =
        r->protocol ? r->protocol : scl_config_word("eval.protocol", e->config.eval.protocol);
    e->knn = scl_knn_protocol(&e->config.eval,
                              strcmp(e->protocol, "ht") == 0 ? SCL_KNN_HT : SCL_KNN_WEIGHTED);
    if (e->knn.k > (int)scl_dataset_count(e->bank))
        rc = scl_fail(SCL_DATA, "eval: k is %d, more than the %u images of the bank", e->knn.k,
                      scl_dataset_count(e->bank));
out:
    return rc;
}

static int open_model(struct session *s, struct scl_evaluation *e)
{
    struct scl_encoder_spec drawn = e->spec;
    struct scl_graph *graph[2];
    int n = 0, rc;

    drawn.views = 2;
    SCL_TRY(scl_device_open(&s->device, e->config.device, e->config.memory_bytes));
    scl_device_key(e->device, sizeof e->device, scl_device_facts(s->device));
    SCL_TRY(scl_encoder_graph(&s->whole, &e->spec));
    graph[n++] = s->whole.g;
    e->dim = s->whole.dim;
    if (!e->bank) {
        SCL_TRY(scl_encoder_graph(&s->drawn, &drawn));
        graph[n++] = s->drawn.g;
    }
    SCL_TRY(scl_store_new(&s->store, s->device, n, graph, e->config.seed));
    if (e->trained)
        rc = scl_checkpoint_load_states(s->store, e->weights);
out:
    return rc;
}

static void show(void *context, uint32_t done, uint32_t n)
{
    (void)n;
    scl_progress_set(context, done, NAN);
}

/* Room for the rows, and the rows. */
static int find_features(struct scl_features *out, struct session *s,
                         const struct scl_encoder_graph *graph, struct scl_dataset *d,
                         const char *what)
{
    struct scl_progress progress = {
        .what = what, .unit = "images", .per_done = 1, .total = scl_dataset_count(d)
    };
    const int views = graph->spec.views ? graph->spec.views : 1;
    struct scl_encoder *encoder = NULL;
    int rc;

    scl_progress_open(&progress, stderr);
    SCL_TRY(scl_encoder_new(&encoder, s->device, s->store, graph));
    SCL_TRY(scl_features_init(out, views * (int)scl_dataset_count(d), graph->dim));
    rc = scl_encoder_features(out, encoder, d, show, &progress);
out:
    scl_progress_close(&progress);
    scl_encoder_free(encoder);
    return rc;
}

static int evaluate(struct scl_evaluation *e, struct session *s)
{
    int rc;

    SCL_TRY(find_features(&s->query, s, &s->whole, e->query, "features of queries"));
    if (e->bank) {
        SCL_TRY(find_features(&s->bank, s, &s->whole, e->bank, "features of the bank"));
        rc = scl_knn_accuracy(&e->accuracy, NULL, s->device, &e->knn, &s->bank, &s->query);
    } else {
        SCL_TRY(find_features(&s->views, s, &s->drawn, e->query, "features of views"));
        rc = scl_unlabelled_find(&e->measures, &s->query, &s->views);
    }
    scl_device_cache_programs(s->device);
out:
    return rc;
}

static void close_all(struct scl_evaluation *e, struct session *s)
{
    scl_features_fini(&s->query);
    scl_features_fini(&s->bank);
    scl_features_fini(&s->views);
    scl_store_free(s->store);
    scl_encoder_graph_fini(&s->whole);
    scl_encoder_graph_fini(&s->drawn);
    scl_device_close(s->device);
    scl_dataset_close(e->bank);
    scl_dataset_close(e->query);
}

static int run(int argc, char **argv, bool *started)
{
    struct scl_evaluation e = { .spec.config = &e.config };
    struct request r = { 0 };
    struct session s = { 0 };
    char checkpoint[2 * SCL_PATH_BYTES] = "";
    int rc;

    SCL_TRY(read_options(&r, argc, argv));
    SCL_TRY(load_config(&e, &r));
    SCL_TRY(find_weights(&e, &r, checkpoint, sizeof checkpoint));
    e.spec.batch = e.config.eval.batch;
    e.spec.pixels = r.pixels;
    SCL_TRY(open_data(&e, &r));
    SCL_TRY(open_model(&s, &e));
    *started = true;
    SCL_TRY(evaluate(&e, &s));
    if (r.json)
        rc = scl_evaluation_print_json(&e);
    else
        scl_evaluation_print(&e);
out:
    close_all(&e, &s);
    return rc;
}

const struct scl_command scl_command_eval = {
    .name = "eval",
    .summary = "nearest neighbours, and measures that need no labels",
    .help =
        "usage: scorecl eval knn [OPTION...] RUN|CONFIG\n"
        "       scorecl eval measures [OPTION...] RUN|CONFIG\n\n"
        "RUN is a run folder: its newest checkpoint is evaluated. The encoder is in evaluation\n"
        "mode, images are not augmented. knn guesses the labels of the split test from those of\n"
        "train; where images have no labels it gives the measures. measures: spread (collapse),\n"
        "alignment, uniformity, effective rank.\n\n"
        "    --protocol NAME    ht: 5 nearest, Euclidean, a vote each; weighted: 200 nearest,\n"
        "                       cosine, votes exp(cos / 0.1); the configuration's eval.protocol\n"
        "    --split SPLIT      test (default), validation; measures also: train\n"
        "    --checkpoint FILE  this one\n"
        "    --untrained        the first weights, before any step\n"
        "    --pixels           pixels in place of features\n"
        "    --json             the answer and all it depends on, as one JSON object\n"
        "    --device KEY       which device (scorecl devices); the configuration's\n"
        "    --set KEY=VALUE    replaces one key of the configuration; may be repeated\n\n"
        "example: scorecl eval knn runs/quickstart-simclr --protocol weighted\n",
    .run = run,
};
