/* findings.h - what doctor says: one line of what was found, and the lines that mend it.
 *
 *     struct scl_findings f = { .is_root = true };
 *
 *     scl_finding_add(&f, SCL_PROBLEM, "icd", "sudo rm a.icd", "%s names no library", path);
 *     for (int i = 0; i < f.n; i++)
 *         puts(f.finding[i].found);
 *     scl_findings_fini(&f);
 *
 * Running out of memory is kept in `failed` and asked for once, at the end.
 */
#ifndef SCL_DOCTOR_FINDINGS_H
#define SCL_DOCTOR_FINDINGS_H

#include <stdbool.h>

#include "base/arena.h"

/* A problem keeps a device from being used; a warning does not, but may cost time or trust. */
enum scl_severity { SCL_FINE, SCL_WARNING, SCL_PROBLEM };

struct scl_finding {
    enum scl_severity severity;
    const char *check; /* which check found it: "icd", "gpu", "device" ...; for programs */
    const char *found;
    const char *mend; /* lines between '\n'; "" when there is nothing to mend */
};

struct scl_findings {
    struct scl_arena arena;
    struct scl_finding *finding;
    int n, room;
    bool failed;
    bool is_root; /* the words "sudo " are left out: in containers there often is none */
};

/* `mend` and the formatted text are copied. */
void scl_finding_add(struct scl_findings *f, enum scl_severity severity, const char *check,
                     const char *mend, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

int scl_findings_count(const struct scl_findings *f, enum scl_severity severity);

/* "ok", "warning", "problem". */
const char *scl_severity_text(enum scl_severity severity);

void scl_findings_fini(struct scl_findings *f);

#endif
