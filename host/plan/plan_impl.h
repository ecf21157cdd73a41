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

/* The candidate that computes y, or NULL with words. */
const struct scl_candidate *scl_choose(const struct scl_node *y, const struct scl_plan_spec *spec);

/* The node in whose memory y lies, and where in it, in elements. */
const struct scl_node *scl_root(const struct scl_node *y, size_t *offset);

#endif
