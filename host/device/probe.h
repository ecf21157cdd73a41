/* probe.h - asks OpenCL about this machine from processes of their own, as drivers crash and hang.
 *
 * For scorecl doctor: unlike scl_device_list() it also tells of platforms that have no device,
 * of what makes a device unfit, and of a driver that does not survive the question. A process
 * that has called OpenCL itself must not call these.
 *
 *     struct scl_probe probe;
 *
 *     SCL_TRY(scl_probe_list(&probe));
 *     for (int i = 0; i < probe.n_device; i++)
 *         SCL_TRY(scl_probe_run(&probe.device[i].trial, probe.device, i));
 *     ...
 *     scl_probe_fini(&probe);
 */
#ifndef SCL_DEVICE_PROBE_H
#define SCL_DEVICE_PROBE_H

#include <stdbool.h>

#include "backend/facts.h"

struct scl_platform_facts {
    char name[128], version[128];
    int n_device;
};

/* What became of a driver's work: `words` is "" when it did what was asked. */
struct scl_trial {
    char step[64];   /* what was being done */
    char words[512]; /* an error's, or "crashed (Segmentation fault)", "hung for more than 60 s" */
    char said[256];  /* the last line that the driver wrote to stderr */
    bool is_lost;    /* it crashed or hung */
};

struct scl_probed_device {
    struct scl_facts facts;
    bool is_available, has_compiler, is_little_endian, is_full_profile;
    bool has_watchdog; /* NVIDIA: a display hangs on it, and kernels of seconds are ended */
    int address_bits;
    char pci[24]; /* "0000:03:00.0"; "": not told */
    struct scl_trial trial;
};

struct scl_probe {
    struct scl_trial trial; /* of asking; what came before a crash is below */
    struct scl_platform_facts *platform;
    struct scl_probed_device *device;
    int n_platform, n_device;
};

/* Every platform and device. A crash is no failure: it is in out->trial. */
int scl_probe_list(struct scl_probe *out);
void scl_probe_fini(struct scl_probe *probe);

/* Builds a small kernel for device `i` of the list, runs it, and compares what it gives. */
int scl_probe_run(struct scl_trial *out, const struct scl_probed_device device[], int i);

/* Loads one driver's library as the loader of OpenCL does, and asks it for its platforms. */
int scl_probe_library(struct scl_trial *out, const char *library);

#endif
