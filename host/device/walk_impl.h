/* walk_impl.h - every device of every platform, once. */
#ifndef SCL_DEVICE_WALK_IMPL_H
#define SCL_DEVICE_WALK_IMPL_H

#include "device/device_impl.h"

/* Calls `visit` for each device, until one call fails. */
int scl_devices_walk(int (*visit)(void *user, cl_platform_id platform, cl_device_id id),
                     void *user);

#endif
