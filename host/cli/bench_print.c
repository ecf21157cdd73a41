/* bench_print.c - a step's times as tables of 100 columns, and as JSON. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "backend/profile.h"
#include "base/status.h"
#include "cli/bench_impl.h"

enum { BAR = 48, PARAM_BYTES = 512 };

/* Shares of the device's limits, and rates, of a row. */
struct rates {
    double gflops,
        effective; /* by the definition's arithmetic: above 1 where a method saves some */
    double gbps, copy;
    double of_bound;
    const char *bound;
};

static struct rates rates_of(const struct bench_row *r, const struct scl_limits *limits)
{
    const double gflops = r->ms > 0 ? r->cost.flops * 1e-6 / r->ms : 0;
    const double gbps = r->ms > 0 ? r->cost.bytes * 1e-6 / r->ms : 0;

    return (struct rates){ .gflops = gflops,
                           .effective = gflops / limits->gflops,
                           .gbps = gbps,
                           .copy = gbps / limits->copy_gbps,
                           .of_bound = r->ms > 0 ? r->bound_ms / r->ms : 0,
                           .bound = 2 * r->traffic_ms > r->bound_ms ? "memory" : "compute" };
}

static void print_head(const struct bench *b)
{
    const struct scl_limits *l = &b->limits;
    const struct scl_plan *plan = b->phase.plan;
    const double median = bench_median(b);

    printf("device   %s\n", scl_device_facts(b->device)->name);
    printf("limits   %.1f GFLOP/s fused multiply-add, %.1f GB/s copy, %.1f us a launch, measured "
           "%.10s\n", /* the day */
           l->gflops, l->copy_gbps, l->launch_us, l->is_kept ? l->date : "now");
    if (l->cores < SCL_MOST_CORES)
        printf("         beside other programs, which left it %.0f %% of its cores: too low\n",
               100 * l->cores);
    printf("step     %.3f s (%.3f to %.3f, median of %d): %.1f views/s\n", median, b->seconds[0],
           b->seconds[b->n_step - 1], b->n_step, b->phase.n_views * b->phase.batch / median);
    printf("         %.1f GFLOP in %d launches: %.1f GFLOP/s, effective %.0f %% of the peak; "
           "workspace %.0f MiB\n\n",
           plan->flops * 1e-9, plan->n_step, plan->flops * 1e-9 / median,
           100 * plan->flops * 1e-9 / median / l->gflops, (double)scl_plan_bytes(plan) / 0x1p20);
}

/* At most 100 columns, but for what is behind a node's name. */
static void print_row(const struct bench_row *r, const struct scl_limits *limits, double all_ms,
                      enum bench_by by)
{
    const struct rates rate = rates_of(r, limits);
    char params[PARAM_BYTES], why[SCL_WHY_BYTES] = "";

    if (r->step->by->origin != SCL_DEFAULT)
        scl_why_text(why, r->step->by->origin, r->step->by->from);
    printf("%8.2f %5.1f%% %8.1f %8.0f%% %6.1f %4.0f%% %-7s %4.0f%%", r->ms, 100 * r->ms / all_ms,
           rate.gflops, 100 * rate.effective, rate.gbps, 100 * rate.copy, rate.bound,
           100 * rate.of_bound);
    if (by == BENCH_BY_NODE)
        printf(" %-37s %s %s%s%s\n", bench_row_name(r, by), r->step->by->candidate->name,
               bench_row_params(params, sizeof params, r), *why ? ", " : "", why);
    else
        printf(" %3d  %-18s %s%s%s\n", r->n_node, bench_row_name(r, by),
               r->step->by->candidate->name, *why ? ", " : "", why);
}

static void print_rows(const struct bench_row row[], int n, const struct bench *b, enum bench_by by)
{
    const double all_ms = bench_total(row, n).ms;

    printf("%8s %6s %8s %9s %6s %5s %-7s %5s", "ms", "share", "GFLOP/s", "effective", "GB/s",
           "copy", "bound", "of it");
    if (by == BENCH_BY_NODE)
        printf(" %-37s %s\n", "node", "candidate, parameters, why");
    else
        printf(" %3s  %-18s %s\n", "n", "operator", "candidate, why");
    for (int i = 0; i < n; i++)
        print_row(&row[i], &b->limits, all_ms, by);
}

/* '#': what the device's limits take of the time; '.': the rest. */
static void print_bar(const char *name, const struct bench_row *r, double longest_ms)
{
    const int bound = (int)lround(BAR * fmin(r->bound_ms, r->ms) / longest_ms);
    const int all = (int)lround(BAR * r->ms / longest_ms);

    printf("%-20s %-8s ", name, 2 * r->traffic_ms > r->bound_ms ? "memory" : "compute");
    for (int i = 0; i < BAR; i++)
        putchar(i < bound ? '#' : i < all ? '.' : ' ');
    printf(" %8.2f ms %4.0f%%\n", r->ms, r->ms > 0 ? 100 * r->bound_ms / r->ms : 0);
}

/* Operators of a hundredth of the step and more; the others together. */
static void print_roofline(const struct bench_row row[], int n)
{
    const struct bench_row all = bench_total(row, n);
    int shown = 0;

    while (shown < n && row[shown].ms >= 0.01 * all.ms)
        shown++;
    printf("\n%-20s %-8s %-*s %11s %5s\n", "roofline", "bound", BAR,
           "# least time by the limits  . the rest", "time", "of it");
    for (int i = 0; i < shown; i++)
        print_bar(bench_row_name(&row[i], BENCH_BY_OPERATOR), &row[i], row[0].ms);
    if (shown < n) {
        const struct bench_row others = bench_total(row + shown, n - shown);
        char name[32];

        snprintf(name, sizeof name, "%d others", n - shown);
        print_bar(name, &others, row[0].ms);
    }
    print_bar("all", &all, all.ms);
}

