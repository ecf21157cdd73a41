/* judge_device.c - each device: fit or unfit, and why; how large a network it takes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/known_driver.h"
#include "base/status.h"
#include "doctor/judge_impl.h"

static double version_of(const struct scl_facts *facts)
{
    return strncmp(facts->version, "OpenCL ", 7) == 0 ? strtod(facts->version + 7, NULL) : 0;
}

/* What to do about a device that its driver cannot run. */
static void mend_driver(char *out, size_t size, const struct scl_machine *m,
                        const struct scl_facts *facts)
{
    if (facts->is_cpu)
        scl_install_line(out, size, m, SCL_FOR_CPU);
    else
        snprintf(out, size, "another driver for it, or --device with the key of another device");
}

const char *scl_unfit_words(const struct scl_probed_device *d)
{
    return !d->is_available              ? "its driver says that it is not available"
           : !d->has_compiler            ? "its driver has no compiler"
           : !d->is_little_endian        ? "it is big-endian"
           : d->address_bits == 32       ? "its address space has 32 bits, and 64 are wanted"
           : !d->is_full_profile         ? "it has the embedded profile of OpenCL only"
           : version_of(&d->facts) < 1.2 ? "OpenCL 1.2 is wanted"
                                         : NULL;
}

static bool judge_features(struct scl_findings *f, const struct scl_machine *m,
                           const struct scl_probed_device *d, const char *key)
{
    const char *const why = scl_unfit_words(d);
    char mend[SCL_MEND_BYTES];

    if (!why)
        return true;
    mend_driver(mend, sizeof mend, m, &d->facts);
    scl_finding_add(f, SCL_PROBLEM, "device", mend, "%s (%s; %s): unfit: %s", key, d->facts.name,
                    d->facts.version, why);
    return false;
}

static bool judge_trial(struct scl_findings *f, const struct scl_machine *m,
                        const struct scl_probed_device *d, const char *key)
{
    const struct scl_trial *trial = &d->trial;
    char mend[SCL_MEND_BYTES];

    if (!trial->words[0])
        return true;
    mend_driver(mend, sizeof mend, m, &d->facts);
    scl_finding_add(f, SCL_PROBLEM, "device", mend, "%s (%s): unfit: %s: %s%s%s", key,
                    d->facts.name, trial->step, trial->words,
                    trial->said[0] ? "; the driver said: " : "", trial->said);
    return false;
}

/* A small card still trains small networks. */
static void judge_memory(struct scl_findings *f, const struct scl_probed_device *d,
                         const struct scl_need *large, const char *key)
{
    const double have = (double)d->facts.global_bytes / 0x1p20;
    char mend[64];

    if (large->batch == 256 && !large->words[0])
        return;
    snprintf(mend, sizeof mend, "--set train.batch=%d", large->batch);
    scl_finding_add(f, SCL_WARNING, "memory", large->words[0] ? "--set encoder.width=16" : mend,
                    "%s: %.0f MiB of memory are too little for ResNet-18 with a batch of 256", key,
                    have);
}

static int judge_known(struct scl_findings *f, const struct scl_probed_device *d, const char *key)
{
    struct scl_known_driver known[SCL_MAX_KNOWN];
    int n = 0;
    const int rc = scl_known_driver_find(known, &n, &d->facts);

    for (int i = 0; rc == SCL_OK && i < n; i++)
        scl_finding_add(f, SCL_WARNING, "driver", known[i].mend, "%s (%s): %s", key,
                        d->facts.driver, known[i].what);
    return rc;
}

static int say_fit(struct scl_findings *f, const struct scl_probed_device *d,
                   const struct scl_need *small, const char *key)
{
    struct scl_profile *profile = NULL;
    const int rc = scl_profile_open(&profile, &d->facts);
    const char *name;

    if (rc < 0)
        return rc;
    name = scl_profile_name(profile);
    scl_finding_add(f, SCL_FINE, "device", "",
                    "%s (%s, driver %s): builds, runs and computes; profile %s%s; %.0f of %.0f MiB "
                    "for the quickstart",
                    key, d->facts.name, d->facts.driver, name,
                    strncmp(name, "generic", 7) == 0 ? ", as none knows it" : "", small->mib,
                    (double)d->facts.global_bytes / 0x1p20);
    scl_profile_close(profile);
    return SCL_OK;
}

static void judge_watchdog(struct scl_findings *f, const struct scl_probed_device *d,
                           const char *key)
{
    if (d->has_watchdog)
        scl_finding_add(f, SCL_WARNING, "device",
                        "a smaller train.batch, or a start without a display: sudo systemctl "
                        "isolate multi-user.target",
                        "%s: a display hangs on it, and its driver ends kernels that take seconds",
                        key);
}

/* One that our kernels run on: whether they fit, and how large a network does. */
static int judge_size(bool *fits, struct scl_findings *f, const struct scl_probed_device *d,
                      const char *key)
{
    struct scl_need small, large;
    int rc;

    SCL_TRY(scl_need_quickstart(&small, &d->facts));
    *fits = !small.words[0];
    if (!*fits) {
        scl_finding_add(f, SCL_PROBLEM, "device", "--device with the key of another device",
                        "%s (%s): unfit: the quickstart does not fit: %s", key, d->facts.name,
                        small.words);
        goto out;
    }
    SCL_TRY(say_fit(f, d, &small, key));
    SCL_TRY(scl_need_resnet18(&large, &d->facts));
    judge_memory(f, d, &large, key);
out:
    return rc;
}

static bool is_better(const struct scl_facts *a, const struct scl_facts *b)
{
    if (a->is_cpu != b->is_cpu)
        return b->is_cpu;
    return a->compute_units > b->compute_units;
}

int scl_judge_devices(struct scl_diagnosis *v, const struct scl_machine *m)
{
    struct scl_findings *f = &v->findings;
    const struct scl_probed_device *best = NULL, *d = m->opencl.device;
    int rc = SCL_OK;

    for (int i = 0; i < m->opencl.n_device; i++, d++) {
        char key[SCL_KEY_BYTES];
        bool fits;

        scl_device_key_numbered(key, sizeof key, &m->opencl.device->facts, sizeof *d, i);
        fits = judge_features(f, m, d, key) && judge_trial(f, m, d, key);
        if (fits)
            SCL_TRY(judge_size(&fits, f, d, key));
        if (fits) {
            v->n_usable++;
            if (!best || is_better(&d->facts, &best->facts)) {
                best = d;
                snprintf(v->best, sizeof v->best, "%s", key);
            }
        }
        judge_watchdog(f, d, key);
        SCL_TRY(judge_known(f, d, key));
    }
out:
    return rc;
}
