/* optim.h - operators that change parameters where they lie, and what guards them.
 *
 * All of them take tensors of any shape; a network's are bundles (ops/view.h), so one
 * launch updates everything. What changes from step to step (learning rate, decay of
 * an average) is an input of one element, so that nothing is compiled or planned
 * again; what a resume needs is state, so that it continues with the same bits.
 *
 *     square = scl_sum_squares(g, grads);
 *     scl_clip_by_norm(g, grads, square, 1.0f);
 *     scl_adam(g, params, mean, square_mean, grads, step, lr, (struct scl_adam){ ... });
 *     scl_ema(g, average, params, decay);
 *
 * The nodes returned have no value; NULL says that the graph has refused.
 */
#ifndef SCL_OPS_OPTIM_H
#define SCL_OPS_OPTIM_H

#include <stdbool.h>

#include "graph/graph.h"
#include "graph/op.h"

struct scl_sgd {
    float momentum, weight_decay;
    bool nesterov;
};

/* PyTorch's SGD without dampening: buffer starts at 0; lr [1]. */
struct scl_node *scl_sgd(struct scl_graph *g, struct scl_node *param, struct scl_node *buffer,
                         struct scl_node *grad, struct scl_node *lr, struct scl_sgd sgd);

struct scl_adam {
    double beta1, beta2, eps, weight_decay;
};

/* PyTorch's Adam; weight decay is part of the gradient. mean, square and step [1],
 * the number of updates done, start at 0; step is counted up on the device, and
 * bias correction follows from it; lr [1]. Each call needs a step of its own. */
struct scl_node *scl_adam(struct scl_graph *g, struct scl_node *param, struct scl_node *mean,
                          struct scl_node *square, struct scl_node *grad, struct scl_node *step,
                          struct scl_node *lr, struct scl_adam adam);

struct scl_lars {
    float momentum, weight_decay, eta;
    bool clip; /* the ratio, to lr */
};

/* LARS as solo-learn has it: buffer starts at 0; lr [1]. `segments` is a constant
 * I32 [tensors, 3]: first element, length, 1 where neither decay nor scaling applies;
 * in rising order. Elements in no segment stay as they are. */
struct scl_node *scl_lars(struct scl_graph *g, struct scl_node *param, struct scl_node *buffer,
                          struct scl_node *grad, struct scl_node *segments, struct scl_node *lr,
                          struct scl_lars lars);

/* The table of a bundle's members; those of rank 1 (biases, norms) are excluded if
 * exclude_vectors. */
struct scl_node *scl_lars_segments(struct scl_graph *g, const struct scl_node *bundle,
                                   bool exclude_vectors);

/* average <- decay average + (1 - decay) param; decay [1]. */
struct scl_node *scl_ema(struct scl_graph *g, struct scl_node *average, struct scl_node *param,
                         struct scl_node *decay);

/* grad <- grad min(1, limit / (sqrt(square) + 1e-6)), as PyTorch's clip_grad_norm_;
 * square [1] is grad's scl_sum_squares(). Refuses a limit that is not above 0. */
struct scl_node *scl_clip_by_norm(struct scl_graph *g, struct scl_node *grad,
                                  struct scl_node *square, float limit);

/* state <- state if that is not 0, else x; both [1]. Remembers that something happened, and
 * what came first, with no look at each step from the host. */
struct scl_node *scl_latch(struct scl_graph *g, struct scl_node *state, struct scl_node *x);

/* sum x^2 over all elements -> [1]. No gradient. */
struct scl_node *scl_sum_squares(struct scl_graph *g, struct scl_node *x);

extern const struct scl_op scl_op_sgd, scl_op_adam, scl_op_lars, scl_op_ema, scl_op_clip_by_norm,
    scl_op_latch, scl_op_sum_squares;

#endif
