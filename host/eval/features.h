/* features.h - what an encoder makes of the images of a data set.
 *
 * An encoder in evaluation mode is a graph of its own, from stored pixels to rows of
 * features; it shares its states ("encoder.*") with the training step. The graph comes first,
 * because a model's memory is made for all of its graphs at once:
 *
 *     struct scl_encoder_spec spec = { .config = &config, .batch = 256 };
 *
 *     SCL_TRY(scl_encoder_spec_set_images(&spec, dataset));
 *     SCL_TRY(scl_encoder_graph(&graph, &spec));
 *     SCL_TRY(scl_store_new(&store, device, 1, &graph.g, config.seed));
 *     SCL_TRY(scl_encoder_new(&encoder, device, store, &graph));
 *     SCL_TRY(scl_features_init(&test, n, graph.dim));
 *     SCL_TRY(scl_encoder_features(&test, encoder, dataset, NULL, NULL));
 *     ...
 *     scl_features_fini(&test);
 *     scl_encoder_free(encoder);
 *     scl_store_free(store);
 *     scl_encoder_graph_fini(&graph);
 */
#ifndef SCL_EVAL_FEATURES_H
#define SCL_EVAL_FEATURES_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "data/dataset.h"
#include "device/device.h"
#include "device/store.h"
#include "graph/graph.h"
#include "model/augment.h"

/* Rows with their labels. */
struct scl_features {
    int n, dim;
    float *row;     /* [n, dim] */
    int32_t *label; /* [n]; -1 where there is none */
};

int scl_features_init(struct scl_features *f, int n, int dim);
void scl_features_fini(struct scl_features *f);

/* Refuses rows without a label, and features that are not finite (SCL_NUMERIC): "knn: row 3 of
 * the bank ...", for `who` "knn" and `name` "bank". */
int scl_features_check(const struct scl_features *f, const char *who, const char *name);

struct scl_encoder_spec {
    const struct scl_config *config; /* borrowed while the graph lives */
    int batch;                       /* images a run; a smaller set is no error */
    int bytes, max_side;             /* of the largest image that will come */
    /* 0: of each image its centre (eval/test_crop.h; one of augment.size is taken as it is).
     * Else so many views of each, drawn as in epoch 0 of training. */
    int views;
    bool pixels; /* the features are the pixels in [0, 1]: a baseline without a network */
};

struct scl_encoder_graph {
    struct scl_encoder_spec spec;
    struct scl_graph *g;
    int dim;                      /* D, of a row of features */
    struct scl_node *pixels;      /* U8 [B, bytes] */
    struct scl_node *square;      /* I32 [B, SCL_CROP_COLUMNS]; NULL with views */
    struct scl_view_inputs drawn; /* of the views */
    struct scl_node *features;    /* [max(views, 1) B, D] */
};

/* Raises spec->bytes and max_side to what the set's images need. Refuses images of more than
 * 512 MiB. */
int scl_encoder_spec_set_images(struct scl_encoder_spec *spec, const struct scl_dataset *d);

/* Pixels, crop or views, normalisation with augment.mean and augment.std, backbone with its
 * running statistics. After a failure there is nothing to fini. */
int scl_encoder_graph(struct scl_encoder_graph *out, const struct scl_encoder_spec *spec);
void scl_encoder_graph_fini(struct scl_encoder_graph *graph);

struct scl_encoder;

/* Makes the graph ready to run on the model's memory; `store` may be NULL with spec.pixels. The
 * graph, the store and the device outlive it. */
int scl_encoder_new(struct scl_encoder **out, struct scl_device *device, struct scl_store *store,
                    const struct scl_encoder_graph *graph);
void scl_encoder_free(struct scl_encoder *encoder);

/* Row i is image i's; with views, row v N + i is view v of image i, for the set's N images.
 * `out` has exactly that many rows. Refuses a set whose images are larger than the spec
 * says. `progress` may be NULL. */
int scl_encoder_features(struct scl_features *out, struct scl_encoder *encoder,
                         struct scl_dataset *d, scl_data_progress *progress, void *context);

#endif
