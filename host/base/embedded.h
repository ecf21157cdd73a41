/* embedded.h - the files that the program carries in itself.
 *
 * CMake puts every kernel, every profile and every conformance case (under cl_kernels/,
 * backends/ and tests/cases/) into the program (tools/embed.cmake), so that an installed
 * one needs no files beside it.
 * A file's name is its path in the source tree.
 *
 *     const struct scl_embedded *file = scl_embedded_find("cl_kernels/common.clh");
 *     fputs((const char *)file->data, stdout);
 *
 * The tables are constant and live as long as the process.
 */
#ifndef SCL_BASE_EMBEDDED_H
#define SCL_BASE_EMBEDDED_H

#include <stddef.h>

struct scl_embedded {
    const char *name;
    const unsigned char *data; /* size bytes, and a NUL behind them */
    size_t size;
};

/* Kernels and profiles; cases. In the order of their names; the last one's name is
 * NULL. */
extern const struct scl_embedded scl_embedded_files[], scl_embedded_cases[];

/* In either table; NULL when no file has that name. */
const struct scl_embedded *scl_embedded_find(const char *name);

#endif
