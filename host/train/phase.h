/* phase.h - one training phase made ready: its graph, its plan on a device, its
 * images and what is drawn for them.
 *
 *     SCL_TRY(scl_phase_init(&phase, SCL_PHASE_ENCODER, config, &extent));
 *     SCL_TRY(scl_store_new(&store, device, 1, &phase.graph.g, seed));
 *     SCL_TRY(scl_phase_plan(&phase, facts, profile, tuning));
 *     SCL_TRY(scl_phase_bind(&phase, device, store, NULL, NULL));
 *     SCL_TRY(scl_phase_seek(&phase, dataset, 0));
 *     for (int step = 0; step < phase.schedule.total; step++) {
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
#include "train/schedule.h"
#include "train/step.h"

struct scl_phase_run {
    enum scl_phase id;
    const struct scl_config *config;
    struct scl_step_graph graph;
    struct scl_plan *plan;
    struct scl_exec *exec;
    struct scl_loader *loader;
    int batch, n_views;             /* images a step; views of each */
    const struct scl_batch *images; /* of the step that is prepared */
    struct scl_view_tables tables;
    struct scl_schedule schedule;
    float *sigma;                  /* score: [batch] */
    uint32_t *permutation, *order; /* encoder: [batch] */
    float lr, static_lr, probe_lr, decay, gate, teacher_temperature;
    float lr_used; /* by the step that was uploaded last */
    int32_t draw[4];
};

/* Builds the graph for images of this extent. Refuses fewer images than a batch; of an unknown
 * number, a batch makes an epoch. */
int scl_phase_init(struct scl_phase_run *p, enum scl_phase id, const struct scl_config *config,
                   const struct scl_extent *images);
void scl_phase_fini(struct scl_phase_run *p);

/* The loosest class of candidates that the run's precision allows. */
enum scl_class scl_phase_class(const struct scl_config *config);

/* `tuning` may be NULL (plan/plan.h). */
int scl_phase_plan(struct scl_phase_run *p, const struct scl_facts *facts,
                   const struct scl_profile *profile, const struct scl_tuning *tuning);

/* Memory, programs, arguments. `progress` as scl_exec_new() calls it. */
int scl_phase_bind(struct scl_phase_run *p, struct scl_device *device, struct scl_store *store,
                   void (*progress)(void *user, int done, int of, const char *program), void *user);

/* Opens the loader at `step`. The data set is the one whose extent the phase was made for. */
int scl_phase_seek(struct scl_phase_run *p, struct scl_dataset *data, int step);

/* Takes the step's images and draws what it needs. Steps follow one another. */
int scl_phase_prepare(struct scl_phase_run *p, int step);

/* Copies all that was prepared to the device. */
int scl_phase_upload(struct scl_phase_run *p);

#endif
