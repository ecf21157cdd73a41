/* plan.c - `scorecl plan`: what a run would do on a device, without doing it. */
#include "plan/plan.h"

#include <stdio.h>

#include "base/file.h"
#include "base/status.h"
#include "cli/cli.h"
#include "data/configured.h"
#include "device/measure.h"
#include "train/phase.h"

/* Bytes of the states: weights, statistics, the optimiser's. */
static size_t state_bytes(const struct scl_graph *g)
{
    size_t sum = 0;

    for (int i = 0; i < scl_graph_count(g); i++)
        if (scl_graph_node(g, i)->role == SCL_STATE)
            sum += scl_bundle_room(scl_graph_node(g, i)) * sizeof(float);
    return sum;
}

/* A time in the unit that people would use for it. */
static void print_time(double seconds)
{
    if (seconds < 120)
        printf("%.1f s", seconds);
    else if (seconds < 7200)
        printf("%.0f min", seconds / 60);
    else
        printf("%.1f h", seconds / 3600);
}

static int print_phase(enum scl_phase id, const struct scl_config *config,
                       const struct scl_extent *images, struct scl_device *device,
                       const struct scl_limits *limits)
{
    const char *const name = scl_phase_text(id);
    struct scl_phase_run phase;
    size_t states, work;
    double step;
    int rc;

    SCL_TRY(scl_phase_init(&phase, id, config, images));
    SCL_TRY(scl_phase_plan(&phase, scl_device_facts(device), scl_device_profile(device)));
    states = state_bytes(phase.graph.g);
    work = scl_plan_bytes(phase.plan);
    step = scl_plan_forecast(phase.plan, limits->gflops, limits->copy_gbps);
    if (images->count > 0)
        printf("# %s: %d steps of %d images, %d an epoch\n", name, phase.schedule.total,
               phase.batch, phase.schedule.per_epoch);
    else
        printf("# %s: steps of %d images; how many make an epoch is not known\n", name,
               phase.batch);
    scl_plan_print(phase.plan, stdout);
    printf("# %s: %.3f GFLOP a step, %.1f MiB at its peak: states %.1f, workspace %.1f\n", name,
           phase.plan->flops * 1e-9, (double)(states + work) / 0x1p20, (double)states / 0x1p20,
           (double)work / 0x1p20);
    printf("# %s: at least %.3f s a step at the device's measured %.0f GFLOP/s and %.0f GB/s", name,
           step, limits->gflops, limits->copy_gbps);
    if (images->count > 0) {
        printf(", ");
        print_time(step * phase.schedule.total);
        printf(" in all");
    }
    putchar('\n');
out:
    scl_phase_fini(&phase);
    return rc;
}

/* The images as they are, or where there are none yet, as they are expected. */
static int find_extent(struct scl_extent *images, struct scl_config *config)
{
    struct scl_dataset *data = NULL;
    int rc;

    config->data.cache_bytes = 0; /* sizes of images are looked at, pixels are not */
    if (config->data.kind != SCL_DATA_SYNTHETIC &&
        scl_path_kind(config->data.root) == SCL_PATH_NONE) {
        *images = scl_dataset_expected(&config->data);
        printf("# images: %s is not there; planned for images of up to %d by %d\n",
               config->data.root, images->max_side, images->max_side);
        return SCL_OK;
    }
    SCL_TRY(scl_dataset_open_configured(&data, &config->data, "train"));
    rc = scl_dataset_extent(images, data);
out:
    scl_dataset_close(data);
    return rc;
}

static int run(int argc, char **argv, bool *started)
{
    struct scl_config config;
    struct scl_texts set = { 0 };
    const char *key = NULL;
    const struct scl_option options[] = { { "device", .text = &key },
                                          { "set", .texts = &set },
                                          { 0 } };
    struct scl_device *device = NULL;
    struct scl_limits limits;
    struct scl_extent images;
    int rc, first;

    (void)started;
    SCL_TRY(first = scl_options_read(argc, argv, options, 1, 1));
    SCL_TRY(scl_options_config(&config, argv[first], &set, key));
    SCL_TRY(scl_device_open(&device, config.device, config.memory_bytes));
    SCL_TRY(find_extent(&images, &config));
    SCL_TRY(scl_device_measure(&limits, device));
    if (scl_config_needs_score(&config) && !config.score.checkpoint[0]) {
        SCL_TRY(print_phase(SCL_PHASE_SCORE, &config, &images, device, &limits));
        putchar('\n');
    }
    rc = print_phase(SCL_PHASE_ENCODER, &config, &images, device, &limits);
out:
    scl_device_close(device);
    return rc;
}

const struct scl_command scl_command_plan = {
    .name = "plan",
    .summary = "what a run would do: launches, memory, arithmetic",
    .help = "usage: scorecl plan [OPTION...] CONFIG\n\n"
            "Prints what a training step runs on the device, launch by launch: node, candidate,\n"
            "kernel, arithmetic, work sizes and where each value lies, for the score network's\n"
            "training (where there is one) and for the encoder's; below each plan its totals and\n"
            "the least time that it can take. Nothing is trained, and nothing is written; images\n"
            "that are not there yet are taken to be as they are published.\n\n"
            "    --device KEY       which device (scorecl devices); the configuration's\n"
            "    --set KEY=VALUE    replaces one key of the configuration; may be repeated\n\n"
            "example: scorecl plan configs/quickstart/simclr.yaml --set train.batch=64\n",
    .run = run,
};
