/* training.h - a training phase of its own, without a run folder.
 *
 *     training_open(&t, "simclr", "train.batch=32");
 *     loss = training_run(&t, 3);
 *     ck_assert(isfinite(loss));
 *     training_close(&t);
 */
#ifndef SCL_SUPPORT_TRAINING_H
#define SCL_SUPPORT_TRAINING_H

#include <stdbool.h>

#include "train/phase.h"

/* The encoder's phase of a small configuration, on the tests' device. */
struct training {
    struct scl_config config;
    struct scl_dataset *data;
    struct scl_phase_run phase;
    struct scl_store *store;
    int step;
};

/* `keys`: the method; then, as `more`, KEY=VALUE between blanks. */
void training_open(struct training *t, const char *keys, const char *more);
void training_close(struct training *t);

/* As far as its plan, which has no memory yet: to be closed, not run. */
void training_plan(struct training *t, const char *keys, const char *more);

/* Runs n steps; the last one's loss. */
float training_run(struct training *t, int n);

/* The first element of a value that the phase keeps. */
float training_value(const struct training *t, const struct scl_node *node);

/* A state's values, yours to free; whether they are these. */
float *training_state(const struct training *t, const char *name);
bool training_state_is(const struct training *t, const char *name, const float *values);

#endif
