/* memory.c - the device's memory; zeros in it, or what is no number. */
#include "base/status.h"
#include "device/device_impl.h"

enum { FILL_FROM = 4 * 1024 * 1024 };

int scl_memory_new(cl_mem *out, struct scl_device *device, size_t bytes, const char *what)
{
    cl_int err;

    *out = clCreateBuffer(device->context, CL_MEM_READ_WRITE, bytes, NULL, &err);
    return scl_cl(err, "clCreateBuffer", what);
}

bool scl_memory_is_small(size_t bytes)
{
    return bytes < FILL_FROM;
}

/* Small buffers are written, whole, and not filled: oclgrind 21.10 takes what was filled for
 * uninitialised for ever, whatever a kernel stores there later, and forgets what it knew of a
 * buffer of which a part is written. */
int scl_memory_zero(struct scl_device *device, cl_mem mem, size_t bytes, const char *what)
{
    static cl_uchar zeros[FILL_FROM]; /* not const, or the program's file would hold them */

    if (!scl_memory_is_small(bytes))
        return scl_memory_fill(device, mem, 0, 0, bytes, what);
    return scl_cl(
        clEnqueueWriteBuffer(device->queue, mem, CL_FALSE, 0, bytes, zeros, 0, NULL, NULL),
        "clEnqueueWriteBuffer", what);
}

int scl_memory_fill(struct scl_device *device, cl_mem mem, cl_uchar byte, size_t offset,
                    size_t bytes, const char *what)
{
    return scl_cl(clEnqueueFillBuffer(device->queue, mem, &byte, 1, offset, bytes, 0, NULL, NULL),
                  "clEnqueueFillBuffer", what);
}
