/* elementwise_impl.h - operators that compute each element from those at the same
 * place: inputs of one shape, a kernel with the operator's name.
 *
 * Their attribute is a struct scl_elementwise, the kernel's file and its scalars:
 *
 *     static const struct scl_elementwise attr = { .file = "relu" };
 *
 *     y = scl_apply(g, &scl_op_relu, 1, &x, &attr, sizeof attr);
 *
 * The kernel's arguments are y, the inputs, the number of elements, the scalars.
 */
#ifndef SCL_OPS_ELEMENTWISE_IMPL_H
#define SCL_OPS_ELEMENTWISE_IMPL_H

#include "graph/op.h"

#define SCL_MAX_SCALAR 2

struct scl_elementwise {
    const char *file; /* stem of the .cl file */
    int n_scalar;
    float scalar[SCL_MAX_SCALAR];
};

/* fp32 inputs of one shape, which y has too. */
int scl_elementwise_infer(struct scl_node *y);

extern const struct scl_candidate scl_elementwise_candidates[];

#endif
