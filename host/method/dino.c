/* dino.c - Caron et al. 2021, "Emerging properties in self-supervised vision transformers",
 * without its small crops. */
#include "base/status.h"
#include "method/method_impl.h"
#include "model/layers.h"
#include "model/model.h"
#include "ops/ops.h"

struct scl_node *scl_dino_loss(struct scl_graph *g, struct scl_node *s, struct scl_node *t,
                               struct scl_node *center, struct scl_node *weight, double temperature,
                               struct scl_node *teacher_temperature, struct scl_node **pair_loss)
{
    struct scl_node *q, *logits, *pair;

    if (!(temperature > 0))
        return scl_graph_refuse(
            g, scl_fail(SCL_CONFIG, "dino: temperature is %g, not above 0", temperature));
    q = scl_center_softmax(g, scl_stop_gradient(g, t), center, teacher_temperature);
    logits = scl_scale(g, s, (float)(1 / temperature), 0);
    pair = scl_add(g, scl_soft_cross_entropy(g, scl_half(g, logits, 1), scl_half(g, q, 0)),
                   scl_soft_cross_entropy(g, scl_half(g, logits, 0), scl_half(g, q, 1)));
    return scl_pair_mean(g, scl_scale(g, pair, 0.5f, 0), weight, pair_loss);
}

/* Three layers, then cosines with the prototypes; facts/methods.md 1.8. */
static struct scl_node *project(struct scl_graph *g, struct scl_node *x,
                                const struct scl_config *config)
{
    const int hidden = config->head.hidden, out = config->head.out;
    const struct scl_mlp_spec spec = {
        .n_layer = 3,
        .layer = { { hidden, true, SCL_MLP_BARE, SCL_MLP_GELU },
                   { hidden, true, SCL_MLP_BARE, SCL_MLP_GELU },
                   { out, true, SCL_MLP_BARE, SCL_MLP_LINEAR } },
        .views = 2,
        .deviation = 0.02f,
    };
    struct scl_node *weight;

    x = scl_l2_normalize(g, scl_mlp(g, x, &spec), 1e-12f);
    scl_scope_push(g, "last_layer");
    weight =
        scl_state(g, "weight", SCL_SHAPE2(out, config->head.prototypes), scl_init_default(out));
    scl_scope_pop(g);
    return scl_matmul(g, x, scl_normalize_columns(g, weight), false, false);
}

/* center <- m center + (1 - m) mean of the momentum network's logits over the batch. */
static void move_center(struct scl_graph *g, struct scl_node *center, struct scl_node *t,
                        double momentum)
{
    const float m = (float)momentum;
    struct scl_node *mean;

    if (!t)
        return;
    mean = scl_scale(g, scl_column_sum(g, t), 1.0f / (float)t->shape.dim[0], 0);
    scl_ema(g, center, mean, scl_constant(g, "center_momentum", SCL_F32, SCL_SHAPE1(1), &m));
}

static struct scl_node *loss(struct scl_graph *g, struct scl_method_step *step)
{
    const struct scl_config *c = step->config;
    const struct scl_shape shape = SCL_SHAPE1(c->head.prototypes);
    struct scl_node *center =
        scl_state(g, "dino.center", shape, (struct scl_init){ SCL_INIT_CONSTANT, 0 });
    struct scl_node *y;

    step->inputs.teacher_temperature = scl_input(g, "teacher_temperature", SCL_F32, SCL_SHAPE1(1));
    y = scl_dino_loss(g, step->z, step->target, center, scl_only_weight(step),
                      c->method.temperature, step->inputs.teacher_temperature, scl_only_loss(step));
    move_center(g, center, step->target, c->method.center_momentum);
    return y;
}

const struct scl_method scl_method_dino = { .name = "dino",
                                            .has_momentum = true,
                                            .rests = "head.last_layer.weight",
                                            .project = project,
                                            .loss = loss };
