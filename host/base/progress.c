/* progress.c - text, and when to show it. */
#include "base/progress.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define TERMINAL_EVERY 0.1 /* seconds */
#define FILE_EVERY 10.0
#define WINDOW 5.0

static const char erase[] = "\r\033[K"; /* to the start of the line, and away with it */

/* Whose line stands on a terminal, unfinished. */
static struct scl_progress *standing;

void scl_progress_open(struct scl_progress *p, FILE *file)
{
    p->file = file;
    p->is_terminal = file && isatty(fileno(file));
    p->loss = NAN;
    p->shown = p->mark[0].time = p->mark[1].time = scl_clock();
    p->shown_done = p->mark[0].done = p->mark[1].done = p->done;
}

/* Appends what fits. */
__attribute__((format(printf, 2, 3))) static void add(char out[SCL_PROGRESS_BYTES],
                                                      const char *format, ...)
{
    const size_t used = strlen(out);
    va_list args;

    va_start(args, format);
    vsnprintf(out + used, SCL_PROGRESS_BYTES - used, format, args);
    va_end(args);
}

void scl_progress_text(char out[SCL_PROGRESS_BYTES], const struct scl_progress *p, double now)
{
    const double seconds = now - p->mark[0].time;
    const double rate = seconds > 0 ? (double)(p->done - p->mark[0].done) / seconds : 0;
    char left[SCL_DURATION_BYTES];

    out[0] = '\0';
    add(out, "%s %llu", p->what, (unsigned long long)p->done);
    if (p->total > 0)
        add(out, "/%llu %.0f %%", (unsigned long long)p->total,
            floor(100.0 * (double)p->done / (double)p->total));
    if (p->unit && rate > 0)
        add(out, "  %.*f %s/s", rate * p->per_done < 10 ? 2 : 0, rate * p->per_done, p->unit);
    if (!isnan(p->loss))
        add(out, fabs(p->loss) < 1e6 ? "  loss %.4f" : "  loss %.4g", p->loss);
    if (p->note[0])
        add(out, "  %s", p->note);
    if (p->ends > now)
        add(out, "  left %s", scl_clock_duration(left, p->ends - now));
    else if (p->total > p->done && rate > 0)
        add(out, "  left %s", scl_clock_duration(left, (double)(p->total - p->done) / rate));
}

static void show(struct scl_progress *p, double now)
{
    char text[SCL_PROGRESS_BYTES];

    scl_progress_text(text, p, now);
    if (p->is_terminal)
        fprintf(p->file, "%s%s", erase, text);
    else
        fprintf(p->file, "%s\n", text);
    fflush(p->file);
    p->shown = now;
    p->shown_done = p->done;
    standing = p->is_terminal ? p : NULL;
}

void scl_progress_set(struct scl_progress *p, uint64_t done, double loss)
{
    const double now = scl_clock();

    p->done = done;
    if (!isnan(loss))
        p->loss = loss;
    if (now - p->mark[1].time >= WINDOW) {
        p->mark[0] = p->mark[1];
        p->mark[1].time = now;
        p->mark[1].done = done;
    }
    if (p->file && now - p->shown >= (p->is_terminal ? TERMINAL_EVERY : FILE_EVERY))
        show(p, now);
}

void scl_progress_close(struct scl_progress *p)
{
    if (p->file && (p->shown_done != p->done || standing == p))
        show(p, scl_clock());
    if (standing == p) {
        fputc('\n', p->file);
        fflush(p->file);
        standing = NULL;
    }
    p->file = NULL;
}

void scl_progress_say(const char *line)
{
    if (standing) {
        fputs(erase, standing->file);
        fflush(standing->file);
    }
    fprintf(stderr, "%s\n", line);
    if (standing)
        show(standing, scl_clock());
}
