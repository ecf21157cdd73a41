/* probe.c - the questions of probe.h, each in a process of its own. */
#include "device/probe.h"

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/child.h"
#include "base/status.h"
#include "device/device_impl.h"
#include "device/probe_impl.h"

enum { LIST_SECONDS = 60, LIBRARY_SECONDS = 30, RUN_SECONDS = 180 };

/* ---- libraries --------------------------------------------------------------------------- */

typedef cl_int(CL_API_CALL *ask_platforms)(cl_uint, cl_platform_id *, cl_uint *);
typedef void *(CL_API_CALL *find_address)(const char *);

static int load_library(FILE *answer, void *user)
{
    void *library = dlopen(user, RTLD_NOW | RTLD_LOCAL);
    find_address find;
    ask_platforms ask;
    cl_uint n = 0;

    if (!library)
        return scl_fail(SCL_DEVICE, "%s", dlerror());
    fputs("clIcdGetPlatformIDsKHR\n", answer);
    fflush(answer);
    *(void **)&find = dlsym(library, "clGetExtensionFunctionAddress");
    if (!find)
        return scl_fail(SCL_DEVICE,
                        "%s is no OpenCL driver: it has no "
                        "clGetExtensionFunctionAddress",
                        (const char *)user);
    *(void **)&ask = find("clIcdGetPlatformIDsKHR");
    if (ask)
        ask(0, NULL, &n);
    return SCL_OK;
}

/* The answer is the names of the steps, one a line. */
static void keep_trial(struct scl_trial *out, const struct scl_child *child, const char *first)
{
    const char *step = first;
    size_t length = strlen(first);

    for (const char *at = child->answer; at && *at; at = strchr(at, '\n') + 1) {
        step = at;
        length = strcspn(at, "\n");
        if (at[length] == '\0')
            break;
    }
    snprintf(out->step, sizeof out->step, "%.*s", (int)length, step);
    snprintf(out->words, sizeof out->words, "%s", child->words);
    snprintf(out->said, sizeof out->said, "%s", child->said);
    out->is_lost = child->end != SCL_CHILD_DONE;
}

int scl_probe_library(struct scl_trial *out, const char *library)
{
    struct scl_child child;
    char *name = strdup(library);
    int rc;

    if (!name)
        return scl_fail(SCL_NOMEM, "out of memory for the name of a library");
    SCL_TRY(scl_child_run(&child, LIBRARY_SECONDS, load_library, name));
    keep_trial(out, &child, "dlopen");
    scl_child_fini(&child);
out:
    free(name);
    return rc;
}

/* ---- platforms and devices --------------------------------------------------------------- */

static int list_platform(FILE *answer, cl_platform_id id)
{
    struct scl_platform_facts platform = { 0 };
    struct scl_probed_device device;
    cl_device_id list[32];
    cl_uint n = 0;
    int rc = SCL_OK;

    clGetPlatformInfo(id, CL_PLATFORM_NAME, sizeof platform.name - 1, platform.name, NULL);
    clGetPlatformInfo(id, CL_PLATFORM_VERSION, sizeof platform.version - 1, platform.version, NULL);
    if (clGetDeviceIDs(id, CL_DEVICE_TYPE_ALL, 32, list, &n) != CL_SUCCESS)
        n = 0;
    n = n > 32 ? 32 : n;
    platform.n_device = (int)n;
    fwrite(&platform, sizeof platform, 1, answer);
    fflush(answer);
    for (cl_uint i = 0; i < n; i++) {
        SCL_TRY(scl_probed_query(&device, id, list[i]));
        fwrite(&device, sizeof device, 1, answer);
        fflush(answer);
    }
out:
    return rc;
}

/* A platform, its devices, the next platform ... */
static int list_all(FILE *answer, void *user)
{
    cl_platform_id platform[16];
    cl_uint n = 0;
    int rc = SCL_OK;

    (void)user;
    if (clGetPlatformIDs(16, platform, &n) != CL_SUCCESS)
        return SCL_OK; /* there is none */
    for (cl_uint i = 0; i < n && i < 16; i++)
        SCL_TRY(list_platform(answer, platform[i]));
out:
    return rc;
}

/* Takes a record from what is left of the answer; NULL when it does not hold one. */
static const void *take(const struct scl_child *child, size_t *at, size_t size)
{
    const void *found = child->answer + *at;

    if (*at + size > child->size)
        return NULL;
    *at += size;
    return found;
}

