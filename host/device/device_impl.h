/* device_impl.h - what the files of host/device share. */
#ifndef SCL_DEVICE_DEVICE_IMPL_H
#define SCL_DEVICE_DEVICE_IMPL_H

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <CL/cl_ext.h>

#include "device/device.h"
#include "device/store.h"
#include "graph/lower.h"

struct scl_program {
    const char *file;
    char *options;
    char cache_path[1024]; /* "" when there is no cache */
    cl_program program;
    bool is_new; /* built from source, and not in the cache yet */
    struct scl_program *next;
};

struct scl_device {
    struct scl_facts facts;
    struct scl_profile *profile;
    struct scl_tuning *tuning; /* NULL: not loaded */
    cl_device_id id;
    cl_context context;
    cl_command_queue queue;
    struct scl_program *program;
    char gemm_defines[1024]; /* the parameters that CLBlast has; "": its own */
};

struct scl_store {
    struct scl_device *device;
    struct scl_store_entry *entry;
    int n_entry, room;
    cl_mem *bank;
    size_t *bank_bytes;
    int n_bank;
};

/* SCL_OK, or "CALL: CL_INVALID_VALUE" with SCL_DEVICE. `what` may add the kernel. */
int scl_cl(cl_int err, const char *call, const char *what);

/* Seconds that the device took for a command that is done; releases the event. */
int scl_event_seconds(double *out, cl_event event);

/* A buffer for kernels to read and write; `what` names it in a failure's words. */
int scl_memory_new(cl_mem *out, struct scl_device *device, size_t bytes, const char *what);

/* Whether a buffer is one that is best cleared whole, whatever of it is wanted. */
bool scl_memory_is_small(size_t bytes);

/* Enqueues zeros for the whole buffer. */
int scl_memory_zero(struct scl_device *device, cl_mem mem, size_t bytes, const char *what);

/* Enqueues a byte for a part of a buffer; of SCL_TAINT floats are NaN and integers -1. */
int scl_memory_fill(struct scl_device *device, cl_mem mem, cl_uchar byte, size_t offset,
                    size_t bytes, const char *what);
enum { SCL_TAINT = 0xff };

const char *scl_cl_error_text(cl_int err);

/* Fills facts from OpenCL. */
int scl_facts_query(struct scl_facts *out, cl_platform_id platform, cl_device_id id);

/* The program of this file under these options, built or taken from the caches. */
int scl_program_find(cl_program *out, struct scl_device *device, const char *file,
                     const char *defines);
/* Whether that would have to be compiled. */
bool scl_program_is_ready(const struct scl_device *device, const char *file, const char *defines);
/* Whether a program that is not ready lies in the cache; it may be damaged. */
bool scl_program_is_cached(const struct scl_device *device, const char *file, const char *defines);
void scl_programs_free(struct scl_device *device);

/* Who is told of programs that are compiled. */
struct scl_compiling {
    void (*progress)(void *user, int done, int of, const char *program); /* may be NULL */
    void *user;
};

/* Has other processes compile these launches' programs into the cache (compile.h), and tells of
 * each that is there. Returns how many: 0 where there are no such processes. */
int scl_compile_all(struct scl_device *device, int n, const struct scl_launch *const launch[],
                    const struct scl_compiling *to);

/* The folder `name` of the user's cache, made where it is not there; false when there can be none.
 */
bool scl_cache_make(char *out, size_t size, const char *name);

struct scl_limits;

/* Keeps measured limits (measure.h). */
void scl_limits_save(const struct scl_limits *limits, const struct scl_facts *facts);

/* The kernel cache on disk: NULL when the file is not there or is not whole.
 * The bytes are yours to free. */
void scl_cache_path(char *out, size_t size, const struct scl_facts *facts, const char *source,
                    const char *options);
unsigned char *scl_cache_load(const char *path, size_t *size);
void scl_cache_save(const char *path, const unsigned char *bytes, size_t size);

/* Removes what processes that were killed have left in the cache half written. */
void scl_cache_sweep(void);

/* A dense GEMM through CLBlast with the parameters of the launch; DESIGN.md 4 has its rules.
 * mem: C, A, B. */
int scl_clblast_temp_bytes(size_t *out, struct scl_device *device, const struct scl_launch *l);
int scl_clblast_gemm(struct scl_device *device, const struct scl_launch *l, const cl_mem mem[3],
                     cl_mem temp, cl_event *event);

/* Fourier transforms through clFFT, compiled and checked; DESIGN.md 4 has its rules. */
struct scl_clfft;
int scl_clfft_new(struct scl_clfft **out, struct scl_device *device, const struct scl_fft *fft);
void scl_clfft_free(struct scl_clfft *c);
size_t scl_clfft_temp_bytes(const struct scl_clfft *c);
int scl_clfft_run(struct scl_clfft *c, cl_mem out, cl_mem in, cl_mem temp, cl_event *event);

#endif
