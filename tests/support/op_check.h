/* op_check.h - what every operator must pass, written once.
 *
 *     struct scl_graph *g = scl_graph_new();
 *     struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE2(3, 65));
 *
 *     check_range(-1, 1);
 *     check_forward(g, scl_relu(g, x), 1e-6);
 *
 * Inputs and states are drawn anew for each check, uniform in the range; a test
 * that needs certain values gives them with check_set(). Every candidate of every
 * operator in the graph that accepts its shape is run on the device, with each
 * value in a buffer of its own, once for each set of build options that the profiles
 * of all devices give it. Tolerances are relative to the largest wanted
 * value of the tensor (plus 1e-6 absolute).
 */
#ifndef SCL_SUPPORT_OP_CHECK_H
#define SCL_SUPPORT_OP_CHECK_H

#include "device/device.h"
#include "graph/graph.h"

/* The device that the tests run on, opened once. */
struct scl_device *test_device(void);

/* Inputs and states are drawn from [low, high) from now on; [0.5, 1.5) at first
 * and again after check_reset(). */
void check_range(float low, float high);

/* This input or state has these values (its own type) instead of random ones;
 * `values` stays until check_reset(). */
void check_set(const struct scl_node *node, const void *values);
void check_reset(void);

/* NaN and infinities are one until check_reset(): which of them comes out follows from the order
 * of operations, as Inf - Inf does. */
void check_not_finite_alike(void);

/* Every candidate gives what the reference gives. */
void check_forward(struct scl_graph *g, struct scl_node *y, double tolerance);

/* A state that an operator of the graph changes has, after one run with every
 * candidate, the value that the reference gives. */
void check_state(struct scl_graph *g, struct scl_node *state, double tolerance);

/* The gradients of y with respect to the fp32 inputs and states that have one:
 * references of the gradient's operators against central differences of the forward
 * references along a random direction (to 1e-5 of the scale: double precision, smooth to h = 1e-5),
 * and every candidate against those references, to `tolerance`. */
void check_gradient(struct scl_graph *g, struct scl_node *y, double tolerance);

/* Runs the graph on the device and reads y; in[] are the inputs' values in the
 * order of their making. Returns the status of the first call that failed. */
int run_node(struct scl_graph *g, struct scl_node *y, const void *const in[], float *out);

#endif
