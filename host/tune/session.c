/* session.c - the budget: which task is looked into next, and what is kept of each trial. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/progress.h"
#include "base/status.h"
#include "base/stop.h"
#include "tune/tune_impl.h"

/* A trial that takes longer hangs; the first ones of a device compile. */
#define TRIAL_SECONDS 120.0
#define FIRST_TRIAL_SECONDS 3.0 /* what one is expected to take before the first */
#define PATIENCE 0.7            /* what is left of the hope for a task after a trial in vain */
#define LEAST_HOPE 0.02         /* share of its time that a task may gain at its limit */
#define HOPELESS 4.0            /* times the best: not timed to the end */
#define DISTURBED 1.5           /* times what a node takes in a step */

enum { MAX_REFERENCE = 1 << 22 /* elements that the reference is to see */ };

static size_t elements(const struct scl_node *y)
{
    size_t n = scl_shape_count(y->shape);

    for (int i = 0; i < y->n_in; i++)
        n += scl_shape_count(y->in[i]->shape);
    return n;
}

static int need_subject(struct scl_task *s)
{
    if (s->subject)
        return SCL_OK;
    return scl_subject_new(&s->subject, s->node,
                           elements(s->small) > MAX_REFERENCE ? s->narrow : s->small);
}

int scl_tuner_push(struct scl_tuner *t, struct scl_task *s, const struct scl_request *r,
                   enum scl_verdict verdict, double ms, double error)
{
    struct scl_tried tried = {
        .candidate = r->candidate, .verdict = verdict, .ms = ms, .error = error
    };

    if (s->n_tried == s->room) {
        const int room = s->room ? 2 * s->room : 32;
        struct scl_tried *grown = realloc(s->tried, (size_t)room * sizeof *grown);

        if (!grown)
            return scl_fail(SCL_NOMEM, "out of memory for %d plans", room);
        s->tried = grown;
        s->room = room;
    }
    tried.params = scl_arena_text(&t->arena, "%s", r->params);
    tried.plan = scl_arena_text(&t->arena, "%s", r->plan);
    if (!tried.params || !tried.plan)
        return SCL_NOMEM;
    memcpy(tried.compiled, r->compiled, sizeof tried.compiled);
    s->tried[s->n_tried] = tried;
    t->n_failed += verdict != SCL_TIMED;
    s->n_lost++;
    if (s->usual < 0)
        s->usual = s->n_tried; /* it is asked for first */
    if (verdict == SCL_TIMED && (s->best < 0 || ms < SCL_TUNE_GAIN * s->tried[s->best].ms)) {
        s->best = s->n_tried;
        s->n_lost = 0;
    }
    s->n_tried++;
    return SCL_OK;
}

/* What its nodes are to take in a step with the best plan so far. A usual plan that took so much
 * longer alone than among others was disturbed, and promises nothing. */
static double forecast_ms(const struct scl_task *s)
{
    double usual;

    if (s->best < 0 || s->usual < 0 || s->tried[s->usual].verdict != SCL_TIMED)
        return s->step_ms;
    usual = s->tried[s->usual].ms;
    if (s->node_ms > 0)
        usual = fmin(usual, DISTURBED * s->node_ms);
    return s->step_ms * fmin(1, s->tried[s->best].ms / usual);
}

double scl_tuner_step_seconds(const struct scl_tuner *t, bool is_tuned)
{
    double ms = 0;

    for (int i = 0; i < t->n_task; i++)
        ms += is_tuned ? forecast_ms(&t->task[i]) : t->task[i].step_ms;
    return ms * 1e-3;
}

/* What a second spent on the task may save of a step: its time, the share of it that its limit
 * leaves, and less after each trial that gained nothing. */
static double hope_of(const struct scl_task *s)
{
    const double ms = forecast_ms(s);
    const double room = ms > 0 ? 1 - s->floor_ms / ms : 0;
    const double seconds = s->trial_seconds > 0 ? s->trial_seconds : FIRST_TRIAL_SECONDS;

    return ms * fmax(room, LEAST_HOPE) * pow(PATIENCE, s->n_lost) / seconds;
}

static struct scl_task *pick_task(struct scl_tuner *t)
{
    struct scl_task *best = NULL;

