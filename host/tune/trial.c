/* trial.c - what the other process does, and what is made of how it ended. */
#include "tune/trial.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/status.h"
#include "device/compile.h"
#include "device/exec.h"
#include "plan/plan.h"

enum { GUARD_BYTES = 64 << 10, MAX_SAMPLE = 4096, MIN_RUNS = 3, MAX_RUNS = 25 };

#define ENOUGH_SECONDS 0.25 /* of timing */

/* What comes back; the sample follows it. */
struct report {
    enum scl_verdict verdict;
    double ms, error;
    char words[512], compiled[17];
    size_t n_sample;
};

/* One size of the subject, bound to the device. */
struct bench {
    const struct scl_alone *alone;
    struct scl_plan *plan;
    struct scl_exec *exec;
};

static void close_bench(struct bench *b)
{
    scl_exec_free(b->exec);
    scl_plan_free(b->plan);
    *b = (struct bench){ 0 };
}

static int write_inputs(struct bench *b, bool is_signed)
{
    const struct scl_alone *a = b->alone;
    int rc = SCL_OK;

    for (int id = 0; id < scl_graph_count(a->g); id++) {
        const struct scl_node *x = scl_graph_node(a->g, id);
        void *values;

        if (!scl_subject_draws(x))
            continue;
        if (!(values = malloc(scl_shape_count(x->shape) * 4 + 1)))
            return scl_fail(SCL_NOMEM, "out of memory for the values of %s", x->name);
        scl_subject_draw(values, a->y, x, is_signed);
        rc = scl_exec_write(b->exec, x, values, true);
        free(values);
        SCL_TRY(rc);
    }
out:
    return rc;
}

/* Plans, builds, runs once, and looks at the guards. `verdict` is what a failure here means. */
static int run_once(struct bench *b, enum scl_verdict *verdict, const struct scl_trial *t,
                    const struct scl_alone *alone, struct scl_device *device)
{
    const struct scl_plan_spec spec = { .facts = scl_device_facts(device),
                                        .profile = scl_device_profile(device),
                                        .n_keep = alone->n_out,
                                        .keep = alone->out,
                                        .separate = true,
                                        .guard_bytes = GUARD_BYTES,
                                        .force_op = alone->y->op,
                                        .force_candidate = t->candidate->name,
                                        .force_params = t->params };
    int rc;

    b->alone = alone;
    *verdict = SCL_BUILD_ERROR;
    SCL_TRY(scl_plan_new(&b->plan, alone->g, &spec));
    SCL_TRY(scl_exec_new(&b->exec, device, NULL, b->plan, NULL, NULL));
    SCL_TRY(write_inputs(b, t->subject->is_signed));
    *verdict = SCL_CRASHED;
    SCL_TRY(scl_exec_run(b->exec));
    SCL_TRY(scl_device_finish(device));
    *verdict = SCL_WRONG;
    rc = scl_exec_check_guards(b->exec);
out:
    return rc;
}

static double element(const void *values, enum scl_dtype type, size_t i)
{
    return type == SCL_F32   ? ((const float *)values)[i]
           : type == SCL_I32 ? ((const int32_t *)values)[i]
                             : ((const uint8_t *)values)[i];
}

/* The values of out[i], yours to free. */
static int read_out(void **out, const struct bench *b, int i)
{
    const struct scl_node *y = b->alone->out[i];
    int rc;

    if (!(*out = malloc(scl_shape_count(y->shape) * 4 + 1)))
        return scl_fail(SCL_NOMEM, "out of memory for the values of %s", y->name);
    if ((rc = scl_exec_read(b->exec, y, *out)) < 0) {
        free(*out);
        *out = NULL;
    }
    return rc;
}

/* How far `got` is from `want`, as a share of `largest`: 0 where both are the same, or no number.
 */
static double distance(double got, double want, double largest)
{
    if (got == want || (isnan(got) && isnan(want)))
        return 0;
    return isfinite(got) && isfinite(want) ? fabs(got - want) / fmax(largest, 1e-30) : INFINITY;
}

static double larger(double largest, double value)
{
    return isfinite(value) ? fmax(largest, fabs(value)) : largest;
}

