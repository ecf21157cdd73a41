/* bench.c - `scorecl bench`: how long a training step takes, and where the time goes. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/status.h"
#include "cli/bench_impl.h"
#include "data/configured.h"

static int open_all(struct bench *b)
{
    struct scl_extent images;
    int rc;

    SCL_TRY(scl_dataset_open_configured(&b->data, &b->config.data, "train"));
    SCL_TRY(scl_device_open(&b->device, b->config.device, b->config.memory_bytes));
    SCL_TRY(scl_device_load_tuning(b->device));
    SCL_TRY(scl_limits_get(&b->limits, b->device, SCL_MOST_CORES));
    SCL_TRY(scl_dataset_extent(&images, b->data));
    SCL_TRY(scl_phase_init(&b->phase, SCL_PHASE_ENCODER, &b->config, &images));
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
    free(b->ms);
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

/* One step, launch by launch. */
static int time_launches(struct bench *b)
{
    const int n = b->phase.plan->n_step;
    int rc;

    if (!(b->ms = calloc((size_t)n + 1, sizeof *b->ms)))
        return scl_fail(SCL_NOMEM, "out of memory for %d launches", n);
    SCL_TRY(scl_phase_upload(&b->phase));
    rc = scl_exec_profile(b->phase.exec, b->ms);
out:
    return rc;
}

static int run(int argc, char **argv, bool *started)
{
    struct bench b = { .n_step = 5 };
    struct scl_texts set = { 0 };
    const char *device = NULL;
    bool json = false, layers = false;
    char remark[SCL_PLAN_REMARK_BYTES];
    uint64_t steps = 5;
    const struct scl_option options[] = { { .name = "device", .text = &device },
                                          { .name = "set", .texts = &set },
                                          { .name = "json", .flag = &json },
                                          { .name = "layers", .flag = &layers },
                                          { .name = "steps", .number = &steps, .max = 10000 },
                                          { 0 } };
    const int first = scl_options_read(argc, argv, options, 1, 1);
    enum bench_by by;
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
    SCL_TRY(time_launches(&b));
    if (*scl_plan_remark(remark, b.phase.plan))
        fprintf(stderr, "scorecl: %s\n", remark);
    by = layers ? BENCH_BY_NODE : BENCH_BY_CANDIDATE;
    rc = json ? bench_print_json(&b, by) : bench_print_text(&b, by);
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
        "Times N steps (5) of the encoder's training, then each launch of one step, and holds\n"
        "them against the device's limits (scorecl devices --measure; measured now where they\n"
        "are not known).\n"
        "\n"
        "GFLOP/s counts an operator's arithmetic by its definition; `effective` is its share\n"
        "of the measured peak, above 100 % where a method saves arithmetic. GB/s counts each\n"
        "input and output once; `copy` is its share of the measured bandwidth. `bound` is the\n"
        "limit that would take longer, and `of it` how near the time comes. The bars at the\n"
        "end are each operator's time: # what that limit takes, . the rest.\n"
        "\n"
        "    --layers           a line for each node, with its kernel's parameters, instead of\n"
        "                       each operator\n"
        "    --steps N          how many\n"
        "    --json             the same, and more digits, as one JSON object\n"
        "    --device KEY       which device (scorecl devices); the configuration's\n"
        "    --set KEY=VALUE    replaces one key of the configuration; may be repeated\n"
        "\n"
        "example: scorecl bench configs/bench/resnet18-simclr.yaml\n",
    .run = run,
};
