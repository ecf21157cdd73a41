/* plan_impl.h - what the files of `scorecl plan` share. */
#ifndef SCL_CLI_PLAN_IMPL_H
#define SCL_CLI_PLAN_IMPL_H

#include "train/phase.h"

/* What a phase is planned for. */
struct scl_plan_target {
    const struct scl_facts *facts;
    const struct scl_profile *profile;
    const struct scl_tuning *tuning; /* or NULL */
};

/* What a step needs. */
struct scl_needs {
    double gflop;
    size_t state_bytes, work_bytes;
};

/* The phase, planned; to be closed by scl_phase_fini() in any case. */
int scl_plan_phase(struct scl_phase_run *phase, enum scl_phase id, const struct scl_config *config,
                   const struct scl_extent *images, const struct scl_plan_target *target);
struct scl_needs scl_phase_needs(const struct scl_phase_run *phase);

/* The encoder's step with one key changed that trades time for memory. */
struct scl_choice {
    char set[64]; /* KEY=VALUE */
    int rc;       /* SCL_OK, or why there is no such plan: scl_error() */
    struct scl_needs needs;
};

/* Choice number `which`, whether the device has the memory or not; false behind the last one. */
bool scl_plan_choice(struct scl_choice *out, int which, const struct scl_config *config,
                     const struct scl_extent *images, const struct scl_plan_target *target);

#endif
