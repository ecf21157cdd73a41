/* need.c - what a step needs of a device, by planning one from the device's facts alone. */
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "config/config.h"
#include "data/configured.h"
#include "doctor/judge_impl.h"
#include "train/phase.h"

#define STEP                                                                                       \
    "name: doctor\ndata: { kind: synthetic }\nmethod: { kind: simclr }\ntrain: { steps: 1 }\n"

static const char small[] = STEP "encoder: { width: 16 }\n";
static const char full[] = STEP;

static int look_at_plan(struct scl_need *out, const struct scl_phase_run *phase,
                        const struct scl_facts *facts)
{
    const size_t bytes = scl_plan_state_bytes(phase->graph.g) + scl_plan_bytes(phase->plan);

    out->mib = (double)bytes / 0x1p20;
    if (bytes <= facts->global_bytes)
        return SCL_OK;
    return scl_fail(SCL_CONFIG, "a step needs %.1f MiB, and the device has %.1f", out->mib,
                    (double)facts->global_bytes / 0x1p20);
}

/* Only what the device's facts decide is words; everything else would be our own fault. */
static int plan(struct scl_need *out, const char *text, const struct scl_facts *facts)
{
    struct scl_config config;
    struct scl_phase_run phase = { 0 };
    struct scl_profile *profile = NULL;
    struct scl_extent images;
    int rc;

    out->words[0] = '\0';
    SCL_TRY(scl_config_load_text(&config, "doctor", text, strlen(text), 0, NULL));
    config.train.batch = out->batch;
    images = scl_dataset_expected(&config.data);
    SCL_TRY(scl_profile_open(&profile, facts));
    SCL_TRY(scl_phase_init(&phase, SCL_PHASE_ENCODER, &config, &images));
    rc = scl_phase_plan(&phase, facts, profile, NULL);
    if (rc == SCL_OK)
        rc = look_at_plan(out, &phase, facts);
    if (rc < 0 && rc != SCL_NOMEM) {
        snprintf(out->words, sizeof out->words, "%s", scl_error());
        rc = SCL_OK;
    }
out:
    scl_phase_fini(&phase);
    scl_profile_close(profile);
    return rc;
}

int scl_need_quickstart(struct scl_need *out, const struct scl_facts *facts)
{
    *out = (struct scl_need){ .batch = 128 };
    return plan(out, small, facts);
}

int scl_need_resnet18(struct scl_need *out, const struct scl_facts *facts)
{
    int rc;

    *out = (struct scl_need){ .batch = 256 };
    while ((rc = plan(out, full, facts)) == SCL_OK && out->words[0] && out->batch > 8)
        out->batch /= 2;
    return rc;
}