    for (int i = 0; i < t->n_task; i++)
        if (!t->task[i].is_done && (!best || hope_of(&t->task[i]) > hope_of(best)))
            best = &t->task[i];
    return best;
}

static void show(struct scl_progress *p, const struct scl_tuner *t)
{
    snprintf(p->note, sizeof p->note, "step %.3f s, was %.3f s", scl_tuner_step_seconds(t, true),
             scl_tuner_step_seconds(t, false));
    scl_progress_set(p, (uint64_t)t->n_trial, NAN);
}

/* One line about a plan that failed: now, and in the report. */
static int say_failed(struct scl_tuner *t, const struct scl_task *s, const struct scl_request *r,
                      const struct scl_outcome *o)
{
    struct scl_tune_report *report = t->report;
    const char **grown = realloc(report->said, (size_t)(report->n_said + 1) * sizeof *grown);
    const char *line;

    if (!grown)
        return scl_fail(SCL_NOMEM, "out of memory for what was said");
    report->said = grown;
    line = scl_arena_text(&report->arena, "%s: %s: %s: %s", s->key, r->plan,
                          scl_verdict_text(o->verdict), o->words);
    if (!line)
        return SCL_NOMEM;
    report->said[report->n_said++] = line;
    if (t->spec->progress)
        scl_progress_say(line);
    return SCL_OK;
}

/* Of the device's arithmetic; negative where it is not known. */
static double share_of_peak(const struct scl_tuner *t, const struct scl_task *s,
                            const struct scl_outcome *o)
{
    if (t->gflops <= 0 || o->verdict != SCL_TIMED || o->ms <= 0)
        return -1;
    return scl_node_flops(s->node) * 1e-6 / o->ms / t->gflops;
}

static int keep(struct scl_tuner *t, struct scl_task *s, const struct scl_request *r,
                struct scl_outcome *o)
{
    const bool is_timed = o->verdict == SCL_TIMED;
    struct scl_decision d = { .node = s->key,
                              .plan = r->plan,
                              .numeric = scl_class_text(r->candidate->numeric),
                              .verdict = o->verdict,
                              .ms = is_timed ? o->ms : -1,
                              .max_error = is_timed ? o->error : -1,
                              .share = share_of_peak(t, s, o),
                              .hash = r->sources };
    int rc;

    SCL_TRY(scl_tuner_push(t, s, r, o->verdict, d.ms, d.max_error));
    t->n_trial++;
    if (!is_timed)
        SCL_TRY(say_failed(t, s, r, o));
    if (is_timed && !s->sample) {
        s->sample = o->sample;
        s->n_sample = o->n_sample;
        o->sample = NULL;
    }
    d.origin = s->best == s->n_tried - 1 ? SCL_TUNED : SCL_MEASURED;
    rc = scl_tuning_save(t->tuning, 1, &d);
out:
    return rc;
}

static struct scl_trial trial_of(const struct scl_tuner *t, const struct scl_task *s,
                                 const struct scl_candidate *candidate, const char *params)
{
    const struct scl_tune_spec *spec = t->spec;

    return (struct scl_trial){ .subject = s->subject,
                               .device = spec->config->device,
                               .memory_bytes = spec->config->memory_bytes,
                               .candidate = candidate,
                               .params = params,
                               .numeric = scl_tuner_class(t),
                               .seconds =
                                   spec->trial_seconds > 0 ? spec->trial_seconds : TRIAL_SECONDS,
                               .hopeless_ms = s->best < 0 ? 0 : HOPELESS * s->tried[s->best].ms,
                               .sample = s->sample,
                               .n_sample = s->n_sample };
}

/* Of a plan that the database knows to be right, the values; it is not timed again. */
static int need_sample(struct scl_tuner *t, struct scl_task *s)
{
    struct scl_outcome outcome;
    struct scl_trial trial;
    int rc;

    if (s->sample || s->best < 0)
        return SCL_OK;
    trial = trial_of(t, s, s->tried[s->best].candidate, s->tried[s->best].params);
    trial.only_sample = true;
    if ((rc = scl_trial_run(&outcome, &trial)) < 0)
        return rc;
    s->sample = outcome.sample;
    s->n_sample = outcome.n_sample;
    outcome.sample = NULL;
    scl_outcome_fini(&outcome);
    return SCL_OK;
}

