/* look_impl.h - how the files look_*.c read a machine. */
#ifndef SCL_DOCTOR_LOOK_IMPL_H
#define SCL_DOCTOR_LOOK_IMPL_H

#include "base/file.h"
#include "doctor/machine.h"

/* The path below the root, in the machine's arena; NULL, with words, when memory is out. */
const char *scl_look_path(struct scl_machine *m, const char *path);

/* The first 64 KiB of a file, in the arena; "" when it cannot be read. (Files of /proc have a size
 * of 0, so scl_file_read() is of no use.) NULL when memory is out. */
const char *scl_look_text(struct scl_machine *m, const char *path);

/* Whether there is something. */
bool scl_look_exists(struct scl_machine *m, const char *path);

/* The names in a folder; none when it cannot be read. To be fini'd. */
void scl_look_folder(struct scl_folder *out, struct scl_machine *m, const char *path);

int scl_look_system(struct scl_machine *m);
int scl_look_drivers(struct scl_machine *m);
int scl_look_hardware(struct scl_machine *m);
int scl_look_cache(struct scl_machine *m);

#endif
