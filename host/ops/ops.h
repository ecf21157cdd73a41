/* ops.h - the operators: one builder each, and the list of all.
 *
 * Builders append a node to the graph and return it; given a NULL input they
 * return NULL, and a refusal is kept in the graph (graph/graph.h). Images are
 * [N, H, W, C]; convolution weights are [R, S, C, K]; linear weights [in, out].
 */
#ifndef SCL_OPS_OPS_H
#define SCL_OPS_OPS_H

#include "graph/graph.h"
#include "graph/op.h"
#include "ops/augment.h"
#include "ops/basic.h"
#include "ops/conv2d.h"
#include "ops/knn.h"
#include "ops/image.h"
#include "ops/loss.h"
#include "ops/matmul.h"
#include "ops/norm.h"
#include "ops/optim.h"
#include "ops/view.h"

/* Every operator, ended by NULL. */
extern const struct scl_op *const scl_ops[];

/* Views (ops/view.h). */
extern const struct scl_op scl_op_reshape, scl_op_rows, scl_op_stop_gradient, scl_op_bundle;

#endif
