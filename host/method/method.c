/* method.c - the list of methods, and what they share. */
#include <assert.h>

#include "method/method_impl.h"
#include "model/model.h"
#include "ops/ops.h"

const struct scl_method *scl_method_find(int kind)
{
    static const struct scl_method *const methods[] = {
        [SCL_METHOD_SIMCLR] = &scl_method_simclr, [SCL_METHOD_SIMSIAM] = &scl_method_simsiam,
        [SCL_METHOD_WMSE] = &scl_method_wmse,     [SCL_METHOD_VICREG] = &scl_method_vicreg,
        [SCL_METHOD_BYOL] = &scl_method_byol,     [SCL_METHOD_BARLOW] = &scl_method_barlow,
        [SCL_METHOD_MOCOV3] = &scl_method_mocov3, [SCL_METHOD_DINO] = &scl_method_dino,
    };

    assert(kind >= 0 && (size_t)kind < sizeof methods / sizeof *methods);
    return methods[kind];
}

struct scl_node *scl_half(struct scl_graph *g, struct scl_node *x, int view)
{
    const int n = x ? x->shape.dim[0] / 2 : 0;

    return scl_rows(g, x, view * n, n);
}

struct scl_node *scl_cross_cosine(struct scl_graph *g, struct scl_node *a, struct scl_node *b)
{
    struct scl_node *u = scl_l2_normalize(g, a, 1e-12f);
    struct scl_node *v = scl_l2_normalize(g, scl_stop_gradient(g, b), 1e-12f);

    return scl_add(g, scl_row_dot(g, scl_half(g, u, 0), scl_half(g, v, 1)),
                   scl_row_dot(g, scl_half(g, u, 1), scl_half(g, v, 0)));
}

struct scl_node *scl_pair_mean(struct scl_graph *g, struct scl_node *pair, struct scl_node *weight,
                               struct scl_node **pair_loss)
{
    if (pair_loss)
        *pair_loss = pair;
    return scl_row_mean(g, pair, weight);
}

struct scl_node *scl_expand(struct scl_graph *g, struct scl_node *x,
                            const struct scl_config *config)
{
    const int hidden = config->head.hidden;
    const struct scl_mlp_spec spec = {
        .n_layer = 3,
        .layer = { { hidden, true, SCL_MLP_NORM, SCL_MLP_RELU },
                   { hidden, true, SCL_MLP_NORM, SCL_MLP_RELU },
                   { config->head.out, true, SCL_MLP_BARE, SCL_MLP_LINEAR } },
        .views = 2,
    };

    return scl_mlp(g, x, &spec);
}

struct scl_node *scl_only_weight(struct scl_method_step *step)
{
    step->terms.n = 1;
    return step->terms.weight[0] = step->weight ? step->weight[0] : NULL;
}

struct scl_node **scl_only_loss(struct scl_method_step *step)
{
    return &step->terms.loss[0];
}
