/* op.h - what an operator has to say for itself.
 *
 * An operator is one `const struct scl_op` in host/ops/NAME.c, beside its
 * kernels in cl_kernels/NAME.cl or cl_kernels/NAME/FAMILY.cl. Nothing else in
 * the program switches on which operator a node has: to add one, write the file
 * and add its line to host/ops/registry.c.
 */
#ifndef SCL_GRAPH_OP_H
#define SCL_GRAPH_OP_H

#include <stdbool.h>

#include "backend/facts.h"
#include "graph/graph.h"
#include "graph/lower.h"

struct scl_case;

/* Which devices a candidate is written for; DESIGN.md 4. */
enum scl_family { SCL_VEC, SCL_TILE, SCL_SUBGROUP, SCL_MMA, SCL_CLBLAST, SCL_FFT, SCL_N_FAMILY };

/* The precision that a candidate computes in. */
enum scl_class { SCL_CLASS_F32, SCL_CLASS_TF32, SCL_CLASS_F16 };

/* One way to compute an operator on a device. */
struct scl_candidate {
    const char *name; /* "direct.vec": method, dot, family */
    enum scl_family family;
    enum scl_class numeric;

    /* Whether it can compute y on such a device. NULL: always. */
    bool (*accepts)(const struct scl_node *y, const struct scl_facts *facts);

    /* Whether it is likely to be the faster way, where nobody has measured. A family's first that
     * accepts y and suits it is chosen, else its first that accepts y. NULL: always. */
    bool (*suits)(const struct scl_node *y);

    /* The least share of the definition's arithmetic that it does. 0: all. */
    double work;

    /* What is not finite may reach more of y than by the definition. */
    bool spreads;

    /* Whether its launches for y can compute `other` on the way, and write it too where others read
     * it: an input of y, an input of what was absorbed so, or a node that reads y. NULL: none. */
    bool (*absorbs)(const struct scl_node *y, const struct scl_node *other, bool written);

    /* Describes the launches that compute y, and what it absorbed. Touches no device. */
    int (*lower)(const struct scl_node *y, struct scl_lowering *l);
};

struct scl_op {
    const char *name; /* also the stem of its .c and .cl files */
    int n_in;         /* number of inputs, or -1 for any */

    /* Bit i: the operator changes its input i where it lies. An operator that
     * changes inputs has no value of its own (rank 0). */
    unsigned writes;

    /* Bit i: its input i may hold integers or halves, of which infer() says which. All others are
     * fp32, or scl_apply() refuses; views hold what their base holds. */
    unsigned integers;

    /* What the tuner gives element `at` of its input i. NaN: any number will do. NULL: everywhere,
     * and 0 where the input holds integers. */
    double (*value)(const struct scl_node *y, int i, size_t at);

    /* Of blocks that gradients compute again (scl_recompute_push()): a product, a convolution's or
     * of matrices, is kept in light ones, and a summary, a few numbers that are often made on the
     * way where its inputs are, in all. */
    bool product, summary;

    /* Sets y->shape (and y->type where not fp32) from y->in[] and y->attr, or
     * explains why it cannot. */
    int (*infer)(struct scl_node *y);

    /* Appends the nodes that compute dx[i] = (dy/dx_i)^T dy for each i with
     * want[i]. An input which has no gradient keeps dx[i] == NULL. NULL: not
     * differentiable, gradients stop here. */
    int (*grad)(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[]);

    /* Writes the node's key (graph/key.h), where shapes do not tell all the work: attributes that
     * change a define or an integer of a launch stand in it too. NULL: name and shapes. */
    void (*key)(char *out, size_t size, const struct scl_node *y);

    /* In the order of preference, ended by a NULL name. NULL: a view. */
    const struct scl_candidate *candidates;

    /* Computes y on the host by the definition: plain loops in double precision,
     * no cleverness. Tests, `verify` and `tune` hold the candidates to it.
     * Integers arrive as doubles too. `in` that the operator changes are changed. */
    void (*reference)(const struct scl_node *y, double *const in[], double *out);

    /* Floating point operations, a multiply-add counted as two. NULL: one for
     * each element of y. */
    double (*flops)(const struct scl_node *y);

    /* Builds the graph of a conformance case (graph/case.h). NULL: no cases.
     * Reads its own attributes. */
    int (*from_case)(struct scl_graph *g, struct scl_case *c);
};

/* Floating point operations of y by its definition, or an element each. */
double scl_node_flops(const struct scl_node *y);

#endif
