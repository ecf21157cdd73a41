/* step.h - the graphs of training steps: everything that one step does on the
 * device, from stored pixels to updated parameters.
 *
 *     SCL_TRY(scl_encoder_step(&step, config, source));
 *     SCL_TRY(scl_plan_new(&plan, step.g, ...));
 *
 * The host writes the inputs before each run and reads what it wants to log.
 */
#ifndef SCL_TRAIN_STEP_H
#define SCL_TRAIN_STEP_H

#include "config/config.h"
#include "graph/graph.h"
#include "model/augment.h"

/* How the data set's images arrive: rows of `bytes` bytes, none larger than side. */
struct scl_source {
    int bytes, max_side;
};

struct scl_step_graph {
    struct scl_graph *g;
    struct scl_node *pixels; /* U8 [N, bytes] */
    struct scl_node *lr;     /* [1] */
    struct scl_node *loss;   /* [1] */

    /* The encoder's step. */
    struct scl_view_inputs views;  /* what the augmentation draws (model/augment.h) */
    struct scl_node *weight_stats; /* [6], or NULL for the plain method */

    /* The score network's step. */
    struct scl_node *table;        /* I32 [N, SCL_CROP_COLUMNS]: whole images, some mirrored */
    struct scl_node *sigma;        /* [N] */
    struct scl_node *draw, *index; /* of the noise: scl_philox_normal() */
    struct scl_node *decay;        /* [1] of the average */
};

/* Two views of each image, the encoder, its method with its weights, backward, update.
 * States: "encoder.*", "head.*", the optimiser's, and "score_ema.*" when weights
 * come from scores. */
int scl_encoder_step(struct scl_step_graph *out, const struct scl_config *config,
                     struct scl_source source);

/* Denoising score matching on images of config->weight.score_size or smaller:
 * "score.*", its average "score_ema.*", the optimiser's. */
int scl_score_step(struct scl_step_graph *out, const struct scl_config *config,
                   struct scl_source source);

void scl_step_graph_fini(struct scl_step_graph *step);

/* Whether the weight's kind needs a score network. */
bool scl_needs_score(const struct scl_config *config);

/* The side of the images that the score network sees. */
int scl_score_side(const struct scl_config *config);

/* The states under which the score network's average lives. */
#define SCL_SCORE_SCOPE "score"
#define SCL_SCORE_EMA_SCOPE "score_ema"

#endif
