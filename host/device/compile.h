/* compile.h - programs compiled into the cache by several processes at once.
 *
 * A driver may compile one program at a time in a process, whatever its threads (PoCL holds a lock
 * meanwhile). scl_exec_new() therefore has what the cache lacks compiled by processes of the
 * program that is named here, one for each core; what they do not bring, it compiles itself.
 *
 *     scl_compilers_set("/proc/self/exe");      a program whose command `compile-kernels KEY` is
 *                                               scl_compile_requests(KEY)
 */
#ifndef SCL_DEVICE_COMPILE_H
#define SCL_DEVICE_COMPILE_H

/* The program; NULL, and as long as nobody asked: everything is compiled in this process.
 * SCL_COMPILERS in the environment says how many there may be at once, 0: none. The text must
 * stay. */
void scl_compilers_set(const char *program);

/* What such a process does: reads requests from its standard input, "FILE ITEMS DEFINES" in 512
 * bytes with blanks and a newline behind, and compiles cl_kernels/FILE.cl into the cache for the
 * device of this key and groups of so many items. One that does not compile is passed over. */
int scl_compile_requests(const char *key);

#endif
