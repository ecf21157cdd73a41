/* encoder_graph.c - from stored pixels to rows of features. */
#include "base/status.h"
#include "eval/backbone_impl.h"
#include "eval/features.h"
#include "model/model.h"
#include "ops/ops.h"

static int larger(int a, int b)
{
    return a > b ? a : b;
}

int scl_encoder_spec_set_images(struct scl_encoder_spec *spec, const struct scl_dataset *d)
{
    struct scl_extent images;
    const int rc = scl_dataset_extent(&images, d);

    if (rc < 0)
        return rc;
    spec->bytes = larger(images.bytes, spec->bytes);
    spec->max_side = larger(images.max_side, spec->max_side);
    return SCL_OK;
}

static struct scl_node *images(struct scl_encoder_graph *e)
{
    const struct scl_encoder_spec *spec = &e->spec;
    const struct scl_augment_config *augment = &spec->config->augment;

    e->pixels = scl_input(e->g, "pixels", SCL_U8, SCL_SHAPE2(spec->batch, spec->bytes));
    if (spec->views > 0)
        return scl_augment_views(e->g, &e->drawn, e->pixels, augment, spec->batch, spec->views,
                                 spec->max_side);
    e->square = scl_input(e->g, "square", SCL_I32, SCL_SHAPE2(spec->batch, SCL_CROP_COLUMNS));
    return scl_augment_crop(e->g, e->pixels, e->square, augment->size, augment->size,
                            augment->interpolation == SCL_BICUBIC, spec->max_side);
}

struct scl_node *scl_backbone(struct scl_graph *g, struct scl_node *x,
                              const struct scl_config *config, bool training)
{
    return scl_encoder(g, scl_normalized_views(g, x, &config->augment), "encoder", &config->encoder,
                       training, 1, (struct scl_recompute_choice){ 0 });
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
