/* clock.c - POSIX clocks. */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

static double seconds_of(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double scl_clock(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

double scl_clock_cpu(void)
{
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

const char *scl_clock_time(char out[SCL_TIME_BYTES])
{
    const time_t now = time(NULL);
    struct tm utc;

    if (!gmtime_r(&now, &utc) || !strftime(out, SCL_TIME_BYTES, "%Y-%m-%dT%H:%M:%SZ", &utc))
        snprintf(out, SCL_TIME_BYTES, "?");
    return out;
}

const char *scl_clock_duration(char out[SCL_DURATION_BYTES], double seconds)
{
    /* A century is long enough, and NaN is no time at all. */
    const long all = seconds > 0 ? (long)(seconds < 3e9 ? seconds + 0.5 : 3e9) : 0;
    const long d = all / 86400, h = all / 3600 % 24, m = all / 60 % 60, s = all % 60;

    if (d > 0)
        snprintf(out, SCL_DURATION_BYTES, "%ldd %02ld:%02ld:%02ld", d, h, m, s);
    else if (h > 0)
        snprintf(out, SCL_DURATION_BYTES, "%ld:%02ld:%02ld", h, m, s);
    else
        snprintf(out, SCL_DURATION_BYTES, "%ld:%02ld", m, s);
    return out;
}