static int unpack(struct scl_probe *out, const struct scl_child *child)
{
    const size_t most = child->size / sizeof(struct scl_platform_facts) + 1;
    size_t at = 0;
    const void *found;

    out->platform = calloc(most, sizeof *out->platform);
    out->device = calloc(most, sizeof *out->device);
    if (!out->platform || !out->device)
        return scl_fail(SCL_NOMEM, "out of memory for the list of devices");
    while ((found = take(child, &at, sizeof *out->platform))) {
        struct scl_platform_facts *platform = &out->platform[out->n_platform++];

        memcpy(platform, found, sizeof *platform);
        for (int i = 0; i < platform->n_device; i++) {
            if (!(found = take(child, &at, sizeof *out->device)))
                return SCL_OK;
            memcpy(&out->device[out->n_device++], found, sizeof *out->device);
        }
    }
    return SCL_OK;
}

int scl_probe_list(struct scl_probe *out)
{
    struct scl_child child;
    int rc;

    *out = (struct scl_probe){ 0 };
    if ((rc = scl_child_run(&child, LIST_SECONDS, list_all, NULL)) < 0)
        return rc;
    rc = unpack(out, &child);
    free(child.answer); /* no names of steps in this one */
    child.answer = NULL;
    keep_trial(&out->trial, &child, "clGetPlatformIDs");
    scl_child_fini(&child);
    return rc;
}

void scl_probe_fini(struct scl_probe *probe)
{
    free(probe->platform);
    free(probe->device);
    *probe = (struct scl_probe){ 0 };
}

/* ---- a kernel ---------------------------------------------------------------------------- */

static void begin(FILE *answer, const char *step)
{
    fprintf(answer, "%s\n", step);
    fflush(answer);
}

/* Of the kernel: 2 x + i, which is exact here, and NaN for the last. */
static int compare(const float y[], const float x[], int n)
{
    for (int i = 0; i < n - 1; i++)
        if (y[i] != 2 * x[i] + (float)i)
            return scl_fail(SCL_NUMERIC, "item %d gave %g, wanted %g", i, (double)y[i],
                            (double)(2 * x[i] + (float)i));
    if (!isnan(y[n - 1]))
        return scl_fail(SCL_NUMERIC, "2 NaN + %d gave %g, wanted NaN", n - 1, (double)y[n - 1]);
    return SCL_OK;
}

static int run_kernel(FILE *answer, void *user)
{
    enum { N = 4096 };
    static float x[N], y[N];
    const size_t global = N;
    struct scl_device *device;
    cl_program program;
    cl_kernel kernel;
    cl_mem to, from;
    cl_int err;
    int rc;

    for (int i = 0; i < N; i++)
        x[i] = (float)(i % 513) - 256;
    x[N - 1] = NAN;
    setenv("SCL_CACHE_DIR", "", 1); /* the compiler itself is to be tried */
    SCL_TRY(scl_device_open(&device, user, 0));
    begin(answer, "building a kernel");
    SCL_TRY(scl_program_find(&program, device, "probe", ""));
    kernel = clCreateKernel(program, "probe", &err);
    SCL_TRY(scl_cl(err, "clCreateKernel", "probe"));
    begin(answer, "making buffers");
    from = clCreateBuffer(device->context, CL_MEM_READ_ONLY, sizeof x, NULL, &err);
    SCL_TRY(scl_cl(err, "clCreateBuffer", "probe"));
    to = clCreateBuffer(device->context, CL_MEM_READ_WRITE, sizeof y, NULL, &err);
    SCL_TRY(scl_cl(err, "clCreateBuffer", "probe"));
    SCL_TRY(
        scl_cl(clEnqueueWriteBuffer(device->queue, from, CL_TRUE, 0, sizeof x, x, 0, NULL, NULL),
               "clEnqueueWriteBuffer", "probe"));
    begin(answer, "running a kernel");
    clSetKernelArg(kernel, 0, sizeof to, &to);
    clSetKernelArg(kernel, 1, sizeof from, &from);
    SCL_TRY(
        scl_cl(clEnqueueNDRangeKernel(device->queue, kernel, 1, NULL, &global, NULL, 0, NULL, NULL),
               "clEnqueueNDRangeKernel", "probe"));
    SCL_TRY(scl_cl(clEnqueueReadBuffer(device->queue, to, CL_TRUE, 0, sizeof y, y, 0, NULL, NULL),
                   "clEnqueueReadBuffer", "probe"));
    begin(answer, "comparing what a kernel gave");
    rc = compare(y, x, N);
out:
    return rc; /* the process ends here, and what it holds with it */
}

int scl_probe_run(struct scl_trial *out, const struct scl_probed_device device[], int i)
{
    struct scl_child child;
    char key[SCL_KEY_BYTES];
    int rc;

    scl_device_key_numbered(key, sizeof key, &device[0].facts, sizeof *device, i);
    if ((rc = scl_child_run(&child, RUN_SECONDS, run_kernel, key)) < 0)
        return rc;
    keep_trial(out, &child, "opening the device");
    scl_child_fini(&child);
    return SCL_OK;
}
