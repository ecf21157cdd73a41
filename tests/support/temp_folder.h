/* temp_folder.h - a folder of its own for a test, and damaged files to put in it.
 *
 *     tcase_add_checked_fixture(tc, temp_folder_open, temp_folder_close);
 *     ...
 *     write_file(temp_path("a/b.png"), bytes, size);
 */
#ifndef SCL_SUPPORT_TEMP_FOLDER_H
#define SCL_SUPPORT_TEMP_FOLDER_H

#include <stddef.h>

/* Makes the folder; removes it with all that is in it. */
void temp_folder_open(void);
void temp_folder_close(void);

/* The folder's path, "/" and the formatted name; one of eight buffers in turn. */
const char *temp_path(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Creates the file, and the folders above it. */
void write_file(const char *path, const void *bytes, size_t size);

/* The bytes of a file that must be there; yours to free. */
char *read_file(size_t *size, const char *path);

#endif
