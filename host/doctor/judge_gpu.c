/* judge_gpu.c - GPUs on the bus, and why OpenCL has no device for one. */
#define _GNU_SOURCE /* FNM_CASEFOLD */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "doctor/judge_impl.h"

static const struct vendor {
    unsigned id;
    enum scl_for purpose;
    const char *name, *glob;     /* of a device's vendor, as OpenCL says it */
    const char *module;          /* of the kernel */
    const char *rusticl;         /* its drivers' names in RUSTICL_ENABLE */
    const char *hiding[3];       /* variables that hide its devices */
    const char *firmware_debian; /* what the module wants beside itself */
} vendors[] = {
    { 0x1002,
      SCL_FOR_AMD,
      "AMD",
      "*AMD*|Advanced Micro*",
      "amdgpu",
      "radeonsi",
      { "ROCR_VISIBLE_DEVICES", "GPU_DEVICE_ORDINAL", NULL },
      "firmware-amd-graphics" },
    { 0x8086, SCL_FOR_INTEL, "Intel", "Intel*", "i915", "iris", { NULL }, "firmware-misc-nonfree" },
    { 0x10de,
      SCL_FOR_NVIDIA,
      "NVIDIA",
      "NVIDIA*",
      "nvidia",
      "",
      { "CUDA_VISIBLE_DEVICES", NULL },
      NULL },
};

struct patient {
    const struct scl_machine *m;
    const struct scl_gpu *gpu;
    const struct vendor *vendor;
    enum scl_severity severity; /* of its absence */
    char name[128];
};

static bool is_of(const struct vendor *v, const char *text)
{
    char glob[64], *rest = glob, *one;

    snprintf(glob, sizeof glob, "%s", v->glob);
    while ((one = strsep(&rest, "|")))
        if (fnmatch(one, text, FNM_CASEFOLD) == 0)
            return true;
    return false;
}

/* A device that is fit: Clover's, of OpenCL 1.1, is no reason to look no further. By its place
 * where the driver tells one, else by the vendor. */
static bool has_device(const struct patient *p)
{
    for (int i = 0; i < p->m->opencl.n_device; i++) {
        const struct scl_probed_device *d = &p->m->opencl.device[i];

        if (!scl_unfit_words(d) &&
            (d->pci[0] ? strcmp(d->pci, p->gpu->place) == 0
                       : !d->facts.is_cpu && is_of(p->vendor, d->facts.vendor)))
            return true;
    }
    return false;
}

static void say(struct scl_findings *f, const struct patient *p, const char *mend, const char *what)
{
    scl_finding_add(f, p->severity, "gpu", mend, "%s: %s", p->name, what);
}

static bool has_file(const struct patient *p, const char *prefix)
{
    for (int i = 0; i < p->m->n_node; i++)
        if (strncmp(p->m->node[i].path, prefix, strlen(prefix)) == 0)
            return true;
    return false;
}

static bool is_closed(const struct patient *p, const char *prefix)
{
    for (int i = 0; i < p->m->n_node; i++)
        if (strncmp(p->m->node[i].path, prefix, strlen(prefix)) == 0 && p->m->node[i].error)
            return true;
    return false;
}

/* ---- the kernel's side ------------------------------------------------------------------- */

static bool judge_module(struct scl_findings *f, const struct patient *p)
{
    const struct vendor *v = p->vendor;
    char mend[SCL_MEND_BYTES];

    if (strcmp(p->gpu->driver, "vfio-pci") == 0) {
        say(f, p, "take its id out of vfio-pci.ids= on the kernel's command line, and start again",
            "vfio-pci holds it for a virtual machine");
        return true;
    }
    if (v->purpose == SCL_FOR_NVIDIA || p->gpu->driver[0] || p->m->is_container)
        return false;
    snprintf(mend, sizeof mend, "sudo modprobe %s && sudo dmesg | grep %s%s%s", v->module,
             v->module,
             strcmp(p->m->id, "debian") == 0
                 ? "\nif that tells of missing firmware: sudo apt-get install "
                 : "",
             strcmp(p->m->id, "debian") == 0 ? v->firmware_debian : "");
    say(f, p, mend, "no driver of the kernel has it");
    return true;
}

