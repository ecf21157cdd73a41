/* run.c - a folder that one process at a time works in. */
#include "report/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/facts_file.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/progress.h"
#include "base/status.h"
#include "report/lines.h"
#include "report/run_impl.h"

struct scl_run {
    char *folder;
    struct scl_lock lock;
    struct scl_lines log;
    bool is_resumed, quiet;
};

char *scl_run_path(const struct scl_run *run, const char *name)
{
    return scl_path_join(run->folder, name);
}

/* The folders, without what a process that was killed while it wrote has left in them. */
static int make_folders(const struct scl_run *run)
{
    char *inner = scl_run_path(run, "checkpoints");
    const int rc = inner ? scl_folder_make(inner) : SCL_NOMEM;

    if (rc == SCL_OK) {
        scl_folder_sweep(run->folder);
        scl_folder_sweep(inner);
    }
    free(inner);
    return rc;
}

static bool has(const struct scl_folder *folder, const char *name)
{
    for (size_t i = 0; i < folder->n; i++)
        if (strcmp(folder->entry[i].name, name) == 0)
            return true;
    return false;
}

/* A folder without a configuration is empty, or was left by a run that got no further than
 * its lock. Somebody's folder of other things gets no file of ours. */
static int check_folder(const struct scl_run *run)
{
    struct scl_folder folder = { 0 };
    int rc;

    SCL_TRY(scl_folder_load(&folder, run->folder));
    for (size_t i = 0; i < folder.n && !has(&folder, "config.yaml"); i++) {
        const char *name = folder.entry[i].name;

        if (strcmp(name, "lock") == 0 || strncmp(name, "config.yaml.tmp-", 16) == 0)
            continue;
        rc = scl_fail(SCL_USAGE, "%s: is no run folder: it has no config.yaml, but %s", run->folder,
                      name);
        goto out;
    }
out:
    scl_folder_fini(&folder);
    return rc;
}

static int settle_config(struct scl_run *run, const struct scl_config *config, bool may_exist)
{
    char *path = scl_run_path(run, "config.yaml");
    struct scl_config before;
    int rc = SCL_NOMEM;

    if (!path)
        return rc;
    run->is_resumed = scl_path_kind(path) != SCL_PATH_NONE;
    if (!run->is_resumed) {
        SCL_TRY(scl_config_save(config, path));
    } else if (!may_exist) {
        rc = scl_fail(SCL_USAGE, "%s: there is a run of this name already", run->folder);
    } else {
        SCL_TRY(scl_config_load(&before, path, 0, NULL));
        SCL_TRY(scl_run_check_config(run->folder, &before, config));
        if (scl_config_diff(&before, config, NULL, NULL) != 0)
            SCL_TRY(scl_config_save(config, path));
        rc = SCL_OK;
    }
out:
    free(path);
    return rc;
}

