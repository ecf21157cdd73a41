/* plan_choices.c - what a step needs as it is configured, and with other choices between memory and
 * time.
 */
#include <stdio.h>

#include "base/status.h"
#include "cli/plan_impl.h"

int scl_plan_phase(struct scl_phase_run *phase, enum scl_phase id, const struct scl_config *config,
                   const struct scl_extent *images, const struct scl_plan_target *target)
{
    int rc;

    SCL_TRY(scl_phase_init(phase, id, config, images));
    rc = scl_phase_plan(phase, target->facts, target->profile, target->tuning);
out:
    return rc;
}

struct scl_needs scl_phase_needs(const struct scl_phase_run *phase)
{
    return (struct scl_needs){ .gflop = phase->plan->flops * 1e-9,
                               .state_bytes = scl_plan_state_bytes(phase->graph.g),
                               .work_bytes = scl_plan_bytes(phase->plan) };
}

/* Changes one key of the configuration, and writes how; false behind the last choice. */
static bool change(struct scl_config *c, char set[64], int which)
{
    if (c->train.micro_batch > 0 && which-- == 0) {
        c->train.micro_batch = 0;
        snprintf(set, 64, "train.micro_batch=0");
        return true;
    }
    switch (which) {
    case 0:
        c->precision =
            c->precision == SCL_PRECISION_STORAGE16 ? SCL_PRECISION_FP32 : SCL_PRECISION_STORAGE16;
        snprintf(set, 64, "precision=%s", scl_config_word("precision", c->precision));
        return true;
    case 1:
        c->train.recompute = c->train.recompute > 0 ? 0 : scl_config_blocks(c);
        snprintf(set, 64, "train.recompute=%d", c->train.recompute);
        return true;
    case 2:
        c->train.recompute_norms = !c->train.recompute_norms;
        snprintf(set, 64, "train.recompute_norms=%s", c->train.recompute_norms ? "true" : "false");
        return true;
    default:
        return false;
    }
}

bool scl_plan_choice(struct scl_choice *out, int which, const struct scl_config *config,
                     const struct scl_extent *images, const struct scl_plan_target *target)
{
    struct scl_config other = *config;
    struct scl_facts facts = *target->facts;
    const struct scl_plan_target roomy = { &facts, target->profile, target->tuning };
    struct scl_phase_run phase = { 0 };

    if (!change(&other, out->set, which))
        return false;
    facts.global_bytes = 0; /* any size will do */
    out->rc = scl_plan_phase(&phase, SCL_PHASE_ENCODER, &other, images, &roomy);
    if (out->rc == SCL_OK)
        out->needs = scl_phase_needs(&phase);
    scl_phase_fini(&phase);
    return true;
}
