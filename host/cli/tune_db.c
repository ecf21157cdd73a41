/* tune_db.c - `scorecl tune list`, `export` and `import`. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/tuning.h"
#include "base/file.h"
#include "base/status.h"
#include "cli/cli.h"
#include "cli/tune_impl.h"

static bool is_of(const struct scl_decision *d, const char *device)
{
    return !device || strcmp(d->device, device) == 0;
}

static bool has_failed(const struct scl_decision *d)
{
    return d->verdict != SCL_TIMED;
}

static int by_device(const void *a, const void *b)
{
    const struct scl_decision *x = a, *y = b;
    int order;

    if ((order = strcmp(x->device, y->device)) || (order = strcmp(x->driver, y->driver)) ||
        (order = strcmp(x->node, y->node)) || (order = strcmp(x->numeric, y->numeric)) ||
        (order = scl_decision_wins(y) - scl_decision_wins(x)))
        return order;
    return x->ms < y->ms ? -1 : x->ms > y->ms ? 1 : strcmp(x->plan, y->plan);
}

/* What came of it: "11.2", "wrong"; its largest error; its share of the peak. */
static void print_row(const struct scl_decision *d, int node, int plan)
{
    char ms[24], error[24] = "-", share[24] = "-";

    snprintf(ms, sizeof ms, "%.3f", d->ms);
    if (d->max_error >= 0)
        snprintf(error, sizeof error, "%.1e", d->max_error);
    if (d->share >= 0)
        snprintf(share, sizeof share, "%.1f%%", 100 * d->share);
    printf("%-*s  %-*s  %-5s %11s %9s %7s  %s\n", node, d->node, plan, d->plan, d->numeric,
           has_failed(d) ? scl_verdict_text(d->verdict) : ms, error, share,
           scl_origin_text(d->origin));
}

/* The lines of one device and driver, from `first` to before `end`. */
static void print_device(const struct scl_decision *d, int n, bool all)
{
    int node = 4, plan = 4, n_best = 0, n_failed = 0;

    for (int i = 0; i < n; i++) {
        n_best += scl_decision_wins(&d[i]);
        n_failed += has_failed(&d[i]);
        if (!all && !scl_decision_wins(&d[i]))
            continue;
        node = (int)strlen(d[i].node) > node ? (int)strlen(d[i].node) : node;
        plan = (int)strlen(d[i].plan) > plan ? (int)strlen(d[i].plan) : plan;
    }
    printf("%s, driver %s: %d decision%s, %d plan%s tried, %d failed\n", d->device, d->driver,
           n_best, n_best == 1 ? "" : "s", n, n == 1 ? "" : "s", n_failed);
    if (all || n_best)
        printf("%-*s  %-*s  %-5s %11s %9s %7s  %s\n", node, "node", plan, "plan", "class", "ms",
               "error", "peak", "source");
    for (int i = 0; i < n; i++)
        if (all || scl_decision_wins(&d[i]))
            print_row(&d[i], node, plan);
}

static bool add_row(cJSON *rows, const struct scl_decision *d)
{
    cJSON *row = cJSON_CreateObject();
    bool whole = cJSON_AddStringToObject(row, "device", d->device) &&
                 cJSON_AddStringToObject(row, "driver", d->driver) &&
                 cJSON_AddStringToObject(row, "node", d->node) &&
                 cJSON_AddStringToObject(row, "plan", d->plan) &&
                 cJSON_AddStringToObject(row, "class", d->numeric) &&
                 cJSON_AddStringToObject(row, "verdict", scl_verdict_text(d->verdict)) &&
                 cJSON_AddStringToObject(row, "hash", d->hash) &&
                 cJSON_AddStringToObject(row, "source", scl_origin_text(d->origin)) &&
                 cJSON_AddStringToObject(row, "version", d->version);

    if (!has_failed(d))
        whole = whole && cJSON_AddNumberToObject(row, "ms", d->ms);
    if (d->max_error >= 0)
        whole = whole && cJSON_AddNumberToObject(row, "max_error", d->max_error);
    if (d->share >= 0)
        whole = whole && cJSON_AddNumberToObject(row, "share_of_peak", d->share);
    if (!cJSON_AddItemToArray(rows, row))
        cJSON_Delete(row);
    return whole;
}

static int print_json(const struct scl_decisions *list, const char *device, bool all)
{
    cJSON *json = cJSON_CreateObject(), *rows = cJSON_AddArrayToObject(json, "decisions");
    bool whole = rows;

    for (int i = 0; whole && i < list->n; i++)
        if (is_of(&list->decision[i], device) && (all || scl_decision_wins(&list->decision[i])))
            whole = add_row(rows, &list->decision[i]);
    return scl_json_print(json, whole);
}

