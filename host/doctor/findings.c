/* findings.c - a growing list of lines. */
#include "doctor/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A copy, without the words "sudo " where there is no need of them. */
static const char *copy_mend(struct scl_findings *f, const char *mend)
{
    const size_t sudo = strlen("sudo ");
    char *copy = scl_arena_copy(&f->arena, mend, strlen(mend) + 1);

    for (char *at = copy; f->is_root && at && (at = strstr(at, "sudo "));)
        memmove(at, at + sudo, strlen(at + sudo) + 1);
    return copy;
}

static bool grow(struct scl_findings *f)
{
    const int room = f->room ? 2 * f->room : 16;
    struct scl_finding *grown;

    if (f->n < f->room)
        return true;
    if (!(grown = realloc(f->finding, (size_t)room * sizeof *grown)))
        return false;
    f->finding = grown;
    f->room = room;
    return true;
}

void scl_finding_add(struct scl_findings *f, enum scl_severity severity, const char *check,
                     const char *mend, const char *format, ...)
{
    struct scl_finding finding = { .severity = severity, .check = check };
    char text[2048];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    finding.found = scl_arena_text(&f->arena, "%s", text);
    finding.mend = copy_mend(f, mend);
    if (!finding.found || !finding.mend || !grow(f)) {
        f->failed = true;
        return;
    }
    f->finding[f->n++] = finding;
}

int scl_findings_count(const struct scl_findings *f, enum scl_severity severity)
{
    int n = 0;

    for (int i = 0; i < f->n; i++)
        n += f->finding[i].severity == severity;
    return n;
}

const char *scl_severity_text(enum scl_severity severity)
{
    static const char *const text[] = { "ok", "warning", "problem" };

    return text[severity];
}

void scl_findings_fini(struct scl_findings *f)
{
    free(f->finding);
    scl_arena_fini(&f->arena);
    *f = (struct scl_findings){ 0 };
}
