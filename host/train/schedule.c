/* schedule.c - formulas of facts/methods.md 1.11. */
#include "train/schedule.h"

#include <math.h>

static double ht(const struct scl_config *c, int step, int steps_per_epoch)
{
    const struct scl_schedule_config *s = &c->schedule;
    double lr = c->optim.lr;

    if (step < s->warmup_steps)
        lr *= (double)(step + 1) / s->warmup_steps;
    for (int i = 0; i < s->n_drop_epochs; i++)
        if (step / steps_per_epoch >= s->drop_epochs[i])
            lr *= s->drop_factor;
    return lr;
}

static double sl(const struct scl_config *c, int step, int total)
{
    const struct scl_schedule_config *s = &c->schedule;
    const double base = c->optim.lr, pi = 3.14159265358979323846;
    const int w = s->warmup_steps;

    if (step == 0 && w > 0)
        return s->warmup_start;
    if (step < w)
        return s->warmup_start + step * (base - s->warmup_start) / (w - 1);
    if (step == w)
        return base;
    return s->min_lr + (base - s->min_lr) / 2 * (1 + cos(pi * (step - w) / (total - w)));
}

double scl_schedule_lr(const struct scl_config *config, int step, int steps_per_epoch, int total)
{
    switch (config->schedule.kind) {
    case SCL_SCHEDULE_HT:
        return ht(config, step, steps_per_epoch);
    case SCL_SCHEDULE_SL:
        return sl(config, step, total);
    default:
        return config->optim.lr;
    }
}
