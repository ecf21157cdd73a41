/* group_norm.c - group normalisation: each image is a view, and neighbouring channels
 * share statistics.
 *
 * The operators behind it: norm_stats.c, norm_apply.c, norm_grad_*.c.
 */
#include "base/status.h"
#include "graph/case.h"
#include "ops/norm_impl.h"
#include "ops/ops.h"

struct scl_node *scl_group_norm(struct scl_graph *g, struct scl_node *x, struct scl_node *gamma,
                                struct scl_node *beta, int groups, float eps, enum scl_act act)
{
    struct scl_norm_in in = { .x = x, .gamma = gamma, .beta = beta };
    struct scl_norm norm = { .eps = eps, .act = act };
    int rc = scl_graph_check(g), channels;

    if (rc < 0 || !x)
        return NULL;
    channels = x->shape.rank ? scl_norm_channels(x) : 0;
    if (groups < 1 || channels % groups != 0)
        return scl_graph_refuse(g, scl_fail(SCL_SHAPE,
                                            "group_norm: %s is %s, whose channels do not divide "
                                            "into %d groups",
                                            x->name, scl_shape_text(x->shape), groups));
    norm.together = channels / groups;
    norm.views = x->shape.dim[0];
    if ((rc = scl_norm_check(&norm, "group_norm", &in)) < 0)
        return scl_graph_refuse(g, rc);
    in.stats = scl_norm_stats(g, x, norm);
    return scl_norm_apply(g, &scl_op_group_norm, &in, norm);
}

static int from_case(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *x = scl_case_input(g, c, "x", SCL_CASE_IMAGE);
    struct scl_node *gamma = scl_case_optional(g, c, "weight", SCL_CASE_PLAIN);
    struct scl_node *beta = scl_case_optional(g, c, "bias", SCL_CASE_PLAIN);

    scl_case_output(g, c, "y",
                    scl_group_norm(g, x, gamma, beta, scl_case_int(c, "groups", 1),
                                   (float)scl_case_float(c, "eps", 1e-5), SCL_ACT_NONE),
                    SCL_CASE_IMAGE);
    return scl_graph_check(g);
}

const struct scl_op scl_op_group_norm = {
    .name = "group_norm",
    .n_in = -1,
    .infer = scl_norm_infer,
    .grad = scl_norm_grad,
    .key = scl_norm_key,
    .candidates = scl_norm_candidates,
    .reference = scl_norm_reference,
    .flops = scl_norm_flops,
    .from_case = from_case,
};
