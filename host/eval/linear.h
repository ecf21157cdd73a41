/* linear.h - a linear layer trained on rows of features that were extracted once.
 *
 *     struct scl_recipe recipe = scl_recipe_ht(&config.linear);
 *
 *     SCL_TRY(scl_linear_find(&accuracy, device, &recipe, n_classes, seed, &train, &test, NULL,
 *                             NULL));
 *     printf("accuracy %.2f %%\n", accuracy.top1);
 *
 * The rows lie on the device; a step gathers those that its part of the epoch's permutation
 * names. The host waits once an epoch.
 */
#ifndef SCL_EVAL_LINEAR_H
#define SCL_EVAL_LINEAR_H

#include "eval/classifier.h"
#include "eval/recipe.h"

/* The accuracy on `test` of a layer that was trained on `train` by the recipe, cross-entropy with
 * the labels. The permutation of an epoch is a function of seed and epoch; rows that do not fill
 * a batch are left out of it, a set smaller than a batch is one. Refuses labels that are no
 * class, and rows of two widths; features or a loss that is not finite are SCL_NUMERIC.
 * `progress`, which may be NULL, counts epochs. */
int scl_linear_find(struct scl_accuracy *out, struct scl_device *device,
                    const struct scl_recipe *recipe, int classes, uint64_t seed,
                    const struct scl_features *train, const struct scl_features *test,
                    scl_fit_progress *progress, void *context);

#endif
