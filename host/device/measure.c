/* measure.c - three kernels and two transfers, timed until the times agree. */
#include "device/measure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/status.h"
#include "device/device_impl.h"

enum { ROUNDS = 65536, COPY_BYTES = 256 << 20, TRANSFER_BYTES = 64 << 20, LAUNCHES = 500 };

/* Cores that slept take their time to wake, and to be given one thread each. */
static const double warm_seconds = 0.1, most_seconds = 2, long_enough = 0.02;

/* What is timed again and again. */
struct trial {
    int (*run)(double *seconds, const struct trial *trial);
    struct scl_device *device;
    cl_kernel kernel;
    size_t global, local;
    cl_mem mem[2];
    void *host; /* of a transfer */
    size_t bytes;
    int wg, acc, span, lanes; /* the kernels' parameters */
};

int scl_event_seconds(double *out, cl_event event)
{
    cl_ulong start = 0, end = 0;
    int rc;

    SCL_TRY(scl_cl(clWaitForEvents(1, &event), "clWaitForEvents", NULL));
    SCL_TRY(scl_cl(
        clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_START, sizeof start, &start, NULL),
        "clGetEventProfilingInfo", NULL));
    SCL_TRY(scl_cl(clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_END, sizeof end, &end, NULL),
                   "clGetEventProfilingInfo", NULL));
    *out = (double)(end - start) * 1e-9;
out:
    clReleaseEvent(event);
    return rc;
}

static int enqueue(const struct trial *t, cl_event *event)
{
    return scl_cl(clEnqueueNDRangeKernel(t->device->queue, t->kernel, 1, NULL, &t->global,
                                         &t->local, 0, NULL, event),
                  "clEnqueueNDRangeKernel", "measure");
}

static int run_kernel(double *seconds, const struct trial *t)
{
    cl_event event;
    const int rc = enqueue(t, &event);

    return rc < 0 ? rc : scl_event_seconds(seconds, event);
}

/* One after another, without a wait between them: as a training step does. */
static int run_launches(double *seconds, const struct trial *t)
{
    const double begin = scl_clock();
    int rc;

    for (int i = 0; i < LAUNCHES; i++)
        SCL_TRY(enqueue(t, NULL));
    rc = scl_device_finish(t->device);
    *seconds = (scl_clock() - begin) / LAUNCHES;
out:
    return rc;
}

static int run_write(double *seconds, const struct trial *t)
{
    const double begin = scl_clock();
    const cl_int err = clEnqueueWriteBuffer(t->device->queue, t->mem[0], CL_TRUE, 0, t->bytes,
                                            t->host, 0, NULL, NULL);

    *seconds = scl_clock() - begin;
    return scl_cl(err, "clEnqueueWriteBuffer", "measure");
}

static int run_read(double *seconds, const struct trial *t)
{
    const double begin = scl_clock();
    const cl_int err = clEnqueueReadBuffer(t->device->queue, t->mem[0], CL_TRUE, 0, t->bytes,
                                           t->host, 0, NULL, NULL);

    *seconds = scl_clock() - begin;
    return scl_cl(err, "clEnqueueReadBuffer", "measure");
}

/* Seconds of the fastest run, once the next best is within 2 %. `cores` (may be NULL): the part of
 * a CPU's time that this process had meanwhile. */
static int time_best(double *best, double *cores, const struct trial *t)
{
    double begin = 0, second = 1e30, seconds;
    int rc, n = 0;

    *best = 1e30;
    SCL_TRY(t->run(&seconds, t)); /* the first may compile */
    begin = scl_clock();
    for (;;) {
        const double wall = scl_clock(), cpu = scl_clock_cpu();

        SCL_TRY(t->run(&seconds, t));
        if (scl_clock() - begin < warm_seconds)
            continue;
        n++;
        if (seconds < *best) {
            second = *best;
            *best = seconds;
            if (cores)
                *cores = fmin(1, (scl_clock_cpu() - cpu) / (scl_clock() - wall) /
                                     t->device->facts.compute_units);
        } else if (seconds < second) {
            second = seconds;
        }
        if ((n >= 5 && second < 1.02 * *best) || (n >= 2 && scl_clock() - begin > most_seconds))
            break;
    }
out:
    return rc;
}

static int open_kernel(struct trial *t, const char *name)
{
    struct scl_device *const device = t->device;
    const char *const key = device->facts.is_cpu ? "measure.vec" : "measure.tile";
    char defines[128];
    cl_program program;
    cl_int err;
    int rc;

    SCL_TRY(scl_profile_get(&t->wg, device->profile, key, "WG"));
    SCL_TRY(scl_profile_get(&t->acc, device->profile, key, "ACC"));
    SCL_TRY(scl_profile_get(&t->span, device->profile, key, "SPAN"));
    SCL_TRY(scl_profile_get(&t->lanes, device->profile, key, "LANES"));
    snprintf(defines, sizeof defines, "-DACC=%d -DROUNDS=%d -DSPAN=%d -DLANES=%d -DWG=%d ", t->acc,
             ROUNDS, t->span, t->lanes, t->wg);
    SCL_TRY(scl_program_find(&program, device, "measure", defines));
    t->kernel = clCreateKernel(program, name, &err);
    t->local = (size_t)t->wg;
    rc = scl_cl(err, "clCreateKernel", name);
out:
    return rc;
}

