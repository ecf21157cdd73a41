/* packages.h - what to install: a table of distributions and kinds of driver.
 *
 *     scl_install_line(text, sizeof text, &machine, SCL_FOR_AMD);
 *     puts(text);       sudo apt-get install mesa-opencl-icd
 */
#ifndef SCL_DOCTOR_PACKAGES_H
#define SCL_DOCTOR_PACKAGES_H

#include <stddef.h>

#include "doctor/machine.h"

enum scl_for { SCL_FOR_AMD, SCL_FOR_INTEL, SCL_FOR_NVIDIA, SCL_FOR_CPU, SCL_N_FOR };

enum { SCL_MEND_BYTES = 1024 };

/* The lines for the machine's distribution; on one that is not in the table, a line for each that
 * is, with its name. */
void scl_install_line(char *out, size_t size, const struct scl_machine *m, enum scl_for what);

/* Whether the line for AMD's GPUs brings another Mesa than the one that the system has. */
bool scl_has_newer_mesa(const struct scl_machine *m);

/* A driver's library by its name: which devices it is for, and how people call it. NULL: unknown.
 */
struct scl_known_library {
    const char *glob, *name;
    unsigned purposes; /* bits 1 << SCL_FOR_... */
};
const struct scl_known_library *scl_known_library(const char *library);

#endif
