/* view.h - the same elements under another name: nothing runs for these.
 *
 * A view lies in its base's memory. A bundle lays several tensors side by side,
 * so that one launch handles all of a network's parameters. Gradients are here
 * too: they are bundled for the optimiser.
 */
#ifndef SCL_OPS_VIEW_H
#define SCL_OPS_VIEW_H

#include "graph/graph.h"

/* x under another shape of as many elements. */
struct scl_node *scl_reshape(struct scl_graph *g, struct scl_node *x, struct scl_shape shape);

/* Rows first ... first + count - 1 of x's outermost dimension; a copy when they do
 * not begin where a device lets a part of a buffer begin. */
struct scl_node *scl_rows(struct scl_graph *g, struct scl_node *x, int first, int count);

/* x, through which no gradient passes. */
struct scl_node *scl_stop_gradient(struct scl_graph *g, struct scl_node *x);

/* The n tensors side by side, as one of shape [total]: member m begins at element
 * scl_bundle_offset(bundle, m), a multiple of SCL_BUNDLE_ALIGN; the gaps hold
 * zeros. All members are states, or all are values (each then lies in this
 * bundle from when it is computed; one that already lies elsewhere is copied).
 * Bundles of the same shapes have the same offsets. */
struct scl_node *scl_bundle(struct scl_graph *g, int n, struct scl_node *const members[]);
size_t scl_bundle_offset(const struct scl_node *bundle, int member);

/* Appends the nodes that compute the gradients of y, which has dy for its own
 * (NULL: y has one element, and dy is 1), with respect to wrt[0 ... n - 1]. Refuses
 * a wrt that y does not depend on. */
int scl_gradients(struct scl_node *grad[], struct scl_graph *g, struct scl_node *y,
                  struct scl_node *dy, int n, struct scl_node *const wrt[]);

/* The same, but such a wrt has the gradient NULL, which stands for 0. */
int scl_gradients_or_none(struct scl_node *grad[], struct scl_graph *g, struct scl_node *y,
                          struct scl_node *dy, int n, struct scl_node *const wrt[]);

/* After all gradients: images [N, H, W, C] of `least` elements and more which the loss's backward
 * pass reads long after the forward pass did lie there as half in between, and it reads those. The
 * forward pass and the loss are as before. */
int scl_keep_half(struct scl_graph *g, const struct scl_node *loss, size_t least);

#endif
