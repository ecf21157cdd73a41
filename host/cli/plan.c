/* plan.c - `scorecl plan`: what a run would do on a device, without doing it. */
#include "plan/plan.h"

#include <cjson/cJSON.h>
#include <stdio.h>

#include "backend/facts_file.h"
#include "backend/profile.h"
#include "base/file.h"
#include "base/status.h"
#include "cli/cli.h"
#include "cli/plan_impl.h"
#include "data/configured.h"
#include "device/measure.h"
#include "graph/key.h"

/* What is planned for: a device that is here, or one that a file describes. */
struct target {
    struct scl_device *device;   /* NULL: of the file */
    struct scl_facts facts;      /* of the file */
    struct scl_profile *profile; /* likewise */
    struct scl_tuning *tuning;   /* likewise */
    struct scl_limits limits;    /* measured; 0: not known */
};

static struct scl_plan_target planned_for(const struct target *t)
{
    if (!t->device)
        return (struct scl_plan_target){ &t->facts, t->profile, t->tuning };
    return (struct scl_plan_target){ scl_device_facts(t->device), scl_device_profile(t->device),
                                     scl_device_tuning(t->device) };
}

static int open_target(struct target *t, const struct scl_config *config, const char *file)
{
    int rc;

    if (!file) {
        SCL_TRY(scl_device_open(&t->device, config->device, config->memory_bytes));
        SCL_TRY(scl_device_load_tuning(t->device));
        return scl_limits_get(&t->limits, t->device, 0);
    }
    SCL_TRY(scl_facts_load(&t->facts, file));
    if (config->memory_bytes > 0)
        t->facts.global_bytes = config->memory_bytes;
    if (t->facts.global_bytes == 0 || t->facts.max_alloc_bytes == 0 || t->facts.max_group == 0)
        return scl_fail(SCL_DATA,
                        "%s: found no line memory, buffer or group, wanted all three to "
                        "plan with",
                        file);
    SCL_TRY(scl_profile_open(&t->profile, &t->facts));
    rc = scl_tuning_open(&t->tuning, &t->facts, t->profile);
out:
    return rc;
}

