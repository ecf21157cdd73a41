/* trainer_impl.h - what the files of a run share; for host/train only. */
#ifndef SCL_TRAIN_TRAINER_IMPL_H
#define SCL_TRAIN_TRAINER_IMPL_H

#include "report/metrics.h"
#include "report/run.h"
#include "train/phase.h"
#include "train/watch_impl.h"

struct scl_trainer {
    const struct scl_config *config;
    struct scl_dataset *data;
    struct scl_device *device;
    struct scl_run *run;
    struct scl_store *store;
    struct scl_metrics *metrics;
    struct scl_tuning *record;     /* what the run chose before; NULL: nothing, or elsewhere */
    struct scl_phase_run phase[2]; /* by enum scl_phase; graph.g NULL: not in this run */
    struct scl_watch watch;        /* k-NN during the training */
    enum scl_phase at;             /* where a resume begins */
    int at_step;
    struct scl_checkpoint saved; /* the checkpoint that it goes on from */
    bool collapsed;              /* were the embeddings when they were last looked at */
    bool *started;
    double begin; /* moment */
};

/* SCL_NUMERIC, with what is known of a loss that is not finite. */
int scl_trainer_refuse(struct scl_trainer *t, const struct scl_phase_run *p, int step);

/* Logs a warning when the embeddings have collapsed since they were last looked at; not before the
 * end of the first epoch, or of a tenth of the run. */
int scl_trainer_watch_spread(struct scl_trainer *t, const struct scl_phase_run *p, int step,
                             double spread);

/* The steps of one phase, from `first` on. */
int scl_trainer_run(struct scl_trainer *t, struct scl_phase_run *p, int first);

#endif
