/* plan_impl.h - how the plan's files work together; for host/plan only. */
#ifndef SCL_PLAN_PLAN_IMPL_H
#define SCL_PLAN_PLAN_IMPL_H

#include "plan/plan.h"

/* Something that needs bytes from step `first` to step `last`. */
struct scl_tenant {
    const struct scl_node *node; /* NULL: scratch */
    size_t bytes;
    int first, last;
    int buffer;
    size_t offset;
};

/* Gives every tenant its buffer and offset, so that no two share bytes at the
 * same time; fills plan->buffer_bytes. The largest go first, each to the lowest
 * place where it fits. */
int scl_memory_place(struct scl_plan *plan, struct scl_tenant *tenant, int n, bool separate);

/* How a node is computed, and where that is from. */
struct scl_choice {
    const struct scl_candidate *candidate;
    enum scl_origin origin;
    const char *from; /* the relative's key */
    bool is_unkept;   /* the record that is followed says nothing that holds */
    struct scl_lowering low;
};

struct scl_chooser {
    struct scl_plan *plan;
    const struct scl_plan_spec *spec;
    const struct scl_decision **stale; /* plan->n_stale of them */
};

/* Chooses what computes y, and lowers it, in the plan's arena. SCL_SHAPE, with words, when nothing
 * does. Decisions that are not used are counted in the plan. */
int scl_choose(struct scl_choice *out, struct scl_chooser *chooser, const struct scl_node *y);

/* What is fused, by node id. */
struct scl_fusion {
    int *host; /* the node whose launches compute it: itself, unless absorbed */
    struct scl_absorbed **absorbed; /* what its own launches compute on the way */
    bool *unread;                   /* nobody reads its value but what it absorbed */
};

/* Fills both arrays: for each node that is needed, in their order, what its candidate can absorb.
 */
int scl_fuse(struct scl_fusion *out, struct scl_plan *plan, const struct scl_plan_spec *spec,
             const bool needed[], const struct scl_choice choice[]);

/* The node in whose memory y lies, and where in it, in elements. */
const struct scl_node *scl_root(const struct scl_node *y, size_t *offset);

#endif