static double tolerance_of(enum scl_class numeric)
{
    return numeric == SCL_CLASS_F32 ? SCL_TRIAL_TOLERANCE : SCL_LOOSE_TOLERANCE;
}

static int check_tensor(double *error, const struct scl_node *y, const void *got,
                        const double *want, double tolerance)
{
    const size_t n = scl_shape_count(y->shape);
    double largest = 0;

    for (size_t i = 0; i < n; i++)
        largest = larger(largest, want[i]);
    for (size_t i = 0; i < n; i++) {
        const double value = element(got, y->type, i), off = distance(value, want[i], largest);

        if (off > tolerance)
            return scl_fail(SCL_NUMERIC,
                            "element %zu of %s %s is %.9g, and %.9g is wanted (largest %.3g)", i,
                            y->name, scl_shape_text(y->shape), value, want[i], largest);
        *error = fmax(*error, off);
    }
    return SCL_OK;
}

static int check_small(struct report *r, const struct scl_trial *t, struct scl_device *device)
{
    const struct scl_alone *a = &t->subject->small;
    struct bench b = { 0 };
    int rc;

    SCL_TRY(run_once(&b, &r->verdict, t, a, device));
    for (int i = 0; i < a->n_out; i++) {
        void *got;

        SCL_TRY(read_out(&got, &b, i));
        rc = check_tensor(&r->error, a->out[i], got, t->subject->want->of[a->out[i]->id],
                          tolerance_of(t->candidate->numeric));
        free(got);
        SCL_TRY(rc);
    }
out:
    close_bench(&b);
    return rc;
}

/* So many of n elements, evenly, the first and the last among them. */
static size_t sample_count(const struct scl_node *y)
{
    const size_t n = scl_shape_count(y->shape);

    return n < MAX_SAMPLE ? n : MAX_SAMPLE;
}

static size_t sample_at(const struct scl_node *y, size_t i)
{
    const size_t n = scl_shape_count(y->shape), count = sample_count(y);

    return count < 2 ? 0 : (size_t)((double)i * (double)(n - 1) / (double)(count - 1));
}

static int take_sample(float *out, size_t *n, const struct bench *b)
{
    int rc = SCL_OK;

    *n = 0;
    for (int i = 0; i < b->alone->n_out; i++) {
        const struct scl_node *y = b->alone->out[i];
        void *got;

        SCL_TRY(read_out(&got, b, i));
        for (size_t k = 0; k < sample_count(y); k++)
            out[(*n)++] = (float)element(got, y->type, sample_at(y, k));
        free(got);
    }
out:
    return rc;
}

static int compare_sample(const struct scl_trial *t, const float *got)
{
    const float *want = t->sample;

    for (int i = 0; i < t->subject->full.n_out; i++) {
        const struct scl_node *y = t->subject->full.out[i];
        const size_t count = sample_count(y);
        double largest = 0;

        for (size_t k = 0; k < count; k++)
            largest = larger(largest, want[k]);
        for (size_t k = 0; k < count; k++)
            if (distance(got[k], want[k], largest) > tolerance_of(t->numeric))
                return scl_fail(SCL_NUMERIC,
                                "element %zu of %s %s is %.9g, and %.9g by a candidate that is "
                                "right at a smaller size (largest %.3g)",
                                sample_at(y, k), y->name, scl_shape_text(y->shape), (double)got[k],
                                (double)want[k], largest);
        want += count;
        got += count;
    }
    return SCL_OK;
}

