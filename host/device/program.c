/* program.c - kernels: from the files that the program carries (base/source.h) to built programs.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/source.h"
#include "base/status.h"
#include "device/device_impl.h"

/* Shows the compiler's own words, all of them; scl_error() keeps one line. */
static void print_build_log(cl_program program, cl_device_id device, const char *file)
{
    size_t size = 0;
    char *log;

    clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, 0, NULL, &size);
    if (!(log = malloc(size + 1)))
        return;
    clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, size, log, NULL);
    log[size] = '\0';
    fprintf(stderr, "%s.cl:\n%s\n", file, log);
    free(log);
}

static int build_source(struct scl_program *p, struct scl_device *device, const char *source)
{
    cl_int err;
    int rc;

    p->program = clCreateProgramWithSource(device->context, 1, &source, NULL, &err);
    SCL_TRY(scl_cl(err, "clCreateProgramWithSource", p->file));
    err = clBuildProgram(p->program, 1, &device->id, p->options, NULL, NULL);
    if (err == CL_BUILD_PROGRAM_FAILURE) {
        print_build_log(p->program, device->id, p->file);
        return scl_fail(SCL_BUILD,
                        "clBuildProgram: CL_BUILD_PROGRAM_FAILURE: %s.cl does not build with '%s'",
                        p->file, p->options);
    }
    SCL_TRY(scl_cl(err, "clBuildProgram", p->file));
    p->is_new = true;
out:
    return rc;
}

/* False, silently, when the cache has nothing that this driver takes. */
static bool build_cached(struct scl_program *p, struct scl_device *device)
{
    size_t size;
    unsigned char *bytes = p->cache_path[0] ? scl_cache_load(p->cache_path, &size) : NULL;
    const unsigned char *list[] = { bytes };
    cl_int status, err;

    if (!bytes)
        return false;
    p->program =
        clCreateProgramWithBinary(device->context, 1, &device->id, &size, list, &status, &err);
    free(bytes);
    if (err == CL_SUCCESS &&
        clBuildProgram(p->program, 1, &device->id, p->options, NULL, NULL) == CL_SUCCESS)
        return true;
    if (p->program)
        clReleaseProgram(p->program);
    p->program = NULL;
    return false;
}

static void free_program(struct scl_program *p)
{
    if (p->program)
        clReleaseProgram(p->program);
    free(p->options);
    free(p);
}

/* What every program of the device is built with. Equal values have equal quotients and lengths on
 * every device that can do so: weights divide by the differences that are left. */
static int common_options(char *out, size_t size, const struct scl_device *device)
{
    return snprintf(out, size, "%s%s%s ", scl_profile_build_options(device->profile),
                    device->facts.rounds_exactly ? " -cl-fp32-correctly-rounded-divide-sqrt" : "",
                    device->facts.has_subgroups ? " -DSUBGROUPS" : "");
}

static struct scl_program *find_ready(const struct scl_device *device, const char *file,
                                      const char *defines)
{
    const size_t prefix = (size_t)common_options(NULL, 0, device);

    for (struct scl_program *p = device->program; p; p = p->next)
        if (strcmp(p->file, file) == 0 && strcmp(p->options + prefix, defines) == 0)
            return p;
    return NULL;
}

bool scl_program_is_ready(const struct scl_device *device, const char *file, const char *defines)
{
    return find_ready(device, file, defines) != NULL;
}

/* A program that is not built yet, and its source: yours to free both. */
static int describe(struct scl_program **out, char **source, const struct scl_device *device,
                    const char *file, const char *defines)
{
    const size_t prefix = (size_t)common_options(NULL, 0, device);
    const size_t size = prefix + strlen(defines) + 1;
    struct scl_program *p = calloc(1, sizeof *p);
    int rc;

    if (!p || !(p->options = malloc(size))) {
        rc = scl_fail(SCL_NOMEM, "out of memory for %s", file);
        goto out;
    }
    p->file = file;
    common_options(p->options, size, device);
    memcpy(p->options + prefix, defines, strlen(defines) + 1);
    SCL_TRY(scl_source_kernel(source, file));
    scl_cache_path(p->cache_path, sizeof p->cache_path, &device->facts, *source, p->options);
    *out = p;
    p = NULL;
out:
    if (p)
        free_program(p);
    return rc;
}

bool scl_program_is_cached(const struct scl_device *device, const char *file, const char *defines)
{
    struct scl_program *p;
    char *source = NULL;
    bool cached;

    if (describe(&p, &source, device, file, defines) < 0)
        return false;
    cached = p->cache_path[0] && scl_path_kind(p->cache_path) == SCL_PATH_FILE;
    free(source);
    free_program(p);
    return cached;
}

int scl_program_find(cl_program *out, struct scl_device *device, const char *file,
                     const char *defines)
{
    struct scl_program *p = find_ready(device, file, defines);
    char *source = NULL;
    int rc = SCL_OK;

    if (p) {
        *out = p->program;
        return SCL_OK;
    }
    SCL_TRY(describe(&p, &source, device, file, defines));
    if (!build_cached(p, device))
        SCL_TRY(build_source(p, device, source));
    *out = p->program;
    p->next = device->program;
    device->program = p;
    p = NULL;
out:
    free(source);
    if (p)
        free_program(p);
    return rc;
}

void scl_programs_free(struct scl_device *device)
{
    while (device->program) {
        struct scl_program *next = device->program->next;

        free_program(device->program);
        device->program = next;
    }
}

static void cache_one(struct scl_program *p)
{
    size_t size = 0;
    unsigned char *bytes;

    p->is_new = false;
    if (!p->cache_path[0] || clGetProgramInfo(p->program, CL_PROGRAM_BINARY_SIZES, sizeof size,
                                              &size, NULL) != CL_SUCCESS)
        return;
    if (size == 0 || !(bytes = malloc(size)))
        return;
    if (clGetProgramInfo(p->program, CL_PROGRAM_BINARIES, sizeof bytes, &bytes, NULL) == CL_SUCCESS)
        scl_cache_save(p->cache_path, bytes, size);
    free(bytes);
}

void scl_device_cache_programs(struct scl_device *device)
{
    bool swept = false;

    for (struct scl_program *p = device->program; p; p = p->next) {
        if (!p->is_new)
            continue;
        if (!swept)
            scl_cache_sweep();
        swept = true;
        cache_one(p);
    }
}