static void print_text(const struct scl_decisions *list, const char *device, bool all)
{
    int n_printed = 0;

    for (int i = 0, end; i < list->n; i = end) {
        const struct scl_decision *d = &list->decision[i];

        for (end = i + 1; end < list->n && strcmp(list->decision[end].device, d->device) == 0 &&
                          strcmp(list->decision[end].driver, d->driver) == 0;)
            end++;
        if (!is_of(d, device))
            continue;
        if (n_printed++)
            putchar('\n');
        print_device(d, end - i, all);
    }
    if (!n_printed)
        puts("no decisions; scorecl tune CONFIG makes some");
}

int scl_tune_list(int argc, char **argv, bool *started)
{
    const char *device = NULL;
    bool all = false, json = false;
    const struct scl_option options[] = {
        { "device", .text = &device }, { "all", .flag = &all }, { "json", .flag = &json }, { 0 }
    };
    struct scl_decisions list = { 0 };
    int rc;

    (void)started;
    SCL_TRY(scl_options_read(argc, argv, options, 0, 0));
    SCL_TRY(scl_tuning_load_shipped(&list));
    SCL_TRY(scl_tuning_load_user(&list));
    rc = SCL_OK;
    if (list.n > 0) /* hashes of questions stay behind: nothing is looked for any more */
        qsort(list.decision, (size_t)list.n, sizeof *list.decision, by_device);
    if (json)
        rc = print_json(&list, device, all);
    else
        print_text(&list, device, all);
out:
    scl_decisions_fini(&list);
    return rc;
}

/* The lines that are of use elsewhere, and what is known of their devices. */
static int select_lines(struct scl_decisions *out, const struct scl_decisions *from,
                        const char *device)
{
    int rc = SCL_OK;

    for (int i = 0; i < from->n; i++) {
        const struct scl_decision *d = &from->decision[i];
        const struct scl_kin *kin = scl_decisions_find_kin(from, d->device);

        if (!is_of(d, device) || (!scl_decision_wins(d) && !has_failed(d)))
            continue;
        SCL_TRY(scl_decisions_put(out, d));
        if (kin && !scl_decisions_find_kin(out, d->device))
            SCL_TRY(scl_decisions_put_kin(out, kin));
    }
out:
    return rc;
}

int scl_tune_export(int argc, char **argv, bool *started)
{
    const char *device = NULL;
    const struct scl_option options[] = { { "device", .text = &device }, { 0 } };
    struct scl_decisions all = { 0 }, some = { 0 };
    int rc;

    (void)started;
    SCL_TRY(scl_options_read(argc, argv, options, 0, 0));
    SCL_TRY(scl_tuning_load_user(&all));
    SCL_TRY(select_lines(&some, &all, device));
    if (some.n == 0) {
        rc = scl_fail(SCL_USAGE, "export: there is no decision%s%s; scorecl tune CONFIG makes some",
                      device ? " of " : "", device ? device : "");
        goto out;
    }
    rc = scl_decisions_print(&some, stdout);
out:
    scl_decisions_fini(&some);
    scl_decisions_fini(&all);
    return rc;
}

int scl_tune_import(int argc, char **argv, bool *started)
{
    const struct scl_option options[] = { { 0 } };
    struct scl_decisions all = { 0 }, some = { 0 };
    int rc, first, n_failed = 0;

    (void)started;
    SCL_TRY(first = scl_options_read(argc, argv, options, 1, 1));
    if (scl_path_kind(argv[first]) == SCL_PATH_NONE)
        return scl_fail(SCL_IO, "%s: there is no such file", argv[first]);
    SCL_TRY(scl_decisions_load(&all, argv[first], false));
    SCL_TRY(select_lines(&some, &all, NULL));
    if (some.n == 0) {
        rc = scl_fail(SCL_DATA, "%s: found no decision, wanted some", argv[first]);
        goto out;
    }
    for (int i = 0; i < some.n; i++) {
        scl_decision_import(&some.decision[i]);
        n_failed += has_failed(&some.decision[i]);
    }
    SCL_TRY(scl_tuning_store(&some));
    printf(
        "%s: %d decisions imported, and %d plans that failed; %d that were only tried left out\n",
        argv[first], some.n - n_failed, n_failed, all.n - some.n);
out:
    scl_decisions_fini(&some);
    scl_decisions_fini(&all);
    return rc;
}