static int rising(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Whole runs by the clock: events see only the last of CLBlast's kernels. */
static int time_runs(double *ms, const struct bench *b, const struct scl_trial *t,
                     struct scl_device *device)
{
    double seconds[MAX_RUNS], sum = 0;
    int n = 0, rc = SCL_OK;

    while (n < MAX_RUNS && (n < MIN_RUNS || sum < ENOUGH_SECONDS)) {
        const double begin = scl_clock();

        SCL_TRY(scl_exec_run(b->exec));
        SCL_TRY(scl_device_finish(device));
        sum += seconds[n] = scl_clock() - begin;
        n++;
        if (t->hopeless_ms > 0 && seconds[n - 1] * 1e3 > t->hopeless_ms)
            break;
    }
    qsort(seconds, (size_t)n, sizeof *seconds, rising);
    *ms = seconds[n / 2] * 1e3;
out:
    return rc;
}

static int run_full(struct report *r, float *sample, const struct scl_trial *t,
                    struct scl_device *device)
{
    struct bench b = { 0 };
    int rc;

    SCL_TRY(run_once(&b, &r->verdict, t, &t->subject->full, device));
    scl_plan_hash(r->compiled, b.plan);
    SCL_TRY(take_sample(sample, &r->n_sample, &b));
    if (t->sample)
        SCL_TRY(compare_sample(t, sample));
    r->verdict = SCL_CRASHED;
    if (!t->only_sample)
        SCL_TRY(time_runs(&r->ms, &b, t, device));
    r->verdict = SCL_TIMED;
out:
    close_bench(&b);
    return rc;
}

/* Whether a failure says nothing of the candidate. */
static bool is_ours(int rc)
{
    return rc == SCL_NOMEM || rc == SCL_INTERRUPTED;
}

static int work(FILE *answer, void *user)
{
    const struct scl_trial *t = user;
    struct scl_device *device = NULL;
    struct report r = { 0 };
    float *sample = malloc(SCL_SUBJECT_MAX_OUT * MAX_SAMPLE * sizeof *sample);
    int rc;

    if (!sample)
        return scl_fail(SCL_NOMEM, "out of memory for a sample");
    scl_compilers_set(NULL); /* for a program or two they would take longer to start */
    SCL_TRY(scl_device_open(&device, t->device, t->memory_bytes));
    if ((rc = check_small(&r, t, device)) == SCL_OK)
        rc = run_full(&r, sample, t, device);
    if (is_ours(rc))
        goto out;
    if (rc < 0)
        snprintf(r.words, sizeof r.words, "%s", scl_error());
    fwrite(&r, sizeof r, 1, answer);
    if (r.verdict == SCL_TIMED)
        fwrite(sample, sizeof *sample, r.n_sample, answer);
    rc = SCL_OK;
out:
    scl_device_close(device);
    free(sample);
    return rc;
}

/* Of a crash and a hang: where it was, in the words of whoever had the last one. */
static void take_end(struct scl_outcome *out, const struct scl_child *child)
{
    out->verdict = child->end == SCL_CHILD_HUNG ? SCL_HUNG : SCL_CRASHED;
    snprintf(out->words, sizeof out->words, "%.250s%s%.250s", child->words,
             child->said[0] ? ": " : "", child->said);
}

static int take_report(struct scl_outcome *out, const struct scl_child *child)
{
    struct report r;

    if (child->size < sizeof r)
        return scl_fail(SCL_IO, "a trial's answer is %zu bytes, and %zu or more are wanted",
                        child->size, sizeof r);
    memcpy(&r, child->answer, sizeof r);
    out->verdict = r.verdict;
    out->ms = r.ms;
    out->error = r.error;
    memcpy(out->words, r.words, sizeof out->words);
    memcpy(out->compiled, r.compiled, sizeof out->compiled);
    if (r.verdict != SCL_TIMED)
        return SCL_OK;
    if (child->size != sizeof r + r.n_sample * sizeof *out->sample)
        return scl_fail(SCL_IO, "a trial's answer is cut short");
    if (!(out->sample = malloc(r.n_sample * sizeof *out->sample + 1)))
        return scl_fail(SCL_NOMEM, "out of memory for a sample");
    memcpy(out->sample, child->answer + sizeof r, r.n_sample * sizeof *out->sample);
    out->n_sample = r.n_sample;
    return SCL_OK;
}

int scl_trial_run(struct scl_outcome *out, const struct scl_trial *trial)
{
    struct scl_child child = { 0 };
    int rc;

    *out = (struct scl_outcome){ 0 };
    SCL_TRY(scl_child_run(&child, trial->seconds, work, (void *)trial));
    if (child.end != SCL_CHILD_DONE)
        take_end(out, &child);
    else if (child.rc < 0)
        rc = scl_fail(child.rc, "%s", child.words);
    else
        rc = take_report(out, &child);
out:
    scl_child_fini(&child);
    return rc;
}

void scl_outcome_fini(struct scl_outcome *outcome)
{
    free(outcome->sample);
    *outcome = (struct scl_outcome){ 0 };
}
