/* checkpoint_impl.h - a checkpoint's file and its name; for host/train only. */
#ifndef SCL_TRAIN_CHECKPOINT_IMPL_H
#define SCL_TRAIN_CHECKPOINT_IMPL_H

#include "io/safetensors.h"
#include "train/checkpoint.h"

enum { SCL_CHECKPOINT_NAME_BYTES = 48 };

/* "encoder-00000500.safetensors"; returns `out`. */
const char *scl_checkpoint_name(char out[SCL_CHECKPOINT_NAME_BYTES], enum scl_phase phase,
                                int step);

/* The file, if it is a whole checkpoint: of our format, and hashed. */
int scl_checkpoint_open(struct scl_safetensors *out, const char *path);

/* What its metadata says. */
int scl_checkpoint_read_info(struct scl_checkpoint *out, const struct scl_safetensors *file,
                             const char *path);

/* Removes all but the `train->keep` newest of the phase: after a save, and where a process was
 * killed between a save and this. One that an interruption left, between two that are due every
 * `train->checkpoint_every` steps, goes before any of these, so that the same ones stay as without
 * it; it stays where there are not enough of them. */
int scl_checkpoint_remove_old(const char *run_folder, enum scl_phase phase,
                              const struct scl_train_config *train);

#endif
