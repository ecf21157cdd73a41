/* stop.h - SIGINT and SIGTERM ask the program to stop; it stops where it is whole.
 *
 * The first signal only sets a flag, which long work asks for between steps; it then
 * saves what it has and returns SCL_INTERRUPTED. A second signal ends the process at
 * once, as it would have without all this.
 *
 * Programs that this process starts are left out: Ctrl-C reaches all that run in the
 * terminal, and PoCL aborts when the linker that it started for a kernel is interrupted.
 *
 *     SCL_TRY(scl_stop_install());
 *     while (step < n && !scl_stop_asked())
 *         ...
 */
#ifndef SCL_BASE_STOP_H
#define SCL_BASE_STOP_H

#include <stdbool.h>

/* For the whole process, before it starts other threads; clears the flag. A signal that was
 * ignored before (as under nohup, or in a background job) stays ignored. */
int scl_stop_install(void);

/* Whether a signal has come. */
bool scl_stop_asked(void);

#endif
