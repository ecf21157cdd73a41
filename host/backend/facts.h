/* facts.h - what a device says of itself, as data.
 *
 * host/device fills it from OpenCL; everything left of the device (profiles,
 * candidates' predicates, plans) sees only this, so all of that is tested
 * without a device, from facts recorded in tests/devices/.
 */
#ifndef SCL_BACKEND_FACTS_H
#define SCL_BACKEND_FACTS_H

#include <stdbool.h>
#include <stddef.h>

struct scl_facts {
    char platform[128], vendor[128], name[256], driver[128], version[128];
    bool is_cpu;
    int compute_units;
    int vector_width;    /* native vector width for float; 0 where not told */
    size_t max_group;    /* work-items in a group */
    size_t local_bytes;  /* local memory a group may use */
    size_t global_bytes; /* device memory, as reported or overridden */
    size_t max_alloc_bytes;
    size_t align_bytes;  /* of a sub-buffer's origin */
    bool has_subgroups;  /* of a size that a kernel asks for, and shuffles in them (Intel's) */
    bool rounds_exactly; /* division and square roots too, when its compiler is told to */
    bool has_tf32;       /* matrix units that multiply floats rounded to 10 bits of fraction */
};

/* A value, or a part of one that is used by itself, begins at a multiple of so many bytes. */
static inline size_t scl_facts_align(const struct scl_facts *facts)
{
    return facts->align_bytes > 512 ? facts->align_bytes : 512;
}

#endif
