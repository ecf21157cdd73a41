/* whiten_impl.h - what the operators behind scl_whiten() share.
 *
 *     centered = scl_center_slices(g, x, size)
 *     factor   = whiten_factor(centered)             W, W^T and how regular they are
 *     z        = whiten(centered, factor)            its gradient is whiten_grad
 *     singular = whiten_singular(factor)
 */
#ifndef SCL_OPS_WHITEN_IMPL_H
#define SCL_OPS_WHITEN_IMPL_H

#include <stdbool.h>
#include <stddef.h>

#include "graph/op.h"

/* The attribute of whiten_factor, whiten and whiten_grad. */
struct scl_whiten {
    int size;   /* rows of a slice */
    double eps; /* share of the identity in the covariance */
};

struct scl_whiten_size {
    size_t slices, rows, E;
};

/* Of a node whose first input is [N, E]. */
struct scl_whiten_size scl_whiten_size(const struct scl_node *y);

/* The key of those with the attribute. */
void scl_whiten_key(char *out, size_t size, const struct scl_node *y);

/* A slice's factor has 2 E + 1 rows: W, W^T, and in every element of the last the smallest
 * pivot over its diagonal. */
size_t scl_whiten_factor_floats(struct scl_whiten_size z);

/* A pivot that is not above this share of its diagonal is one of a singular matrix. */
double scl_whiten_limit(size_t E);

/* A matrix in a kernel's arguments: a node, or (NULL) this scratch. */
struct scl_whiten_matrix {
    const struct scl_node *node;
    int scratch;
};

/* The scratch c = scale a^T b + diagonal I of each slice, made symmetric from its lower
 * triangle. */
struct scl_whiten_gram {
    int c;
    const struct scl_node *a, *b;
    double scale, diagonal;
};

void scl_whiten_gram(struct scl_lowering *l, enum scl_family family, struct scl_whiten_size z,
                     const struct scl_whiten_gram *p);

enum scl_whiten_triangle { SCL_WHITEN_LOWER = -1, SCL_WHITEN_FULL, SCL_WHITEN_UPPER };

/* y = a b, or base + alpha a b; b of slice s begins at element first + s stride. */
struct scl_whiten_product {
    struct scl_whiten_matrix y, a, b;
    size_t first, stride;
    enum scl_whiten_triangle triangle;
    const struct scl_node *base; /* or NULL */
    double alpha;
};

void scl_whiten_product(struct scl_lowering *l, enum scl_family family, struct scl_whiten_size z,
                        const struct scl_whiten_product *p);

#endif
