/* look.c - what is asked of the device before the search: its facts, its limits, and where the
 * time of a step goes. Each in a process of its own.
 */
#include <stdlib.h>
#include <string.h>

#include "base/child.h"
#include "base/progress.h"
#include "base/status.h"
#include "data/configured.h"
#include "device/measure.h"
#include "tune/tune_impl.h"

#define FACTS_SECONDS 60.0
#define LIMITS_SECONDS 120.0
#define PROFILE_SECONDS 1800.0 /* all programs of a run may have to be compiled */

enum { N_PROFILE = 3 };

static const struct scl_config *config_of(const struct scl_tuner *t)
{
    return t->spec->config;
}

/* A process whose answer is so many bytes; with words where it is not. */
static int ask(void *out, size_t bytes, double seconds, int (*work)(FILE *answer, void *user),
               void *user)
{
    struct scl_child child = { 0 };
    int rc;

    SCL_TRY(scl_child_run(&child, seconds, work, user));
    if (child.end == SCL_CHILD_DONE && child.rc < 0)
        rc = scl_fail(child.rc, "%s", child.words);
    else if (child.end != SCL_CHILD_DONE || child.size != bytes)
        rc = scl_fail(SCL_NO_DEVICE, "the device's driver %s%s%s", child.words,
                      child.said[0] ? ": " : "", child.said);
    else
        memcpy(out, child.answer, bytes);
out:
    scl_child_fini(&child);
    return rc;
}

static int open_device(struct scl_device **out, const struct scl_tuner *t)
{
    return scl_device_open(out, config_of(t)->device, config_of(t)->memory_bytes);
}

static int give_facts(FILE *answer, void *user)
{
    struct scl_device *device;
    const int rc = open_device(&device, user);

    if (rc < 0)
        return rc;
    fwrite(scl_device_facts(device), sizeof(struct scl_facts), 1, answer);
    scl_device_close(device);
    return SCL_OK;
}

static int give_limits(FILE *answer, void *user)
{
    struct scl_device *device = NULL;
    struct scl_limits limits;
    int rc;

    SCL_TRY(open_device(&device, user));
    SCL_TRY(scl_limits_get(&limits, device, 0));
    scl_device_cache_programs(device);
    fwrite(&limits, sizeof limits, 1, answer);
out:
    scl_device_close(device);
    return rc;
}

/* Says in a line what is left out, and goes on: but for what ends the whole. */
static int say_unless_ended(int rc, const char *what)
{
    char line[1024];

    if (rc == SCL_INTERRUPTED || rc == SCL_NOMEM || rc == SCL_USAGE)
        return rc;
    snprintf(line, sizeof line, "%s: %s", what, scl_error());
    scl_progress_say(line);
    return SCL_OK;
}

int scl_tuner_look(struct scl_tuner *t)
{
    struct scl_limits limits;
    int rc;

    SCL_TRY(ask(&t->facts, sizeof t->facts, FACTS_SECONDS, give_facts, t));
    if ((rc = ask(&limits, sizeof limits, LIMITS_SECONDS, give_limits, t)) < 0)
        return say_unless_ended(rc, "the device's limits cannot be measured");
    t->gflops = limits.gflops;
    t->copy_gbps = limits.copy_gbps;
out:
    return rc;
}

struct profile_job {
    const struct scl_tuner *tuner;
    struct scl_phase_run *run;
};

static int profile_bound(FILE *answer, struct scl_phase_run *run, struct scl_device *device,
                         struct scl_dataset *data)
{
    const size_t n = (size_t)run->plan->n_step;
    double *least = calloc(n + 1, sizeof *least), *ms = calloc(n + 1, sizeof *ms);
    int rc;

    if (!least || !ms) {
        rc = scl_fail(SCL_NOMEM, "out of memory for %zu times", n);
        goto out;
    }
    SCL_TRY(scl_phase_seek(run, data, 0));
    SCL_TRY(scl_phase_prepare(run, 0));
    for (int i = -1; i < N_PROFILE; i++) { /* the first warms up */
        SCL_TRY(scl_phase_upload(run));
        SCL_TRY(scl_exec_profile(run->exec, ms));
        for (size_t s = 0; i >= 0 && s < n; s++)
            least[s] = i == 0 || ms[s] < least[s] ? ms[s] : least[s];
    }
    scl_device_cache_programs(device);
    fwrite(least, sizeof *least, n, answer);
out:
    free(ms);
    free(least);
    return rc;
}

static int give_profile(FILE *answer, void *user)
{
    const struct profile_job *job = user;
    const struct scl_config *config = config_of(job->tuner);
    struct scl_dataset *data = NULL;
    struct scl_device *device = NULL;
    struct scl_store *store = NULL;
    int rc;

    SCL_TRY(scl_dataset_open_configured(&data, &config->data, "train"));
    SCL_TRY(open_device(&device, job->tuner));
    SCL_TRY(scl_store_new(&store, device, 1, &job->run->graph.g, config->seed));
    SCL_TRY(scl_phase_bind(job->run, device, store, NULL, NULL));
    rc = profile_bound(answer, job->run, device, data);
out:
    scl_phase_fini(job->run);
    scl_store_free(store);
    scl_device_close(device);
    scl_dataset_close(data);
    return rc;
}

int scl_tuner_profile(struct scl_tuner *t, struct scl_tuned_phase *phase)
{
    struct scl_phase_run *run = &phase->run[0];
    struct profile_job job = { t, run };
    const size_t n = (size_t)run->plan->n_step;
    int rc;

    if (!(phase->ms = calloc(n + 1, sizeof *phase->ms)))
        return scl_fail(SCL_NOMEM, "out of memory for %zu times", n);
    rc = ask(phase->ms, n * sizeof *phase->ms, PROFILE_SECONDS, give_profile, &job);
    if (rc == SCL_OK)
        return SCL_OK;
    free(phase->ms);
    phase->ms = NULL;
    return say_unless_ended(rc, "a step cannot be measured, and its arithmetic is taken instead");
}
