/* judge.c - the judges in their order. */
#include "doctor/judge.h"

#include <string.h>

#include "base/status.h"
#include "doctor/judge_impl.h"

static bool find_driver(const struct scl_machine *m, enum scl_for what, bool is_broken)
{
    for (int i = 0; i < m->n_icd; i++) {
        const struct scl_known_library *known = scl_known_library(m->icd[i].library);

        if (known && known->purposes & 1u << what && is_broken == (m->icd[i].trial.words[0] != 0))
            return true;
    }
    return false;
}

bool scl_has_driver(const struct scl_machine *m, enum scl_for what)
{
    return find_driver(m, what, false);
}

bool scl_has_broken_driver(const struct scl_machine *m, enum scl_for what)
{
    return find_driver(m, what, true);
}

bool scl_has_device(const struct scl_machine *m, bool is_cpu)
{
    for (int i = 0; i < m->opencl.n_device; i++)
        if (m->opencl.device[i].facts.is_cpu == is_cpu)
            return true;
    return false;
}

int scl_doctor_judge(struct scl_diagnosis *out, const struct scl_machine *m)
{
    struct scl_findings *f = &out->findings;
    int rc;

    memset(out, 0, sizeof *out);
    f->is_root = m->is_root;
    scl_judge_loader(f, m);
    if (m->n_icd > 0 || !m->vendors_from[0]) { /* else the drivers may be where nobody looks */
        scl_judge_nodes(f, m);
        scl_judge_gpus(f, m);
        scl_judge_cpu(f, m);
    }
    SCL_TRY(scl_judge_devices(out, m));
    scl_judge_settings(f, m);
    if (f->failed)
        rc = scl_fail(SCL_NOMEM, "out of memory for findings");
out:
    if (rc < 0)
        scl_diagnosis_fini(out);
    return rc;
}

void scl_diagnosis_fini(struct scl_diagnosis *diagnosis)
{
    scl_findings_fini(&diagnosis->findings);
}
