/* checkpoint.h - a run as it stood after a step, in one safetensors file.
 *
 * RUN/checkpoints/PHASE-STEP.safetensors holds every state of the model (weights,
 * running statistics, optimiser, averages), in PyTorch's layouts, and in its
 * metadata what else a resume needs. There is no clock time in it: equal runs give
 * equal files. Written to a temporary name, flushed, renamed.
 *
 *     SCL_TRY(scl_checkpoint_save(store, folder, &info, config));
 *     ...
 *     SCL_TRY(scl_checkpoint_find(path, sizeof path, folder));
 *     if (path[0])
 *         SCL_TRY(scl_checkpoint_load(store, path, ""));
 */
#ifndef SCL_TRAIN_CHECKPOINT_H
#define SCL_TRAIN_CHECKPOINT_H

#include <stddef.h>

#include "config/config.h"
#include "device/store.h"

enum scl_phase { SCL_PHASE_SCORE, SCL_PHASE_ENCODER };

struct scl_checkpoint {
    enum scl_phase phase;
    int step;         /* steps of this phase that are done */
    char plan[17];    /* hash of the plan that computed it */
    char device[320]; /* the device's key */
};

/* "score", "encoder". */
const char *scl_phase_text(enum scl_phase phase);

/* Writes the checkpoint of this phase and step, then removes all but the `keep`
 * newest of the phase. */
int scl_checkpoint_save(struct scl_store *store, const char *run_folder,
                        const struct scl_checkpoint *info, const struct scl_config *config);

/* The newest checkpoint of a run folder; path is "" when there is none. A damaged one,
 * and one that is not what its name says, is refused by name, and the newest whole one
 * before it is offered. */
int scl_checkpoint_find(char *path, size_t size, const char *run_folder);

/* What a checkpoint says of itself, and, unless `config` is NULL, the configuration that
 * it was computed under. */
int scl_checkpoint_info(struct scl_checkpoint *out, struct scl_config *config, const char *path);

/* Sets every state of the store whose name begins with `prefix` ("": all), and no
 * other. One that the file lacks, or has in another shape, is refused by name; so is, when
 * all are set, one of the file's that the store lacks. */
int scl_checkpoint_load(struct scl_store *store, const char *path, const char *prefix);

/* The same for an encoder: what is under "encoder.". */
int scl_checkpoint_load_states(struct scl_store *store, const char *path);

#endif
