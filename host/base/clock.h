/* clock.h - how long things take, and what time it is.
 *
 *     const double begin = scl_clock();
 *     ...
 *     printf("%.1f s\n", scl_clock() - begin);
 */
#ifndef SCL_BASE_CLOCK_H
#define SCL_BASE_CLOCK_H

#include <stddef.h>

enum { SCL_TIME_BYTES = 24, SCL_DURATION_BYTES = 40 };

/* Seconds since some moment; never runs backwards. */
double scl_clock(void);

/* Seconds that all threads of this process have spent on a processor. */
double scl_clock_cpu(void);

/* The time of day, UTC: "2026-11-23T22:30:00Z". Returns `out`. */
const char *scl_clock_time(char out[SCL_TIME_BYTES]);

/* "0:07", "12:34", "3:05:09", "2d 03:05:09" for so many seconds. Returns `out`. */
const char *scl_clock_duration(char out[SCL_DURATION_BYTES], double seconds);

#endif
