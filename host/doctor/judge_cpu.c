/* judge_cpu.c - the processor as a device, and machines without a GPU. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/judge_impl.h"

static const struct scl_probed_device *find_pocl(const struct scl_machine *m)
{
    for (int i = 0; i < m->opencl.n_device; i++)
        if (strncmp(m->opencl.device[i].facts.platform, "Portable Computing Language", 27) == 0 &&
            m->opencl.device[i].facts.is_cpu)
            return &m->opencl.device[i];
    return NULL;
}

static bool has_pocl(const struct scl_machine *m)
{
    for (int i = 0; i < m->n_icd; i++)
        if (strstr(m->icd[i].library, "pocl") && !m->icd[i].trial.words[0])
            return true;
    return false;
}

/* Windows shows Linux its GPUs through /dev/dxg, and only Intel's OpenCL driver knows that. */
static void judge_wsl(struct scl_findings *f, const struct scl_machine *m)
{
    char mend[SCL_MEND_BYTES];

    if (!m->is_wsl || scl_has_device(m, false))
        return;
    if (!m->has_dxg) {
        scl_finding_add(f, SCL_WARNING, "wsl",
                        "wsl.exe --update   # in Windows, then wsl --shutdown",
                        "WSL: there is no /dev/dxg, so Windows shows it no GPU");
        return;
    }
    scl_install_line(mend, sizeof mend, m, SCL_FOR_INTEL);
    scl_finding_add(f, SCL_WARNING, "wsl", mend,
                    "WSL: of GPUs, OpenCL reaches only Intel's from here; AMD's and NVIDIA's want "
                    "Linux itself, and the processor always works");
}

static void judge_no_device(struct scl_findings *f, const struct scl_machine *m)
{
    const char *const devices = scl_machine_variable(m, "POCL_DEVICES");
    char mend[SCL_MEND_BYTES];

    if (has_pocl(m) && devices) {
        scl_finding_add(f, SCL_PROBLEM, "cpu", "unset POCL_DEVICES",
                        "POCL_DEVICES=%s: PoCL shows no device of that kind", devices);
        return;
    }
    if (scl_has_driver(m, SCL_FOR_CPU)) {
        scl_install_line(mend, sizeof mend, m, SCL_FOR_CPU);
        scl_finding_add(f, SCL_PROBLEM, "cpu", mend,
                        "processor: its OpenCL driver is registered, and shows no device");
        return;
    }
    if (scl_has_broken_driver(m, SCL_FOR_CPU))
        return;
    scl_install_line(mend, sizeof mend, m, SCL_FOR_CPU);
    scl_finding_add(f, SCL_PROBLEM, "cpu", mend,
                    "processor: PoCL, its OpenCL driver, is not registered; with it, all runs "
                    "without a GPU, slower");
}

static void judge_threads(struct scl_findings *f, const struct scl_machine *m,
                          const struct scl_probed_device *pocl)
{
    static const char *const names[] = { "POCL_MAX_PTHREAD_COUNT", "POCL_CPU_MAX_CU_COUNT" };
    const int units = pocl->facts.compute_units;
    char mend[64];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = scl_machine_variable(m, names[i]);

        snprintf(mend, sizeof mend, "unset %s", names[i]);
        if (value && units < m->n_cpu && !(m->cpu_limit > 0 && m->cpu_limit < m->n_cpu))
            scl_finding_add(f, SCL_WARNING, "cpu", mend, "%s=%s: PoCL uses %d of %d processors",
                            names[i], value, units, m->n_cpu);
    }
    snprintf(mend, sizeof mend, "export POCL_MAX_PTHREAD_COUNT=%d",
             m->cpu_limit < 1 ? 1 : (int)m->cpu_limit);
    if (m->cpu_limit > 0 && m->cpu_limit + 0.5 < units)
        scl_finding_add(f, SCL_WARNING, "cpu", mend,
                        "the control group allows the time of %.1f processors, and PoCL starts %d "
                        "threads, which then wait for one another",
                        m->cpu_limit, units);
}

static void judge_pocl_settings(struct scl_findings *f, const struct scl_machine *m,
                                const struct scl_probed_device *pocl)
{
    static const char *const names[] = { "POCL_MAX_WORK_GROUP_SIZE", "POCL_MEMORY_LIMIT",
                                         "POCL_EXTRA_BUILD_FLAGS", "POCL_WORK_GROUP_METHOD" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = scl_machine_variable(m, names[i]);
        char mend[64];

        snprintf(mend, sizeof mend, "unset %s", names[i]);
        if (value)
            scl_finding_add(f, SCL_WARNING, "cpu", mend,
                            "%s=%s changes what PoCL can do: groups of %zu items, %.1f GiB of "
                            "memory",
                            names[i], value, pocl->facts.max_group,
                            (double)pocl->facts.global_bytes / 0x1p30);
    }
}

void scl_judge_cpu(struct scl_findings *f, const struct scl_machine *m)
{
    const struct scl_probed_device *pocl = find_pocl(m);

    judge_wsl(f, m);
    if (m->opencl.n_device == 0)
        judge_no_device(f, m);
    if (pocl) {
        judge_threads(f, m, pocl);
        judge_pocl_settings(f, m, pocl);
    }
}
