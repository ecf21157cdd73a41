/* encoder_step_impl.h - what a contrastive step is made of; for host/train only. */
#ifndef SCL_TRAIN_ENCODER_STEP_IMPL_H
#define SCL_TRAIN_ENCODER_STEP_IMPL_H

#include "train/step.h"

/* What pairs are judged by, made of views in [0, 1]: their scores, or the views as the score
 * network sees them. NULL, and nothing is made, for a weight of another kind. */
struct scl_node *scl_step_evidence(struct scl_graph *g, struct scl_node *views,
                                   const struct scl_config *config);

/* weight[p] [N] of each pair of views, from the evidence of all views, their features, or what was
 * drawn for them, as config->weight says; sets the inputs of the step that this needs. False
 * for kind uniform, which has no weights. */
bool scl_step_weights(struct scl_node *weight[], struct scl_step_graph *s,
                      struct scl_node *evidence, struct scl_node *features,
                      const struct scl_config *config);

/* Rows of pieces of a batch: row v n / n_piece + i of piece k is view v of its i-th image. */
struct scl_node *scl_pieces_join(struct scl_graph *g, int n_piece, struct scl_node *const piece[]);

/* x, whose rows are by pieces, in the order of the whole batch: row v n + i is view v of image
 * i. */
struct scl_node *scl_pieces_sort(struct scl_graph *g, struct scl_node *x, int n_piece, int n_views);

#endif
