/* case.h - one conformance case while it is turned into a graph (CASES.md).
 *
 * An operator, loss, model, optimiser or augmentation that has cases gives a
 * function from_case(g, c): it reads its attributes, declares the case's inputs
 * and names its results; whoever runs the case does the rest: layouts, cotangents,
 * gradients, comparison.
 *
 *     static int from_case(struct scl_graph *g, struct scl_case *c)
 *     {
 *         struct scl_node *x = scl_case_input(g, c, "x", SCL_CASE_IMAGE);
 *
 *         scl_case_output(g, c, "y", scl_max_pool2d(g, x, scl_case_int(c, "kernel", 2), ...),
 *                         SCL_CASE_IMAGE);
 *         return scl_graph_check(g);
 *     }
 */
#ifndef SCL_GRAPH_CASE_H
#define SCL_GRAPH_CASE_H

#include <stdbool.h>

#include "graph/graph.h"

/* How the file's tensor relates to ours. Rank other than 4 is always plain. */
enum scl_case_layout {
    SCL_CASE_PLAIN,  /* the same */
    SCL_CASE_IMAGE,  /* file [N, C, H, W], ours [N, H, W, C] */
    SCL_CASE_KERNEL, /* file [K, C, R, S], ours [R, S, C, K] */
    SCL_CASE_LINEAR, /* file [out, in],    ours [in, out] */
    SCL_CASE_INDEX,  /* the same, and whole numbers: I32 or I64; all others are F32 or F64 */
};

struct scl_case;

/* Attributes, with what an absent one means; a wrong type fails the case. */
int scl_case_int(struct scl_case *c, const char *name, int absent);
double scl_case_float(struct scl_case *c, const char *name, double absent);
bool scl_case_bool(struct scl_case *c, const char *name, bool absent);
/* NULL when it must be there and is not: the case has then failed. */
const char *scl_case_text(struct scl_case *c, const char *name, const char *absent);
/* Of "weight.kind" the attribute kind, one of the words that this key of the configuration
 * takes: the word's value. */
int scl_case_word(struct scl_case *c, const char *key, const char *absent);
/* Reads exactly n numbers; SCL_DATA with words otherwise. */
int scl_case_floats(struct scl_case *c, const char *name, int n, float out[]);

bool scl_case_has(const struct scl_case *c, const char *tensor); /* "in.bias" */
/* Shape of a stored tensor, plain; refuses in the graph, and is of rank 0, when it is not there. */
struct scl_shape scl_case_shape(struct scl_graph *g, const struct scl_case *c, const char *tensor);

/* The input in.NAME as a node; a missing one, and one of the wrong type, refuse in the graph.
 * With _optional: NULL without a refusal when it is absent. */
struct scl_node *scl_case_input(struct scl_graph *g, struct scl_case *c, const char *name,
                                enum scl_case_layout layout);
struct scl_node *scl_case_optional(struct scl_graph *g, struct scl_case *c, const char *name,
                                   enum scl_case_layout layout);

/* Says that `y` is out.NAME. */
void scl_case_output(struct scl_graph *g, struct scl_case *c, const char *name, struct scl_node *y,
                     enum scl_case_layout layout);

/* For models: every state of the graph whose name is PREFIX + X gets its value
 * from param.X, and its gradient is compared with grad.param.X. Kernels and
 * linear weights are recognised by the state's rank: 4 is a kernel, 2 is linear. */
void scl_case_params(struct scl_graph *g, struct scl_case *c, const char *prefix);

/* For optimisers and running statistics: in.NAME is where the state `node`
 * starts; with scl_case_output() on the same state, its value after the run is
 * what is compared. */
void scl_case_start(struct scl_graph *g, struct scl_case *c, const char *name,
                    struct scl_node *state, enum scl_case_layout layout);

/* How often the graph runs; optimisers: once for each row of in.grads. Before run
 * t, the input `node` holds row t of in.NAME, whose rows have the node's shape. */
void scl_case_steps(struct scl_graph *g, struct scl_case *c, const char *name,
                    struct scl_node *node);

/* A loss, model or other composite with cases of its own; tables of these end
 * with a NULL name. */
struct scl_composite {
    const char *name; /* "loss.simclr" */
    int (*from_case)(struct scl_graph *g, struct scl_case *c);
};

#endif
