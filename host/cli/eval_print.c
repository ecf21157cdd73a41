/* eval_print.c - the answer of `scorecl eval`, for people, for programs, and for the run. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "cli/cli.h"
#include "cli/eval_impl.h"
#include "eval/test_crop.h"
#include "report/lines.h"
#include "report/run.h"

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

    printf("features: %s, %d-d%s", e->spec.pixels ? "pixels in [0, 1]" : "backbone", e->encoder.dim,
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
    printf("device: %s\n", e->device_key);
}

/* JSON has no NaN. */
bool scl_json_number(cJSON *o, const char *name, double value)
{
    return isfinite(value) ? cJSON_AddNumberToObject(o, name, value) != NULL
                           : cJSON_AddNullToObject(o, name) != NULL;
}

/* 0.1, not the 0.100000001 that a float makes of it. */
bool scl_json_float(cJSON *o, const char *name, float value)
{
    char text[32];

    snprintf(text, sizeof text, "%g", (double)value);
    return scl_json_number(o, name, strtod(text, NULL));
}

/* All 64 bits, which a double has no room for. */
static bool add_seed(cJSON *o, uint64_t seed)
{
    char text[24];

    snprintf(text, sizeof text, "%llu", (unsigned long long)seed);
    return cJSON_AddRawToObject(o, "seed", text) != NULL;
}

bool scl_json_split(cJSON *json, const char *name, const char *split, uint32_t images)
{
    cJSON *o = cJSON_AddObjectToObject(json, name);

    return o && cJSON_AddStringToObject(o, "split", split) && scl_json_number(o, "images", images);
}

struct members {
    cJSON *o;
    bool complete;
};

static void add_key(void *user, const char *key, const char *value, bool is_number)
{
    struct members *m = user;
    const char *name = strchr(key, '.') + 1;

    if (scl_run_key_may_differ(key)) /* how fast images come is no part of what they are */
        return;
    m->complete = m->complete && (is_number ? cJSON_AddRawToObject(m->o, name, value)
                                            : cJSON_AddStringToObject(m->o, name, value));
}

/* The keys that say which images they are. */
static bool add_data(cJSON *json, const struct scl_config *c)
{
    struct members m = { .o = cJSON_AddObjectToObject(json, "data"), .complete = true };

    return m.o && scl_config_each(c, "data", add_key, &m) == SCL_OK && m.complete;
}

static bool add_list(cJSON *o, const char *name, const double values[3])
{
    return cJSON_AddItemToObject(o, name, cJSON_CreateDoubleArray(values, 3));
}

/* What the rows are, and of which weights. */
static bool add_features(cJSON *o, const struct scl_evaluation *e)
{
    const struct scl_config *c = &e->config;
    char text[SCL_TEST_CROP_BYTES];
    const char *crop =
        is_resized(e, e->bank) || is_resized(e, e->query) ? scl_test_crop_text(text, c) : "none";

    return cJSON_AddStringToObject(o, "features", e->spec.pixels ? "pixels" : "backbone") &&
           scl_json_number(o, "dim", e->encoder.dim) &&
           cJSON_AddStringToObject(o, "mode", "eval") &&
           cJSON_AddStringToObject(o, "augmentation", "none") &&
           cJSON_AddStringToObject(o, "crop", crop) &&
           cJSON_AddStringToObject(
               o, "interpolation",
               scl_config_word("augment.interpolation", c->augment.interpolation)) &&
           scl_json_number(o, "size", c->augment.size) &&
           (e->spec.pixels ||
            (add_list(o, "mean", c->augment.mean) && add_list(o, "std", c->augment.std))) &&
           cJSON_AddStringToObject(o, "weights", e->weights) &&
           (!e->trained || scl_json_number(o, "step", e->step)) && add_seed(o, c->seed);
}

static cJSON *json_of(const struct scl_evaluation *e)
{
    cJSON *o = cJSON_CreateObject();

    if (o && cJSON_AddStringToObject(o, "kind", e->kind->name) && e->kind->add(o, e) &&
        add_data(o, &e->config) && add_features(o, e) &&
        cJSON_AddStringToObject(o, "device", e->device_key))
        return o;
    cJSON_Delete(o);
    return NULL;
}

/* Appends the object to the run's evaluations, as one line. */
static int store(const cJSON *json, const char *folder)
{
    char *path = scl_path_join(folder, "evaluations.jsonl"), *text = cJSON_PrintUnformatted(json);
    struct scl_lines lines = { .fd = -1 };
    int rc = SCL_NOMEM;

    if (!path)
        goto out;
    if (!text) {
        rc = scl_fail(SCL_NOMEM, "out of memory for a line of %s", path);
        goto out;
    }
    SCL_TRY(scl_lines_open(&lines, path));
    rc = scl_lines_push(&lines, text);
out:
    scl_lines_close(&lines);
    cJSON_free(text);
    free(path);
    return rc;
}

int scl_evaluation_print(const struct scl_evaluation *e, bool as_json)
{
    cJSON *json = json_of(e);
    int rc;

    if (!json)
        return scl_json_print(NULL, false);
    if (as_json) {
        SCL_TRY(scl_json_print(cJSON_Duplicate(json, true), true));
    } else {
        e->kind->print(e);
        print_features(e);
        print_origin(e);
    }
    rc = e->folder ? store(json, e->folder) : SCL_OK;
out:
    cJSON_Delete(json);
    return rc;
}
