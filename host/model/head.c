/* head.c - projection heads and predictors: linear layers with what follows them. */
#include <stdio.h>

#include "model/layers.h"
#include "model/model.h"
#include "ops/ops.h"

static struct scl_node *norm(struct scl_graph *g, struct scl_node *x, const char *name,
                             const struct scl_mlp_layer *layer, int views)
{
    const struct scl_norm_spec spec = { .training = true,
                                        .relu = layer->act == SCL_MLP_RELU,
                                        .fixed = layer->norm == SCL_MLP_NORM_FIXED,
                                        .views = views,
                                        .gamma = 1 };

    return scl_layer_batch_norm(g, x, name, &spec, NULL);
}

struct scl_node *scl_mlp(struct scl_graph *g, struct scl_node *x, const struct scl_mlp_spec *spec)
{
    int place = 0;
    char name[16];

    for (int i = 0; i < spec->n_layer; i++) {
        const struct scl_mlp_layer *layer = &spec->layer[i];

        snprintf(name, sizeof name, "%d", place++);
        x = scl_layer_linear(g, x, name, layer->out, layer->bias, spec->deviation);
        if (layer->norm != SCL_MLP_BARE) {
            snprintf(name, sizeof name, "%d", place++);
            x = norm(g, x, name, layer, spec->views);
        } else if (layer->act == SCL_MLP_RELU) {
            x = scl_relu(g, x);
        }
        if (layer->act == SCL_MLP_GELU)
            x = scl_gelu(g, x);
        place += layer->act != SCL_MLP_LINEAR;
    }
    return x;
}
