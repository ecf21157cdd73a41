/* step.h - the graphs of training steps: everything that one step does on the
 * device, from stored pixels to updated parameters.
 *
 *     SCL_TRY(scl_encoder_step(&step, config, &images));
 *     SCL_TRY(scl_plan_new(&plan, step.g, ...));
 *
 * The host writes the inputs before each run and reads what it wants to log.
 */
#ifndef SCL_TRAIN_STEP_H
#define SCL_TRAIN_STEP_H

#include "config/config.h"
#include "data/dataset.h"
#include "graph/graph.h"
#include "method/method.h"
#include "model/augment.h"

struct scl_step_graph {
    struct scl_graph *g;
    struct scl_node *pixels; /* U8 [N, bytes] */
    struct scl_node *lr;     /* [1] */
    struct scl_node *loss;   /* [1] */
    struct scl_node *decay;  /* [1] of the averages; NULL: there are none */

    /* The encoder's step. */
    int n_piece; /* of the batch; 1: it is computed as a whole */
    struct scl_view_inputs
        *views; /* of each piece: what the augmentation draws (model/augment.h) */
    struct scl_method_inputs method; /* what the method wants (method/method.h) */
    struct scl_node *static_lr;      /* [1] of the predictor, or NULL */
    struct scl_node *gate;           /* [1] on the gradient of a layer that rests, or NULL */
    struct scl_node *parameters; /* what was drawn [V N, SCL_VIEW_PARAMETERS], by pieces, or NULL */
    struct scl_node *order;      /* I32 [N]: a permutation of the weights, or NULL */
    struct scl_node *labels;     /* I32 [N], or NULL */
    struct scl_node *probe_lr;   /* [1], or NULL */
    struct scl_node *probe_loss; /* [1] of the online probe, or NULL */
    struct scl_node *spread;     /* [1]: deviation of an entry of the normalised embedding */
    int embedding_dim;           /* its length */
    struct scl_node *weight_stats; /* [6], or NULL for the plain method */

    /* The score network's step. */
    struct scl_node *table;        /* I32 [N, SCL_CROP_COLUMNS]: whole images, some mirrored */
    struct scl_node *sigma;        /* [N] */
    struct scl_node *draw, *index; /* of the noise: scl_philox_normal() */
};

/* method.views views of each image, the encoder, its method with its weights, backward, update.
 * With train.micro_batch, views, features and scores are made piece by piece, heads and loss see
 * the whole batch, and the backward pass makes each piece's views and features again: the gradient
 * of the whole batch's loss, through an encoder whose batch statistics are those of a piece.
 * States: "encoder.*", "head.*", "predictor.*", the optimiser's, "encoder_ema.*" and
 * "head_ema.*" of methods with a momentum network, "score_ema.*" when weights come from scores,
 * "linear.*" of the online probe (eval/classifier.h). Refuses a probe without labels. */
int scl_encoder_step(struct scl_step_graph *out, const struct scl_config *config,
                     const struct scl_extent *images);

/* Denoising score matching on images of config->weight.score_size or smaller:
 * "score.*", its average "score_ema.*", the optimiser's. */
int scl_score_step(struct scl_step_graph *out, const struct scl_config *config,
                   const struct scl_extent *images);

void scl_step_graph_fini(struct scl_step_graph *step);

/* The side of the images that the score network sees. */
int scl_score_side(const struct scl_config *config);

/* The states under which the score network and its average live. */
#define SCL_SCORE_SCOPE "score"
#define SCL_SCORE_EMA_SCOPE "score_ema"

/* A state of a method, where it has one: above 0 once a step had to fail (W-MSE: a covariance
 * that is singular). */
#define SCL_SINGULAR_STATE "method.singular"

#endif
