/* supervised_graph.c - the step of training with labels. */
#include <stdlib.h>

#include "base/status.h"
#include "eval/backbone_impl.h"
#include "eval/supervised.h"
#include "model/model.h"
#include "model/optimizer.h"
#include "ops/ops.h"

static struct scl_augment_config crop_and_flip(const struct scl_augment_config *a)
{
    return (struct scl_augment_config){
        .order = SCL_ORDER_SL,
        .size = a->size,
        .crop_scale = { 0.08, 1 },
        .crop_ratio = { 3.0 / 4, 4.0 / 3 },
        .interpolation = a->interpolation,
        .flip = 0.5,
    };
}

static struct scl_node *features(struct scl_supervised *s)
{
    const struct scl_supervised_spec *spec = &s->spec;
    const int side = s->augment.size;
    struct scl_node *x;

    s->pixels = scl_input(s->g, "pixels", SCL_U8, SCL_SHAPE2(spec->batch, spec->bytes));
    x = scl_augment_views(s->g, &s->views, s->pixels, &s->augment, spec->batch, 1, spec->max_side);
    if (spec->pixels)
        return scl_reshape(s->g, x, SCL_SHAPE2(spec->batch, 3 * side * side));
    return scl_backbone(s->g, x, spec->config, spec->recipe.lr_encoder > 0);
}

/* The layer at one rate, the encoder at another. */
static int add_update(struct scl_supervised *s)
{
    const struct scl_optim_config *optim = &s->spec.recipe.optim;
    const bool trained = s->spec.recipe.lr_encoder > 0;
    const int n_encoder = trained ? scl_model_parameters(s->g, "encoder.", NULL) : 0;
    const int n = n_encoder + scl_model_parameters(s->g, "linear.", NULL);
    struct scl_node **param = malloc(2 * (size_t)n * sizeof *param), **grad = param + n;
    int rc;

    if (!param)
        return scl_fail(SCL_NOMEM, "out of memory for %d parameters", n);
    if (trained)
        scl_model_parameters(s->g, "encoder.", param);
    scl_model_parameters(s->g, "linear.", param + n_encoder);
    SCL_TRY(scl_gradients(grad, s->g, s->loss, NULL, n, param));
    if (trained) {
        s->lr_encoder = scl_input(s->g, "lr_encoder", SCL_F32, SCL_SHAPE1(1));
        SCL_TRY(scl_optimizer(s->g, &(struct scl_update){ .optim = optim,
                                                          .group = "encoder",
                                                          .n = n_encoder,
                                                          .param = param,
                                                          .grad = grad,
                                                          .lr = s->lr_encoder }));
    }
    s->lr = scl_input(s->g, "lr", SCL_F32, SCL_SHAPE1(1));
    rc = scl_optimizer(s->g, &(struct scl_update){ .optim = optim,
                                                   .group = SCL_CLASSIFIER_SCOPE,
                                                   .n = n - n_encoder,
                                                   .param = param + n_encoder,
                                                   .grad = grad + n_encoder,
                                                   .lr = s->lr });
out:
    free(param);
    return rc;
}

int scl_supervised_init(struct scl_supervised *out, const struct scl_supervised_spec *spec)
{
    struct scl_node *x;
    int rc;

    *out = (struct scl_supervised){ .spec = *spec,
                                    .augment = crop_and_flip(&spec->config->augment),
                                    .g = scl_graph_new() };
    if (!out->g)
        return SCL_NOMEM;
    x = features(out);
    out->label = scl_input(out->g, "label", SCL_I32, SCL_SHAPE1(spec->batch));
    out->loss = scl_softmax_cross_entropy(out->g, scl_classifier_layer(out->g, x, spec->classes),
                                          out->label);
    SCL_TRY(scl_graph_check(out->g));
    out->dim = x->shape.dim[1];
    rc = add_update(out);
out:
    if (rc < 0)
        scl_supervised_fini(out);
    return rc;
}

void scl_supervised_fini(struct scl_supervised *s)
{
    scl_graph_free(s->g);
    *s = (struct scl_supervised){ 0 };
}
