/* exec_impl.h - what exec_bind.c makes and exec.c runs. */
#ifndef SCL_DEVICE_EXEC_IMPL_H
#define SCL_DEVICE_EXEC_IMPL_H

#include "device/device_impl.h"
#include "device/exec.h"

/* A part of a buffer, made once for all the launches that use it. */
struct piece {
    cl_mem whole, mem;
    size_t offset, bytes;
};

struct bound {
    cl_kernel kernel;      /* NULL: a GEMM, or transforms */
    cl_mem mem[3];         /* what these work on: C, A, B, or out, in; borrowed from the pieces */
    struct scl_clfft *fft; /* borrowed from the exec; NULL: a GEMM */
    size_t global[3], local[3];
};

struct scl_exec {
    struct scl_device *device;
    struct scl_store *store;
    const struct scl_plan *plan;
    cl_mem *buffer;
    struct piece *piece;
    int n_piece, room;
    struct bound *bound;
    struct scl_clfft **fft; /* each once */
    int n_fft;
    cl_mem temp; /* for the GEMM or transforms that need most; they run one after another */
};

/* The buffer that holds `place`, and the place's offset in it; NULL for a state that the model has
 * not. */
cl_mem scl_exec_whole(const struct scl_exec *e, const struct scl_place *place, size_t *offset,
                      size_t *whole_bytes);

#endif
