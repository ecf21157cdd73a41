/* matmul_impl.h - what matmul, linear and the convolutions by products share. */
#ifndef SCL_OPS_MATMUL_IMPL_H
#define SCL_OPS_MATMUL_IMPL_H

#include <stdbool.h>

#include "graph/op.h"
#include "ops/split_impl.h"

/* A dense matrix: a node's value, some of its rows, or a scratch. */
struct scl_matrix {
    const struct scl_node *node; /* NULL: the scratch */
    size_t first, count;         /* elements of the value; count 0: all */
    int scratch;
};

/* Rows first ... first + n - 1 of a value that is a matrix with so many columns. */
struct scl_matrix scl_matrix_rows(const struct scl_node *node, size_t first, size_t n,
                                  size_t columns);

/* y [M, N] = op(a) op(b) + bias, summed over K. One that is used again for other rows, no more
 * than at first, uses its scratches again. */
struct scl_product {
    int M, N, K;
    bool trans_a, trans_b;
    struct scl_matrix y, a, b;
    const struct scl_node *bias; /* [N], or NULL */
    enum scl_tile_by by;         /* what multiplies tiles */
    int batch;                   /* so many of each behind one another, for tiles; 0: one */
    int packed[2];               /* of a and b: 1 + the scratch of their panels; 0: none yet */
};

/* The launches of a product. `splits`: the sum over K in so many parts, each a y of its own behind
 * the one before; how many are best is what the functions of this name say. CLBlast has neither
 * splits nor bias. */
size_t scl_product_vec_splits(struct scl_lowering *l, const struct scl_product *p);
size_t scl_product_tile_splits(struct scl_lowering *l, const struct scl_product *p);
void scl_product_vec(struct scl_lowering *l, struct scl_product *p, size_t splits);
void scl_product_tile(struct scl_lowering *l, struct scl_product *p, size_t splits);
void scl_product_clblast(struct scl_lowering *l, struct scl_product *p, size_t splits);

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

/* y->in: a, b and, for linear, perhaps a bias. */
int scl_matmul_vec(const struct scl_node *y, struct scl_lowering *l);
int scl_matmul_tile(const struct scl_node *y, struct scl_lowering *l);
int scl_matmul_mma(const struct scl_node *y, struct scl_lowering *l);
int scl_matmul_subgroup(const struct scl_node *y, struct scl_lowering *l);
int scl_matmul_clblast(const struct scl_node *y, struct scl_lowering *l);

#endif
