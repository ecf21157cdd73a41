/* profile.h - what is known of a family of devices: backends/VENDOR/NAME.yaml.
 *
 * A profile says which devices it is for, how their programs are built, in which
 * order families of kernels are preferred, and the parameters of kernels. It may
 * inherit another one; backends/generic/generic.yaml is the root of all and has
 * every parameter, so a lookup cannot fail for a parameter that exists.
 *
 *     SCL_TRY(scl_profile_open(&profile, &facts));      the best match
 *     SCL_TRY(scl_profile_get(&mr, profile, "conv2d/direct_vec", "MR"));
 *     ...
 *     scl_profile_close(profile);
 *
 * Immutable once open.
 */
#ifndef SCL_BACKEND_PROFILE_H
#define SCL_BACKEND_PROFILE_H

#include <stddef.h>

#include "backend/facts.h"

struct scl_profile;

/* The most specific profile that matches: by platform first, then type, native
 * vector width, vendor and device name; never by vendor id. */
int scl_profile_open(struct scl_profile **out, const struct scl_facts *facts);

/* The profile of this name ("generic", "pocl-avx2"), whatever the device. */
int scl_profile_open_named(struct scl_profile **out, const char *name);

void scl_profile_close(struct scl_profile *profile);

/* "pocl-avx2". */
const char *scl_profile_name(const struct scl_profile *profile);

/* Options for every program ("-cl-std=CL1.2"). */
const char *scl_profile_build_options(const struct scl_profile *profile);

/* The families to prefer, best first: "vec clblast tile". */
const char *scl_profile_families(const struct scl_profile *profile);

/* The parameter's value here or in the nearest ancestor that has it; SCL_CONFIG,
 * with words, when none has. */
int scl_profile_get(int *out, const struct scl_profile *profile, const char *kernel,
                    const char *param);

/* What is worth trying of a kernel's parameters when a device is tuned: some that vary together,
 * "MR NV", and what they are then, "12 2". */
struct scl_search {
    const char *kernel, *params;
    const char **value;
    int n_value;
};

/* Line i of what the profile and its ancestors say of this kernel, the nearest of those with the
 * same parameters; NULL behind the last. */
const struct scl_search *scl_profile_search(const struct scl_profile *profile, const char *kernel,
                                            int i);

/* The device's key, as tuning databases and run folders name it:
 * platform:device:compute-units, as in "pocl:skylake-avx512-amd-epyc:2cu". */
void scl_device_key(char *out, size_t size, const struct scl_facts *facts);

/* The same for facts number `i` of an array whose elements are `stride` bytes apart, in the order
 * of the loader: devices of one key follow one another, and are told apart as KEY, KEY#1, KEY#2. */
void scl_device_key_numbered(char *out, size_t size, const struct scl_facts *first, size_t stride,
                             int i);
enum { SCL_KEY_BYTES = 352 };

#endif
