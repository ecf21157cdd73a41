/* child.h - work that may crash or hang, in a process of its own.
 *
 * A driver's fault is then a fact to report, and not the end of the program.
 *
 *     static int work(FILE *answer, void *user)
 *     {
 *         fprintf(answer, "begun\n");
 *         ...
 *     }
 *
 *     struct scl_child child;
 *
 *     SCL_TRY(scl_child_run(&child, 60, work, user));
 *     if (child.end == SCL_CHILD_CRASHED)
 *         printf("%s\n", child.words);
 *     scl_child_fini(&child);
 *
 * The child is a fork: it has a copy of everything, but of threads and of open
 * devices only the name. What it is to ask of OpenCL, the parent must not have asked.
 */
#ifndef SCL_BASE_CHILD_H
#define SCL_BASE_CHILD_H

#include <stddef.h>
#include <stdio.h>

enum scl_child_end { SCL_CHILD_DONE, SCL_CHILD_CRASHED, SCL_CHILD_HUNG };

struct scl_child {
    enum scl_child_end end;
    int rc;          /* SCL_CHILD_DONE: what the work returned */
    char *answer;    /* what it wrote to `answer`, and a NUL; of a crash, what it had flushed */
    size_t size;     /* without the NUL */
    char words[512]; /* scl_error() of work that failed; "crashed (Segmentation fault)"; "hung for
                      * more than 60 s"; "" of work that went well */
    char said[256];  /* the last line that the work, or a library, wrote to its stderr */
};

/* Runs work(answer, user) for at most so many seconds, in which this process was not stopped; its
 * stdout and stderr are not seen. Fails only when there can be no process, and with
 * SCL_INTERRUPTED, the child ended, where a signal asks to stop (base/stop.h). A child does not
 * outlive a parent that is killed. */
int scl_child_run(struct scl_child *out, double seconds, int (*work)(FILE *answer, void *user),
                  void *user);
void scl_child_fini(struct scl_child *child);

#endif
