/* schedule.c - formulas of facts/methods.md 1.5, 1.8 and 1.11. */
#include "train/schedule.h"

#include <limits.h>
#include <math.h>

static const double pi = 3.14159265358979323846;

static int warmup_steps(const struct scl_schedule_config *s, const struct scl_schedule *run)
{
    if (s->warmup_epochs > INT_MAX / run->per_epoch)
        return INT_MAX; /* longer than any run */
    return s->warmup_epochs > 0 ? s->warmup_epochs * run->per_epoch : s->warmup_steps;
}

static double ht(const struct scl_schedule_config *s, double lr, int step,
                 const struct scl_schedule *run)
{
    const int w = warmup_steps(s, run);

    if (step < w)
        lr *= (double)(step + 1) / w;
    for (int i = 0; i < s->n_drop_epochs; i++)
        if (step / run->per_epoch >= s->drop_epochs[i])
            lr *= s->drop_factor;
    return lr;
}

static double sl(const struct scl_schedule_config *s, double lr, int step,
                 const struct scl_schedule *run)
{
    const int unit = s->unit == SCL_UNIT_EPOCH ? run->per_epoch : 1;
    const int t = step / unit, w = warmup_steps(s, run) / unit, end = run->total / unit;

    if (t == 0 && w > 0)
        return s->warmup_start;
    if (t < w)
        return s->warmup_start + t * (lr - s->warmup_start) / (w - 1);
    if (t == w)
        return lr;
    return s->min_lr + (lr - s->min_lr) / 2 * (1 + cos(pi * (t - w) / (end - w)));
}

double scl_schedule_lr(const struct scl_config *config, double lr, int step,
                       const struct scl_schedule *run)
{
    switch (config->schedule.kind) {
    case SCL_SCHEDULE_HT:
        return ht(&config->schedule, lr, step, run);
    case SCL_SCHEDULE_SL:
        return sl(&config->schedule, lr, step, run);
    default:
        return lr;
    }
}

double scl_schedule_momentum(const struct scl_config *config, int step, int total)
{
    const struct scl_method_config *m = &config->method;

    return m->momentum_end - (m->momentum_end - m->momentum) * (cos(pi * step / total) + 1) / 2;
}

double scl_schedule_teacher(const struct scl_config *config, int epoch)
{
    const struct scl_method_config *m = &config->method;

    if (epoch >= m->teacher_epochs)
        return m->teacher_temperature;
    return m->teacher_start +
           (m->teacher_temperature - m->teacher_start) * epoch / fmax(m->teacher_epochs - 1, 1);
}
