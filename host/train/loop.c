/* loop.c - the steps of a phase: prepare the next beside the device's work, upload,
 * run; log, save and stop between steps.
 */
#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/progress.h"
#include "base/status.h"
#include "base/stop.h"
#include "train/trainer_impl.h"

/* Clocks of a phase, in seconds, for its last line. */
struct times {
    double begin, logged; /* moments */
    int logged_step;
    double device, saving, evaluating;
    double start; /* from the program's begin to the run's first step; 0: not in this phase */
};

static int read_loss(float *loss, struct scl_trainer *t, struct scl_phase_run *p, int done)
{
    const int rc = scl_exec_read(p->exec, p->graph.loss, loss);

    if (rc < 0)
        return rc;
    return isfinite(*loss) ? SCL_OK : scl_trainer_refuse(t, p, done);
}

static int push(struct scl_metric metric[], int n, const char *name, double value)
{
    metric[n] = (struct scl_metric){ name, value };
    return n + 1;
}

/* Reads the values that a phase has, and appends them. */
static int read_metrics(struct scl_metric metric[], int *n, struct scl_trainer *t,
                        const struct scl_phase_run *p, int done)
{
    static const char *const names[] = { "weight_mean",        "weight_sd",
                                         "weight_min",         "weight_max",
                                         "weight_effective_n", "weight_loss_correlation" };
    const struct scl_step_graph *s = &p->graph;
    float value[6];
    int rc = SCL_OK;

    if (s->weight_stats) {
        SCL_TRY(scl_exec_read(p->exec, s->weight_stats, value));
        for (int i = 0; i < 6; i++)
            *n = push(metric, *n, names[i], value[i]);
    }
    if (s->probe_loss) {
        SCL_TRY(scl_exec_read(p->exec, s->probe_loss, value));
        *n = push(metric, *n, "probe_loss", value[0]);
    }
    if (s->spread) {
        SCL_TRY(scl_exec_read(p->exec, s->spread, value));
        *n = push(metric, *n, "embedding_sd", value[0]);
        rc = scl_trainer_watch_spread(t, p, done, value[0]);
    }
out:
    return rc;
}

static int log_step(struct scl_trainer *t, struct scl_phase_run *p, struct times *times, int done,
                    float loss)
{
    const double now = scl_clock();
    const double views = (double)(done - times->logged_step) * p->batch * p->n_views;
    struct scl_metric metric[16] = {
        { "epoch", (double)done / p->schedule.per_epoch },
        { "loss", loss },
        { "lr", p->lr_used },
        { "seconds", now - times->begin },
        { "views_per_second", views / (now - times->logged) },
    };
    int n = 5, rc;

    times->logged = now;
    times->logged_step = done;
    SCL_TRY(read_metrics(metric, &n, t, p, done));
    rc = scl_metrics_push(t->metrics, scl_phase_text(p->id), done, n, metric);
out:
    return rc;
}

static int save(struct scl_trainer *t, const struct scl_phase_run *p, struct times *times, int done)
{
    const double begin = scl_clock();
    struct scl_checkpoint info = { .phase = p->id, .step = done };
    int rc;

    scl_device_key(info.device, sizeof info.device, scl_device_facts(t->device));
    scl_plan_hash(info.plan, p->plan);
    SCL_TRY(scl_metrics_flush(t->metrics));
    rc = scl_checkpoint_save(t->store, scl_run_folder(t->run), &info, t->config);
out:
    times->saving += scl_clock() - begin;
    return rc;
}

