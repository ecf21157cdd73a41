/* wmse.c - Ermolov et al. 2021, "Whitening for self-supervised representation learning". */
#include "base/status.h"
#include "method/method_impl.h"
#include "model/model.h"
#include "ops/ops.h"

/* Each view of the permuted images, whitened and brought to unit length. */
static void whitened(struct scl_node *z[], struct scl_graph *g, struct scl_node *h,
                     struct scl_node *permutation, const struct scl_wmse *wmse,
                     struct scl_node **singular)
{
    const int n = h->shape.dim[0] / wmse->n_views;
    struct scl_node *failed = NULL, *one;

    for (int v = 0; v < wmse->n_views; v++) {
        z[v] = scl_gather_rows(g, scl_rows(g, h, v * n, n), permutation);
        z[v] = scl_whiten(g, z[v], wmse->size, wmse->eps, &one);
        z[v] = scl_l2_normalize(g, z[v], 1e-12f);
        failed = failed ? scl_add(g, failed, one) : one;
    }
    if (singular)
        *singular = failed;
}

struct scl_node *scl_wmse_loss(struct scl_graph *g, struct scl_node *h,
                               struct scl_node *permutation, struct scl_node *const *weight,
                               struct scl_wmse wmse, struct scl_pair_terms *terms,
                               struct scl_node **singular)
{
    struct scl_pair_terms own, *t = terms ? terms : &own;
    struct scl_node *z[SCL_MAX_VIEWS], *sum = NULL;

    if (!h || !permutation)
        return NULL;
    if (wmse.n_views < 2 || wmse.n_views > SCL_MAX_VIEWS || h->shape.dim[0] % wmse.n_views)
        return scl_graph_refuse(
            g, scl_fail(SCL_SHAPE, "wmse: h is %s, which is not 2 to %d views of each image",
                        scl_shape_text(h->shape), SCL_MAX_VIEWS));
    *t = (struct scl_pair_terms){ 0 };
    whitened(z, g, h, permutation, &wmse, singular);
    for (int a = 0; a < wmse.n_views; a++)
        for (int b = a + 1; b < wmse.n_views; b++) {
            struct scl_node *own_order = weight ? weight[t->n] : NULL, *one;
            struct scl_node *pair = scl_scale(g, scl_row_dot(g, z[a], z[b]), -2, 2);

            t->weight[t->n] = own_order ? scl_gather_rows(g, own_order, permutation) : NULL;
            one = scl_pair_mean(g, pair, t->weight[t->n], &t->loss[t->n]);
            sum = t->n ? scl_add(g, sum, one) : one;
            t->n++;
        }
    return t->n > 1 ? scl_scale(g, sum, 1.0f / (float)t->n, 0) : sum;
}

/* HT's head without the last norm, which whitening stands for; facts/methods.md 1.3. */
static struct scl_node *project(struct scl_graph *g, struct scl_node *x,
                                const struct scl_config *config)
{
    const struct scl_mlp_spec spec = {
        .n_layer = 2,
        .layer = { { config->head.hidden, true, SCL_MLP_NORM, SCL_MLP_RELU },
                   { config->head.out, true, SCL_MLP_BARE, SCL_MLP_LINEAR } },
        .views = 1,
    };

    return scl_mlp(g, x, &spec);
}

static struct scl_node *loss(struct scl_graph *g, struct scl_method_step *step)
{
    const struct scl_wmse wmse = { .n_views = step->n_views,
                                   .size = step->config->method.whitening_size,
                                   .eps = step->config->method.whitening_eps };

    step->inputs.permutation = scl_input(g, "permutation", SCL_I32, SCL_SHAPE1(step->n));
    return scl_wmse_loss(g, step->z, step->inputs.permutation, step->weight, wmse, &step->terms,
                         &step->singular);
}

const struct scl_method scl_method_wmse = { .name = "wmse", .project = project, .loss = loss };
