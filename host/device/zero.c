/* zero.c - zeros in a buffer. */
#include "base/status.h"
#include "device/device_impl.h"

enum { BLOCK = 64 * 1024, FILL_FROM = 4 * 1024 * 1024 };

/* Small buffers are written, not filled: oclgrind 21.10 takes what was filled for
 * uninitialised for ever, whatever a kernel stores there later. */
int scl_zero(struct scl_device *device, cl_mem mem, size_t bytes, const char *what)
{
    static const cl_uchar zeros[BLOCK];

    if (bytes >= FILL_FROM)
        return scl_cl(clEnqueueFillBuffer(device->queue, mem, zeros, 1, 0, bytes, 0, NULL, NULL),
                      "clEnqueueFillBuffer", what);
    for (size_t at = 0; at < bytes; at += BLOCK) {
        const size_t part = bytes - at < BLOCK ? bytes - at : BLOCK;
        const int rc = scl_cl(
            clEnqueueWriteBuffer(device->queue, mem, CL_FALSE, at, part, zeros, 0, NULL, NULL),
            "clEnqueueWriteBuffer", what);

        if (rc < 0)
            return rc;
    }
    return SCL_OK;
}