static void close_target(struct target *t)
{
    scl_tuning_close(t->tuning);
    scl_profile_close(t->profile);
    scl_device_close(t->device);
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

static void print_forecast(const struct scl_phase_run *phase, const struct scl_extent *images,
                           const struct scl_limits *limits)
{
    const double step = scl_plan_forecast(phase->plan, limits->gflops, limits->copy_gbps);

    printf("# %s: at least %.3f s a step at the device's measured %.0f GFLOP/s and %.0f GB/s",
           scl_phase_text(phase->id), step, limits->gflops, limits->copy_gbps);
    if (images->count > 0) {
        printf(", ");
        print_time(step * phase->schedule.total);
        printf(" in all");
    }
    putchar('\n');
}

/* What a step needs, below the words in front of it. */
static void print_needs(const char *name, const char *with, const struct scl_needs *needs)
{
    printf("# %s%s: %.3f GFLOP a step, %.1f MiB at its peak: states %.1f, workspace %.1f\n", name,
           with, needs->gflop, (double)(needs->state_bytes + needs->work_bytes) / 0x1p20,
           (double)needs->state_bytes / 0x1p20, (double)needs->work_bytes / 0x1p20);
}

static void print_choices(const struct scl_config *config, const struct scl_extent *images,
                          const struct scl_plan_target *target)
{
    struct scl_choice choice;

    for (int i = 0; scl_plan_choice(&choice, i, config, images, target); i++) {
        char with[80];

        snprintf(with, sizeof with, ", with %s", choice.set);
        if (choice.rc < 0)
            printf("# encoder%s: %s\n", with, scl_error());
        else
            print_needs("encoder", with, &choice.needs);
    }
}

static void print_phase(const struct scl_phase_run *phase, const struct scl_config *config,
                        const struct scl_extent *images, const struct target *target)
{
    const char *const name = scl_phase_text(phase->id);
    const struct scl_plan_target on = planned_for(target);
    const struct scl_needs needs = scl_phase_needs(phase);
    char remark[SCL_PLAN_REMARK_BYTES];

    if (images->count > 0)
        printf("# %s: %d steps of %d images, %d an epoch\n", name, phase->schedule.total,
               phase->batch, phase->schedule.per_epoch);
    else
        printf("# %s: steps of %d images; how many make an epoch is not known\n", name,
               phase->batch);
    if (*scl_plan_remark(remark, phase->plan))
        printf("# %s: %s\n", name, remark);
    scl_plan_print(phase->plan, stdout);
    print_needs(name, "", &needs);
    if (phase->id == SCL_PHASE_ENCODER)
        print_choices(config, images, &on);
    if (target->limits.gflops > 0)
        print_forecast(phase, images, &target->limits);
}

static bool add_launch(cJSON *list, const struct scl_step *step)
{
    cJSON *launch = cJSON_CreateObject();
    const double groups[] = { (double)step->launch->groups[0], (double)step->launch->groups[1],
                              (double)step->launch->groups[2] };
    char why[SCL_WHY_BYTES], key[SCL_NODE_KEY_BYTES];
    bool whole;

    scl_node_key(key, step->node);
    whole = cJSON_AddStringToObject(launch, "node", step->node->name) &&
            cJSON_AddStringToObject(launch, "key", key) &&
            cJSON_AddStringToObject(launch, "candidate", step->by->candidate->name) &&
            cJSON_AddStringToObject(launch, "plan", step->by->chosen) &&
            cJSON_AddStringToObject(launch, "why",
                                    scl_why_text(why, step->by->origin, step->by->from)) &&
            cJSON_AddStringToObject(launch, "kernel", step->launch->kernel) &&
            cJSON_AddItemToObject(launch, "groups", cJSON_CreateDoubleArray(groups, 3)) &&
            cJSON_AddNumberToObject(launch, "items", (double)step->launch->items);
    if (!cJSON_AddItemToArray(list, launch))
        cJSON_Delete(launch);
    return whole;
}

static bool add_needs(cJSON *json, const struct scl_needs *needs)
{
    return cJSON_AddNumberToObject(json, "gflop", needs->gflop) &&
           cJSON_AddNumberToObject(json, "state_bytes", (double)needs->state_bytes) &&
           cJSON_AddNumberToObject(json, "workspace_bytes", (double)needs->work_bytes);
}

static bool add_choices(cJSON *phase, const struct scl_config *config,
                        const struct scl_extent *images, const struct scl_plan_target *target)
{
    cJSON *list = cJSON_AddArrayToObject(phase, "choices");
    struct scl_choice choice;
    bool whole = list;

    for (int i = 0; whole && scl_plan_choice(&choice, i, config, images, target); i++) {
        cJSON *json = cJSON_CreateObject();

        whole = cJSON_AddStringToObject(json, "set", choice.set) &&
                (choice.rc < 0 ? cJSON_AddStringToObject(json, "refused", scl_error()) != NULL
                               : add_needs(json, &choice.needs));
        if (!cJSON_AddItemToArray(list, json))
            cJSON_Delete(json);
    }
    return whole;
}

static bool add_phase(cJSON *phases, const struct scl_phase_run *phase,
                      const struct scl_config *config, const struct scl_extent *images,
                      const struct target *target)
{
    const struct scl_needs needs = scl_phase_needs(phase);
    const struct scl_plan_target on = planned_for(target);
    const struct scl_limits *limits = &target->limits;
    cJSON *json = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(json, "launches");
    char remark[SCL_PLAN_REMARK_BYTES];
    bool whole = list && cJSON_AddStringToObject(json, "phase", scl_phase_text(phase->id)) &&
                 cJSON_AddNumberToObject(json, "batch", phase->batch) && add_needs(json, &needs);

    if (images->count > 0)
        whole = whole && cJSON_AddNumberToObject(json, "steps", phase->schedule.total);
    if (limits->gflops > 0)
        whole = whole && cJSON_AddNumberToObject(
                             json, "step_seconds_min",
                             scl_plan_forecast(phase->plan, limits->gflops, limits->copy_gbps));
    if (*scl_plan_remark(remark, phase->plan))
        whole = whole && cJSON_AddStringToObject(json, "remark", remark);
    if (phase->id == SCL_PHASE_ENCODER)
        whole = whole && add_choices(json, config, images, &on);
    for (int s = 0; whole && s < phase->plan->n_step; s++)
        whole = add_launch(list, &phase->plan->step[s]);
    if (!cJSON_AddItemToArray(phases, json))
        cJSON_Delete(json);
    return whole;
}

/* The images as they are, or where there are none yet, as they are expected. */
static int find_extent(struct scl_extent *images, struct scl_config *config, bool json)
{
    struct scl_dataset *data = NULL;
    int rc;

    config->data.cache_bytes = 0; /* sizes of images are looked at, pixels are not */
    if (config->data.kind != SCL_DATA_SYNTHETIC &&
        scl_path_kind(config->data.root) == SCL_PATH_NONE) {
        *images = scl_dataset_expected(&config->data);
        fprintf(json ? stderr : stdout,
                "# images: %s is not there; planned for images of up to %d by %d\n",
                config->data.root, images->max_side, images->max_side);
        return SCL_OK;
    }
    SCL_TRY(scl_dataset_open_configured(&data, &config->data, "train"));
    rc = scl_dataset_extent(images, data);
out:
    scl_dataset_close(data);
    return rc;
}

static bool trains_score(const struct scl_config *config)
{
    return scl_config_needs_score(config) && !config->score.checkpoint[0];
}

static int run(int argc, char **argv, bool *started)
{
    struct scl_config config;
    struct scl_texts set = { 0 };
    const char *key = NULL, *facts = NULL;
    bool json = false, whole = true;
    const struct scl_option options[] = { { "device", .text = &key },
                                          { "facts", .text = &facts },
                                          { "json", .flag = &json },
                                          { "set", .texts = &set },
                                          { 0 } };
    struct target target = { 0 };
    struct scl_plan_target on;
    struct scl_phase_run phase = { 0 };
    struct scl_extent images;
    cJSON *all = NULL, *phases = NULL;
    int rc, first;

    (void)started;
    SCL_TRY(first = scl_options_read(argc, argv, options, 1, 1));
    if (key && facts)
        return scl_fail(SCL_USAGE, "plan: --device and --facts exclude each other");
    SCL_TRY(scl_options_config(&config, argv[first], &set, key));
    SCL_TRY(open_target(&target, &config, facts));
    on = planned_for(&target);
    SCL_TRY(find_extent(&images, &config, json));
    if (json)
        phases = cJSON_AddArrayToObject(all = cJSON_CreateObject(), "phases");
    for (int id = trains_score(&config) ? SCL_PHASE_SCORE : SCL_PHASE_ENCODER;
         id <= SCL_PHASE_ENCODER; id++) {
        scl_phase_fini(&phase);
        SCL_TRY(scl_plan_phase(&phase, (enum scl_phase)id, &config, &images, &on));
        if (json)
            whole = whole && phases && add_phase(phases, &phase, &config, &images, &target);
        else
            print_phase(&phase, &config, &images, &target);
        if (!json && id == SCL_PHASE_SCORE)
            putchar('\n');
    }
    if (json)
        rc = scl_json_print(all, whole && phases);
    all = NULL;
out:
    cJSON_Delete(all);
    scl_phase_fini(&phase);
    close_target(&target);
    return rc;
}

const struct scl_command scl_command_plan = {
    .name = "plan",
    .summary = "what a run would do: launches, memory, arithmetic",
    .help = "usage: scorecl plan [OPTION...] CONFIG\n\n"
            "Prints what a training step runs on the device, launch by launch: node, candidate,\n"
            "why it is chosen (tuned, imported, of a relative, or the profile's default), kernel,\n"
            "arithmetic, work sizes, where each value lies and, behind a +, which nodes are\n"
            "computed on the way, for the score network's training (where there is one) and for\n"
            "the encoder's; below each plan its totals, what they would be with other keys\n"
            "that trade time for memory, and the least time that a step can take. Nothing is\n"
            "trained, and nothing is written; images that are not there yet are taken to be as\n"
            "they are published.\n\n"
            "    --device KEY       which device (scorecl devices); the configuration's\n"
            "    --facts FILE       a device that is not here: device.txt of a run on it, with\n"
            "                       lines memory, buffer and group\n"
            "    --json             the same as one JSON object\n"
            "    --set KEY=VALUE    replaces one key of the configuration; may be repeated\n\n"
            "example: scorecl plan configs/quickstart/simclr.yaml --set train.batch=64\n",
    .run = run,
};
