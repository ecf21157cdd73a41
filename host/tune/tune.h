/* tune.h - which candidate, with which parameters, computes each node of a run fastest on a
 * device: found by trials, kept in the tuning database.
 *
 * Each trial is a process of its own (trial.h), so that what a driver breaks is a line of the
 * database; what was tried under the same driver and kernels is never tried again. The time goes
 * where most of the step's is to be gained.
 *
 *     const struct scl_tune_spec spec = { .config = &config, .seconds = 600 };
 *     struct scl_tune_report report;
 *     int rc = scl_tune_run(&report, &spec);
 *
 *     for (int i = 0; i < report.n_row; i++)
 *         printf("%s: %g ms, %s\n", report.row[i].node, report.row[i].after_ms, ...);
 *     scl_tune_report_fini(&report);
 *
 * This process must not have asked anything of OpenCL before (base/child.h), nor does it then.
 */
#ifndef SCL_TUNE_TUNE_H
#define SCL_TUNE_TUNE_H

#include <stdio.h>

#include "base/arena.h"
#include "config/config.h"

struct scl_tune_spec {
    const struct scl_config *config; /* its device is the one that is tuned */
    double seconds;                  /* no trial begins after so many */
    double trial_seconds;            /* a trial that takes longer hangs; 0: 120 */
    FILE *progress;                  /* NULL: none is shown */
};

/* Nodes that are the same work; times are of one of them, alone on the device. */
struct scl_tune_row {
    const char *node; /* scl_node_key() */
    int n_node;       /* in a step of each phase */
    double step_ms;   /* of all of them, in the steps with the profile's plans, as measured */
    double before_ms; /* with the profile's plan */
    double after_ms;  /* with the best */
    const char *plan; /* which is */
};

struct scl_tune_report {
    struct scl_tune_row *row; /* what was tried, those that take longest first */
    int n_row;
    double before_seconds, after_seconds; /* a step: measured, and what it is to take */
    int n_trial, n_known;                 /* trials made; plans that the database knew before */
    int n_failed;                         /* of both: wrong, crashed, hung, not built */
    const char *device;                   /* key */
    const char **said; /* a line each about plans that failed in this run's trials */
    int n_said;
    struct scl_arena arena; /* its own: texts live there */
};

/* Fills the report in any case, with what was done. SCL_INTERRUPTED after a signal: all trials that
 * came to an end are kept, and the next run goes on from there. */
int scl_tune_run(struct scl_tune_report *out, const struct scl_tune_spec *spec);
void scl_tune_report_fini(struct scl_tune_report *report);

#endif
