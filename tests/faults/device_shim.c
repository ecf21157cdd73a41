/* device_shim.c - preloaded: one call of OpenCL's fails, as a device does that is out of memory,
 * out of order or gone.
 *
 *     LD_PRELOAD=fault_device.so SCL_FAULT=clCreateBuffer:3:-4 scorecl train x.yaml
 *
 * The third clCreateBuffer of the process is not made and returns -4. SCL_FAULT_COUNTS names a
 * file that gets a line "CALL COUNT" for each kind of call when the process ends. Calls that
 * only give something back, which nobody may refuse, are left alone.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>

// clang-format off
/* X(call, parameters, arguments): returns its code. */
#define CODES(X)                                                                                   \
    X(clGetPlatformIDs, (cl_uint a, cl_platform_id *b, cl_uint *c), (a, b, c))                     \
    X(clGetPlatformInfo, (cl_platform_id a, cl_platform_info b, size_t c, void *d, size_t *e),     \
      (a, b, c, d, e))                                                                             \
    X(clGetDeviceIDs, (cl_platform_id a, cl_device_type b, cl_uint c, cl_device_id *d, cl_uint *e), \
      (a, b, c, d, e))                                                                             \
    X(clGetDeviceInfo, (cl_device_id a, cl_device_info b, size_t c, void *d, size_t *e),           \
      (a, b, c, d, e))                                                                             \
    X(clBuildProgram, (cl_program a, cl_uint b, const cl_device_id *c, const char *d,              \
      void (CL_CALLBACK *e)(cl_program, void *), void *f), (a, b, c, d, e, f))                     \
    X(clGetProgramInfo, (cl_program a, cl_program_info b, size_t c, void *d, size_t *e),           \
      (a, b, c, d, e))                                                                             \
    X(clSetKernelArg, (cl_kernel a, cl_uint b, size_t c, const void *d), (a, b, c, d))             \
    X(clEnqueueWriteBuffer, (cl_command_queue a, cl_mem b, cl_bool c, size_t d, size_t e,          \
      const void *f, cl_uint g, const cl_event *h, cl_event *i), (a, b, c, d, e, f, g, h, i))      \
    X(clEnqueueReadBuffer, (cl_command_queue a, cl_mem b, cl_bool c, size_t d, size_t e,           \
      void *f, cl_uint g, const cl_event *h, cl_event *i), (a, b, c, d, e, f, g, h, i))            \
    X(clEnqueueFillBuffer, (cl_command_queue a, cl_mem b, const void *c, size_t d, size_t e,       \
      size_t f, cl_uint g, const cl_event *h, cl_event *i), (a, b, c, d, e, f, g, h, i))           \
    X(clEnqueueNDRangeKernel, (cl_command_queue a, cl_kernel b, cl_uint c, const size_t *d,        \
      const size_t *e, const size_t *f, cl_uint g, const cl_event *h, cl_event *i),                \
      (a, b, c, d, e, f, g, h, i))                                                                 \
    X(clGetEventProfilingInfo, (cl_event a, cl_profiling_info b, size_t c, void *d, size_t *e),    \
      (a, b, c, d, e))                                                                             \
    X(clWaitForEvents, (cl_uint a, const cl_event *b), (a, b))                                     \
    X(clFlush, (cl_command_queue a), (a))                                                          \
    X(clFinish, (cl_command_queue a), (a))

/* X(call, what it returns, parameters, arguments): leaves its code behind the last parameter. */
#define OBJECTS(X)                                                                                 \
    X(clCreateContext, cl_context, (const cl_context_properties *a, cl_uint b,                     \
      const cl_device_id *c, void (CL_CALLBACK *d)(const char *, const void *, size_t, void *),    \
      void *e, cl_int *err), (a, b, c, d, e, err))                                                 \
    X(clCreateCommandQueue, cl_command_queue, (cl_context a, cl_device_id b,                       \
      cl_command_queue_properties c, cl_int *err), (a, b, c, err))                                 \
    X(clCreateBuffer, cl_mem, (cl_context a, cl_mem_flags b, size_t c, void *d, cl_int *err),      \
      (a, b, c, d, err))                                                                           \
    X(clCreateSubBuffer, cl_mem, (cl_mem a, cl_mem_flags b, cl_buffer_create_type c,               \
      const void *d, cl_int *err), (a, b, c, d, err))                                              \
    X(clCreateProgramWithSource, cl_program, (cl_context a, cl_uint b, const char **c,             \
      const size_t *d, cl_int *err), (a, b, c, d, err))                                            \
    X(clCreateProgramWithBinary, cl_program, (cl_context a, cl_uint b, const cl_device_id *c,      \
      const size_t *d, const unsigned char **e, cl_int *f, cl_int *err), (a, b, c, d, e, f, err))  \
    X(clCreateKernel, cl_kernel, (cl_program a, const char *b, cl_int *err), (a, b, err))
// clang-format on

enum {
#define X(call, ...) OF_##call,
    CODES(X) OBJECTS(X)
#undef X
        N_CALLS
};

static const char *const names[N_CALLS] = {
#define X(call, ...) #call,
    CODES(X) OBJECTS(X)
#undef X
};

static int count[N_CALLS];

/* Counts the call, and says whether it is the one that fails. */
static bool is_due(int call, cl_int *err)
{
    const char *fault = getenv("SCL_FAULT");
    char name[64];
    int at, code;

    count[call]++;
    if (!fault || sscanf(fault, "%63[^:]:%d:%d", name, &at, &code) != 3)
        return false;
    *err = code;
    return strcmp(name, names[call]) == 0 && count[call] == at;
}

#define X(call, parameters, arguments)                                                             \
    cl_int call parameters                                                                         \
    {                                                                                              \
        cl_int(*real) parameters;                                                                  \
        cl_int code;                                                                               \
                                                                                                   \
        *(void **)&real = dlsym(RTLD_NEXT, #call);                                                 \
        return is_due(OF_##call, &code) ? code : real arguments;                                   \
    }
CODES(X)
#undef X

#define X(call, type, parameters, arguments)                                                       \
    type call parameters                                                                           \
    {                                                                                              \
        type(*real) parameters;                                                                    \
        cl_int code;                                                                               \
                                                                                                   \
        *(void **)&real = dlsym(RTLD_NEXT, #call);                                                 \
        if (!is_due(OF_##call, &code))                                                             \
            return real arguments;                                                                 \
        if (err)                                                                                   \
            *err = code;                                                                           \
        return NULL;                                                                               \
    }
OBJECTS(X)
#undef X

__attribute__((destructor)) static void save_counts(void)
{
    const char *path = getenv("SCL_FAULT_COUNTS");
    FILE *out = path ? fopen(path, "w") : NULL;

    for (int i = 0; out && i < N_CALLS; i++)
        fprintf(out, "%s %d\n", names[i], count[i]);
    if (out)
        fclose(out);
}
