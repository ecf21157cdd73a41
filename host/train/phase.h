/* phase.h - one training phase made ready: its graph, its plan on a device, its
 * images and what is drawn for them.
 *
 *     SCL_TRY(scl_phase_init(&phase, SCL_PHASE_ENCODER, config, dataset));
 *     SCL_TRY(scl_store_new(&store, device, 1, &phase.graph.g, seed));
 *     SCL_TRY(scl_phase_plan(&phase, facts, profile));
 *     SCL_TRY(scl_phase_bind(&phase, device, store, NULL, NULL));
 *     SCL_TRY(scl_phase_seek(&phase, 0));
 *     for (int step = 0; step < phase.total; step++) {
 *         SCL_TRY(scl_phase_prepare(&phase, step));     host work: beside the device's
 *         SCL_TRY(scl_phase_upload(&phase));            the device must be idle
 *         SCL_TRY(scl_exec_run(phase.exec));
 *     }
 *     scl_phase_fini(&phase);
 */
#ifndef SCL_TRAIN_PHASE_H
#define SCL_TRAIN_PHASE_H

#include "config/config.h"
#include "data/augment.h"
#include "data/dataset.h"
#include "data/loader.h"
#include "device/exec.h"
#include "plan/plan.h"
#include "train/checkpoint.h"
#include "train/step.h"

struct scl_phase_run {
    enum scl_phase id;
    const struct scl_config *config;
    struct scl_dataset *data;
    struct scl_step_graph graph;
    struct scl_plan *plan;
    struct scl_exec *exec;
    struct scl_loader *loader;
    int batch, n_views;             /* images a step; views of each */
    int total, per_epoch;           /* steps */
    const struct scl_batch *images; /* of the step that is prepared */
    struct scl_view_tables tables;
    float *sigma; /* score: [batch] */
    float lr, decay;
    float lr_used; /* by the step that was uploaded last */
    int32_t draw[4];
};

/* Builds the graph. Refuses a data set with fewer images than a batch. */
int scl_phase_init(struct scl_phase_run *p, enum scl_phase id, const struct scl_config *config,
                   struct scl_dataset *data);
void scl_phase_fini(struct scl_phase_run *p);

int scl_phase_plan(struct scl_phase_run *p, const struct scl_facts *facts,
                   const struct scl_profile *profile);

/* Memory, programs, arguments. `progress` as scl_exec_new() calls it. */
int scl_phase_bind(struct scl_phase_run *p, struct scl_device *device, struct scl_store *store,
                   void (*progress)(void *user, int done, int of, const char *program), void *user);

/* Opens the loader at `step`. */
int scl_phase_seek(struct scl_phase_run *p, int step);

/* Takes the step's images and draws what it needs. Steps follow one another. */
int scl_phase_prepare(struct scl_phase_run *p, int step);

/* Copies all that was prepared to the device. */
int scl_phase_upload(struct scl_phase_run *p);

#endif