static bool judge_files(struct scl_findings *f, const struct patient *p)
{
    const bool is_nvidia = p->vendor->purpose == SCL_FOR_NVIDIA;
    const char *const prefix = is_nvidia ? "/dev/nvidia" : "/dev/dri/";

    if (has_file(p, prefix))
        return false;
    if (p->m->is_container)
        say(f, p, is_nvidia ? "docker run --gpus all ..." : "docker run --device /dev/dri ...",
            "the container has no file of /dev that leads to it");
    else if (is_nvidia)
        say(f, p, "sudo modprobe -a nvidia nvidia-uvm", "there is no /dev/nvidia*");
    else
        say(f, p, "sudo dmesg | grep drm", "there is no /dev/dri/renderD*");
    return true;
}

/* ---- NVIDIA ------------------------------------------------------------------------------ */

#define WRITE_ICD                                                                                  \
    "sudo mkdir -p /etc/OpenCL/vendors && "                                                        \
    "echo libnvidia-opencl.so.1 | sudo tee /etc/OpenCL/vendors/nvidia.icd"

static bool lacks_compute(const struct scl_machine *m)
{
    const char *may = scl_machine_variable(m, "NVIDIA_DRIVER_CAPABILITIES");

    return may && !strstr(may, "compute") && !strstr(may, "all");
}

static bool judge_nvidia(struct scl_findings *f, const struct patient *p)
{
    const struct scl_machine *m = p->m;
    char mend[SCL_MEND_BYTES];

    if (!m->has_nvidia_module) {
        scl_install_line(mend, sizeof mend, m, SCL_FOR_NVIDIA);
        strncat(mend, "\nstart again", sizeof mend - strlen(mend) - 1);
        say(f, p, mend,
            strcmp(p->gpu->driver, "nouveau") == 0
                ? "the kernel drives it with nouveau, which OpenCL has no use for"
                : "NVIDIA's kernel module is not loaded");
        return true;
    }
    if (m->nvidia_library[0] && !scl_has_driver(m, SCL_FOR_NVIDIA) &&
        !scl_has_broken_driver(m, SCL_FOR_NVIDIA)) {
        say(f, p, WRITE_ICD, "its OpenCL driver is installed, and not registered");
        return true;
    }
    if (!m->nvidia_library[0] && lacks_compute(m)) {
        say(f, p, "docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=compute,utility ...",
            "NVIDIA_DRIVER_CAPABILITIES lacks compute, so the container has no OpenCL driver");
        return true;
    }
    return false;
}

/* ---- OpenCL's side ----------------------------------------------------------------------- */

static bool has_library(const struct scl_machine *m, const char *word)
{
    for (int i = 0; i < m->n_icd; i++)
        if (strstr(m->icd[i].library, word) && !m->icd[i].trial.words[0])
            return true;
    return false;
}

static bool judge_hidden(struct scl_findings *f, const struct patient *p)
{
    for (int i = 0; p->vendor->hiding[i]; i++) {
        const char *const name = p->vendor->hiding[i], *value = scl_machine_variable(p->m, name);
        char mend[64];

        if (!value)
            continue;
        snprintf(mend, sizeof mend, "unset %s", name);
        scl_finding_add(f, p->severity, "gpu", mend, "%s: %s=%s may hide it", p->name, name, value);
        return true;
    }
    return false;
}

#define ENABLE "echo export RUSTICL_ENABLE=%s >> ~/.profile; . ~/.profile"

/* What to install for it, and for Mesa what to set. */
static void write_install(char *out, size_t size, const struct patient *p)
{
    size_t n;

    scl_install_line(out, size, p->m, p->vendor->purpose);
    n = strlen(out);
    if (p->vendor->purpose == SCL_FOR_AMD)
        snprintf(out + n, size - n, "\n" ENABLE, p->vendor->rusticl);
}