int bench_print_text(const struct bench *b, enum bench_by by)
{
    struct bench_row *row = NULL, *by_operator = NULL;
    int rc, n, n_operator;

    SCL_TRY(bench_rows(&row, &n, b, by));
    SCL_TRY(bench_rows(&by_operator, &n_operator, b, BENCH_BY_OPERATOR));
    print_head(b);
    print_rows(row, n, b, by);
    print_roofline(by_operator, n_operator);
out:
    free(row);
    free(by_operator);
    return rc;
}

static bool add_limits(cJSON *all, const struct bench *b)
{
    const struct scl_limits *l = &b->limits;
    char key[SCL_KEY_BYTES];

    scl_device_key(key, sizeof key, scl_device_facts(b->device));
    return cJSON_AddStringToObject(all, "device", scl_device_facts(b->device)->name) &&
           cJSON_AddStringToObject(all, "key", key) &&
           cJSON_AddNumberToObject(all, "peak_gflops", l->gflops) &&
           cJSON_AddNumberToObject(all, "copy_gbps", l->copy_gbps) &&
           cJSON_AddNumberToObject(all, "launch_us", l->launch_us) &&
           cJSON_AddNumberToObject(all, "cores", l->cores) &&
           cJSON_AddStringToObject(all, "measured", l->date);
}

static bool add_step(cJSON *all, const struct bench *b, const struct bench_row *total)
{
    const double median = bench_median(b);
    cJSON *each = cJSON_AddArrayToObject(all, "seconds");
    bool whole = each;

    for (int i = 0; whole && i < b->n_step; i++)
        whole = cJSON_AddItemToArray(each, cJSON_CreateNumber(b->seconds[i]));
    return whole && cJSON_AddNumberToObject(all, "step_seconds", median) &&
           cJSON_AddNumberToObject(all, "step_seconds_min", b->seconds[0]) &&
           cJSON_AddNumberToObject(all, "step_seconds_max", b->seconds[b->n_step - 1]) &&
           cJSON_AddNumberToObject(all, "bound_seconds", total->bound_ms * 1e-3) &&
           cJSON_AddNumberToObject(all, "views_per_second",
                                   b->phase.n_views * b->phase.batch / median) &&
           cJSON_AddNumberToObject(all, "launches", b->phase.plan->n_step) &&
           cJSON_AddNumberToObject(all, "gflop", b->phase.plan->flops * 1e-9) &&
           cJSON_AddNumberToObject(all, "workspace_bytes", (double)scl_plan_bytes(b->phase.plan)) &&
           cJSON_AddNumberToObject(all, "state_bytes",
                                   (double)scl_plan_state_bytes(b->phase.graph.g));
}

static bool add_row(cJSON *rows, const struct bench_row *r, const struct bench *b, enum bench_by by)
{
    const struct rates rate = rates_of(r, &b->limits);
    char params[PARAM_BYTES], why[SCL_WHY_BYTES];
    cJSON *row = cJSON_CreateObject();

    return cJSON_AddItemToArray(rows, row) &&
           (by != BENCH_BY_NODE ||
            (cJSON_AddStringToObject(row, "node", r->step->node->name) &&
             cJSON_AddStringToObject(row, "plan", r->step->by->chosen) &&
             cJSON_AddStringToObject(row, "params", bench_row_params(params, sizeof params, r)))) &&
           cJSON_AddStringToObject(row, "operator", r->step->node->op->name) &&
           cJSON_AddStringToObject(row, "candidate", r->step->by->candidate->name) &&
           cJSON_AddStringToObject(row, "why",
                                   scl_why_text(why, r->step->by->origin, r->step->by->from)) &&
           cJSON_AddNumberToObject(row, "nodes", r->n_node) &&
           cJSON_AddNumberToObject(row, "ms", r->ms) &&
           cJSON_AddNumberToObject(row, "gflop", r->cost.flops * 1e-9) &&
           cJSON_AddNumberToObject(row, "gflops", rate.gflops) &&
           cJSON_AddNumberToObject(row, "effective", rate.effective) &&
           cJSON_AddNumberToObject(row, "gb", r->cost.bytes * 1e-9) &&
           cJSON_AddNumberToObject(row, "gbps", rate.gbps) &&
           cJSON_AddNumberToObject(row, "copy_share", rate.copy) &&
           cJSON_AddStringToObject(row, "bound", rate.bound) &&
           cJSON_AddNumberToObject(row, "bound_ms", r->bound_ms);
}

int bench_print_json(const struct bench *b, enum bench_by by)
{
    cJSON *all = cJSON_CreateObject(), *rows;
    struct bench_row *row = NULL, total;
    bool whole;
    int rc, n;

    SCL_TRY(bench_rows(&row, &n, b, by));
    total = bench_total(row, n);
    whole = add_limits(all, b) && add_step(all, b, &total) &&
            (rows = cJSON_AddArrayToObject(all, "rows"));
    for (int i = 0; whole && i < n; i++)
        whole = add_row(rows, &row[i], b, by);
    rc = scl_json_print(all, whole);
    all = NULL;
out:
    cJSON_Delete(all);
    free(row);
    return rc;
}
