/* source.h - text that the program carries, or that its source tree has in its place.
 *
 * In development, SCL_SOURCE_DIR names the source tree, and files are read from there.
 *
 *     char *text;
 *
 *     SCL_TRY(scl_source_load(&text, "cl_kernels/common.clh"));
 *     ...
 *     free(text);
 */
#ifndef SCL_BASE_SOURCE_H
#define SCL_BASE_SOURCE_H

#include <stddef.h>

/* `name` is a path in the source tree. The text is yours to free. SCL_IO when the tree has no
 * such file, SCL_BUILD when the program has none. */
int scl_source_load(char **out, const char *name);

/* The whole text of the kernels in cl_kernels/FILE.cl, yours to free: common.clh, that of the
 * file's folder and of its family where there is one, and the file, with #line, so that a compiler
 * names the right one. */
int scl_source_kernel(char **out, const char *file);

/* Calls `visit` with every file under `folder` ("backends") whose name ends in `suffix`, in the
 * order of their paths, until it fails: where it lies, and its text, which is the walk's. */
int scl_source_walk(const char *folder, const char *suffix,
                    int (*visit)(void *user, const char *path, const char *text, size_t size),
                    void *user);

#endif
