/* launch_log.c - writes down what is launched: a line "KERNEL OPTIONS" for each distinct pair, in
 * the file that SCL_LAUNCH_LOG names.
 *
 * The linker sends every clEnqueueNDRangeKernel of a test here (--wrap), so the lines say what an
 * OpenCL runtime was given and took, not what a test meant to run. The first line names the device.
 */
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

cl_int __real_clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel, cl_uint dim,
                                     const size_t *offset, const size_t *global,
                                     const size_t *local, cl_uint n_wait, const cl_event *wait,
                                     cl_event *event);
cl_int __wrap_clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel, cl_uint dim,
                                     const size_t *offset, const size_t *global,
                                     const size_t *local, cl_uint n_wait, const cl_event *wait,
                                     cl_event *event);

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static cl_device_id device_of(cl_command_queue queue)
{
    cl_device_id device = NULL;

    clGetCommandQueueInfo(queue, CL_QUEUE_DEVICE, sizeof device, &device, NULL);
    return device;
}

/* The file, begun anew by each process; a test whose launches cannot be written fails. */
static FILE *open_log(const char *path, cl_device_id device)
{
    char name[256] = "";
    FILE *file = fopen(path, "w");

    if (!file) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    clGetDeviceInfo(device, CL_DEVICE_NAME, sizeof name - 1, name, NULL);
    fprintf(file, "# %s\n", name);
    return file;
}

static void write_down(const char *path, cl_kernel kernel, cl_device_id device)
{
    static FILE *file;
    static void *lines; /* a tree of texts, alive as long as the process */
    char name[128] = "", options[512] = "", line[640], *own;
    cl_program program = NULL;

    clGetKernelInfo(kernel, CL_KERNEL_FUNCTION_NAME, sizeof name - 1, name, NULL);
    clGetKernelInfo(kernel, CL_KERNEL_PROGRAM, sizeof program, &program, NULL);
    clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_OPTIONS, sizeof options - 1, options,
                          NULL);
    snprintf(line, sizeof line, "%s %s", name, options);
    if (tfind(line, &lines, compare) || !(own = strdup(line)) || !tsearch(own, &lines, compare))
        return;
    if (!file)
        file = open_log(path, device);
    fprintf(file, "%s\n", line);
    fflush(file);
}

cl_int __wrap_clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel, cl_uint dim,
                                     const size_t *offset, const size_t *global,
                                     const size_t *local, cl_uint n_wait, const cl_event *wait,
                                     cl_event *event)
{
    const char *const path = getenv("SCL_LAUNCH_LOG");
    const cl_int err = __real_clEnqueueNDRangeKernel(queue, kernel, dim, offset, global, local,
                                                     n_wait, wait, event);

    if (err == CL_SUCCESS && path)
        write_down(path, kernel, device_of(queue));
    return err;
}
