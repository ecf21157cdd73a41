/* gradient.c - reverse mode over the graph: each operator appends its own part. */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "ops/ops.h"

/* What one call works with; arrays are indexed by the ids of the nodes that were
 * there when it began. */
struct sweep {
    struct scl_graph *g;
    int n_node;
    bool *depends;                      /* on one of wrt, through differentiable operators */
    struct scl_node **grad;             /* dy/dnode, as far as it has been summed */
    struct scl_node **again;            /* the node, or its repetition, whose inputs are at hand */
    struct scl_node **now;              /* that which holds its value: kept, or computed again */
    const struct scl_recompute *inside; /* the innermost block that the sweep is in */
};

static void mark(struct sweep *s, int n, struct scl_node *const wrt[], int last)
{
    for (int i = 0; i < n; i++)
        s->depends[wrt[i]->id] = true;
    for (int id = 0; id <= last; id++) {
        const struct scl_node *y = scl_graph_node(s->g, id);

        if (!y->op || !y->op->grad)
            continue;
        for (int i = 0; i < y->n_in; i++)
            s->depends[id] |= s->depends[y->in[i]->id];
    }
}

/* A block's result is there already: what follows was computed from it. And what is small beside
 * the values that it is made of costs more to compute than to keep. Nothing here depends on how
 * many images there are or how wide a network is: its graphs have the same nodes. */
static bool is_kept(const struct scl_node *y, const struct scl_recompute *block)
{
    double in = 0;

    for (int i = 0; i < y->n_in; i++)
        in += y->in[i]->role == SCL_VALUE ? (double)scl_node_bytes(y->in[i]) : 0;
    if (y->op->summary || (y->op->product && block->light))
        return true;
    return y->id == block->end - 1 || 8 * (double)scl_node_bytes(y) <= in;
}

/* From here on a block's values are gone until they are asked for. */
static void forget_block(struct sweep *s, const struct scl_recompute *block)
{
    for (int id = block->first; id < block->end; id++) {
        const struct scl_node *y = scl_graph_node(s->g, id);

        if (!y->op || y->op->writes)
            continue;
        s->again[id] = NULL;
        if (!is_kept(y, block))
            s->now[id] = NULL;
    }
}

/* y with its inputs at hand. What is repeated is appended as late as can be, for it takes memory
 * from there on; and the plan runs of it what gradients read. */
static struct scl_node *repeat(struct sweep *s, const struct scl_node *y)
{
    if (s->again[y->id])
        return s->again[y->id];
    for (int i = 0; i < y->n_in; i++)
        if (!s->now[y->in[i]->id])
            s->now[y->in[i]->id] = repeat(s, y->in[i]);
    s->again[y->id] = scl_repeat(s->g, y, s->now);
    if (!s->now[y->id])
        s->now[y->id] = s->again[y->id];
    return s->again[y->id];
}

static bool is_within(const struct scl_recompute *inner, const struct scl_recompute *block)
{
    while (inner && inner != block)
        inner = inner->outer;
    return inner == block;
}

/* The sweep runs backwards, so it comes into a block at its end, once. */
static void enter(struct sweep *s, const struct scl_recompute *block)
{
    if (is_within(s->inside, block))
        return;
    enter(s, block->outer);
    forget_block(s, block);
}

/* Nodes from `first` on read y's value where it is. */
static void read_kept(struct sweep *s, const struct scl_node *y, int first)
{
    for (int id = first; id < scl_graph_count(s->g); id++) {
        struct scl_node *node = scl_graph_node(s->g, id);

        for (int i = 0; i < node->n_in; i++)
            if (node->in[i] == s->again[y->id])
                node->in[i] = s->now[y->id];
        if (node->base == s->again[y->id])
            node->base = s->now[y->id];
    }
}

static int step_back(struct sweep *s, struct scl_node *y)
{
    struct scl_node **dx = calloc((size_t)y->n_in, sizeof *dx), *again;
    bool *want = calloc((size_t)y->n_in, sizeof *want);
    int rc = SCL_OK, first;

    if (!dx || !want) {
        rc = scl_fail(SCL_NOMEM, "out of memory for gradients");
        goto out;
    }
    for (int i = 0; i < y->n_in; i++)
        want[i] = s->depends[y->in[i]->id];
    enter(s, y->recompute);
    s->inside = y->recompute;
    again = repeat(s, y);
    SCL_TRY(scl_graph_check(s->g));
    first = scl_graph_count(s->g);
    scl_scope_push(s->g, "%s", y->name); /* its nodes are named after what they belong to */
    rc = y->op->grad(s->g, again, s->grad[y->id], want, dx);
    scl_scope_pop(s->g);
    SCL_TRY(rc);
    read_kept(s, y, first);
    for (int i = 0; i < y->n_in; i++) {
        struct scl_node **sum = &s->grad[y->in[i]->id];

        if (dx[i] && want[i])
            *sum = *sum ? scl_add(s->g, *sum, dx[i]) : dx[i];
    }
    rc = scl_graph_check(s->g);
out:
    free(want);
    free(dx);
    return rc;
}

int scl_gradients_or_none(struct scl_node *grad[], struct scl_graph *g, struct scl_node *y,
                          struct scl_node *dy, int n, struct scl_node *const wrt[])
{
    static const float one = 1.0f;
    struct sweep s = { .g = g, .n_node = scl_graph_count(g) };
    int rc = scl_graph_check(g);

    if (rc < 0)
        return rc;
    if (!dy) {
        if (scl_shape_count(y->shape) != 1)
            return scl_fail(SCL_SHAPE, "gradients: %s is %s, not a scalar, and no dy is given",
                            y->name, scl_shape_text(y->shape));
        dy = scl_constant(g, "one", SCL_F32, y->shape, &one);
    }
    s.depends = calloc((size_t)s.n_node, sizeof *s.depends);
    s.grad = calloc(3 * (size_t)s.n_node, sizeof *s.grad);
    if (!s.depends || !s.grad) {
        rc = scl_fail(SCL_NOMEM, "out of memory for gradients");
        goto out;
    }
    s.again = s.grad + s.n_node;
    s.now = s.again + s.n_node;
    for (int id = 0; id < s.n_node; id++)
        s.again[id] = s.now[id] = scl_graph_node(g, id);
    mark(&s, n, wrt, y->id);
    s.grad[y->id] = dy;
    for (int id = y->id; id >= 0; id--) {
        struct scl_node *node = scl_graph_node(g, id);

        if (s.grad[id] && s.depends[id] && node->op && node->op->grad)
            SCL_TRY(step_back(&s, node));
    }
    for (int i = 0; i < n; i++)
        grad[i] = s.grad[wrt[i]->id];
    rc = scl_graph_check(g);
out:
    free(s.grad);
    free(s.depends);
    return rc;
}

int scl_gradients(struct scl_node *grad[], struct scl_graph *g, struct scl_node *y,
                  struct scl_node *dy, int n, struct scl_node *const wrt[])
{
    int rc;

    SCL_TRY(scl_gradients_or_none(grad, g, y, dy, n, wrt));
    for (int i = 0; i < n; i++)
        if (!grad[i])
            return scl_fail(SCL_SHAPE, "gradients: %s does not depend on %s", y->name,
                            wrt[i]->name);
out:
    return rc;
}
