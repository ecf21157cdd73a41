/* tune_search.c - `scorecl tune CONFIG`: the search, its progress and its table. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/status.h"
#include "base/stop.h"
#include "cli/cli.h"
#include "cli/tune_impl.h"
#include "tune/tune.h"

#define MAX_MINUTES 100000.0

static int read_minutes(double *out, const char *text)
{
    char *end;

    errno = 0;
    *out = strtod(text, &end);
    if (end == text || *end || errno || !(*out > 0 && *out <= MAX_MINUTES))
        return scl_fail(SCL_USAGE,
                        "tune: --minutes is '%s'; a number above 0 is wanted, up to %.0f", text,
                        MAX_MINUTES);
    return SCL_OK;
}

/* "12.345", or "-" for what is not known. */
static const char *ms_text(char out[32], double ms)
{
    if (ms < 0)
        snprintf(out, 32, "-");
    else
        snprintf(out, 32, "%.3f", ms);
    return out;
}

static void print_text(const struct scl_tune_report *r)
{
    char before[32], after[32];

    printf("%-64s %5s %10s %10s  %s\n", "# node", "nodes", "before ms", "after ms", "plan");
    for (int i = 0; i < r->n_row; i++)
        printf("%-64s %5d %10s %10s  %s\n", r->row[i].node, r->row[i].n_node,
               ms_text(before, r->row[i].before_ms), ms_text(after, r->row[i].after_ms),
               r->row[i].plan);
    for (int i = 0; i < r->n_said; i++)
        printf("# failed: %s\n", r->said[i]);
    printf("# %s: %d trials now, %d known before; %d plans failed\n", r->device, r->n_trial,
           r->n_known, r->n_failed);
    printf("# step: %.3f s with the profile's plans, measured; forecast with the best %.3f s\n",
           r->before_seconds, r->after_seconds);
}

static void add_ms(cJSON *to, const char *name, double ms)
{
    if (ms >= 0)
        cJSON_AddNumberToObject(to, name, ms);
    else
        cJSON_AddNullToObject(to, name);
}

static int print_json(const struct scl_tune_report *r)
{
    cJSON *all = cJSON_CreateObject(), *rows = cJSON_AddArrayToObject(all, "rows");
    cJSON *failed = cJSON_AddArrayToObject(all, "failed");

    cJSON_AddStringToObject(all, "device", r->device);
    cJSON_AddNumberToObject(all, "trials", r->n_trial);
    cJSON_AddNumberToObject(all, "known", r->n_known);
    cJSON_AddNumberToObject(all, "plans_failed", r->n_failed);
    cJSON_AddNumberToObject(all, "step_seconds_before", r->before_seconds);
    cJSON_AddNumberToObject(all, "step_seconds_after", r->after_seconds);
    for (int i = 0; i < r->n_row; i++) {
        cJSON *row = cJSON_CreateObject();

        cJSON_AddStringToObject(row, "node", r->row[i].node);
        cJSON_AddNumberToObject(row, "nodes", r->row[i].n_node);
        cJSON_AddNumberToObject(row, "step_ms", r->row[i].step_ms);
        add_ms(row, "before_ms", r->row[i].before_ms);
        add_ms(row, "after_ms", r->row[i].after_ms);
        cJSON_AddStringToObject(row, "plan", r->row[i].plan);
        cJSON_AddItemToArray(rows, row);
    }
    for (int i = 0; i < r->n_said; i++)
        cJSON_AddItemToArray(failed, cJSON_CreateString(r->said[i]));
    return scl_json_print(all, true);
}

int scl_tune_search(int argc, char **argv, bool *started)
{
    struct scl_config config;
    struct scl_texts set = { 0 };
    const char *device = NULL, *minutes = "10";
    bool json = false;
    const struct scl_option options[] = { { .name = "device", .text = &device },
                                          { .name = "set", .texts = &set },
                                          { .name = "minutes", .text = &minutes },
                                          { .name = "json", .flag = &json },
                                          { 0 } };
    const int first = scl_options_read(argc, argv, options, 1, 1);
    struct scl_tune_spec spec = { .config = &config, .progress = stderr };
    struct scl_tune_report report = { 0 };
    int rc;

    if (first < 0)
        return first;
    SCL_TRY(read_minutes(&spec.seconds, minutes));
    spec.seconds *= 60;
    SCL_TRY(scl_options_config(&config, argv[first], &set, device));
    SCL_TRY(scl_stop_install());
    rc = scl_tune_run(&report, &spec);
    *started = report.device != NULL;
    if (*started && json && rc == SCL_OK)
        rc = print_json(&report);
    else if (*started && !json)
        print_text(&report);
out:
    scl_tune_report_fini(&report);
    return rc;
}
