/* layers.h - layers with their parameters, for the networks of this folder. */
#ifndef SCL_MODEL_LAYERS_H
#define SCL_MODEL_LAYERS_H

#include "graph/graph.h"

struct scl_conv_spec {
    int out, size, stride, padding;
    bool bias;
    struct scl_init init, bias_init;
};

/* NAME.weight [size, size, C, out], NAME.bias [out]. */
struct scl_node *scl_layer_conv2d(struct scl_graph *g, struct scl_node *x, const char *name,
                                  const struct scl_conv_spec *spec);

/* NAME.weight [in, out], NAME.bias [out]: with a deviation of 0 PyTorch's initialisation, uniform
 * within 1/sqrt(in); else normal weights of that deviation, and biases of 0. */
struct scl_node *scl_layer_linear(struct scl_graph *g, struct scl_node *x, const char *name,
                                  int out, bool bias, float deviation);

struct scl_norm_spec {
    bool training, relu;
    bool fixed; /* no scale, no shift */
    int views;
    float gamma; /* what the scale starts with */
};

/* NAME.weight and .bias (unless fixed), .running_mean, .running_var; eps 1e-5, momentum 0.1. With
 * `residual`: y = relu(norm(x) + residual). */
struct scl_node *scl_layer_batch_norm(struct scl_graph *g, struct scl_node *x, const char *name,
                                      const struct scl_norm_spec *spec, struct scl_node *residual);

/* NAME.weight, .bias; 8 groups, eps 1e-5, then SiLU. */
struct scl_node *scl_layer_group_norm_silu(struct scl_graph *g, struct scl_node *x,
                                           const char *name);

/* PyTorch's default for a layer of so many inputs: uniform within 1/sqrt(fan_in). */
struct scl_init scl_init_default(int fan_in);

#endif
