/* recipe.h - how a linear layer is trained on an encoder, with every number.
 *
 *     struct scl_recipe recipe = scl_recipe_ht(&config.linear);
 *
 *     for (int epoch = 0; epoch < recipe.epochs; epoch++)
 *         ... at recipe.optim.lr * scl_recipe_scale(&recipe, epoch) ...
 *     puts(scl_recipe_text(text, &recipe));
 *
 * The accuracy is always that after the last epoch.
 */
#ifndef SCL_EVAL_RECIPE_H
#define SCL_EVAL_RECIPE_H

#include <stdbool.h>

#include "config/config.h"

struct scl_recipe {
    bool on_rows;                  /* features extracted once; else crops and flips, drawn anew
                                    * in each epoch */
    double lr_encoder;             /* at first; 0: the encoder is frozen, in evaluation mode */
    struct scl_optim_config optim; /* its lr is the layer's, at first */
    int epochs, batch;             /* the whole set where it is smaller */
    double fall;                   /* of the rates over all epochs, exponentially; 1: none */
    double drop;                   /* of the rates at each drop epoch; 1: none */
    int drop_epoch[2];
};

/* Ermolov et al. 2021 (facts/methods.md 4.2, HT): rows, Adam 1e-2 to 1e-6 by a factor each of 500
 * epochs, L2 5e-6, batches of 1000. */
struct scl_recipe scl_recipe_ht(const struct scl_linear_config *linear);

/* solo-learn's offline protocol (facts/methods.md 4.2): SGD with momentum 0.9, no decay, batches of
 * 256, a tenth from epoch 60 and again from 80 of 100 (in proportion for others). linear.lr 0
 * is the rate that solo-learn has for the method; refused where it has none. */
int scl_recipe_sl(struct scl_recipe *out, const struct scl_config *config);

/* Semi-supervised, with `percent` of the labels: 20 epochs, batches of 256 and the drops as
 * SwAV has them (Caron et al. 2020, eval_semisup.py), the rates for 1 and for 10 % as VICReg
 * (Bardes et al. 2022). Ours: 10 %'s rates for more, and Nesterov's momentum, as SimCLR
 * fine-tunes. */
struct scl_recipe scl_recipe_finetune(const struct scl_finetune_config *finetune, int percent);

/* What the rates are multiplied by in this epoch. */
double scl_recipe_scale(const struct scl_recipe *recipe, int epoch);

/* "linear layer on frozen features, adam, lr 0.01 to 1e-06 over 500 epochs, ..."; returns
 * `out`. */
enum { SCL_RECIPE_BYTES = 320 };
const char *scl_recipe_text(char out[SCL_RECIPE_BYTES], const struct scl_recipe *recipe);

#endif
