/* schedule.h - the learning rate of each step; facts/methods.md 1.11. */
#ifndef SCL_TRAIN_SCHEDULE_H
#define SCL_TRAIN_SCHEDULE_H

#include "config/config.h"

/* How long a run is. */
struct scl_schedule {
    int per_epoch, total; /* steps */
};

/* The rate of step 0 ... total - 1 for parameters whose own rate is `lr`: optim.lr, or that of a
 * group with one of its own.
 *   ht        linear warm-up lr (i + 1) / W, times drop_factor for each drop epoch reached
 *   sl        linear warm-up from warmup_start, then half a cosine to min_lr; i and W count
 *             steps, or with unit epoch whole epochs
 *   constant  lr */
double scl_schedule_lr(const struct scl_config *config, double lr, int step,
                       const struct scl_schedule *schedule);

/* The momentum of the average that byol, mocov3 and dino run beside the encoder: from
 * method.momentum to method.momentum_end by half a cosine over the steps. */
double scl_schedule_momentum(const struct scl_config *config, int step, int total);

/* dino's teacher: linearly from method.teacher_start over teacher_epochs epochs. */
double scl_schedule_teacher(const struct scl_config *config, int epoch);

#endif
