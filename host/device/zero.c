/* zero.c - zeros in a buffer; or what is no number. */
#include "base/status.h"
#include "device/device_impl.h"

enum { FILL_FROM = 4 * 1024 * 1024 };

/* Small buffers are written, whole, and not filled: oclgrind 21.10 takes what was filled for
 * uninitialised for ever, whatever a kernel stores there later, and forgets what it knew of a
 * buffer of which a part is written. */
int scl_zero(struct scl_device *device, cl_mem mem, size_t bytes, const char *what)
{
    static cl_uchar zeros[FILL_FROM]; /* not const, or the program's file would hold them */

    if (bytes >= FILL_FROM)
        return scl_cl(clEnqueueFillBuffer(device->queue, mem, zeros, 1, 0, bytes, 0, NULL, NULL),
                      "clEnqueueFillBuffer", what);
    return scl_cl(
        clEnqueueWriteBuffer(device->queue, mem, CL_FALSE, 0, bytes, zeros, 0, NULL, NULL),
        "clEnqueueWriteBuffer", what);
}

int scl_taint(struct scl_device *device, cl_mem mem, size_t bytes, const char *what)
{
    const cl_uchar taint = SCL_TAINT;

    return scl_cl(clEnqueueFillBuffer(device->queue, mem, &taint, 1, 0, bytes, 0, NULL, NULL),
                  "clEnqueueFillBuffer", what);
}
