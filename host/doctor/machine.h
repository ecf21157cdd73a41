/* machine.h - what a machine shows of its OpenCL: files, settings, hardware, devices.
 *
 * Facts only; host/doctor/judge.h says what is wrong with them. They come from the file
 * system below `root` ("" is the real one; tests have folders of their own), from the
 * environment, and from what OpenCL answers. All text lives in the machine's arena.
 *
 *     struct scl_machine machine;
 *
 *     SCL_TRY(scl_machine_look(&machine, "", environ));
 *     SCL_TRY(scl_machine_ask(&machine));      only on the real one
 *     ...
 *     scl_machine_fini(&machine);
 */
#ifndef SCL_DOCTOR_MACHINE_H
#define SCL_DOCTOR_MACHINE_H

#include <stdbool.h>

#include "base/arena.h"
#include "device/probe.h"

/* A driver that is registered with the loader of OpenCL. */
struct scl_icd {
    const char *file; /* "/etc/OpenCL/vendors/pocl.icd", or the variable that names the library */
    const char *library; /* its first line; "" of an empty file */
    struct scl_trial trial;
};

/* A GPU on the PCI bus. */
struct scl_gpu {
    unsigned vendor, device; /* 0x1002 is AMD's */
    const char *place;       /* "0000:03:00.0" */
    const char *driver;      /* the kernel's: "amdgpu"; "" when none has it */
};

/* A file below /dev through which drivers reach a GPU. */
struct scl_gpu_node {
    const char *path;
    int error;         /* errno of opening it; 0: it opens */
    const char *group; /* who may besides root: a name, or a number without one */
    bool is_listed;    /* the user is in that group by /etc/group, so after the next login */
};

struct scl_machine {
    struct scl_arena arena;
    const char *root;
    char *const *env;

    char id[32], like[64], version[16], name[96]; /* /etc/os-release */
    const char *user;
    bool is_root, is_container, is_wsl, has_dxg;
    int n_cpu;
    double cpu_limit; /* cores of time that the control group allows; 0: no limit */

    const char *vendors; /* the folder, file or library that the loader reads */
    bool has_vendors;
    const char *vendors_from; /* the variable that names it; "": none does */
    struct scl_icd *icd;
    struct scl_gpu *gpu;
    struct scl_gpu_node *node;
    int n_icd, n_gpu, n_node;
    const char *nvidia_library; /* libnvidia-opencl.so.1's path; "": not there */
    bool has_nvidia_module;

    char cache[768]; /* the kernel cache's folder; "": there is none */
    int cache_error; /* errno of writing there; 0: one can */
    unsigned long long cache_bytes, cache_free_bytes;

    struct scl_probe opencl;
};

int scl_machine_look(struct scl_machine *out, const char *root, char *const env[]);

/* What OpenCL says: drivers loaded one by one, the list of devices, a kernel on each. Takes
 * seconds; no failing driver is a failure. */
int scl_machine_ask(struct scl_machine *m);

void scl_machine_fini(struct scl_machine *m);

/* The value of an environment variable, or NULL. */
const char *scl_machine_variable(const struct scl_machine *m, const char *name);

#endif
