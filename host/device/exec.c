/* exec.c - a bound plan is written to, run and read. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/status.h"
#include "device/exec_impl.h"

int scl_exec_write(struct scl_exec *e, const struct scl_node *node, const void *data, bool wait)
{
    const struct scl_place *place = &e->plan->place[node->id];
    size_t offset, whole_bytes;
    const cl_mem mem = scl_exec_whole(e, place, &offset, &whole_bytes);

    return scl_cl(clEnqueueWriteBuffer(e->device->queue, mem, wait, offset, place->bytes, data, 0,
                                       NULL, NULL),
                  "clEnqueueWriteBuffer", node->name);
}

int scl_exec_read(struct scl_exec *e, const struct scl_node *node, void *out)
{
    const struct scl_place *place = &e->plan->place[node->id];
    size_t offset, whole_bytes;
    const cl_mem mem = scl_exec_whole(e, place, &offset, &whole_bytes);

    return scl_cl(clEnqueueReadBuffer(e->device->queue, mem, CL_TRUE, offset, place->bytes, out, 0,
                                      NULL, NULL),
                  "clEnqueueReadBuffer", node->name);
}

/* What lies between the guards of a buffer. */
static const char *name_of(const struct scl_plan *plan, int buffer)
{
    for (int id = 0; id < scl_graph_count(plan->graph); id++)
        if (plan->place[id].kind == SCL_IN_WORK && plan->place[id].bytes > 0 &&
            plan->place[id].buffer == buffer)
            return scl_graph_node(plan->graph, id)->name;
    return "a scratch";
}

int scl_exec_check_guards(struct scl_exec *e)
{
    const size_t n = e->plan->guard_bytes;
    unsigned char *guard = malloc(n + 1);
    int rc = SCL_OK;

    if (!guard)
        return scl_fail(SCL_NOMEM, "out of memory for a guard");
    for (int i = 0; i < 2 * e->plan->n_buffer; i++) {
        const size_t at = i % 2 ? e->plan->buffer_bytes[i / 2] - n : 0;

        SCL_TRY(scl_cl(clEnqueueReadBuffer(e->device->queue, e->buffer[i / 2], CL_TRUE, at, n,
                                           guard, 0, NULL, NULL),
                       "clEnqueueReadBuffer", "a guard"));
        for (size_t b = 0; b < n; b++)
            if (guard[b] != SCL_TAINT) {
                rc = scl_fail(SCL_DEVICE, "writes %zu bytes %s %s", i % 2 ? b : n - b,
                              i % 2 ? "behind" : "in front of", name_of(e->plan, i / 2));
                goto out;
            }
    }
out:
    free(guard);
    return rc;
}

static size_t slices_of(const struct scl_exec *e, int s)
{
    const size_t n = e->plan->step[s].launch->slices;

    return n > 1 ? n : 1;
}

/* One slice of the step's launch. */
static int launch(struct scl_exec *e, int s, size_t slice, cl_event *event)
{
    const struct bound *b = &e->bound[s];
    const struct scl_launch *l = e->plan->step[s].launch;
    const size_t n = slices_of(e, s), begin = b->global[1] * slice / n;
    const size_t offset[3] = { 0, begin, 0 };
    const size_t global[3] = { b->global[0], b->global[1] * (slice + 1) / n - begin, b->global[2] };

    if (b->fft)
        return scl_clfft_run(b->fft, b->mem[0], b->mem[1], e->temp, event);
    if (!b->kernel)
        return scl_clblast_gemm(e->device, l, b->mem, e->temp, event);
    return scl_cl(clEnqueueNDRangeKernel(e->device->queue, b->kernel, 3, offset, global, b->local,
                                         0, NULL, event),
                  "clEnqueueNDRangeKernel", l->kernel);
}

int scl_exec_run(struct scl_exec *e)
{
    int rc = SCL_OK;

    for (int s = 0; s < e->plan->n_step; s++)
        for (size_t slice = 0; slice < slices_of(e, s); slice++)
            SCL_TRY(launch(e, s, slice, NULL));
    rc = scl_cl(clFlush(e->device->queue), "clFlush", NULL);
out:
    return rc;
}

static int time_launch(double *seconds, struct scl_exec *e, int s, size_t slice)
{
    cl_event event = NULL;
    int rc;

    SCL_TRY(launch(e, s, slice, &event));
    rc = scl_event_seconds(seconds, event);
out:
    return rc;
}

/* A library's launches are several, and its event is the last one's: by the host's clock. */
static int time_library(double *seconds, struct scl_exec *e, int s)
{
    double begin;
    int rc;

    SCL_TRY(scl_device_finish(e->device));
    begin = scl_clock();
    SCL_TRY(launch(e, s, 0, NULL));
    SCL_TRY(scl_device_finish(e->device));
    *seconds = scl_clock() - begin;
out:
    return rc;
}

int scl_exec_profile(struct scl_exec *e, double ms[])
{
    int rc = SCL_OK;

    for (int s = 0; s < e->plan->n_step; s++) {
        ms[s] = 0;
        for (size_t slice = 0; slice < slices_of(e, s); slice++) {
            double seconds;

            SCL_TRY(e->bound[s].kernel ? time_launch(&seconds, e, s, slice)
                                       : time_library(&seconds, e, s));
            ms[s] += seconds * 1e3;
        }
    }
out:
    return rc;
}
