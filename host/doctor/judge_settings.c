/* judge_settings.c - the kernel cache and our own environment variables. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "doctor/judge_impl.h"

static void judge_cache(struct scl_findings *f, const struct scl_machine *m)
{
    const char *const set = scl_machine_variable(m, "SCL_CACHE_DIR");
    const double mib = (double)m->cache_bytes / 0x1p20;
    const double left = (double)m->cache_free_bytes / 0x1p20;
    char mend[1024];

    if (!m->cache[0]) {
        scl_finding_add(f, SCL_WARNING, "cache",
                        set ? "unset SCL_CACHE_DIR" : "export SCL_CACHE_DIR=/var/tmp/scorecl",
                        "kernels are compiled anew at each start: %s",
                        set ? "SCL_CACHE_DIR is empty" : "HOME is not set");
    } else if (m->cache_error) {
        snprintf(mend, sizeof mend, "export SCL_CACHE_DIR=/var/tmp/scorecl-%s", m->user);
        scl_finding_add(f, SCL_WARNING, "cache", mend,
                        "kernels are compiled anew at each start: %s cannot be written: %s",
                        m->cache, strerror(m->cache_error));
    } else if (left < 256) {
        snprintf(mend, sizeof mend, "rm -r %s", m->cache);
        scl_finding_add(f, SCL_WARNING, "cache", mend,
                        "the disk of the kernel cache %s is nearly full: %.0f MiB are left",
                        m->cache, left);
    } else {
        scl_finding_add(f, SCL_FINE, "cache", "", "kernel cache %s: %.1f MiB, %.1f GiB are left",
                        m->cache, mib, left / 1024);
    }
}

static void judge_source(struct scl_findings *f, const struct scl_machine *m)
{
    const char *const source = scl_machine_variable(m, "SCL_SOURCE_DIR");
    char path[2048];

    if (!source || !*source)
        return;
    snprintf(path, sizeof path, "%s%s/cl_kernels/common.clh", m->root, source);
    if (scl_path_kind(path) == SCL_PATH_FILE)
        scl_finding_add(f, SCL_WARNING, "settings", "unset SCL_SOURCE_DIR",
                        "SCL_SOURCE_DIR=%s: kernels and profiles come from there, and not from the "
                        "program",
                        source);
    else
        scl_finding_add(f, SCL_PROBLEM, "settings", "unset SCL_SOURCE_DIR",
                        "SCL_SOURCE_DIR=%s: there is no cl_kernels/common.clh in it", source);
}

/* SCL_CHACHE_DIR would be as good as nothing. */
static void judge_unknown(struct scl_findings *f, const struct scl_machine *m)
{
    for (char *const *e = m->env; *e; e++) {
        char name[128], mend[160];

        if (strncmp(*e, "SCL_", 4) != 0)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(*e, "="), *e);
        if (strcmp(name, "SCL_CACHE_DIR") == 0 || strcmp(name, "SCL_CONFIG_DIR") == 0 ||
            strcmp(name, "SCL_SOURCE_DIR") == 0 || strcmp(name, "SCL_COMPILERS") == 0)
            continue;
        snprintf(mend, sizeof mend, "unset %s", name);
        scl_finding_add(f, SCL_WARNING, "settings", mend,
                        "%s: nothing reads it; there are SCL_CACHE_DIR, SCL_CONFIG_DIR, "
                        "SCL_SOURCE_DIR and SCL_COMPILERS",
                        name);
    }
}

/* It is put behind the options of every GEMM, and is no part of what its results are kept by. */
static void judge_clblast(struct scl_findings *f, const struct scl_machine *m)
{
    const char *const options = scl_machine_variable(m, "CLBLAST_BUILD_OPTIONS");

    if (options)
        scl_finding_add(f, SCL_WARNING, "settings", "unset CLBLAST_BUILD_OPTIONS",
                        "CLBLAST_BUILD_OPTIONS=%s: dense products are built otherwise than tested",
                        options);
}

void scl_judge_settings(struct scl_findings *f, const struct scl_machine *m)
{
    judge_cache(f, m);
    judge_source(f, m);
    judge_unknown(f, m);
    judge_clblast(f, m);
}
