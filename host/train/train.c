/* train.c - opening a run, taking it up where it was, and its phases. */
#include "train/train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/progress.h"
#include "base/status.h"
#include "base/stop.h"
#include "data/configured.h"
#include "model/optimizer.h"
#include "train/checkpoint_impl.h"
#include "train/trainer_impl.h"

static const struct scl_field fields[] = {
    { "epoch", "" },
    { "loss", "" },
    { "lr", "" },
    { "seconds", "s" },
    { "views_per_second", "1/s" },
    { "weight_mean", "" },
    { "weight_sd", "" },
    { "weight_min", "" },
    { "weight_max", "" },
    { "weight_effective_n", "pairs" },
    { "weight_loss_correlation", "" },
    { "embedding_sd", "" },
    { "probe_loss", "" },
    { "probe_accuracy", "%" },
    { "knn", "%" },
    { "knn_seconds", "s" },
    { 0 },
};

static void say_compiling(void *user, int done, int of, const char *program)
{
    struct scl_progress *progress = user;

    (void)program;
    if (done == 0) {
        progress->total = (uint64_t)of;
        scl_progress_open(progress, stderr);
    }
    scl_progress_set(progress, (uint64_t)done + 1, NAN);
}

/* The phases of this configuration, planned before any memory is taken and any file
 * written: what does not fit is known now. A resume has all of them too, so that its
 * checkpoints hold the same states. */
static int make_phases(struct scl_trainer *t)
{
    const bool trains_score = scl_config_needs_score(t->config) && !t->config->score.checkpoint[0];
    const struct scl_facts *facts = scl_device_facts(t->device);
    const struct scl_profile *profile = scl_device_profile(t->device);
    const struct scl_tuning *tuning;
    struct scl_extent images;
    int rc;

    SCL_TRY(scl_run_load_tuning(&tuning, &t->record, t->config, facts, profile,
                                scl_device_tuning(t->device)));
    SCL_TRY(scl_dataset_extent(&images, t->data));
    t->at = trains_score ? SCL_PHASE_SCORE : SCL_PHASE_ENCODER;
    for (int id = (int)t->at; id <= SCL_PHASE_ENCODER; id++) {
        struct scl_phase_run *p = &t->phase[id];

        SCL_TRY(scl_phase_init(p, (enum scl_phase)id, t->config, &images));
        SCL_TRY(scl_phase_plan(p, facts, profile, tuning));
    }
    rc = scl_watch_init(&t->watch, t->config, t->data);
out:
    return rc;
}

/* What ran, and what is to be said of choices that are not as they might be. */
static int save_plans(struct scl_trainer *t)
{
    const struct scl_plan *plan[2];
    const char *title[2];
    char remark[SCL_PLAN_REMARK_BYTES];
    int n = 0, rc = SCL_OK;

    for (int id = 0; id < 2; id++)
        if (t->phase[id].plan) {
            title[n] = scl_phase_text((enum scl_phase)id);
            plan[n++] = t->phase[id].plan;
        }
    for (int i = 0; i < n; i++)
        if (*scl_plan_remark(remark, plan[i]))
            SCL_TRY(scl_run_log(t->run, "%s: %s", title[i], remark));
    rc = scl_run_save_plans(t->run, n, title, plan);
out:
    return rc;
}

/* Where the run is: the newest checkpoint's phase and step, or the beginning. */
static int find_place(struct scl_trainer *t, char *path, size_t size)
{
    struct scl_config before;
    int rc;

    SCL_TRY(scl_checkpoint_find(path, size, scl_run_folder(t->run)));
    if (!path[0])
        return SCL_OK;
    SCL_TRY(scl_checkpoint_info(&t->saved, &before, path));
    SCL_TRY(scl_run_check_config(path, &before, t->config));
    SCL_TRY(scl_checkpoint_remove_old(scl_run_folder(t->run), t->saved.phase, &t->config->train));
    t->at = t->saved.phase;
    t->at_step = t->saved.step;
    if (t->at == SCL_PHASE_SCORE && t->at_step >= t->phase[SCL_PHASE_SCORE].schedule.total) {
        t->at = SCL_PHASE_ENCODER;
        t->at_step = 0;
    }
out:
    return rc;
}

static int make_store(struct scl_trainer *t)
{
    struct scl_graph *graph[4];
    int n = 0;

    for (int id = 0; id < 2; id++)
        if (t->phase[id].graph.g)
            graph[n++] = t->phase[id].graph.g;
    if (t->watch.graph.g)
        graph[n++] = t->watch.graph.g;
    if (t->watch.probe.g)
        graph[n++] = t->watch.probe.g;
    return scl_store_new(&t->store, t->device, n, graph, t->config->seed);
}

/* Averages start where what they follow starts. */
static int start_averages(struct scl_store *store)
{
    int rc = SCL_OK;

    for (int i = 0; i < scl_store_count(store); i++) {
        const struct scl_store_entry *e = scl_store_entry(store, i), *to;
        char name[512];
        float *values;

        if (!scl_average_name(name, sizeof name, e->name) || !(to = scl_store_find(store, name)))
            continue;
        if (!(values = malloc(scl_shape_count(e->shape) * sizeof *values)))
            return scl_fail(SCL_NOMEM, "out of memory for %s", name);
        if ((rc = scl_store_read(store, e, values)) == SCL_OK)
            rc = scl_store_write(store, to, values);
        free(values);
        if (rc < 0)
            return rc;
    }
    return rc;
}

