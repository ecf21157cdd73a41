/* schedule.h - the learning rate of each step; facts/methods.md 1.11. */
#ifndef SCL_TRAIN_SCHEDULE_H
#define SCL_TRAIN_SCHEDULE_H

#include "config/config.h"

/* The rate of step 0 ... total - 1, at so many steps an epoch.
 *   ht        linear warm-up lr (i + 1) / W, times drop_factor for each drop epoch reached
 *   sl        linear warm-up from warmup_start, then half a cosine to min_lr
 *   constant  lr */
double scl_schedule_lr(const struct scl_config *config, int step, int steps_per_epoch, int total);

#endif
