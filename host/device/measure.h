/* measure.h - a device's own limits, measured: what shares of a peak are shares of.
 *
 *     struct scl_limits limits;
 *
 *     SCL_TRY(scl_limits_get(&limits, device, SCL_MOST_CORES));
 *     printf("%.1f GFLOP/s, measured %s\n", limits.gflops, limits.date);
 *
 * They are kept in the user's cache folder beside the kernels, a file for each device, driver and
 * version of this program. One that is damaged is as good as none; failing to keep them is no
 * error.
 */
#ifndef SCL_DEVICE_MEASURE_H
#define SCL_DEVICE_MEASURE_H

#include "base/clock.h"
#include "device/device.h"

/* The part of its cores' time that a CPU must have had for its peak to be believed. */
#define SCL_MOST_CORES 0.9

struct scl_limits {
    double gflops;     /* fused multiply-adds in registers, two operations each, 10^9 a second */
    double copy_gbps;  /* bytes read and written by a copy of 256 MiB or what fits, 10^9 a second */
    double launch_us;  /* from one launch of a kernel that does nothing to the next */
    double write_gbps; /* from the host's memory to the device's, and back */
    double read_gbps;
    double cores; /* a CPU: the part of its cores' time that was there to be had; others: 1 */
    char date[SCL_TIME_BYTES];
    bool is_kept; /* from an earlier measurement */
};

/* What is kept of such a device; false: nothing. */
bool scl_limits_find(struct scl_limits *out, const struct scl_facts *facts);

/* The kept ones where they had that part of a CPU's cores, else measured now. */
int scl_limits_get(struct scl_limits *out, struct scl_device *device, double least_cores);

/* Measures now, and keeps. Each is repeated until the two best agree, or for two seconds. */
int scl_limits_measure(struct scl_limits *out, struct scl_device *device);

#endif
