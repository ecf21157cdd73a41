/* optim_impl.h - what the operators that change parameters refuse alike. */
#ifndef SCL_OPS_OPTIM_IMPL_H
#define SCL_OPS_OPTIM_IMPL_H

#include "graph/graph.h"

/* Inputs 0 ... tensors - 1 are fp32 and of one shape; those from `scalars` on are fp32
 * with one element each. Speaks as `op`. */
int scl_optim_check(const char *op, const struct scl_node *y, int tensors, int scalars);

#endif