/* A Mesa that brought Clover and no rusticl will not bring it when asked again. */
static void judge_missing(struct scl_findings *f, const struct patient *p)
{
    char mend[SCL_MEND_BYTES];

    if (p->vendor->purpose == SCL_FOR_AMD && has_library(p->m, "MesaOpenCL") &&
        !scl_has_newer_mesa(p->m)) {
        say(f, p,
            "a system with Mesa 23.1 or later and its rusticl,\n"
            "or AMD's own driver, ROCm: package rocm-opencl-runtime of https://rocm.docs.amd.com",
            "only Mesa's Clover is registered, which is OpenCL 1.1, and 1.2 is wanted");
        return;
    }
    write_install(mend, sizeof mend, p);
    say(f, p, mend, "no OpenCL driver for it is registered");
}

/* Intel's own driver is the better one where it can be had. */
static bool judge_disabled(struct scl_findings *f, const struct patient *p)
{
    const char *const enabled = scl_machine_variable(p->m, "RUSTICL_ENABLE");
    char mend[SCL_MEND_BYTES] = "";
    size_t n;

    if (!p->vendor->rusticl[0] || !has_library(p->m, "RusticlOpenCL") ||
        (enabled && strstr(enabled, p->vendor->rusticl)))
        return false;
    if (p->vendor->purpose == SCL_FOR_INTEL) {
        scl_install_line(mend, sizeof mend, p->m, SCL_FOR_INTEL);
        strncat(mend, "\nor, through Mesa: ", sizeof mend - strlen(mend) - 1);
    }
    n = strlen(mend);
    snprintf(mend + n, sizeof mend - n, ENABLE, p->vendor->rusticl);
    say(f, p, mend, "Mesa's rusticl shows it only when RUSTICL_ENABLE names its driver");
    return true;
}

/* All is there, and yet no device. */
static void judge_silent(struct scl_findings *f, const struct patient *p)
{
    char mend[SCL_MEND_BYTES];

    if (p->vendor->purpose != SCL_FOR_AMD) {
        snprintf(mend, sizeof mend, "sudo dmesg | grep -i %s", p->vendor->module);
        say(f, p, mend, "its OpenCL driver is registered and loads, but shows no device");
        return;
    }
    write_install(mend, sizeof mend, p);
    say(f, p, mend,
        has_library(p->m, "RusticlOpenCL")
            ? "RUSTICL_ENABLE is set, and rusticl shows no device: Mesa 23.1 or later is wanted"
            : "ROCm loads and shows no device: it may not know the card, and Mesa may");
}

static void judge_gpu(struct scl_findings *f, const struct patient *p)
{
    const bool is_nvidia = p->vendor->purpose == SCL_FOR_NVIDIA;

    if (has_device(p)) {
        scl_finding_add(f, SCL_FINE, "gpu", "", "%s: OpenCL shows it", p->name);
        return;
    }
    if (judge_module(f, p) || (is_nvidia && judge_nvidia(f, p)) || judge_files(f, p))
        return;
    if (!scl_has_driver(p->m, p->vendor->purpose)) {
        if (!scl_has_broken_driver(p->m, p->vendor->purpose))
            judge_missing(f, p);
        return;
    }
    if (judge_disabled(f, p) || is_closed(p, is_nvidia ? "/dev/nvidia" : "/dev/dri/"))
        return; /* judge_nodes() has said what is closed */
    if (!judge_hidden(f, p))
        judge_silent(f, p);
}

void scl_judge_gpus(struct scl_findings *f, const struct scl_machine *m)
{
    bool has_gpu = false;

    for (int i = 0; i < m->opencl.n_device; i++)
        has_gpu |= !m->opencl.device[i].facts.is_cpu && !scl_unfit_words(&m->opencl.device[i]);
    for (int i = 0; i < m->n_gpu; i++) {
        const struct scl_gpu *gpu = &m->gpu[i];
        struct patient p = { .m = m, .gpu = gpu, .severity = has_gpu ? SCL_WARNING : SCL_PROBLEM };

        for (size_t v = 0; v < sizeof vendors / sizeof *vendors; v++)
            if (vendors[v].id == gpu->vendor)
                p.vendor = &vendors[v];
        if (!p.vendor)
            continue;
        snprintf(p.name, sizeof p.name, "%s GPU %04x:%04x at %s (%s)", p.vendor->name, gpu->vendor,
                 gpu->device, gpu->place, gpu->driver[0] ? gpu->driver : "no kernel driver");
        judge_gpu(f, &p);
    }
}
