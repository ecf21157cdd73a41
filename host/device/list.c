/* list.c - platforms and devices, and what they say of themselves. */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "device/device_impl.h"
#include "device/walk_impl.h"

enum { PLATFORM_NOT_FOUND = -1001 }; /* CL_PLATFORM_NOT_FOUND_KHR */

int scl_devices_walk(int (*visit)(void *user, cl_platform_id platform, cl_device_id id), void *user)
{
    cl_platform_id platform[16];
    cl_uint n_platform = 0, n_visited = 0;
    cl_int err = clGetPlatformIDs(16, platform, &n_platform), refused = CL_SUCCESS;
    int rc = SCL_OK;

    /* No platform at all is an error code of the loader's, and no error of ours. */
    if (err == PLATFORM_NOT_FOUND)
        return SCL_OK;
    SCL_TRY(scl_cl(err, "clGetPlatformIDs", NULL));
    for (cl_uint p = 0; p < n_platform && p < 16; p++) {
        cl_device_id id[32];
        cl_uint n = 0;

        err = clGetDeviceIDs(platform[p], CL_DEVICE_TYPE_ALL, 32, id, &n);
        if (err != CL_SUCCESS) {
            refused = err == CL_DEVICE_NOT_FOUND ? refused : err;
            continue;
        }
        for (cl_uint i = 0; i < n && i < 32; i++, n_visited++)
            SCL_TRY(visit(user, platform[p], id[i]));
    }
    /* A platform that is out of order is passed over, unless it is all there is. */
    if (n_visited == 0)
        rc = scl_cl(refused, "clGetDeviceIDs", NULL);
out:
    return rc == SCL_DEVICE ? SCL_NO_DEVICE : rc; /* nothing that it would say can be used */
}

static int query_text(char *out, size_t size, cl_device_id id, cl_device_info what)
{
    const cl_int err = clGetDeviceInfo(id, what, size - 1, out, NULL);

    out[size - 1] = '\0';
    return scl_cl(err, "clGetDeviceInfo", NULL);
}

static int query(void *out, size_t size, cl_device_id id, cl_device_info what)
{
    return scl_cl(clGetDeviceInfo(id, what, size, out, NULL), "clGetDeviceInfo", NULL);
}

/* NVIDIA's matrix units have it since compute capability 8; nobody else's are used yet. */
static bool has_tf32(cl_device_id id, const char *extensions)
{
    cl_uint major = 0;

    return strstr(extensions, "cl_nv_device_attribute_query") &&
           clGetDeviceInfo(id, CL_DEVICE_COMPUTE_CAPABILITY_MAJOR_NV, sizeof major, &major, NULL) ==
               CL_SUCCESS &&
           major >= 8;
}

int scl_facts_query(struct scl_facts *f, cl_platform_id platform, cl_device_id id)
{
    cl_device_type type = 0;
    cl_uint units = 0, width = 0, align_bits = 0;
    cl_ulong local = 0, global = 0, alloc = 0;
    cl_device_fp_config floats = 0;
    char extensions[8192] = "";
    int rc;

    memset(f, 0, sizeof *f);
    SCL_TRY(scl_cl(
        clGetPlatformInfo(platform, CL_PLATFORM_NAME, sizeof f->platform - 1, f->platform, NULL),
        "clGetPlatformInfo", NULL));
    SCL_TRY(query_text(f->vendor, sizeof f->vendor, id, CL_DEVICE_VENDOR));
    SCL_TRY(query_text(f->name, sizeof f->name, id, CL_DEVICE_NAME));
    SCL_TRY(query_text(f->driver, sizeof f->driver, id, CL_DRIVER_VERSION));
    SCL_TRY(query_text(f->version, sizeof f->version, id, CL_DEVICE_VERSION));
    query_text(extensions, sizeof extensions, id, CL_DEVICE_EXTENSIONS);
    SCL_TRY(query(&type, sizeof type, id, CL_DEVICE_TYPE));
    SCL_TRY(query(&units, sizeof units, id, CL_DEVICE_MAX_COMPUTE_UNITS));
    SCL_TRY(query(&width, sizeof width, id, CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT));
    SCL_TRY(query(&f->max_group, sizeof f->max_group, id, CL_DEVICE_MAX_WORK_GROUP_SIZE));
    SCL_TRY(query(&local, sizeof local, id, CL_DEVICE_LOCAL_MEM_SIZE));
    SCL_TRY(query(&global, sizeof global, id, CL_DEVICE_GLOBAL_MEM_SIZE));
    SCL_TRY(query(&alloc, sizeof alloc, id, CL_DEVICE_MAX_MEM_ALLOC_SIZE));
    SCL_TRY(query(&align_bits, sizeof align_bits, id, CL_DEVICE_MEM_BASE_ADDR_ALIGN));
    SCL_TRY(query(&floats, sizeof floats, id, CL_DEVICE_SINGLE_FP_CONFIG));
    f->is_cpu = (type & CL_DEVICE_TYPE_CPU) != 0;
    f->compute_units = (int)units;
    f->vector_width = (int)width;
    f->local_bytes = local;
    f->global_bytes = global;
    f->max_alloc_bytes = alloc;
    f->align_bytes = align_bits / 8;
    f->has_subgroups = strstr(extensions, "cl_intel_subgroups") != NULL &&
                       strstr(extensions, "cl_intel_required_subgroup_size") != NULL;
    f->rounds_exactly = (floats & CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT) != 0;
    f->has_tf32 = has_tf32(id, extensions);
out:
    return rc;
}

struct listing {
    struct scl_facts *facts;
    int n;
};

static int add(void *user, cl_platform_id platform, cl_device_id id)
{
    struct listing *l = user;
    struct scl_facts *grown = realloc(l->facts, (size_t)(l->n + 1) * sizeof *grown);

    if (!grown)
        return scl_fail(SCL_NOMEM, "out of memory for the list of devices");
    l->facts = grown;
    return scl_facts_query(&grown[l->n++], platform, id);
}

int scl_device_list(struct scl_facts **out, int *n)
{
    struct listing l = { 0 };
    const int rc = scl_devices_walk(add, &l);

    if (rc < 0) {
        free(l.facts);
        return rc;
    }
    *out = l.facts;
    *n = l.n;
    return SCL_OK;
}
