/* known_driver.h - versions of drivers that are known to be bad: backends/drivers.txt.
 *
 *     struct scl_known_driver known[SCL_MAX_KNOWN];
 *     int n;
 *
 *     SCL_TRY(scl_known_driver_find(known, &n, &facts));
 *     for (int i = 0; i < n; i++)
 *         printf("%s: %s\n", known[i].what, known[i].mend);
 */
#ifndef SCL_BACKEND_KNOWN_DRIVER_H
#define SCL_BACKEND_KNOWN_DRIVER_H

#include "backend/facts.h"

struct scl_known_driver {
    char what[160], mend[160];
};

enum { SCL_MAX_KNOWN = 4 };

/* The lines that fit the device; more than SCL_MAX_KNOWN are left out. SCL_CONFIG, with file and
 * line, when a line is not of the form that the file's head describes. */
int scl_known_driver_find(struct scl_known_driver out[SCL_MAX_KNOWN], int *n,
                          const struct scl_facts *facts);

/* The same from a text in memory, called `path` in errors. */
int scl_known_driver_find_in(struct scl_known_driver out[SCL_MAX_KNOWN], int *n,
                             const struct scl_facts *facts, const char *path, const char *text);

#endif
