/* supervised.h - a linear layer trained on an encoder with labels, from stored pixels on.
 *
 * A step is one graph: pixels, random crop and flip, normalisation, encoder (frozen or trained),
 * linear layer, cross-entropy, update. It shares its states with the encoder in evaluation
 * mode (eval/features.h) and with the layer's test (eval/classifier.h), and comes before the
 * model's memory:
 *
 *     struct scl_supervised_spec spec = { .config = &config, .recipe = recipe, ... };
 *
 *     SCL_TRY(scl_supervised_init(&step, &spec));
 *     SCL_TRY(scl_classifier_init(&layer, n_test, step.dim, spec.classes));
 *     SCL_TRY(scl_store_new(&store, device, 3,
 *                           (struct scl_graph *[]){ step.g, encoder.g, layer.g }, config.seed));
 *     SCL_TRY(scl_supervised_run(&step, device, store, train, NULL, NULL, NULL));
 *     ... features of the test images, scl_classifier_run() ...
 *     scl_supervised_fini(&step);
 */
#ifndef SCL_EVAL_SUPERVISED_H
#define SCL_EVAL_SUPERVISED_H

#include "data/dataset.h"
#include "device/device.h"
#include "device/store.h"
#include "eval/classifier.h"
#include "eval/recipe.h"
#include "eval/subset.h"
#include "model/augment.h"

struct scl_supervised_spec {
    const struct scl_config *config; /* encoder, normalisation, size, seed, threads; borrowed */
    struct scl_recipe recipe;
    int classes;
    int batch;           /* images of a step: the recipe's, or all there are */
    int bytes, max_side; /* of the largest image that will come */
    bool pixels;         /* in the place of features; with a frozen encoder only */
};

struct scl_supervised {
    struct scl_supervised_spec spec;
    struct scl_augment_config augment;
    struct scl_graph *g;
    int dim; /* of the layer's input */
    struct scl_node *pixels, *label, *lr, *lr_encoder, *loss;
    struct scl_view_inputs views;
};

/* Crops of 0.08 to 1 of the area and 3/4 to 4/3 of the ratio, mirrored or not, resampled as
 * augment.interpolation says: torchvision's RandomResizedCrop and RandomHorizontalFlip. A trained
 * encoder has batch statistics, and moves its running ones. After a failure there is nothing
 * to fini. */
int scl_supervised_init(struct scl_supervised *out, const struct scl_supervised_spec *spec);
void scl_supervised_fini(struct scl_supervised *s);

/* All epochs, on the images of the subset (NULL: all); what does not fill a batch is left out of
 * an epoch. Order and draws are those of config.seed. A loss that is not finite is
 * SCL_NUMERIC. `progress`, which may be NULL, counts steps. */
int scl_supervised_run(const struct scl_supervised *s, struct scl_device *device,
                       struct scl_store *store, struct scl_dataset *train,
                       const struct scl_subset *subset, scl_fit_progress *progress, void *context);

#endif
