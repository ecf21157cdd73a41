/* layers.c - parameters with PyTorch's names around the operators. */
#include "model/layers.h"

#include <math.h>
#include <stdio.h>

#include "ops/ops.h"

static const struct scl_init zero = { SCL_INIT_CONSTANT, 0 }, one = { SCL_INIT_CONSTANT, 1 };

struct scl_init scl_init_default(int fan_in)
{
    return (struct scl_init){ SCL_INIT_UNIFORM, 1.0f / sqrtf((float)fan_in) };
}

/* The state NAME.PART. */
static struct scl_node *part(struct scl_graph *g, const char *name, const char *what,
                             struct scl_shape shape, struct scl_init init)
{
    struct scl_node *state;

    scl_scope_push(g, "%s", name);
    state = scl_state(g, what, shape, init);
    scl_scope_pop(g);
    return state;
}

struct scl_node *scl_layer_conv2d(struct scl_graph *g, struct scl_node *x, const char *name,
                                  const struct scl_conv_spec *s)
{
    struct scl_node *weight, *bias = NULL;

    if (!x)
        return NULL;
    weight =
        part(g, name, "weight", SCL_SHAPE4(s->size, s->size, x->shape.dim[3], s->out), s->init);
    if (s->bias)
        bias = part(g, name, "bias", SCL_SHAPE1(s->out), s->bias_init);
    return scl_conv2d(g, x, weight, bias, s->stride, s->padding);
}

struct scl_node *scl_layer_linear(struct scl_graph *g, struct scl_node *x, const char *name,
                                  int out, bool has_bias, float deviation)
{
    struct scl_node *weight, *bias = NULL;
    struct scl_init init;
    int in;

    if (!x)
        return NULL;
    in = x->shape.dim[1];
    init = deviation > 0 ? (struct scl_init){ SCL_INIT_NORMAL, deviation } : scl_init_default(in);
    weight = part(g, name, "weight", SCL_SHAPE2(in, out), init);
    if (has_bias)
        bias = part(g, name, "bias", SCL_SHAPE1(out), deviation > 0 ? zero : init);
    return scl_linear(g, x, weight, bias);
}

struct scl_node *scl_layer_batch_norm(struct scl_graph *g, struct scl_node *x, const char *name,
                                      const struct scl_norm_spec *s, struct scl_node *residual)
{
    const struct scl_batch_norm_attr attr = {
        .eps = 1e-5f, .momentum = 0.1f, .views = s->views, .training = s->training, .relu = s->relu
    };
    struct scl_node *gamma = NULL, *beta = NULL, *mean, *var;
    struct scl_shape channels;

    if (!x)
        return NULL;
    channels = SCL_SHAPE1(x->shape.dim[x->shape.rank - 1]);
    if (!s->fixed) {
        gamma = part(g, name, "weight", channels, (struct scl_init){ SCL_INIT_CONSTANT, s->gamma });
        beta = part(g, name, "bias", channels, zero);
    }
    mean = part(g, name, "running_mean", channels, zero);
    var = part(g, name, "running_var", channels, one);
    return scl_batch_norm(g, x, gamma, beta, mean, var, attr, residual);
}

struct scl_node *scl_layer_group_norm_silu(struct scl_graph *g, struct scl_node *x,
                                           const char *name)
{
    struct scl_shape channels;

    if (!x)
        return NULL;
    channels = SCL_SHAPE1(x->shape.dim[3]);
    return scl_group_norm(g, x, part(g, name, "weight", channels, one),
                          part(g, name, "bias", channels, zero), 8, 1e-5f, SCL_ACT_SILU);
}
