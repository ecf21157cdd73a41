/* matmul_impl.h - what matmul and linear share. */
#ifndef SCL_OPS_MATMUL_IMPL_H
#define SCL_OPS_MATMUL_IMPL_H

#include <stdbool.h>

#include "graph/op.h"

struct scl_matmul_attr {
    bool trans_a, trans_b;
};

/* y [M, N] = op(a) op(b) (+ bias), summed over K. */
struct scl_matmul_size {
    int M, N, K;
};

struct scl_matmul_size scl_matmul_size(const struct scl_node *y);

/* CLBlast has no bias. */
bool scl_matmul_clblast_accepts(const struct scl_node *y, const struct scl_facts *facts);
bool scl_matmul_tile_accepts(const struct scl_node *y, const struct scl_facts *facts);

/* y->in: a, b and, for linear, perhaps a bias. */
int scl_matmul_vec(const struct scl_node *y, struct scl_lowering *l);
int scl_matmul_tile(const struct scl_node *y, struct scl_lowering *l);
int scl_matmul_clblast(const struct scl_node *y, struct scl_lowering *l);

#endif
