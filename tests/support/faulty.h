/* faulty.h - an operator, y = 2 x, with candidates that are right and wrong in all ways. Its kernel
 * is read from the source tree: SCL_SOURCE_DIR must name it. */
#ifndef SCL_SUPPORT_FAULTY_H
#define SCL_SUPPORT_FAULTY_H

#include "graph/op.h"

extern const struct scl_op faulty_op;

/* Of y = 2 x for x [n]. */
struct scl_node *faulty_node(struct scl_graph *g, int n);

#endif
