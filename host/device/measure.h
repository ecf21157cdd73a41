/* measure.h - a device's own limits, measured: what shares of a peak are shares of. */
#ifndef SCL_DEVICE_MEASURE_H
#define SCL_DEVICE_MEASURE_H

#include "device/device.h"

struct scl_limits {
    double gflops;    /* fused multiply-adds in registers, two operations each, 10^9 a second */
    double copy_gbps; /* bytes read and written by a copy of 256 MiB or what fits, 10^9 a second */
};

/* The best of several runs of each. */
int scl_device_measure(struct scl_limits *out, struct scl_device *device);

#endif