/* Malloc'd; NULL without memory. */
static char *device_text(const struct scl_facts *f, const struct scl_profile *profile)
{
    char *text = NULL, key[320];
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        return NULL;
    scl_device_key(key, sizeof key, f);
    fprintf(out, "# The device that this run was last on.\n");
    scl_facts_print(f, out);
    fprintf(out, "profile   %s\nfamilies  %s\nkey       %s\n", scl_profile_name(profile),
            scl_profile_families(profile), key);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

/* Whether device.txt tells of this device. Its memory is left out: PoCL reports what happens to be
 * free at the start, memory_bytes may say otherwise, and no bit depends on it. */
static bool is_same_device(const char *path, const struct scl_facts *facts,
                           const struct scl_profile *profile)
{
    char *text = NULL, *before_text = NULL;
    struct scl_facts before;
    bool same = false;

    if (scl_facts_load(&before, path) == SCL_OK) {
        before.global_bytes = facts->global_bytes;
        before.max_alloc_bytes = facts->max_alloc_bytes;
        text = device_text(facts, profile);
        before_text = device_text(&before, profile);
        same = text && before_text && strcmp(text, before_text) == 0;
    }
    free(before_text);
    free(text);
    return same;
}

static int settle_device(struct scl_run *run, const struct scl_facts *facts,
                         const struct scl_profile *profile)
{
    char *path = scl_run_path(run, "device.txt"), *text = device_text(facts, profile);
    int rc;

    if (!path || !text) {
        rc = scl_fail(SCL_NOMEM, "out of memory for a run folder");
        goto out;
    }
    if (scl_path_kind(path) == SCL_PATH_FILE && !is_same_device(path, facts, profile))
        SCL_TRY(scl_run_log(run, "the device or its driver is another than before (device.txt): "
                                 "from here on the bits of this run do not repeat"));
    rc = scl_file_write(path, text, strlen(text));
out:
    free(text);
    free(path);
    return rc;
}

static int open_log(struct scl_run *run)
{
    char *path = scl_run_path(run, "log.txt");
    const int rc = path ? scl_lines_open(&run->log, path) : SCL_NOMEM;

    free(path);
    return rc;
}

int scl_run_open(struct scl_run **out, const struct scl_config *config,
                 const struct scl_facts *facts, const struct scl_profile *profile, bool may_exist)
{
    struct scl_run *run = calloc(1, sizeof *run);
    int rc;

    *out = NULL;
    if (!run)
        return scl_fail(SCL_NOMEM, "out of memory for a run folder");
    scl_lock_init(&run->lock);
    if (!(run->folder = scl_path_join(config->runs, config->name))) {
        rc = SCL_NOMEM;
        goto out;
    }
    SCL_TRY(scl_folder_make(run->folder));
    SCL_TRY(check_folder(run));
    SCL_TRY(scl_lock_open(&run->lock, run->folder));
    SCL_TRY(settle_config(run, config, may_exist));
    SCL_TRY(make_folders(run));
    SCL_TRY(open_log(run));
    SCL_TRY(settle_device(run, facts, profile));
    *out = run;
    run = NULL;
out:
    scl_run_close(run);
    return rc;
}

void scl_run_close(struct scl_run *run)
{
    if (!run)
        return;
    scl_lines_close(&run->log);
    scl_lock_close(&run->lock);
    free(run->folder);
    free(run);
}

bool scl_run_is_resumed(const struct scl_run *run)
{
    return run->is_resumed;
}

const char *scl_run_folder(const struct scl_run *run)
{
    return run->folder;
}

void scl_run_set_quiet(struct scl_run *run, bool quiet)
{
    run->quiet = quiet;
}

int scl_run_log(struct scl_run *run, const char *format, ...)
{
    char line[SCL_ERROR_BYTES + 64], time[SCL_TIME_BYTES];
    const int n = snprintf(line, sizeof line, "%s ", scl_clock_time(time));
    va_list args;

    va_start(args, format);
    vsnprintf(line + n, sizeof line - (size_t)n, format, args);
    va_end(args);
    if (!run->quiet)
        scl_progress_say(line + n);
    return scl_lines_push(&run->log, line);
}

static int save_plans(const struct scl_run *run, int n, const char *const title[],
                      const struct scl_plan *const plan[])
{
    char *path = scl_run_path(run, "plan.txt"), *text = NULL;
    size_t size = 0;
    FILE *out = path ? open_memstream(&text, &size) : NULL;
    int rc;

    if (!out) {
        rc = scl_fail(SCL_NOMEM, "out of memory for a plan's text");
        goto out;
    }
    for (int i = 0; i < n; i++) {
        fprintf(out, "%s# %s\n", i ? "\n" : "", title[i]);
        scl_plan_print(plan[i], out);
    }
    rc = fclose(out) == 0 ? scl_file_write(path, text, size)
                          : scl_fail(SCL_NOMEM, "out of memory for a plan's text");
out:
    free(text);
    free(path);
    return rc;
}

static int save_tuning(const struct scl_run *run, int n, const struct scl_plan *const plan[])
{
    char *path = scl_run_path(run, "tuning.txt");
    struct scl_decisions record = { 0 };
    int rc = SCL_NOMEM;

    if (!path)
        goto out;
    for (int i = 0; i < n; i++)
        SCL_TRY(scl_plan_record(&record, plan[i]));
    rc = scl_decisions_save(&record, path);
out:
    scl_decisions_fini(&record);
    free(path);
    return rc;
}

int scl_run_save_plans(struct scl_run *run, int n, const char *const title[],
                       const struct scl_plan *const plan[])
{
    const int rc = save_tuning(run, n, plan);

    return rc < 0 ? rc : save_plans(run, n, title, plan);
}

int scl_run_load_tuning(const struct scl_tuning **out, struct scl_tuning **record,
                        const struct scl_config *config, const struct scl_facts *facts,
                        const struct scl_profile *profile, const struct scl_tuning *fresh)
{
    char *folder = scl_path_join(config->runs, config->name);
    char *path = folder ? scl_path_join(folder, "tuning.txt") : NULL;
    char *plans = folder ? scl_path_join(folder, "plan.txt") : NULL;
    int rc = SCL_NOMEM;

    *out = fresh;
    *record = NULL;
    if (!path || !plans)
        goto out;
    rc = SCL_OK;
    if (scl_path_kind(path) != SCL_PATH_NONE) {
        SCL_TRY(scl_tuning_open_record(record, path, facts, profile));
        *out = *record ? *record : fresh;
    } else if (scl_path_kind(plans) != SCL_PATH_NONE) {
        *out = NULL;
    }
out:
    free(plans);
    free(path);
    free(folder);
    return rc;
}
