/* device.h - an OpenCL device, its programs and its queue.
 *
 * host/device is the only folder that sees OpenCL; this header shows none of it.
 * One device is open for the life of the process; models (device/store.h) and
 * plans made ready to run (device/exec.h) belong to it and are closed before it.
 *
 *     SCL_TRY(scl_device_open(&device, "", 0));
 *     printf("%s\n", scl_device_facts(device)->name);
 *     ...
 *     scl_device_close(device);
 *
 * A device is used from one thread.
 */
#ifndef SCL_DEVICE_DEVICE_H
#define SCL_DEVICE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "backend/facts.h"
#include "backend/profile.h"
#include "backend/tuning.h"

struct scl_device;

/* Facts of every device of every platform, in the order of the loader; yours to
 * free. None is no error: *n is 0. SCL_NO_DEVICE, with the driver's call and code, when
 * it cannot be asked. */
int scl_device_list(struct scl_facts **out, int *n);

/* SCL_NO_DEVICE, with what to do. */
int scl_device_missing(void);

/* Opens the device whose key (scl_device_key()) is `key`; a key that several
 * devices share may be followed by #0, #1 ... "" is the best there is: a GPU
 * before a CPU, then the one with more compute units. `memory_bytes`, when not 0,
 * overrides what the driver says of its memory. SCL_NO_DEVICE, with what to
 * do, when there is none, and with the driver's call and code when it does not
 * open; SCL_USAGE, with the keys there are, when none has this one. */
int scl_device_open(struct scl_device **out, const char *key, size_t memory_bytes);
void scl_device_close(struct scl_device *device);

const struct scl_facts *scl_device_facts(const struct scl_device *device);
const struct scl_profile *scl_device_profile(const struct scl_device *device);

/* Reads what is known of the device's fastest plans (backend/tuning.h), once; SCL_CONFIG for a bad
 * file. Before that, scl_device_tuning() is NULL: plans for what checks candidates use none. */
int scl_device_load_tuning(struct scl_device *device);
const struct scl_tuning *scl_device_tuning(const struct scl_device *device);

/* Waits until all that was enqueued is done. */
int scl_device_finish(struct scl_device *device);

/* Puts programs that were built since the last call into the kernel cache on
 * disk. To be called after a first run, when drivers have compiled for real;
 * failing to is no error. */
void scl_device_cache_programs(struct scl_device *device);

/* Where the folder `name` of the cache is ("kernels", "limits"), of the values of SCL_CACHE_DIR,
 * XDG_CACHE_HOME and HOME (NULL: not set); false when nowhere. */
bool scl_cache_folder(char *out, size_t size, const char *name, const char *set, const char *xdg,
                      const char *home);

#endif
