/* head.c - projection heads. */
#include "model/layers.h"
#include "model/model.h"
#include "ops/ops.h"

struct scl_node *scl_projection_head(struct scl_graph *g, struct scl_node *x,
                                     const struct scl_head_spec *spec)
{
    struct scl_norm_spec norm = {
        .training = spec->training, .relu = true, .views = 1, .gamma = 1
    };

    x = scl_layer_linear(g, x, "0", spec->hidden, true);
    x = spec->norm_hidden ? scl_layer_batch_norm(g, x, "1", &norm, NULL) : scl_relu(g, x);
    x = scl_layer_linear(g, x, "3", spec->out, true);
    norm.relu = false;
    return spec->norm_out ? scl_layer_batch_norm(g, x, "4", &norm, NULL) : x;
}
