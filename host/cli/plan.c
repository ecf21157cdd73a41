/* plan.c - `scorecl plan`: what a run would do on a device, without doing it. */
#include "plan/plan.h"

#include <stdio.h>

#include "base/status.h"
#include "cli/cli.h"
#include "data/configured.h"
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

static int print_phase(enum scl_phase id, const struct scl_config *config, struct scl_dataset *data,
                       struct scl_device *device)
{
    struct scl_phase_run phase;
    size_t states, work;
    int rc;

    SCL_TRY(scl_phase_init(&phase, id, config, data));
    SCL_TRY(scl_phase_plan(&phase, scl_device_facts(device), scl_device_profile(device)));
    states = state_bytes(phase.graph.g);
    work = scl_plan_bytes(phase.plan);
    printf("# %s: %d steps of %d images, %d an epoch\n", scl_phase_text(id), phase.total,
           phase.batch, phase.per_epoch);
    scl_plan_print(phase.plan, stdout);
    printf("# %s: %.3f GFLOP a step, %.1f MiB at its peak: states %.1f, workspace %.1f\n",
           scl_phase_text(id), phase.plan->flops * 1e-9, (double)(states + work) / 0x1p20,
           (double)states / 0x1p20, (double)work / 0x1p20);
out:
    scl_phase_fini(&phase);
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
    struct scl_dataset *data = NULL;
    int rc, first;

    (void)started;
    SCL_TRY(first = scl_options_read(argc, argv, options, 1, 1));
    SCL_TRY(scl_options_config(&config, argv[first], &set, key));
    config.data.cache_bytes = 0; /* sizes of images are looked at, pixels are not */
    SCL_TRY(scl_device_open(&device, config.device, config.memory_bytes));
    SCL_TRY(scl_dataset_open_configured(&data, &config.data, "train"));
    if (scl_needs_score(&config) && !config.score.checkpoint[0]) {
        SCL_TRY(print_phase(SCL_PHASE_SCORE, &config, data, device));
        putchar('\n');
    }
    SCL_TRY(print_phase(SCL_PHASE_ENCODER, &config, data, device));
out:
    scl_dataset_close(data);
    scl_device_close(device);
    return rc;
}

const struct scl_command scl_command_plan = {
    .name = "plan",
    .summary = "what a run would do: launches, memory, arithmetic",
    .help = "usage: scorecl plan [OPTION...] CONFIG\n\n"
            "Prints what a training step runs on the device, launch by launch: node, candidate,\n"
            "kernel, arithmetic, work sizes and where each value lies, for the score network's\n"
            "training (where there is one) and for the encoder's; below each plan its totals.\n"
            "Nothing is trained, and nothing is written.\n\n"
            "    --device KEY       which device (scorecl devices); the configuration's\n"
            "    --set KEY=VALUE    replaces one key of the configuration; may be repeated\n\n"
            "example: scorecl plan configs/quickstart/simclr.yaml --set train.batch=64\n",
    .run = run,
};