static int watch(struct scl_trainer *t, struct times *times, int done)
{
    const double begin = scl_clock();
    struct scl_metric metric[3];
    double knn, probe;
    char words[64] = "";
    int rc, n = 0;

    SCL_TRY(scl_watch_run(&knn, &probe, &t->watch));
    times->evaluating += scl_clock() - begin;
    n = push(metric, n, "knn", knn);
    n = push(metric, n, "knn_seconds", scl_clock() - begin);
    if (t->config->probe.online) {
        n = push(metric, n, "probe_accuracy", probe);
        snprintf(words, sizeof words, ", online probe %.2f %%", probe);
    }
    SCL_TRY(scl_metrics_push(t->metrics, scl_phase_text(SCL_PHASE_ENCODER), done, n, metric));
    rc = scl_run_log(t->run, "epoch %d: %s %.2f %%%s",
                     done / t->phase[SCL_PHASE_ENCODER].schedule.per_epoch, t->watch.title, knn,
                     words);
out:
    return rc;
}

/* What follows a step: the loss that proves it, the log, the k-NN, the checkpoint. */
static int after_step(struct scl_trainer *t, struct scl_phase_run *p, struct times *times,
                      struct scl_progress *progress, int done)
{
    const struct scl_train_config *c = &t->config->train;
    const bool last = done == p->schedule.total, stop = scl_stop_asked();
    const bool logs = done % c->log_every == 0 || last;
    const bool saves = done % c->checkpoint_every == 0 || last || stop;
    const int every = t->config->eval.knn_every * p->schedule.per_epoch;
    float loss = NAN;
    int rc = SCL_OK;

    if (logs || saves)
        SCL_TRY(read_loss(&loss, t, p, done));
    if (logs)
        SCL_TRY(log_step(t, p, times, done, loss));
    scl_progress_set(progress, (uint64_t)done, loss);
    if (t->watch.encoder && p->id == SCL_PHASE_ENCODER && every > 0 && (done % every == 0 || last))
        SCL_TRY(watch(t, times, done));
    if (saves)
        SCL_TRY(save(t, p, times, done));
    if (stop && !last)
        rc = scl_fail(SCL_INTERRUPTED, "%s: stopped and saved at %s step %d of %d", t->config->name,
                      scl_phase_text(p->id), done, p->schedule.total);
out:
    return rc;
}

static int log_end(struct scl_trainer *t, const struct scl_phase_run *p, const struct times *times,
                   int n)
{
    char start[48] = "";

    if (times->start > 0)
        snprintf(start, sizeof start, "; the first began after %.2f s", times->start);
    return scl_run_log(t->run, "%s: %d steps in %.1f s (steps %.1f, checkpoints %.1f, k-NN %.1f)%s",
                       scl_phase_text(p->id), n, scl_clock() - times->begin, times->device,
                       times->saving, times->evaluating, start);
}

int scl_trainer_run(struct scl_trainer *t, struct scl_phase_run *p, int first)
{
    struct times times = { .begin = scl_clock(), .logged_step = first };
    struct scl_progress progress = { .what = scl_phase_text(p->id),
                                     .done = (uint64_t)first,
                                     .total = (uint64_t)p->schedule.total,
                                     .unit = "views",
                                     .per_done = p->batch * p->n_views };
    int rc = SCL_OK;

    times.logged = times.begin;
    scl_progress_open(&progress, stderr);
    if (first < p->schedule.total) {
        SCL_TRY(scl_phase_seek(p, t->data, first));
        SCL_TRY(scl_phase_prepare(p, first));
    }
    for (int step = first; step < p->schedule.total; step++) {
        double begin;

        SCL_TRY(scl_phase_upload(p));
        if (!*t->started)
            times.start = scl_clock() - t->begin;
        *t->started = true;
        begin = scl_clock();
        SCL_TRY(scl_exec_run(p->exec));
        if (step + 1 < p->schedule.total)
            SCL_TRY(scl_phase_prepare(p, step + 1));
        SCL_TRY(scl_device_finish(t->device));
        times.device += scl_clock() - begin;
        if (step == first)
            scl_device_cache_programs(t->device);
        SCL_TRY(after_step(t, p, &times, &progress, step + 1));
    }
    rc = log_end(t, p, &times, p->schedule.total - first);
out:
    scl_progress_close(&progress);
    return rc;
}