/* The next buffer, which is the kernel's next argument where there is a kernel. */
static int add_buffer(struct trial *t, size_t bytes)
{
    const cl_uint i = t->mem[0] ? 1 : 0;
    int rc;

    SCL_TRY(scl_memory_new(&t->mem[i], t->device, bytes, "measure"));
    SCL_TRY(scl_memory_zero(t->device, t->mem[i], bytes, "measure"));
    if (t->kernel)
        rc = scl_cl(clSetKernelArg(t->kernel, i, sizeof t->mem[i], &t->mem[i]), "clSetKernelArg",
                    "measure");
out:
    return rc;
}

static int set_value(const struct trial *t, cl_uint index, size_t size, const void *value)
{
    return scl_cl(clSetKernelArg(t->kernel, index, size, value), "clSetKernelArg", "measure");
}

static void close_trial(struct trial *t)
{
    for (int i = 0; i < 2; i++)
        if (t->mem[i])
            clReleaseMemObject(t->mem[i]);
    if (t->kernel)
        clReleaseKernel(t->kernel);
    free(t->host);
}

/* Launches of 20 ms and more: in short ones a thread that wakes late counts for much. */
static int measure_fma(struct scl_limits *out, struct scl_device *device)
{
    struct trial t = { .run = run_kernel, .device = device };
    const cl_float a = 0.5f, b = 1.0f;
    double seconds;
    int rc, grown = 1;

    SCL_TRY(open_kernel(&t, "measure_fma"));
    t.global = (size_t)device->facts.compute_units * (t.wg > 1 ? 32 : 64) * (size_t)t.wg;
    SCL_TRY(add_buffer(&t, 16 * t.global * sizeof(float)));
    SCL_TRY(set_value(&t, 1, sizeof a, &a));
    SCL_TRY(set_value(&t, 2, sizeof b, &b));
    SCL_TRY(t.run(&seconds, &t));
    for (; grown < 16; grown *= 2, t.global *= 2) {
        SCL_TRY(t.run(&seconds, &t));
        if (seconds >= long_enough)
            break;
    }
    SCL_TRY(time_best(&seconds, device->facts.is_cpu ? &out->cores : NULL, &t));
    out->gflops = 2.0 * 16 * t.acc * ROUNDS * (double)t.global / seconds * 1e-9;
out:
    close_trial(&t);
    return rc;
}

static size_t bytes_that_fit(const struct scl_device *device, size_t wanted)
{
    const size_t most = device->facts.max_alloc_bytes / 2;

    return most < wanted ? most / 65536 * 65536 : wanted;
}

static int measure_copy(struct scl_limits *out, struct scl_device *device)
{
    struct trial t = { .run = run_kernel, .device = device };
    const size_t bytes = bytes_that_fit(device, COPY_BYTES);
    const cl_int n = (cl_int)(bytes / sizeof(float));
    double seconds;
    int rc;

    SCL_TRY(open_kernel(&t, "measure_copy"));
    SCL_TRY(add_buffer(&t, bytes));
    SCL_TRY(add_buffer(&t, bytes));
    SCL_TRY(set_value(&t, 2, sizeof n, &n));
    t.global = ((size_t)n + (size_t)t.span - 1) / (size_t)t.span;
    t.global = (t.global + t.local - 1) / t.local * t.local;
    SCL_TRY(time_best(&seconds, NULL, &t));
    out->copy_gbps = 2.0 * (double)bytes / seconds * 1e-9;
out:
    close_trial(&t);
    return rc;
}

static int measure_launch(struct scl_limits *out, struct scl_device *device)
{
    struct trial t = { .run = run_launches, .device = device };
    double seconds;
    int rc;

    SCL_TRY(open_kernel(&t, "measure_launch"));
    SCL_TRY(add_buffer(&t, sizeof(float)));
    t.global = t.local;
    SCL_TRY(time_best(&seconds, NULL, &t));
    out->launch_us = seconds * 1e6;
out:
    close_trial(&t);
    return rc;
}

static int measure_transfers(struct scl_limits *out, struct scl_device *device)
{
    struct trial t = { .device = device, .bytes = bytes_that_fit(device, TRANSFER_BYTES) };
    double seconds;
    int rc;

    if (!(t.host = calloc(1, t.bytes)))
        return scl_fail(SCL_NOMEM, "out of memory for %zu bytes to transfer", t.bytes);
    SCL_TRY(add_buffer(&t, t.bytes));
    t.run = run_read; /* first: it makes the host's pages */
    SCL_TRY(time_best(&seconds, NULL, &t));
    out->read_gbps = (double)t.bytes / seconds * 1e-9;
    t.run = run_write;
    SCL_TRY(time_best(&seconds, NULL, &t));
    out->write_gbps = (double)t.bytes / seconds * 1e-9;
out:
    close_trial(&t);
    return rc;
}

int scl_limits_measure(struct scl_limits *out, struct scl_device *device)
{
    int rc;

    *out = (struct scl_limits){ .cores = 1 };
    SCL_TRY(measure_fma(out, device));
    SCL_TRY(measure_copy(out, device));
    SCL_TRY(measure_launch(out, device));
    SCL_TRY(measure_transfers(out, device));
    scl_clock_time(out->date);
    scl_device_cache_programs(device);
    scl_limits_save(out, &device->facts);
out:
    return rc;
}
