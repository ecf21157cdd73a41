/* norm_impl.h - what the operators of a normalisation share (ops/norm.h).
 *
 * All have the same attribute. x [N, ..., C] is seen as [views, rows, channels]: a
 * view is a group of the batch, or for group normalisation an image. `stats` is
 * [views, 3, channels]: mean, 1 / sqrt(variance + eps), variance; `sums` and `means`
 * are [views, 2, channels].
 */
#ifndef SCL_OPS_NORM_IMPL_H
#define SCL_OPS_NORM_IMPL_H

#include "ops/norm.h"

struct scl_norm {
    float eps, momentum;
    int views, rows; /* how many views, and the rows of each */
    int together;    /* neighbouring channels that share statistics */
    enum scl_act act;
    bool affine, residual; /* whether there are gamma and beta, and a residual */
    bool frozen;           /* statistics do not depend on x */
    int line;              /* of sums, for norm_grad_affine */
};

/* Inputs of the normalise pass: x, stats, then gamma and beta if affine, then the
 * residual if there is one. Absent ones are NULL here. */
struct scl_norm_in {
    struct scl_node *x, *stats, *gamma, *beta, *residual;
};

struct scl_norm_in scl_norm_inputs(const struct scl_node *y);

/* Sets norm->rows, and refuses, under the name `what`, what cannot be normalised. */
int scl_norm_check(struct scl_norm *norm, const char *what, const struct scl_norm_in *in);

int scl_norm_channels(const struct scl_node *x);

/* The key of all these operators. */
void scl_norm_key(char *out, size_t size, const struct scl_node *y);

/* Statistics of x; or from a given mean and variance [C], for one view. */
struct scl_node *scl_norm_stats(struct scl_graph *g, struct scl_node *x, struct scl_norm norm);
struct scl_node *scl_norm_frozen(struct scl_graph *g, struct scl_node *mean,
                                 struct scl_node *variance, struct scl_norm norm);

/* Moves the states mean and variance [C] towards each view's statistics in turn. */
struct scl_node *scl_norm_running(struct scl_graph *g, struct scl_node *mean,
                                  struct scl_node *variance, struct scl_node *stats,
                                  struct scl_norm norm);

/* `op` is scl_op_batch_norm or scl_op_group_norm. */
struct scl_node *scl_norm_apply(struct scl_graph *g, const struct scl_op *op,
                                const struct scl_norm_in *in, struct scl_norm norm);

/* What those two operators have in common. */
int scl_norm_infer(struct scl_node *y);
int scl_norm_grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                  struct scl_node *dx[]);
void scl_norm_reference(const struct scl_node *y, double *const in[], double *out);
double scl_norm_flops(const struct scl_node *y);
extern const struct scl_candidate scl_norm_candidates[];

/* scl_walk_begin() over the rows of each view, with ACT and AFFINE. */
int scl_norm_walk(struct scl_lowering *l, const char *file, const char *kernel, const char *key,
                  const struct scl_node *x, const struct scl_norm *norm);

/* How rows are dealt to the groups of a reduction over them. */
struct scl_norm_grid {
    int lanes, nv, at_once, ci, ri, most_blocks; /* LANES NV ROWS CI RI BLOCKS of the kernels */
    int blocks, sub;                             /* as in the kernels */
    int rows, channels, views;
    int chunk, chunks; /* rows of a chunk; chunks of a view */
};

struct scl_norm_grid scl_norm_grid(struct scl_lowering *l, const char *key,
                                   const struct scl_node *x, const struct scl_norm *norm);

/* Begins a launch over all chunks, or one that joins what they left, with the grid's parameters. */
void scl_norm_begin(struct scl_lowering *l, const char *file, const char *kernel,
                    const struct scl_norm_grid *grid, bool join);

/* Moments of parts of y, gathered while y is written: cl_kernels/norm/stats.cl makes statistics of
 * them. A candidate that gathers them has scl_moments_absorbs(), and in its lowering
 *
 *     m = scl_moments_of(l, y);                  y is [m.views, ...]
 *     scl_moments_scratch(l, &m, chunks);        for each view
 *     scl_lower_begin(...);
 *     scl_moments_use(l, &m, any_scratch);       the kernel's part and counts
 *     scl_lower_int(l, m.stats != NULL);         whether it gathers
 *     ...
 *     scl_moments_join_vec(l, &m);
 */
struct scl_moments {
    const struct scl_node *stats; /* that are wanted; NULL: none */
    int views;                    /* 1 where none are wanted */
    int part, counts;             /* scratch */
    int chunks;                   /* of each view */
};

/* A candidate's `absorbs`: whether `other` are the statistics of y's channels. */
bool scl_moments_absorbs(const struct scl_node *y, const struct scl_node *other, bool written);

/* Those that y's launches compute on the way. */
struct scl_moments scl_moments_of(const struct scl_lowering *l, const struct scl_node *y);

/* Declares their scratch, where there are any, of so many chunks of each view. */
void scl_moments_scratch(struct scl_lowering *l, struct scl_moments *m, size_t chunks);

/* The arguments part and counts; where no moments are wanted `other`, a scratch, stands there. */
void scl_moments_use(struct scl_lowering *l, const struct scl_moments *m, int other);

/* The launch that makes statistics of them, where there are any, on a CPU. */
void scl_moments_join_vec(struct scl_lowering *l, const struct scl_moments *m);

/* The derivative of the activation at v, and its value. */
double scl_act_value(enum scl_act act, double v);
double scl_act_slope(enum scl_act act, double v);

#endif