/* Where a new run starts: first values, and the score network that is named. Before
 * the run folder is made, so that a file that is not there leaves none behind. */
static int start_states(struct scl_trainer *t)
{
    const char *const score = t->config->score.checkpoint;
    const int rc = start_averages(t->store);

    if (rc < 0 || !scl_config_needs_score(t->config) || !score[0])
        return rc;
    return scl_checkpoint_load(t->store, score, SCL_SCORE_EMA_SCOPE ".");
}

static int load_states(struct scl_trainer *t, const char *checkpoint)
{
    char hash[17];
    int rc = SCL_OK;

    if (!checkpoint[0])
        return SCL_OK;
    SCL_TRY(scl_checkpoint_load(t->store, checkpoint, ""));
    SCL_TRY(scl_run_log(t->run, "goes on from %s", checkpoint));
    scl_plan_hash(hash, t->phase[t->saved.phase].plan);
    if (strcmp(hash, t->saved.plan) != 0)
        SCL_TRY(scl_run_log(t->run,
                            "the checkpoint was computed by another plan (on %s): the run goes on, "
                            "but not to the same bits",
                            t->saved.device));
out:
    return rc;
}

/* Compiles what the phase needs. Asked to stop meanwhile, the run stops here: there is no step to
 * finish, and nothing to save. */
static int bind_phase(struct scl_trainer *t, struct scl_phase_run *p, int first)
{
    struct scl_progress progress = { .what = "compiling" };
    int rc = scl_phase_bind(p, t->device, t->store, say_compiling, &progress);

    if (progress.total)
        scl_progress_close(&progress);
    if (rc == SCL_OK && p->id == SCL_PHASE_ENCODER)
        rc = scl_watch_bind(&t->watch, t->device, t->store);
    if (rc == SCL_INTERRUPTED || (rc == SCL_OK && scl_stop_asked()))
        rc = scl_fail(SCL_INTERRUPTED, "%s: stopped before %s step %d of %d", t->config->name,
                      scl_phase_text(p->id), first + 1, p->schedule.total);
    return rc;
}

static int run_phases(struct scl_trainer *t)
{
    int rc = SCL_OK;

    for (int id = (int)t->at; id <= SCL_PHASE_ENCODER; id++) {
        struct scl_phase_run *p = &t->phase[id];
        const int first = id == (int)t->at ? t->at_step : 0;

        if (first >= p->schedule.total) {
            SCL_TRY(scl_run_log(t->run, "%s: all %d steps are done",
                                scl_phase_text((enum scl_phase)id), p->schedule.total));
            continue;
        }
        SCL_TRY(bind_phase(t, p, first));
        SCL_TRY(scl_trainer_run(t, p, first));
        scl_phase_fini(p); /* its memory is the next phase's */
    }
out:
    return rc;
}

/* Why the run ended, in its log: the command line says it to the user, and says it also when
 * there is no more room for the log. */
static void log_end(struct scl_trainer *t, int rc)
{
    char words[SCL_ERROR_BYTES];

    snprintf(words, sizeof words, "%s", scl_error());
    scl_run_set_quiet(t->run, true);
    if (scl_run_log(t->run, "ended: %s", words) < 0)
        scl_fail(rc, "%s", words);
}

static void close_all(struct scl_trainer *t)
{
    scl_watch_fini(&t->watch);
    for (int id = 0; id < 2; id++)
        scl_phase_fini(&t->phase[id]);
    scl_metrics_close(t->metrics);
    scl_store_free(t->store);
    scl_tuning_close(t->record);
    scl_run_close(t->run);
    scl_device_close(t->device);
    scl_dataset_close(t->data);
}

int scl_train(const struct scl_config *config, bool *started)
{
    struct scl_trainer t = { .config = config, .started = started, .begin = scl_clock() };
    char checkpoint[1200] = "", *metrics = NULL;
    int rc;

    SCL_TRY(scl_stop_install());
    SCL_TRY(scl_dataset_open_configured(&t.data, &config->data, "train"));
    SCL_TRY(scl_device_open(&t.device, config->device, config->memory_bytes));
    SCL_TRY(scl_device_load_tuning(t.device));
    SCL_TRY(make_phases(&t));
    SCL_TRY(make_store(&t));
    SCL_TRY(start_states(&t));
    SCL_TRY(scl_run_open(&t.run, config, scl_device_facts(t.device), scl_device_profile(t.device),
                         true));
    SCL_TRY(find_place(&t, checkpoint, sizeof checkpoint));
    SCL_TRY(save_plans(&t));
    SCL_TRY(load_states(&t, checkpoint));
    if (!(metrics = scl_run_path(t.run, "metrics.jsonl"))) {
        rc = SCL_NOMEM;
        goto out;
    }
    SCL_TRY(scl_metrics_open(&t.metrics, metrics, fields,
                             checkpoint[0] ? scl_phase_text(t.saved.phase) : NULL, t.saved.step));
    rc = run_phases(&t);
out:
    if (rc < 0 && t.run && *started)
        log_end(&t, rc);
    free(metrics);
    close_all(&t);
    return rc;
}
