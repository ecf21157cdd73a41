/* augment.h - the part of a step's graph that makes views of stored images.
 *
 *     views = scl_augment_views(g, &inputs, pixels, &config.augment, n, 2, max_side);
 *
 * Before each run the host writes the batch's pixels, and for each member of
 * `inputs` that is not NULL the table of the same name (data/augment.h).
 */
#ifndef SCL_MODEL_AUGMENT_H
#define SCL_MODEL_AUGMENT_H

#include "config/config.h"
#include "graph/graph.h"
#include "ops/augment.h" /* scl_augment_cases */

/* NULL: the configuration does without. */
struct scl_view_inputs {
    struct scl_node *unpack;    /* I32 [V N, SCL_UNPACK_COLUMNS] */
    struct scl_node *color;     /* F32 [V N, SCL_COLOR_COLUMNS] */
    struct scl_node *crop;      /* I32 [V N, SCL_CROP_COLUMNS] */
    struct scl_node *sigma;     /* F32 [V N] */
    struct scl_node *threshold; /* F32 [V N] */
};

/* n_views views of n of the images in pixels (U8 [N, bytes]; the tables say which): [V n, size,
 * size, 3] in [0, 1] and not yet normalised; row v n + i is view v of the i-th. Order ht: jitter,
 * grey, crop, flip, blur, solarise; sl: crop, jitter, grey, blur, solarise, flip. (The crop flips
 * in both: what follows it in sl does the same to both sides.) No image is larger than max_side
 * either way. */
struct scl_node *scl_augment_views(struct scl_graph *g, struct scl_view_inputs *inputs,
                                   struct scl_node *pixels, const struct scl_augment_config *config,
                                   int n, int n_views, int max_side);

/* x in [0, 1] as networks see it: less augment.mean, over augment.std. */
struct scl_node *scl_normalized_views(struct scl_graph *g, struct scl_node *x,
                                      const struct scl_augment_config *config);

#endif
