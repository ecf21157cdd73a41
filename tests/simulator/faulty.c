/* faulty.c - faulty NAME: a program with one fault of the kind that the simulator must find.
 *
 * It knows nothing of its fault and ends with 0, so what tests/simulator/wrapper.sh sees is what
 * tools/oclgrind-run says. `clean` has no fault, and `failing` fails by itself.
 */
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 16, GROUP = 8, FAILURE = 7 };

static const char source[] = "kernel void clean(global int *y, global const int *x)\n"
                             "{\n"
                             "    local int t[8];\n"
                             "    const int i = get_global_id(0), k = get_local_id(0);\n"
                             "    t[k] = x[i];\n"
                             "    barrier(CLK_LOCAL_MEM_FENCE);\n"
                             "    y[i] = t[7 - k];\n"
                             "}\n"
                             "kernel void global_race(global int *y, global const int *x)\n"
                             "{\n"
                             "    y[0] = x[get_global_id(0)];\n"
                             "}\n"
                             "kernel void local_race(global int *y, global const int *x)\n"
                             "{\n"
                             "    local int t[8];\n"
                             "    const int i = get_global_id(0), k = get_local_id(0);\n"
                             "    t[k] = x[i];\n"
                             "    y[i] = t[7 - k];\n" /* no barrier */
                             "}\n"
                             "kernel void uninitialized(global int *y, global const int *x)\n"
                             "{\n"
                             "    local int t[8];\n"
                             "    const int i = get_global_id(0), k = get_local_id(0);\n"
                             "    if (k > 0)\n"
                             "        t[k] = x[i];\n"
                             "    barrier(CLK_LOCAL_MEM_FENCE);\n"
                             "    y[i] = t[k];\n"
                             "}\n"
                             "kernel void read_outside(global int *y, global const int *x)\n"
                             "{\n"
                             "    y[get_global_id(0)] = x[get_global_id(0) + 1];\n"
                             "}\n"
                             "kernel void write_outside(global int *y, global const int *x)\n"
                             "{\n"
                             "    y[get_global_id(0) + 1] = x[get_global_id(0)];\n"
                             "}\n"
                             "kernel void divergence(global int *y, global const int *x)\n"
                             "{\n"
                             "    const int i = get_global_id(0);\n"
                             "    if (get_local_id(0) < 4)\n"
                             "        barrier(CLK_LOCAL_MEM_FENCE);\n"
                             "    y[i] = x[i];\n"
                             "}\n";

static void must(cl_int err, const char *what)
{
    if (err == CL_SUCCESS)
        return;
    printf("%s: %d\n", what, err);
    exit(EXIT_FAILURE);
}

static cl_kernel build(cl_context context, cl_device_id device, const char *name)
{
    const char *text = source;
    cl_int err;
    cl_program program = clCreateProgramWithSource(context, 1, &text, NULL, &err);
    cl_kernel kernel;

    must(err, "clCreateProgramWithSource");
    must(clBuildProgram(program, 1, &device, "-cl-std=CL1.2", NULL, NULL), "clBuildProgram");
    kernel = clCreateKernel(program, name, &err);
    must(err, "clCreateKernel");
    clReleaseProgram(program);
    return kernel;
}

/* Runs the kernel on N items; a `misuse` makes a call that is refused, and goes on. */
static void run(cl_context context, cl_device_id device, const char *name, int misuse)
{
    int x[N];
    const size_t global = N, group = GROUP, wrong = GROUP - 1;
    cl_int err;
    cl_command_queue queue = clCreateCommandQueue(context, device, 0, &err);
    cl_kernel kernel = build(context, device, name);
    cl_mem in, out;

    for (int i = 0; i < N; i++)
        x[i] = i;
    in = clCreateBuffer(context, CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR, sizeof x, x, &err);
    must(err, "clCreateBuffer");
    out = clCreateBuffer(context, CL_MEM_READ_WRITE, sizeof x, NULL, &err);
    must(err, "clCreateBuffer");
    must(clSetKernelArg(kernel, 0, sizeof out, &out), "clSetKernelArg");
    must(clSetKernelArg(kernel, 1, sizeof in, &in), "clSetKernelArg");
    if (misuse)
        clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &global, &wrong, 0, NULL, NULL);
    must(clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &global, &group, 0, NULL, NULL),
         "clEnqueueNDRangeKernel");
    must(clFinish(queue), "clFinish");
    clReleaseMemObject(out);
    clReleaseMemObject(in);
    clReleaseKernel(kernel);
    clReleaseCommandQueue(queue);
}

int main(int argc, char **argv)
{
    const char *const name = argc == 2 ? argv[1] : "";
    const int misuse = strcmp(name, "misuse") == 0, failing = strcmp(name, "failing") == 0;
    cl_platform_id platform;
    cl_device_id device;
    cl_context context;
    cl_int err;

    must(clGetPlatformIDs(1, &platform, NULL), "clGetPlatformIDs");
    must(clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &device, NULL), "clGetDeviceIDs");
    context = clCreateContext(NULL, 1, &device, NULL, NULL, &err);
    must(err, "clCreateContext");
    run(context, device, misuse || failing ? "clean" : name, misuse);
    clReleaseContext(context);
    puts("ran");
    return failing ? FAILURE : EXIT_SUCCESS;
}
