/* model.h - networks: nothing but builder calls.
 *
 * A network takes nodes and returns nodes; its parameters are states of the
 * graph, named as PyTorch's state_dict names them, under the scope that the caller has
 * pushed:
 *
 *     scl_scope_push(g, "encoder");
 *     h = scl_resnet(g, views, &(struct scl_resnet_spec){ .width = 64, .training = true,
 *                                                         .views = 2 });
 *     scl_scope_pop(g);
 *
 * Images are [N, H, W, 3]. Initialisation: facts/methods.md 3.
 */
#ifndef SCL_MODEL_MODEL_H
#define SCL_MODEL_MODEL_H

#include "config/config.h"
#include "graph/case.h"
#include "graph/graph.h"

/* What gradients compute again (scl_recompute_push()): so many blocks, the stem the first; of the
 * others, all but convolutions: nothing, what lies inside each block, or their results too, one
 * after another from the last one that convolutions give. */
enum scl_recompute_light { SCL_LIGHT_NOTHING, SCL_LIGHT_IN_BLOCKS, SCL_LIGHT_ALL };

struct scl_recompute_choice {
    int blocks;
    enum scl_recompute_light light;
};

struct scl_resnet_spec {
    enum scl_encoder_kind kind; /* resnet18: basic blocks; resnet50: bottlenecks */
    enum scl_encoder_stem stem; /* cifar: 3x3, stride 1, padding 1, no pooling; cifar_pad2: padding
                                   2; imagenet: 7x7, stride 2, then max-pooling 3x3 of stride 2 */
    int width;                  /* channels of the stem: 64 */
    bool zero_init_residual;    /* the last norm of each block starts at 0 */
    bool training;              /* batch statistics, and running ones updated */
    int views;                  /* equal groups of rows with statistics of their own; 1 or more */
    struct scl_recompute_choice again;
};

/* x [N, H, W, 3] to features [N, 8 width], of resnet50 [N, 32 width]. He et al. 2016; the
 * stride of a bottleneck is its 3x3 convolution's, as torchvision has it. */
struct scl_node *scl_resnet(struct scl_graph *g, struct scl_node *x,
                            const struct scl_resnet_spec *spec);

/* The network that a configuration names, with its states under `scope`: "encoder". */
struct scl_node *scl_encoder(struct scl_graph *g, struct scl_node *x, const char *scope,
                             const struct scl_encoder_config *config, bool training, int views,
                             struct scl_recompute_choice again);

enum scl_mlp_norm {
    SCL_MLP_BARE,
    SCL_MLP_NORM,
    SCL_MLP_NORM_FIXED
}; /* fixed: no scale, no shift */
enum scl_mlp_act { SCL_MLP_LINEAR, SCL_MLP_RELU, SCL_MLP_GELU };

struct scl_mlp_layer {
    int out;
    bool bias;
    enum scl_mlp_norm norm;
    enum scl_mlp_act act;
};

#define SCL_MLP_LAYERS 3

struct scl_mlp_spec {
    int n_layer;
    struct scl_mlp_layer layer[SCL_MLP_LAYERS];
    int views;       /* of the norms' statistics, as struct scl_resnet_spec has it */
    float deviation; /* 0: PyTorch's initialisation; else normal weights, biases of 0 */
};

/* x [N, D] through linear layers, each with its norm and what follows it; in training. Names
 * are the places in a torch.nn.Sequential: "0.weight", "1.weight" of its norm, "3.weight". */
struct scl_node *scl_mlp(struct scl_graph *g, struct scl_node *x, const struct scl_mlp_spec *spec);

/* s(x, sigma) of the score network of facts/score.md: x [N, H, W, 3] in [0, 1]
 * with H and W multiples of 4, sigma [N]; width a multiple of 8. */
struct scl_node *scl_score_unet(struct scl_graph *g, struct scl_node *x, struct scl_node *sigma,
                                int width);

/* The states that are trained under this name: those of the graph whose name
 * begins with `prefix`, running statistics and fixed frequencies left out, in the
 * order of their making. Returns how many; list may be NULL. */
int scl_model_parameters(const struct scl_graph *g, const char *prefix, struct scl_node *list[]);

/* model.resnet18, model.resnet50, model.score_unet of CASES.md. */
extern const struct scl_composite scl_model_cases[];

#endif
