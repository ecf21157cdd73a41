/* lower.h - the words in which a candidate describes its launches.
 *
 * A candidate's lower() says, launch by launch, which kernel of which file runs,
 * with which parameters, arguments and sizes; the plan gives the arguments their
 * places, and the device runs them in order.
 *
 *     scl_lower_begin(l, "relu", "relu_forward");     cl_kernels/relu.cl
 *     scl_lower_define(l, "SPAN", span);              -DSPAN=4096
 *     scl_lower_value(l, y);                          outputs first
 *     scl_lower_value(l, y->in[0]);
 *     scl_lower_int(l, n);
 *     scl_lower_groups(l, groups, 1, 1, 1);           groups in x, y, z; items in x
 *     return scl_lower_end(l);
 */
#ifndef SCL_GRAPH_LOWER_H
#define SCL_GRAPH_LOWER_H

#include <stdbool.h>
#include <stddef.h>

#include "backend/facts.h"
#include "base/arena.h"

struct scl_node;
struct scl_profile;

#define SCL_MAX_ARG 24

struct scl_arg {
    enum { SCL_ARG_VALUE, SCL_ARG_SCRATCH, SCL_ARG_INT, SCL_ARG_FLOAT } kind;
    const struct scl_node *value;
    size_t first, count; /* a part of the value's elements; count 0: all */
    int scratch;         /* index in the lowering's scratch list */
    int i;
    float f;
};

/* Dense C = alpha op(A) op(B), row-major, through CLBlast: arg 0 is C, 1 A, 2 B. */
struct scl_gemm {
    int m, n, k, trans_a, trans_b;
    float alpha;
};

/* Fourier transforms in two dimensions, through clFFT: arg 0 is what comes out, 1 what goes in.
 * `batch` planes of height x width floats, to as many of height x (width / 2 + 1) complex numbers
 * (real part first); or, inverse, back, scaled by 1 / (height width). */
struct scl_fft {
    int height, width, batch, inverse;
};

struct scl_launch {
    const char *file; /* "conv2d/direct_vec": cl_kernels/conv2d/direct_vec.cl; NULL: gemm, or fft */
    const char *kernel;  /* its function */
    const char *defines; /* "-DMR=6 -DNV=1 " in the order given */
    struct scl_gemm gemm;
    struct scl_fft fft; /* batch 0: a gemm, where there is no file */
    struct scl_arg arg[SCL_MAX_ARG];
    int n_arg;
    size_t groups[3], items; /* a group is `items` work-items in x */
    size_t slices;           /* launches that share the groups in y; 0 and 1: one */
    struct scl_launch *next;
};

/* A parameter that lower() asked for, and what it was told: what a tuner may vary. */
struct scl_asked {
    const char *kernel, *param;
    int value;
    struct scl_asked *next;
};

/* A node that another one's launches compute on the way (plan/fuse.c). */
struct scl_absorbed {
    const struct scl_node *node;
    bool written; /* others read its value: it has a place, and must be written there */
    struct scl_absorbed *next;
};

/* What lower() fills; zero but for the first six members. */
struct scl_lowering {
    const struct scl_facts *facts;
    const struct scl_profile *profile;
    struct scl_arena *arena; /* the launches live here */
    /* "MR=4 elementwise.vec:SPAN=512": go before the profile's. A name alone is of the kernel that
     * is asked of first. NULL: none. */
    const char *params;
    const struct scl_absorbed *absorbed; /* what these launches must compute as well */
    bool unread; /* the node's own value is wanted by what is absorbed only: it has no place */
    struct scl_asked *asked; /* each once, the latest first */
    struct scl_launch *first, *last;
    size_t *scratch; /* bytes of each scratch, alive for this node only */
    int n_scratch;
    int rc;
};

/* A parameter's value for this device: from the lowering's own params, else from the
 * profile; `kernel` is the file's stem, as in "conv2d/direct_vec". A parameter that no
 * profile has is a bug of backends/generic: the lowering fails with words, and 1
 * is returned. */
int scl_lower_param(struct scl_lowering *l, const char *kernel, const char *param);

/* What these launches must know of a node that they compute on the way; NULL: they do not. */
const struct scl_absorbed *scl_lower_absorbed(const struct scl_lowering *l,
                                              const struct scl_node *node);

void scl_lower_begin(struct scl_lowering *l, const char *file, const char *kernel);
void scl_lower_define(struct scl_lowering *l, const char *name, int value);
void scl_lower_value(struct scl_lowering *l, const struct scl_node *node);

/* The fp32 elements first ... first + count - 1 of a value, as if they were one; `first` is a
 * multiple of scl_lower_align(), or the device may refuse it. */
void scl_lower_part(struct scl_lowering *l, const struct scl_node *node, size_t first,
                    size_t count);
size_t scl_lower_align(const struct scl_lowering *l);

void scl_lower_int(struct scl_lowering *l, int value);
void scl_lower_ints(struct scl_lowering *l, const int value[], size_t n);
void scl_lower_float(struct scl_lowering *l, float value);

/* Declares scratch memory of this node (any launch of the node may use it; it
 * holds rubbish at first); returns its index for scl_lower_use(). */
int scl_lower_scratch(struct scl_lowering *l, size_t bytes);
void scl_lower_use(struct scl_lowering *l, int scratch);

/* Work: x * y * z groups of `items` items side by side in x. */
void scl_lower_groups(struct scl_lowering *l, size_t x, size_t y, size_t z, size_t items);

/* Cuts the launch in y into so many, or a group each; its kernel asks for get_global_id(1). */
void scl_lower_slices(struct scl_lowering *l, size_t slices);

/* Begins a GEMM by CLBlast instead of a kernel of ours; its arguments are C, A, B. */
void scl_lower_gemm(struct scl_lowering *l, struct scl_gemm gemm);

/* Begins Fourier transforms by clFFT. */
void scl_lower_fft(struct scl_lowering *l, struct scl_fft fft);

/* 8 hexadecimal digits of the sources of these launches, each file once: what was measured with
 * other digits was measured with other kernels. SCL_BUILD, or SCL_IO, when a file is not there. */
enum { SCL_KERNEL_HASH_BYTES = 9 };
int scl_kernel_hash(char out[SCL_KERNEL_HASH_BYTES], const struct scl_launch *first);

/* "direct.vec MR=6 NV=1": the candidate and the parameters that its lowering asked for, in the
 * order of asking: all of the kernel that it asked of first, of the others
 * ("elementwise.vec:SPAN=9") those that are not the profile's, or with `all` every one. Only the
 * candidate without room. */
void scl_lower_plan_text(char *out, size_t size, const char *candidate,
                         const struct scl_lowering *l, bool all);

/* Whether the lowering has asked for each parameter of its params. */
bool scl_lower_knows_params(const struct scl_lowering *l);

/* SCL_OK, or the first thing that went wrong. */
int scl_lower_end(struct scl_lowering *l);

#endif