/* One more plan for the task, or it is done. */
static int advance(struct scl_tuner *t, struct scl_task *s)
{
    struct scl_request request;
    struct scl_outcome outcome;
    struct scl_trial trial;
    double begin;
    int rc;

    if ((rc = need_subject(s)) == SCL_SHAPE) { /* it cannot stand alone */
        s->is_done = true;
        return SCL_OK;
    }
    SCL_TRY(rc);
    SCL_TRY(scl_tuner_next(&request, t, s));
    if (rc == 0) {
        s->is_done = true;
        return SCL_OK;
    }
    SCL_TRY(need_sample(t, s));
    trial = trial_of(t, s, request.candidate, request.params);
    begin = scl_clock();
    SCL_TRY(scl_trial_run(&outcome, &trial));
    s->trial_seconds = scl_clock() - begin;
    rc = keep(t, s, &request, &outcome);
    scl_outcome_fini(&outcome);
out:
    return rc;
}

static int spend(struct scl_tuner *t, struct scl_progress *progress)
{
    struct scl_task *s;
    int rc = SCL_OK;

    while (rc == SCL_OK && (s = pick_task(t))) {
        const double seconds = s->trial_seconds > 0 ? s->trial_seconds : FIRST_TRIAL_SECONDS;

        if (scl_stop_asked())
            return SCL_INTERRUPTED;
        if (scl_clock() + 0.5 * seconds > t->end)
            break;
        rc = advance(t, s);
        show(progress, t);
    }
    return rc;
}

int scl_tuner_search(struct scl_tuner *t)
{
    struct scl_progress progress = {
        .what = "tune", .unit = "trials", .per_done = 1, .ends = t->end
    };
    int rc;

    scl_progress_open(&progress, t->spec->progress);
    rc = spend(t, &progress);
    scl_progress_close(&progress);
    if (rc == SCL_INTERRUPTED)
        return scl_fail(rc, "stopped; what was tried is kept, and the same command goes on from "
                            "there");
    return rc;
}

static int open_tuner(struct scl_tuner *t)
{
    int rc;

    SCL_TRY(scl_tuner_look(t));
    SCL_TRY(scl_profile_open(&t->profile, &t->facts));
    SCL_TRY(scl_tuning_open(&t->tuning, &t->facts, t->profile));
    SCL_TRY(scl_tuner_open_phases(t));
    if (t->spec->progress)
        scl_progress_say("tune: measuring a step, whose programs may have to be compiled first");
    for (int i = 0; i < t->n_phase; i++)
        SCL_TRY(scl_tuner_profile(t, &t->phase[i]));
    rc = scl_tuner_list_tasks(t);
out:
    return rc;
}

void scl_tuner_close(struct scl_tuner *t)
{
    for (int i = 0; i < t->n_task; i++) {
        scl_subject_free(t->task[i].subject);
        free(t->task[i].sample);
        free(t->task[i].tried);
    }
    free(t->task);
    scl_tuner_close_phases(t);
    scl_tuning_close(t->tuning);
    scl_profile_close(t->profile);
    scl_arena_fini(&t->arena);
    free(t);
}

int scl_tune_run(struct scl_tune_report *out, const struct scl_tune_spec *spec)
{
    struct scl_tuner *t = calloc(1, sizeof *t);
    char folder[4096];
    int rc, reported;

    *out = (struct scl_tune_report){ 0 };
    if (!t)
        return scl_fail(SCL_NOMEM, "out of memory for a search");
    t->spec = spec;
    t->report = out;
    t->end = scl_clock() + spec->seconds;
    if (!scl_tuning_folder(folder, sizeof folder)) {
        rc = scl_fail(SCL_USAGE, "there is no folder for the tuning database: SCL_CONFIG_DIR is "
                                 "empty, or HOME is not set");
        goto out;
    }
    SCL_TRY(open_tuner(t));
    rc = scl_tuner_search(t);
    if (rc == SCL_OK || rc == SCL_INTERRUPTED) {
        reported = scl_tuner_report(out, t);
        rc = reported < 0 ? reported : rc;
    }
out:
    scl_tuner_close(t);
    return rc;
}
