/* subject.h - one node of a run's graph on its own: its operator, attributes and shapes, with
 * inputs of deterministic values, once as large as in the run and once small enough for the
 * reference.
 *
 *     SCL_TRY(scl_subject_new(&subject, node, small));
 *     ... a trial (trial.h) computes subject->full.y with a candidate on a device ...
 *     scl_subject_free(subject);
 *
 * The small one is the same node of a graph that was built for fewer images. Both graphs must
 * outlive the subject.
 */
#ifndef SCL_TUNE_SUBJECT_H
#define SCL_TUNE_SUBJECT_H

#include <stdbool.h>

#include "graph/evaluate.h"
#include "graph/graph.h"
#include "graph/op.h"

enum { SCL_SUBJECT_MAX_OUT = 16 };

/* The node alone in a graph of its own. */
struct scl_alone {
    struct scl_graph *g;
    struct scl_node *y;
    struct scl_node *out[SCL_SUBJECT_MAX_OUT]; /* what it computes: y, and inputs that it changes */
    int n_out;
};

struct scl_subject {
    struct scl_alone full, small;
    bool is_signed;          /* inputs are from [-1, 1); else from [0.5, 1.5) */
    struct scl_values *want; /* of `small`, by the reference */
};

/* SCL_SHAPE where the node cannot stand alone. */
int scl_subject_new(struct scl_subject **out, const struct scl_node *full,
                    const struct scl_node *small);
void scl_subject_free(struct scl_subject *s);

/* Whether trials write its input x: constants have their values. */
bool scl_subject_draws(const struct scl_node *x);

/* The values of an input x of y, in its own type: [scl_shape_count(x->shape)]. */
void scl_subject_draw(void *out, const struct scl_node *y, const struct scl_node *x,
                      bool is_signed);

#endif
