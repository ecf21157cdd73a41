/* batch_norm.c - batch normalisation, per view, with running statistics.
 *
 * The operators behind it: norm_stats.c, norm_running.c, norm_apply.c, norm_grad_*.c.
 */
#include "base/status.h"
#include "graph/case.h"
#include "ops/norm_impl.h"
#include "ops/ops.h"

/* A group norm's variance may be that of one value, 0; here PyTorch, too, wants two. */
static int check_rows(const struct scl_norm *norm, const struct scl_node *x)
{
    if (!norm->frozen && norm->rows < 2)
        return scl_fail(SCL_SHAPE,
                        "batch_norm: %s is %s in %d views; a variance needs 2 values of each "
                        "channel",
                        x->name, scl_shape_text(x->shape), norm->views);
    return SCL_OK;
}

static int check_running(const struct scl_node *mean, const struct scl_node *var,
                         const struct scl_node *x, bool training)
{
    const struct scl_shape shape = SCL_SHAPE1(scl_norm_channels(x));

    if (!mean != !var || (!mean && !training))
        return scl_fail(SCL_SHAPE, "batch_norm: running mean and variance go together, and only "
                                   "in training there may be none");
    if (mean && (!scl_shape_equal(mean->shape, shape) || !scl_shape_equal(var->shape, shape)))
        return scl_fail(SCL_SHAPE, "batch_norm: %s is %s and %s is %s, not %s", mean->name,
                        scl_shape_text(mean->shape), var->name, scl_shape_text(var->shape),
                        scl_shape_text(shape));
    return SCL_OK;
}

struct scl_node *scl_batch_norm(struct scl_graph *g, struct scl_node *x, struct scl_node *gamma,
                                struct scl_node *beta, struct scl_node *running_mean,
                                struct scl_node *running_var, struct scl_batch_norm_attr attr,
                                struct scl_node *residual)
{
    struct scl_norm_in in = { .x = x, .gamma = gamma, .beta = beta, .residual = residual };
    struct scl_norm norm = { .eps = attr.eps,
                             .momentum = attr.momentum,
                             .views = attr.training ? attr.views : 1,
                             .together = 1,
                             .act = attr.relu ? SCL_ACT_RELU : SCL_ACT_NONE,
                             .frozen = !attr.training };
    int rc = scl_graph_check(g);

    if (rc < 0 || !x)
        return NULL;
    if ((rc = scl_norm_check(&norm, "batch_norm", &in)) < 0 || (rc = check_rows(&norm, x)) < 0 ||
        (rc = check_running(running_mean, running_var, x, attr.training)) < 0)
        return scl_graph_refuse(g, rc);
    in.stats = attr.training ? scl_norm_stats(g, x, norm)
                             : scl_norm_frozen(g, running_mean, running_var, norm);
    if (attr.training && running_mean)
        scl_norm_running(g, running_mean, running_var, in.stats, norm);
    return scl_norm_apply(g, &scl_op_batch_norm, &in, norm);
}

/* Running statistics that are not given and yet wanted start as a new layer's: 0 and 1. */
static int from_case(struct scl_graph *g, struct scl_case *c)
{
    const bool given = scl_case_has(c, "in.running_mean") || scl_case_has(c, "in.running_var");
    struct scl_node *x = scl_case_input(g, c, "x", SCL_CASE_IMAGE);
    struct scl_node *gamma = scl_case_optional(g, c, "weight", SCL_CASE_PLAIN);
    struct scl_node *beta = scl_case_optional(g, c, "bias", SCL_CASE_PLAIN);
    struct scl_node *mean = NULL, *var = NULL;
    const struct scl_batch_norm_attr attr = { .eps = (float)scl_case_float(c, "eps", 1e-5),
                                              .momentum = (float)scl_case_float(c, "momentum", 0.1),
                                              .views = scl_case_int(c, "views", 1),
                                              .training = scl_case_bool(c, "training", true) };

    if (x && (given || scl_case_has(c, "out.running_mean"))) {
        const struct scl_shape shape = SCL_SHAPE1(scl_norm_channels(x));

        mean = scl_state(g, "running_mean", shape, (struct scl_init){ 0 });
        var = scl_state(g, "running_var", shape, (struct scl_init){ .value = 1 });
    }
    if (x && given) {
        scl_case_start(g, c, "running_mean", mean, SCL_CASE_PLAIN);
        scl_case_start(g, c, "running_var", var, SCL_CASE_PLAIN);
    }
    scl_case_output(g, c, "y", scl_batch_norm(g, x, gamma, beta, mean, var, attr, NULL),
                    SCL_CASE_IMAGE);
    if (mean && attr.training) {
        scl_case_output(g, c, "running_mean", mean, SCL_CASE_PLAIN);
        scl_case_output(g, c, "running_var", var, SCL_CASE_PLAIN);
    }
    return scl_graph_check(g);
}

const struct scl_op scl_op_batch_norm = {
    .name = "batch_norm",
    .n_in = -1,
    .infer = scl_norm_infer,
    .grad = scl_norm_grad,
    .key = scl_norm_key,
    .candidates = scl_norm_candidates,
    .reference = scl_norm_reference,
    .flops = scl_norm_flops,
    .from_case = from_case,
};
