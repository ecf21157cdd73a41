/* bench.c - `scorecl bench`: how long a training step takes, and where the time goes. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/status.h"
#include "cli/cli.h"
#include "data/configured.h"
#include "device/measure.h"
#include "train/phase.h"

/* The nodes of one operator and candidate, chosen for one reason; or one node, with --layers. */
struct row {
    const char *node, *op, *candidate;
    const struct scl_step *step; /* the first of it, for where its choice is from */
    double ms, flops;
    int n_node;
};

struct bench {
    struct scl_config config;
    struct scl_dataset *data;
    struct scl_device *device;
    struct scl_store *store;
    struct scl_phase_run phase;
    struct scl_limits limits;
    struct row *row;
    int n_row;
    double *seconds; /* of each timed step, in rising order */
    int n_step;
};

static int open_all(struct bench *b)
{
    struct scl_extent images;
    int rc;

    SCL_TRY(scl_dataset_open_configured(&b->data, &b->config.data, "train"));
    SCL_TRY(scl_device_open(&b->device, b->config.device, b->config.memory_bytes));
    SCL_TRY(scl_limits_get(&b->limits, b->device, SCL_MOST_CORES));
    SCL_TRY(scl_dataset_extent(&images, b->data));
    SCL_TRY(scl_phase_init(&b->phase, SCL_PHASE_ENCODER, &b->config, &images));
    SCL_TRY(scl_device_load_tuning(b->device));
    SCL_TRY(scl_phase_plan(&b->phase, scl_device_facts(b->device), scl_device_profile(b->device),
                           scl_device_tuning(b->device)));
    SCL_TRY(scl_store_new(&b->store, b->device, 1, &b->phase.graph.g, b->config.seed));
    SCL_TRY(scl_phase_bind(&b->phase, b->device, b->store, NULL, NULL));
    rc = scl_phase_seek(&b->phase, b->data, 0);
out:
    return rc;
}

static void close_all(struct bench *b)
{
    scl_phase_fini(&b->phase);
    scl_store_free(b->store);
    scl_device_close(b->device);
    scl_dataset_close(b->data);
    free(b->row);
    free(b->seconds);
}

