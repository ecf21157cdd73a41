/* plan.h - a graph made ready for one device: which candidate computes each
 * node, which nodes another computes on the way, which launches run in which order,
 * where every value lies.
 *
 * Built once, never changed, run once a step. The plan knows no OpenCL: it is made, printed and
 * tested from a device's facts alone. `g` must outlive it.
 *
 *     SCL_TRY(scl_plan_new(&plan, g, &(struct scl_plan_spec){
 *         .facts = &facts, .profile = profile, .n_keep = 1, .keep = &loss }));
 *     scl_plan_print(plan, stdout);
 *     ...
 *     scl_plan_free(plan);
 */
#ifndef SCL_PLAN_PLAN_H
#define SCL_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "backend/facts.h"
#include "backend/profile.h"
#include "backend/tuning.h"
#include "graph/graph.h"
#include "graph/op.h"

/* Bytes in the model's memory or in one of the plan's own buffers. */
struct scl_place {
    enum { SCL_IN_MODEL, SCL_IN_WORK } kind;
    int buffer;                  /* SCL_IN_WORK: which */
    const struct scl_node *root; /* SCL_IN_MODEL: the state that it begins in */
    size_t offset, bytes;        /* from the start of the buffer, or of the root state */
};

/* What computes a node, as decided for it alone: also of one that another's launches compute on the
 * way. */
struct scl_decided {
    const struct scl_node *node;
    const struct scl_candidate *candidate;
    const char *chosen;     /* "direct.vec MR=6 NV=1": the candidate and all its parameters */
    enum scl_origin origin; /* where that is from, and if of a relative, whose it is */
    const char *from;
    const struct scl_launch *launch; /* alone; the node's follow it */
};

/* One launch; place[i] is where its argument i lies, when that is memory. */
struct scl_step {
    const struct scl_node *node;
    const struct scl_decided *by;
    const struct scl_launch *launch;     /* the node's follow it */
    const struct scl_absorbed *absorbed; /* what these launches compute on the way */
    bool unread;                         /* of the node's value nothing is written */
    struct scl_place place[SCL_MAX_ARG];
};

struct scl_plan {
    const struct scl_graph *graph;
    const struct scl_facts *facts;
    const struct scl_profile *profile;
    struct scl_arena arena;
    struct scl_step *step;
    int n_step;
    struct scl_decided *decided; /* in the graph's order */
    int n_decided;
    struct scl_place *place; /* by node id; bytes 0: no value */
    size_t *buffer_bytes;    /* of the workspace */
    int n_buffer;
    size_t guard_bytes; /* at the begin and at the end of each buffer */
    size_t value_bytes; /* what the values would take without sharing */
    const struct scl_node *largest;
    double flops; /* of a run */

    /* Decisions of the tuning that are for kernels as they are no more: not used, but for those of
     * a record. Nodes for which a record has none that can be used, and the first of them. */
    int n_stale, n_unkept;
    bool is_record; /* the tuning was one */
    const struct scl_node *unkept;
};

enum { SCL_PLAN_REMARK_BYTES = 320 };

/* What the caller wants beside the graph. */
struct scl_plan_spec {
    const struct scl_facts *facts;
    const struct scl_profile *profile;
    int n_keep; /* values to be read after a run; others may be overwritten */
    struct scl_node *const *keep;
    bool separate; /* every value in a buffer of its own, for the simulator's bounds checks */
    /* With `separate`: so many bytes before and behind each value and scratch that nobody is to
     * write to, a multiple of what the device's sub-buffers begin at (device/exec.h). */
    size_t guard_bytes;
    bool unfused;           /* every node has launches of its own: what fusion is compared with */
    enum scl_class numeric; /* the loosest that a candidate may have */
    /* Not NULL: only this family where a node has a candidate of it that accepts the shape. */
    const char *family;
    /* Not NULL: nodes of this operator use this candidate, or the plan is refused; with these
     * parameters, "MR=4 TILES=24", before the profile's, where there are any. */
    const struct scl_op *force_op;
    const char *force_candidate, *force_params;
    /* Not NULL, and the families are the profile's: its decisions come before the profile's
     * defaults, and what failed is passed over. It may be closed before the plan. */
    const struct scl_tuning *tuning;
};

/* Refuses, with words, a node for which no candidate accepts its shape, one whose candidate wants
 * larger groups than the device has, and a plan that does not fit in the device's memory: what it
 * needs, what there is, the largest tenant. */
int scl_plan_new(struct scl_plan **out, const struct scl_graph *g,
                 const struct scl_plan_spec *spec);
void scl_plan_free(struct scl_plan *plan);

/* Of the workspace; and of the graph's states, which the model holds: weights, statistics, the
 * optimiser's. */
size_t scl_plan_bytes(const struct scl_plan *plan);
size_t scl_plan_state_bytes(const struct scl_graph *g);

/* What the node of a step, with what is computed on its way, costs at least, whatever its launches
 * do. */
struct scl_cost {
    double flops;       /* by the operators' definitions */
    double least_flops; /* by the candidate's method, where that does fewer */
    double bytes;       /* each input read once, each output that has a place written once */
};
struct scl_cost scl_step_cost(const struct scl_step *step);

/* The least seconds of it on a device with these limits (10^9 a second): of arithmetic or of
 * traffic, whichever takes longer (Williams et al. 2009, "Roofline"); *is_traffic (may be NULL)
 * says which. */
double scl_cost_seconds(const struct scl_cost *cost, double gflops, double copy_gbps,
                        bool *is_traffic);

/* The least seconds that a run can take: the sum over its nodes. */
double scl_plan_forecast(const struct scl_plan *plan, double gflops, double copy_gbps);

/* "vec", "tile", ...; "f32", "tf32", "f16". */
const char *scl_family_text(enum scl_family family);
const char *scl_class_text(enum scl_class numeric);

/* Adds to the record of a run what each node's choice is, for its device and driver. */
int scl_plan_record(struct scl_decisions *record, const struct scl_plan *plan);

/* 16 hexadecimal digits that change when a candidate, a parameter or a size does. */
void scl_plan_hash(char out[17], const struct scl_plan *plan);

/* What is to be said of decisions that were not used, in one line; "" when there is nothing. */
const char *scl_plan_remark(char out[SCL_PLAN_REMARK_BYTES], const struct scl_plan *plan);

/* One line a launch, the same bytes for the same graph and profile. */
void scl_plan_print(const struct scl_plan *plan, FILE *file);

#endif
