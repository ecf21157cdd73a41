/* model.h - networks: nothing but builder calls.
 *
 * A network takes nodes and returns nodes; its parameters are states of the
 * graph, named as PyTorch's state_dict names them, under the scope that the caller has
 * pushed:
 *
 *     scl_scope_push(g, "encoder");
 *     h = scl_resnet18(g, views, &(struct scl_resnet_spec){ .width = 64, .training = true,
 *                                                           .views = 2 });
 *     scl_scope_pop(g);
 *
 * Images are [N, H, W, 3]. Initialisation: facts/methods.md 3.
 */
#ifndef SCL_MODEL_MODEL_H
#define SCL_MODEL_MODEL_H

#include "config/config.h"
#include "graph/case.h"
#include "graph/graph.h"

struct scl_resnet_spec {
    enum scl_encoder_stem stem; /* cifar: 3x3, stride 1, padding 1, no pooling; cifar_pad2: padding
                                   2; imagenet: 7x7, stride 2, then max-pooling 3x3 of stride 2 */
    int width;                  /* channels of the first stage: 64 */
    bool zero_init_residual;    /* the second norm of each block starts at 0 */
    bool training;              /* batch statistics, and running ones updated */
    int views;                  /* equal groups of rows with statistics of their own; 1 or more */
};

/* x [N, H, W, 3] to features [N, 8 width]. He et al. 2016, basic blocks. */
struct scl_node *scl_resnet18(struct scl_graph *g, struct scl_node *x,
                              const struct scl_resnet_spec *spec);

struct scl_head_spec {
    int hidden, out;
    bool norm_hidden, norm_out; /* batch norm after the first, the last layer */
    bool training;
};

/* x [N, D] to [N, out]: linear, (batch norm,) ReLU, linear(, batch norm), with
 * statistics over all rows; facts/methods.md 1.1. */
struct scl_node *scl_projection_head(struct scl_graph *g, struct scl_node *x,
                                     const struct scl_head_spec *spec);

/* s(x, sigma) of the score network of facts/score.md: x [N, H, W, 3] in [0, 1]
 * with H and W multiples of 4, sigma [N]; width a multiple of 8. */
struct scl_node *scl_score_unet(struct scl_graph *g, struct scl_node *x, struct scl_node *sigma,
                                int width);

/* The states that are trained under this name: those of the graph whose name
 * begins with `prefix`, running statistics and fixed frequencies left out, in the
 * order of their making. Returns how many; list may be NULL. */
int scl_model_parameters(const struct scl_graph *g, const char *prefix, struct scl_node *list[]);

/* model.resnet18, model.score_unet of CASES.md. */
extern const struct scl_composite scl_model_cases[];

#endif
