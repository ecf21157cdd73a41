/* encoder_graph.c - from stored pixels to rows of features. */
#include <limits.h>

#include "base/status.h"
#include "eval/backbone_impl.h"
#include "eval/features.h"
#include "model/model.h"
#include "ops/ops.h"

int scl_encoder_spec_set_images(struct scl_encoder_spec *spec, const struct scl_dataset *d)
{
    const size_t bytes = scl_dataset_max_bytes(d);
    int height, width;

    scl_dataset_max_size(d, &height, &width);
    if (bytes > INT_MAX / 4)
        return scl_fail(SCL_DATA, "the data set's largest image has %zu bytes, wanted at most %d",
                        bytes, INT_MAX / 4);
    spec->bytes = (int)bytes > spec->bytes ? (int)bytes : spec->bytes;
    spec->max_side = height > spec->max_side ? height : spec->max_side;
    spec->max_side = width > spec->max_side ? width : spec->max_side;
    return SCL_OK;
}

static struct scl_node *images(struct scl_encoder_graph *e)
{
    const struct scl_encoder_spec *spec = &e->spec;
    const struct scl_augment_config *augment = &spec->config->augment;

    e->pixels = scl_input(e->g, "pixels", SCL_U8, SCL_SHAPE2(spec->batch, spec->bytes));
    if (spec->views > 0)
        return scl_augment_views(e->g, &e->drawn, e->pixels, augment, spec->views, spec->max_side);
    e->square = scl_input(e->g, "square", SCL_I32, SCL_SHAPE2(spec->batch, SCL_CROP_COLUMNS));
    return scl_augment_crop(e->g, e->pixels, e->square, augment->size, augment->size,
                            augment->interpolation == SCL_BICUBIC, spec->max_side);
}

struct scl_node *scl_backbone(struct scl_graph *g, struct scl_node *x,
                              const struct scl_config *config, bool training)
{
    const struct scl_augment_config *a = &config->augment;
    const float mean[] = { (float)a->mean[0], (float)a->mean[1], (float)a->mean[2] };
    const float std[] = { (float)a->std[0], (float)a->std[1], (float)a->std[2] };
    struct scl_node *y;

    scl_scope_push(g, "encoder");
    y = scl_resnet18(g, scl_augment_normalize(g, x, mean, std),
                     &(struct scl_resnet_spec){
                         .stem = (enum scl_encoder_stem)config->encoder.stem,
                         .width = config->encoder.width,
                         .zero_init_residual = config->encoder.zero_init_residual,
                         .training = training,
                         .views = 1,
                     });
    scl_scope_pop(g);
    return y;
}

int scl_encoder_graph(struct scl_encoder_graph *out, const struct scl_encoder_spec *spec)
{
    const int side = spec->config->augment.size,
              rows = (spec->views ? spec->views : 1) * spec->batch;
    struct scl_node *x;
    int rc;

    *out = (struct scl_encoder_graph){ .spec = *spec, .g = scl_graph_new() };
    if (!out->g)
        return SCL_NOMEM;
    x = images(out);
    out->features = spec->pixels ? scl_reshape(out->g, x, SCL_SHAPE2(rows, 3 * side * side))
                                 : scl_backbone(out->g, x, spec->config, false);
    SCL_TRY(scl_graph_check(out->g));
    out->dim = out->features->shape.dim[1];
    return SCL_OK;
out:
    scl_encoder_graph_fini(out);
    return rc;
}

void scl_encoder_graph_fini(struct scl_encoder_graph *graph)
{
    scl_graph_free(graph->g);
    *graph = (struct scl_encoder_graph){ 0 };
}
