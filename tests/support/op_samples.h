/* op_samples.h - a small graph of each operator, for what holds for all of them alike.
 *
 * Inputs whose name begins with x may have any value; the others have what their operator asks for
 * (check_set), or, as a norm's gamma, values that it mixes into all of the result.
 */
#ifndef SCL_SUPPORT_OP_SAMPLES_H
#define SCL_SUPPORT_OP_SAMPLES_H

#include "graph/graph.h"

struct op_sample {
    const char *name;
    struct scl_node *y; /* NULL if the graph refused it */
    int n_input;        /* of fp32 by its definition */
    double tolerance;   /* sums of tens of products and one exp or root, but for whitening */
};

extern const int n_op_samples;

/* The sample `which` in a graph of its own; its input number `integers_at` (from 0; -1: none) is
 * of integers instead of fp32. */
struct op_sample op_sample(struct scl_graph *graph, int which, int integers_at);

#endif
