/* matmul.h - dense products of matrices, and what is built on them. */
#ifndef SCL_OPS_MATMUL_H
#define SCL_OPS_MATMUL_H

#include <stdbool.h>

#include "graph/op.h"

/* y = op(a) op(b) [M, N]; op(a) [M, K] is a, or its transpose with trans_a; op(b)
 * [K, N] likewise. Refuses ranks other than 2 and sizes that do not fit. */
struct scl_node *scl_matmul(struct scl_graph *g, struct scl_node *a, struct scl_node *b,
                            bool trans_a, bool trans_b);

/* y = x w + bias: x [N, I], w [I, O], bias [O] or NULL; y [N, O]. */
struct scl_node *scl_linear(struct scl_graph *g, struct scl_node *x, struct scl_node *w,
                            struct scl_node *bias);

/* The sum over all dimensions but the last: [..., K] to [K]. */
struct scl_node *scl_column_sum(struct scl_graph *g, struct scl_node *x);

extern const struct scl_op scl_op_matmul, scl_op_linear, scl_op_column_sum;

#endif
