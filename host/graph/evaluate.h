/* evaluate.h - a graph computed on the host by the operators' references, in
 * double precision: what every device is held to.
 *
 *     SCL_TRY(scl_values_new(&values, g));
 *     values->of[x->id][0] = 1.0;                inputs and states, by the caller
 *     scl_values_run(values);
 *     printf("%g\n", values->of[y->id][0]);
 *     scl_values_free(values);
 *
 * Slow, and meant for small shapes. Constants are filled in; inputs and states
 * start at zero. A run changes states that operators change.
 */
#ifndef SCL_GRAPH_EVALUATE_H
#define SCL_GRAPH_EVALUATE_H

#include "graph/graph.h"

struct scl_values {
    const struct scl_graph *g;
    double **of;    /* by node id; NULL where a node has no value */
    double **owned; /* by node id: what is to be freed */
};

int scl_values_new(struct scl_values **out, const struct scl_graph *g);
void scl_values_run(struct scl_values *values);
void scl_values_free(struct scl_values *values);

#endif
