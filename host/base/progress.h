/* progress.h - how far long work is: one line, on stderr.
 *
 *     encoder 1200/3900 31 %  812 views/s  loss 4.2310  left 3:05
 *
 * On a terminal the line is redrawn in place, at most ten times a second. Elsewhere it
 * is a line of its own every ten seconds, and the last.
 *
 *     struct scl_progress progress = {
 *         .what = "encoder", .unit = "views", .per_done = 2 * batch,
 *         .done = resumed_at, .total = n_step,
 *     };
 *
 *     scl_progress_open(&progress, stderr);
 *     for (step = resumed_at; step < n_step; step++)
 *         scl_progress_set(&progress, step + 1, loss);
 *     scl_progress_close(&progress);
 *
 * One at a time in a process, and from one thread. Other lines for stderr go through
 * scl_progress_say(), so that they do not end up in the middle of this one.
 */
#ifndef SCL_BASE_PROGRESS_H
#define SCL_BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { SCL_PROGRESS_BYTES = 256 };

struct scl_progress {
    const char *what;     /* "encoder" */
    uint64_t done, total; /* total 0: not known */
    const char *unit;     /* of the rate; NULL: no rate */
    double per_done;      /* units in one of `done` */
    double ends;   /* clock time when it will be over, whatever is done by then; 0: not known */
    char note[96]; /* shown behind the rate; may change */

    /* Its own. */
    FILE *file; /* NULL: nothing is shown */
    bool is_terminal;
    double loss;  /* NaN: not known yet */
    double shown; /* clock of the last line */
    uint64_t shown_done;
    struct { /* the rate is over the last five to ten seconds */
        double time;
        uint64_t done;
    } mark[2];
};

/* `p` has its first members set, down to `note`. Shows nothing yet. A NULL file: nothing at all. */
void scl_progress_open(struct scl_progress *p, FILE *file);

/* `done` of them are done. NaN is no news of the loss. */
void scl_progress_set(struct scl_progress *p, uint64_t done, double loss);

/* Shows where it ended, and ends the line. */
void scl_progress_close(struct scl_progress *p);

/* The line as it is at clock time `now` (base/clock.h), without an end of line. */
void scl_progress_text(char out[SCL_PROGRESS_BYTES], const struct scl_progress *p, double now);

/* Prints a line to stderr, around a progress line that may stand there. */
void scl_progress_say(const char *line);

#endif
