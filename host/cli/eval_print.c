/* eval_print.c - the answer of `scorecl eval`, for people and for programs. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/eval_impl.h"
#include "eval/test_crop.h"

static bool is_resized(const struct scl_evaluation *e, const struct scl_dataset *d)
{
    int height, width;

    if (!d)
        return false;
    if (e->config.eval.resize > e->config.augment.size)
        return true;
    scl_dataset_max_size(d, &height, &width);
    return !scl_dataset_same_size(d) || height != e->config.augment.size ||
           width != e->config.augment.size;
}

/* What the rows are, in words. */
static void print_features(const struct scl_evaluation *e)
{
    char crop[SCL_TEST_CROP_BYTES];

    printf("features: %s, %d-d%s", e->spec.pixels ? "pixels in [0, 1]" : "backbone", e->dim,
           e->spec.pixels ? "" : ", eval mode");
    if (is_resized(e, e->bank) || is_resized(e, e->query))
        printf(", %s", scl_test_crop_text(crop, &e->config));
    printf(", no augmentation\n");
}

static void print_origin(const struct scl_evaluation *e)
{
    if (e->trained)
        printf("weights: %s, step %d\n", e->weights, e->step);
    else if (!e->spec.pixels)
        printf("weights: initial, seed %llu\n", (unsigned long long)e->config.seed);
    printf("device: %s\n", e->device);
}

void scl_evaluation_print(const struct scl_evaluation *e)
{
    const struct scl_unlabelled *m = &e->measures;
    char text[SCL_KNN_BYTES];

    if (e->bank) {
        printf("accuracy %.2f %%\n", e->accuracy);
        printf("protocol: %s; bank: %u images of train, queries: %u of %s\n",
               scl_knn_text(text, &e->knn), scl_dataset_count(e->bank), scl_dataset_count(e->query),
               e->query_split);
    } else {
        printf("spread          %8.4f   1: directions spread evenly, 0: collapsed\n", m->spread);
        printf("alignment       %8.4f   0: two views of an image lie in one direction\n",
               m->alignment);
        printf("uniformity      %8.4f   -4: even, 0: collapsed\n", m->uniformity);
        printf("effective rank  %8.2f   of %d dimensions\n", m->effective_rank, m->dim);
        printf("measured on: %d images of %s; alignment: two views as in training\n", m->n,
               e->query_split);
    }
    print_features(e);
    print_origin(e);
}

/* JSON has no NaN. */
static bool add_number(cJSON *o, const char *name, double value)
{
    return isfinite(value) ? cJSON_AddNumberToObject(o, name, value) != NULL
                           : cJSON_AddNullToObject(o, name) != NULL;
}

static bool add_split(cJSON *json, const char *name, const char *split, const struct scl_dataset *d)
{
    cJSON *o = cJSON_AddObjectToObject(json, name);

    return o && cJSON_AddStringToObject(o, "split", split) &&
           cJSON_AddNumberToObject(o, "images", scl_dataset_count(d));
}

/* 0.1, not the 0.100000001 that a float makes of it. */
static bool add_temperature(cJSON *o, const struct scl_knn_spec *k)
{
    char text[32];

    snprintf(text, sizeof text, "%g", (double)k->temperature);
    return add_number(o, "temperature", strtod(text, NULL));
}

static bool add_knn(cJSON *o, const struct scl_evaluation *e)
{
    const struct scl_knn_spec *k = &e->knn;

    return cJSON_AddStringToObject(o, "kind", "knn") && add_number(o, "accuracy", e->accuracy) &&
           cJSON_AddStringToObject(o, "protocol", e->protocol) &&
           cJSON_AddNumberToObject(o, "k", k->k) &&
           cJSON_AddStringToObject(o, "metric", k->cosine ? "cosine" : "euclidean") &&
           cJSON_AddStringToObject(o, "vote", k->exp_vote ? "exp" : "majority") &&
           (!k->exp_vote || add_temperature(o, k)) &&
           cJSON_AddStringToObject(o, "ties", "smallest label") &&
           add_split(o, "bank", "train", e->bank) &&
           add_split(o, "query", e->query_split, e->query);
}

static bool add_measures(cJSON *o, const struct scl_evaluation *e)
{
    const struct scl_unlabelled *m = &e->measures;

    return cJSON_AddStringToObject(o, "kind", "measures") && add_number(o, "spread", m->spread) &&
           add_number(o, "alignment", m->alignment) && add_number(o, "uniformity", m->uniformity) &&
           add_number(o, "effective_rank", m->effective_rank) &&
           add_split(o, "query", e->query_split, e->query);
}

int scl_evaluation_print_json(const struct scl_evaluation *e)
{
    cJSON *o = cJSON_CreateObject();
    char text[SCL_TEST_CROP_BYTES];
    const char *crop = is_resized(e, e->bank) || is_resized(e, e->query)
                           ? scl_test_crop_text(text, &e->config)
                           : "none";

    if (o && (e->bank ? add_knn(o, e) : add_measures(o, e)) &&
        cJSON_AddStringToObject(o, "features", e->spec.pixels ? "pixels" : "backbone") &&
        cJSON_AddNumberToObject(o, "dim", e->dim) && cJSON_AddStringToObject(o, "mode", "eval") &&
        cJSON_AddStringToObject(o, "augmentation", "none") &&
        cJSON_AddStringToObject(o, "crop", crop) &&
        cJSON_AddNumberToObject(o, "size", e->config.augment.size) &&
        cJSON_AddStringToObject(o, "weights", e->weights) &&
        (!e->trained || cJSON_AddNumberToObject(o, "step", e->step)) &&
        cJSON_AddStringToObject(o, "device", e->device))
        return scl_json_print(o);
    cJSON_Delete(o);
    return scl_json_print(NULL);
}
