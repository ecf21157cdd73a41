/* judge_loader.c - drivers that are registered: whether they load, and survive being asked. */
#include <stdio.h>
#include <string.h>

#include "doctor/judge_impl.h"

/* Which variable the file came from; "" when from the usual folder. */
static const char *variable_of(const struct scl_machine *m, const struct scl_icd *icd)
{
    if (strcmp(icd->file, "OCL_ICD_FILENAMES") == 0)
        return icd->file;
    return m->vendors_from;
}

/* apt-get does nothing for a package that it has, unless told to. */
static void install_again(char *line, size_t size)
{
    static const char install[] = "apt-get install ", again[] = "--reinstall ";
    char *const at = strstr(line, install);
    char rest[SCL_MEND_BYTES];

    if (!at)
        return;
    snprintf(rest, sizeof rest, "%s", at + strlen(install));
    snprintf(at + strlen(install), size - (size_t)(at - line) - strlen(install), "%s%s", again,
             rest);
}

/* Its package once more, where the library's name tells it; else the file out of the way. */
static void mend_icd(char *out, size_t size, const struct scl_machine *m, const struct scl_icd *icd)
{
    const struct scl_known_library *known = scl_known_library(icd->library);
    char line[SCL_MEND_BYTES];

    if (*variable_of(m, icd)) {
        snprintf(out, size, "unset %s", variable_of(m, icd));
        return;
    }
    for (enum scl_for what = 0; known && what < SCL_N_FOR; what++)
        if (known->purposes & 1u << what) {
            scl_install_line(line, sizeof line, m, what);
            install_again(line, sizeof line);
            snprintf(out, size, "%s\nor, if you do not want it: sudo mv %s %s.off", line, icd->file,
                     icd->file);
            return;
        }
    snprintf(out, size, "sudo mv %s %s.off", icd->file, icd->file);
}

static void judge_icd(struct scl_findings *f, const struct scl_machine *m,
                      const struct scl_icd *icd)
{
    const struct scl_known_library *known = scl_known_library(icd->library);
    const char *const said = icd->trial.said;
    char mend[2 * SCL_MEND_BYTES];

    if (icd->library[0] && !icd->trial.words[0]) {
        scl_finding_add(f, SCL_FINE, "icd", "", "%s: %s (%s) loads", icd->file,
                        known ? known->name : "a driver", icd->library);
        return;
    }
    mend_icd(mend, sizeof mend, m, icd);
    if (!icd->library[0])
        scl_finding_add(f, SCL_WARNING, "icd", mend, "%s: is empty, and should name a library",
                        icd->file);
    else if (strcmp(icd->trial.step, "dlopen") == 0)
        scl_finding_add(f, SCL_PROBLEM, "icd", mend, "%s: its library cannot be loaded: %s",
                        icd->file, icd->trial.words);
    else
        scl_finding_add(f, SCL_PROBLEM, "icd", mend, "%s: %s, asked for its platforms: %s%s%s",
                        icd->file, icd->library, icd->trial.words, *said ? "; it said: " : "",
                        said);
}

static void judge_vendors(struct scl_findings *f, const struct scl_machine *m)
{
    char mend[64];

    if (!m->vendors_from[0])
        return;
    snprintf(mend, sizeof mend, "unset %s", m->vendors_from);
    if (m->n_icd == 0)
        scl_finding_add(f, SCL_PROBLEM, "loader", mend, "%s=%s: %s", m->vendors_from, m->vendors,
                        m->has_vendors ? "no driver is registered there"
                                       : "there is nothing of that name");
    else
        scl_finding_add(f, SCL_FINE, "loader", "", "%s=%s: other drivers are not looked for",
                        m->vendors_from, m->vendors);
}

/* Two drivers of the same processor: each is a device of its own, and one GPU is then two. */
static void judge_twins(struct scl_findings *f, const struct scl_machine *m)
{
    for (int i = 0; i < m->opencl.n_device; i++)
        for (int k = 0; k < i; k++) {
            const struct scl_probed_device *a = &m->opencl.device[k], *b = &m->opencl.device[i];
            char key_a[SCL_KEY_BYTES], key_b[SCL_KEY_BYTES];
            char mend[2 * SCL_KEY_BYTES];

            if (a->facts.is_cpu != b->facts.is_cpu ||
                (a->facts.is_cpu ? strcmp(a->facts.platform, b->facts.platform) == 0 &&
                                       strcmp(a->facts.driver, b->facts.driver) == 0
                                 : !a->pci[0] || strcmp(a->pci, b->pci) != 0))
                continue;
            scl_device_key_numbered(key_a, sizeof key_a, &m->opencl.device[0].facts, sizeof *a, k);
            scl_device_key_numbered(key_b, sizeof key_b, &m->opencl.device[0].facts, sizeof *b, i);
            snprintf(mend, sizeof mend, "--device %s", key_a);
            scl_finding_add(f, SCL_WARNING, "twins", mend,
                            "%s and %s are the same %s%s%s through two drivers: use one at a time",
                            key_a, key_b, a->facts.is_cpu ? "processor" : "GPU",
                            a->pci[0] ? " at " : "", a->pci);
        }
}

void scl_judge_loader(struct scl_findings *f, const struct scl_machine *m)
{
    const struct scl_trial *trial = &m->opencl.trial;
    bool is_named = false; /* the driver that does not survive */

    judge_vendors(f, m);
    for (int i = 0; i < m->n_icd; i++) {
        judge_icd(f, m, &m->icd[i]);
        is_named |= m->icd[i].trial.is_lost;
    }
    if (trial->words[0] && !is_named)
        scl_finding_add(f, SCL_PROBLEM, "loader",
                        "for i in /etc/OpenCL/vendors/*.icd; do echo $i; "
                        "OCL_ICD_VENDORS=$i scorecl doctor | tail -1; done",
                        "asking all drivers for their devices: %s%s%s", trial->words,
                        trial->said[0] ? "; a driver said: " : "", trial->said);
    judge_twins(f, m);
}
