/* trial.h - one way to compute a node, tried in a process of its own: built, checked against the
 * reference at a small size, checked against a way that is known to be right at the full size, and
 * then timed.
 *
 *     struct scl_trial trial = { .subject = subject, .device = key, .candidate = c, .params = "" };
 *     struct scl_outcome outcome;
 *
 *     SCL_TRY(scl_trial_run(&outcome, &trial));
 *     if (outcome.verdict == SCL_TIMED)
 *         printf("%g ms\n", outcome.ms);
 *     scl_outcome_fini(&outcome);
 *
 * This process must not have asked anything of OpenCL (base/child.h): the other one opens the
 * device. Values and scratch lie between guards, and hold NaN before they are written.
 */
#ifndef SCL_TUNE_TRIAL_H
#define SCL_TUNE_TRIAL_H

#include "backend/decision.h"
#include "tune/subject.h"

struct scl_outcome {
    enum scl_verdict verdict;
    double ms;         /* SCL_TIMED: the median of several runs */
    double error;      /* the largest, as a share of the largest value; at the small size */
    char words[512];   /* of what was not timed: what was wrong with it */
    char compiled[17]; /* scl_plan_hash() of the full size; "" where it came to no plan */
    float *sample;     /* of SCL_TIMED: some elements of the full result */
    size_t n_sample;
};

struct scl_trial {
    const struct scl_subject *subject;
    const char *device; /* key; the words of a device are scl_device_open()'s */
    size_t memory_bytes;
    const struct scl_candidate *candidate;
    const char *params;
    enum scl_class numeric; /* the loosest that the sample's candidate may have */
    double seconds;         /* time limit */
    double hopeless_ms;     /* not timed to the end when it takes longer than that; 0: always */
    const float *sample; /* what a candidate that is known to be right gave. NULL: there is none */
    size_t n_sample;
    bool only_sample; /* its time is known */
};

/* Fails where there is no device, no memory or no process, and with SCL_INTERRUPTED. */
int scl_trial_run(struct scl_outcome *out, const struct scl_trial *trial);
void scl_outcome_fini(struct scl_outcome *outcome);

/* How far a result may be from the reference's, as a share of its largest value: some ten times
 * what the worst of our own kernels makes of rounding in fp32, and far less than a wrong element.
 */
#define SCL_TRIAL_TOLERANCE 2e-4
#define SCL_LOOSE_TOLERANCE 5e-3 /* of tf32 and f16: as `verify` */

#endif
