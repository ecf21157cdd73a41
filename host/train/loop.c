/* loop.c - the steps of a phase: prepare the next beside the device's work, upload,
 * run; log, save and stop between steps.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

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
};

static bool holds_nonfinite(struct scl_store *store, const struct scl_store_entry *e)
{
    const size_t n = scl_shape_count(e->shape);
    float *values = malloc((n + 1) * sizeof *values);
    bool found = false;

    if (values && scl_store_read(store, e, values) == SCL_OK)
        for (size_t i = 0; i < n && !found; i++)
            found = !isfinite(values[i]);
    free(values);
    return found;
}

static int refuse_nonfinite(struct scl_trainer *t, const struct scl_phase_run *p, int step)
{
    const char *tensor = "no state yet";
    char path[1200];

    for (int i = 0; i < scl_store_count(t->store); i++)
        if (holds_nonfinite(t->store, scl_store_entry(t->store, i))) {
            tensor = scl_store_entry(t->store, i)->name;
            break;
        }
    if (scl_checkpoint_find(path, sizeof path, scl_run_folder(t->run)) < 0 || !path[0])
        snprintf(path, sizeof path, "none");
    return scl_fail(SCL_NUMERIC,
                    "%s step %d: the loss is not finite; first tensor that holds it: %s; last good "
                    "checkpoint: %s; a lower learning rate or a longer warm-up may help",
                    scl_phase_text(p->id), step, tensor, path);
}

static int read_loss(float *loss, struct scl_trainer *t, struct scl_phase_run *p, int done)
{
    const int rc = scl_exec_read(p->exec, p->graph.loss, loss);

    if (rc < 0)
        return rc;
    return isfinite(*loss) ? SCL_OK : refuse_nonfinite(t, p, done);
}

static int log_step(struct scl_trainer *t, struct scl_phase_run *p, struct times *times, int done,
                    float loss)
{
    const double now = scl_clock();
    const double views = (double)(done - times->logged_step) * p->batch * p->n_views;
    struct scl_metric metric[12] = {
        { "epoch", (double)done / p->per_epoch },
        { "loss", loss },
        { "lr", p->lr_used },
        { "seconds", now - times->begin },
        { "views_per_second", views / (now - times->logged) },
    };
    static const char *const names[] = { "weight_mean",        "weight_sd",
                                         "weight_min",         "weight_max",
                                         "weight_effective_n", "weight_loss_correlation" };
    float stats[6];
    int n = 5, rc;

    times->logged = now;
    times->logged_step = done;
    if (p->graph.weight_stats) {
        if ((rc = scl_exec_read(p->exec, p->graph.weight_stats, stats)) < 0)
            return rc;
        for (int i = 0; i < 6; i++)
            metric[n++] = (struct scl_metric){ names[i], stats[i] };
    }
    return scl_metrics_push(t->metrics, scl_phase_text(p->id), done, n, metric);
}

static int save(struct scl_trainer *t, const struct scl_phase_run *p, struct times *times, int done)
{
    const double begin = scl_clock();
    struct scl_checkpoint info = { .phase = p->id, .step = done };
    int rc;

    scl_device_key(info.device, sizeof info.device, scl_device_facts(t->device));
    scl_plan_hash(info.plan, p->plan);
    rc = scl_checkpoint_save(t->store, scl_run_folder(t->run), &info, t->config);
    times->saving += scl_clock() - begin;
    return rc;
}

static int watch(struct scl_trainer *t, struct times *times, int done)
{
    const double begin = scl_clock();
    double accuracy;
    int rc;

    SCL_TRY(scl_watch_run(&accuracy, &t->watch));
    times->evaluating += scl_clock() - begin;
    SCL_TRY(scl_metrics_push(
        t->metrics, scl_phase_text(SCL_PHASE_ENCODER), done, 2,
        (struct scl_metric[]){ { "knn", accuracy }, { "knn_seconds", scl_clock() - begin } }));
    rc = scl_run_log(t->run, "epoch %d: %s %.2f %%", done / t->phase[SCL_PHASE_ENCODER].per_epoch,
                     t->watch.title, accuracy);
out:
    return rc;
}

/* What follows a step: the loss that proves it, the log, the k-NN, the checkpoint. */
static int after_step(struct scl_trainer *t, struct scl_phase_run *p, struct times *times,
                      struct scl_progress *progress, int done)
{
    const struct scl_train_config *c = &t->config->train;
    const bool last = done == p->total, stop = scl_stop_asked();
    const bool logs = done % c->log_every == 0 || last;
    const bool saves = done % c->checkpoint_every == 0 || last || stop;
    const int every = t->config->eval.knn_every * p->per_epoch;
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
                      scl_phase_text(p->id), done, p->total);
out:
    return rc;
}

int scl_trainer_run(struct scl_trainer *t, struct scl_phase_run *p, int first)
{
    struct times times = { .begin = scl_clock(), .logged_step = first };
    struct scl_progress progress = { .what = scl_phase_text(p->id),
                                     .done = (uint64_t)first,
                                     .total = (uint64_t)p->total,
                                     .unit = "views",
                                     .per_done = p->batch * p->n_views };
    int rc = SCL_OK;

    times.logged = times.begin;
    scl_progress_open(&progress, stderr);
    if (first < p->total) {
        SCL_TRY(scl_phase_seek(p, first));
        SCL_TRY(scl_phase_prepare(p, first));
    }
    for (int step = first; step < p->total; step++) {
        double begin;

        SCL_TRY(scl_phase_upload(p));
        *t->started = true;
        begin = scl_clock();
        SCL_TRY(scl_exec_run(p->exec));
        if (step + 1 < p->total)
            SCL_TRY(scl_phase_prepare(p, step + 1));
        SCL_TRY(scl_device_finish(t->device));
        times.device += scl_clock() - begin;
        if (step == first)
            scl_device_cache_programs(t->device);
        SCL_TRY(after_step(t, p, &times, &progress, step + 1));
    }
    rc = scl_run_log(t->run, "%s: %d steps in %.1f s (steps %.1f, checkpoints %.1f, k-NN %.1f)",
                     scl_phase_text(p->id), p->total - first, scl_clock() - times.begin,
                     times.device, times.saving, times.evaluating);
out:
    scl_progress_close(&progress);
    return rc;
}
