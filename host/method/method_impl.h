/* method_impl.h - what methods share; for host/method only. */
#ifndef SCL_METHOD_METHOD_IMPL_H
#define SCL_METHOD_METHOD_IMPL_H

#include "method/method.h"

extern const struct scl_method scl_method_simclr, scl_method_simsiam, scl_method_wmse,
    scl_method_vicreg, scl_method_byol, scl_method_barlow, scl_method_mocov3, scl_method_dino;

/* View 0 or 1 of x, whose rows are two views. */
struct scl_node *scl_half(struct scl_graph *g, struct scl_node *x, int view);

/* cos(a0, b1) + cos(a1, b0) of each image, for a, b [2N, D] -> [N]; no gradient to b. */
struct scl_node *scl_cross_cosine(struct scl_graph *g, struct scl_node *a, struct scl_node *b);

/* The weighted mean of what each pair loses, which is handed out where it is wanted. */
struct scl_node *scl_pair_mean(struct scl_graph *g, struct scl_node *pair, struct scl_node *weight,
                               struct scl_node **pair_loss);

/* The head of VICReg and Barlow Twins: three layers, norm and ReLU behind the first two, with
 * statistics for each view. */
struct scl_node *scl_expand(struct scl_graph *g, struct scl_node *x,
                            const struct scl_config *config);

/* The weight of the only pair of a step of two views, and where its loss goes. */
struct scl_node *scl_only_weight(struct scl_method_step *step);
struct scl_node **scl_only_loss(struct scl_method_step *step);

#endif