static int rising(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Whole steps as training does them; the first one warms up. */
static int time_steps(struct bench *b)
{
    int rc = SCL_OK;

    if (!(b->seconds = calloc((size_t)b->n_step + 1, sizeof *b->seconds)))
        return scl_fail(SCL_NOMEM, "out of memory for %d times", b->n_step);
    SCL_TRY(scl_phase_prepare(&b->phase, 0));
    for (int i = -1; i < b->n_step; i++) {
        const double begin = scl_clock();

        SCL_TRY(scl_phase_upload(&b->phase));
        SCL_TRY(scl_exec_run(b->phase.exec));
        SCL_TRY(scl_phase_prepare(&b->phase, i + 2));
        SCL_TRY(scl_device_finish(b->device));
        if (i >= 0)
            b->seconds[i] = scl_clock() - begin;
        else
            scl_device_cache_programs(b->device);
    }
    qsort(b->seconds, (size_t)b->n_step, sizeof *b->seconds, rising);
out:
    return rc;
}

static bool is_alike(const struct scl_step *a, const struct scl_step *b)
{
    return a->node->op == b->node->op && a->candidate == b->candidate && a->origin == b->origin &&
           (!a->from || strcmp(a->from, b->from) == 0);
}

static struct row *find_row(struct bench *b, const struct scl_step *s, bool layers)
{
    for (int i = 0; i < b->n_row; i++)
        if (layers ? b->row[i].node == s->node->name : is_alike(b->row[i].step, s))
            return &b->row[i];
    b->row[b->n_row] = (struct row){
        .node = s->node->name, .op = s->node->op->name, .candidate = s->candidate->name, .step = s
    };
    return &b->row[b->n_row++];
}

static int longest_first(const void *a, const void *b)
{
    const double x = ((const struct row *)a)->ms, y = ((const struct row *)b)->ms;

    return (x < y) - (x > y);
}

static int profile(struct bench *b, bool layers)
{
    const struct scl_plan *plan = b->phase.plan;
    double *ms = calloc((size_t)plan->n_step + 1, sizeof *ms);
    const struct scl_node *last = NULL;
    int rc;

    b->row = calloc((size_t)plan->n_step + 1, sizeof *b->row);
    if (!ms || !b->row) {
        rc = scl_fail(SCL_NOMEM, "out of memory for %d launches", plan->n_step);
        goto out;
    }
    SCL_TRY(scl_phase_upload(&b->phase));
    SCL_TRY(scl_exec_profile(b->phase.exec, ms));
    for (int s = 0; s < plan->n_step; s++) {
        const struct scl_node *y = plan->step[s].node;
        struct row *row = find_row(b, &plan->step[s], layers);

        row->ms += ms[s];
        if (y == last)
            continue;
        row->flops += scl_node_flops(y);
        row->n_node++;
        last = y;
    }
    qsort(b->row, (size_t)b->n_row, sizeof *b->row, longest_first);
out:
    free(ms);
    return rc;
}

static double total_ms(const struct bench *b)
{
    double sum = 0;

    for (int i = 0; i < b->n_row; i++)
        sum += b->row[i].ms;
    return sum;
}

static void print_text(const struct bench *b, bool layers)
{
    const double median = b->seconds[b->n_step / 2], sum = total_ms(b);

    printf("device   %s: %.1f GFLOP/s fused multiply-add, %.1f GB/s copy, measured now\n",
           scl_device_facts(b->device)->name, b->limits.gflops, b->limits.copy_gbps);
    printf("step     %.3f s (%.3f to %.3f, median of %d), %.1f views/s, %.1f GFLOP, %.1f %% of "
           "the peak, workspace %.0f MiB\n\n",
           median, b->seconds[0], b->seconds[b->n_step - 1], b->n_step,
           b->phase.n_views * b->phase.batch / median, b->phase.plan->flops * 1e-9,
           100 * b->phase.plan->flops * 1e-9 / median / b->limits.gflops,
           (double)scl_plan_bytes(b->phase.plan) / 0x1p20);
    printf("%-44s %-18s %5s %9s %7s %9s %9s %7s  %s\n", layers ? "node" : "operator", "candidate",
           "nodes", "ms", "share", "GFLOP", "GFLOP/s", "peak", "why");
    for (int i = 0; i < b->n_row; i++) {
        const struct row *r = &b->row[i];
        const double rate = r->ms > 0 ? r->flops * 1e-6 / r->ms : 0;
        char why[SCL_WHY_BYTES];

        printf("%-44s %-18s %5d %9.2f %6.1f%% %9.3f %9.1f %6.1f%%  %s\n", layers ? r->node : r->op,
               r->candidate, r->n_node, r->ms, 100 * r->ms / sum, r->flops * 1e-9, rate,
               100 * rate / b->limits.gflops, scl_why_text(why, r->step->origin, r->step->from));
    }
}

static int print_json(const struct bench *b, bool layers)
{
    cJSON *all = cJSON_CreateObject(), *rows = cJSON_AddArrayToObject(all, "rows");
    const double median = b->seconds[b->n_step / 2];

    cJSON_AddStringToObject(all, "device", scl_device_facts(b->device)->name);
    cJSON_AddNumberToObject(all, "peak_gflops", b->limits.gflops);
    cJSON_AddNumberToObject(all, "copy_gbps", b->limits.copy_gbps);
    cJSON_AddNumberToObject(all, "step_seconds", median);
    cJSON_AddNumberToObject(all, "step_seconds_min", b->seconds[0]);
    cJSON_AddNumberToObject(all, "step_seconds_max", b->seconds[b->n_step - 1]);
    cJSON_AddNumberToObject(all, "views_per_second", b->phase.n_views * b->phase.batch / median);
    cJSON_AddNumberToObject(all, "gflop", b->phase.plan->flops * 1e-9);
    cJSON_AddNumberToObject(all, "workspace_bytes", (double)scl_plan_bytes(b->phase.plan));
    for (int i = 0; i < b->n_row; i++) {
        cJSON *row = cJSON_CreateObject();
        char why[SCL_WHY_BYTES];

        cJSON_AddStringToObject(row, layers ? "node" : "operator",
                                layers ? b->row[i].node : b->row[i].op);
        cJSON_AddStringToObject(row, "candidate", b->row[i].candidate);
        cJSON_AddStringToObject(row, "why",
                                scl_why_text(why, b->row[i].step->origin, b->row[i].step->from));
        if (layers)
            cJSON_AddStringToObject(row, "plan", b->row[i].step->chosen);
        cJSON_AddNumberToObject(row, "nodes", b->row[i].n_node);
        cJSON_AddNumberToObject(row, "ms", b->row[i].ms);
        cJSON_AddNumberToObject(row, "gflop", b->row[i].flops * 1e-9);
        cJSON_AddItemToArray(rows, row);
    }
    return scl_json_print(all, true);
}

static int run(int argc, char **argv, bool *started)
{
    struct bench b = { .n_step = 5 };
    struct scl_texts set = { 0 };
    const char *device = NULL;
    char remark[SCL_PLAN_REMARK_BYTES];
    bool json = false, layers = false;
    uint64_t steps = 5;
    const struct scl_option options[] = { { .name = "device", .text = &device },
                                          { .name = "set", .texts = &set },
                                          { .name = "json", .flag = &json },
                                          { .name = "layers", .flag = &layers },
                                          { .name = "steps", .number = &steps, .max = 10000 },
                                          { 0 } };
    const int first = scl_options_read(argc, argv, options, 1, 1);
    int rc;

    if (first < 0)
        return first;
    if (steps < 1)
        return scl_fail(SCL_USAGE, "--steps is 0; 1 to 10000 is wanted");
    b.n_step = (int)steps;
    SCL_TRY(scl_options_config(&b.config, argv[first], &set, device));
    SCL_TRY(open_all(&b));
    *started = true;
    SCL_TRY(time_steps(&b));
    SCL_TRY(profile(&b, layers));
    if (*scl_plan_remark(remark, b.phase.plan))
        fprintf(stderr, "scorecl: %s\n", remark);
    if (json)
        rc = print_json(&b, layers);
    else
        print_text(&b, layers);
out:
    close_all(&b);
    return rc;
}

const struct scl_command scl_command_bench = {
    .name = "bench",
    .summary = "times training steps, by operator or layer, against the device's limits",
    .help =
        "usage: scorecl bench CONFIG [--steps N] [--layers] [--json] [--device KEY]\n"
        "                     [--set KEY.PATH=VALUE]...\n"
        "\n"
        "Times N steps (5) of the encoder's training, then each launch of one step, and\n"
        "measures what the device can do at most. `why` says where the choice of a candidate is\n"
        "from: tuned (scorecl tune), imported, of a relative, or the profile's default.\n"
        "\n"
        "  --layers  a line for each node instead of each operator\n"
        "\n"
        "example: scorecl bench configs/bench/resnet18-simclr.yaml\n",
    .run = run,
};
