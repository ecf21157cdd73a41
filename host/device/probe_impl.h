/* probe_impl.h - what a device says of its fitness; for probe.c. */
#ifndef SCL_DEVICE_PROBE_IMPL_H
#define SCL_DEVICE_PROBE_IMPL_H

#include "device/device_impl.h"
#include "device/probe.h"

/* Facts and fitness; the trial is empty. */
int scl_probed_query(struct scl_probed_device *out, cl_platform_id platform, cl_device_id id);

#endif
