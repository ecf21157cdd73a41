/* facts_file.h - a device's facts as text: `device.txt` of run folders, `tests/devices`.
 *
 *     # a comment
 *     platform  NVIDIA CUDA
 *     type      gpu
 *     device    NVIDIA GeForce GTX 1080
 *     units     20
 *     memory    8513978368
 *
 * One fact a line: a key, blanks, the rest of the line. Optional: vendor, driver, version, width
 * (of a native float vector), memory, buffer (the largest), align (bytes), group (items), local
 * (bytes), subgroups (yes or no). What follows from facts may stand beside them, and is not read:
 * profile, families, key.
 */
#ifndef SCL_BACKEND_FACTS_FILE_H
#define SCL_BACKEND_FACTS_FILE_H

#include <stdio.h>

#include "backend/facts.h"

/* A fact that is not told is zero. Refuses, with file and line, a key that is not one of these, a
 * key twice, a value of the wrong kind, and a file without platform, type, device or units. */
int scl_facts_load(struct scl_facts *out, const char *path);

/* The lines of all facts. */
void scl_facts_print(const struct scl_facts *facts, FILE *file);

#endif
