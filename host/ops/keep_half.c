/* keep_half.c - what a backward pass reads long after it was made lies there as half meanwhile. */
#include "base/status.h"
#include "ops/ops.h"

/* Nodes between two uses from which on it pays: less lies between the forward and the backward pass
 * of one block, where a copy would only be made beside the value. */
#define FAR 24

static bool reads(const struct scl_node *y, const struct scl_node *x)
{
    for (int i = 0; i < y->n_in; i++)
        if (y->in[i] == x)
            return true;
    return false;
}

/* Images of the forward pass, or of its repetition: what gradients sum up stays whole. */
static bool is_kept(const struct scl_node *x, const struct scl_node *loss, size_t least)
{
    return x->role == SCL_VALUE && x->type == SCL_F32 && x->shape.rank == 4 && !x->base &&
           scl_shape_count(x->shape) >= least && (x->id < loss->id || x->repeats);
}

/* Where the longest rest of x ends: the node that reads it then, and *from the one before. What was
 * made before the loss counts only if it rests beyond it: a forward pass sees no halves. */
static int longest_rest(const struct scl_graph *g, const struct scl_node *x, int loss, int *from)
{
    int last = x->id, until = x->id;

    *from = x->id;
    for (int id = x->id + 1; id < scl_graph_count(g); id++) {
        if (!reads(scl_graph_node(g, id), x))
            continue;
        if (id - last > until - *from && (x->id > loss || (last <= loss && id > loss))) {
            *from = last;
            until = id;
        }
        last = id;
    }
    return until;
}

static int keep_half(struct scl_graph *g, struct scl_node *x, int from, int until)
{
    struct scl_node *h = scl_to_half(g, x), *y;

    if (!h)
        return scl_graph_check(g);
    scl_graph_move(g, h, from + 1);
    if (!(y = scl_from_half(g, h)))
        return scl_graph_check(g);
    scl_graph_move(g, y, until + 1); /* h stands in front of it now */
    for (int id = y->id + 1; id < scl_graph_count(g); id++) {
        struct scl_node *reader = scl_graph_node(g, id);

        for (int i = 0; i < reader->n_in; i++)
            if (reader->in[i] == x)
                reader->in[i] = y;
    }
    return SCL_OK;
}

int scl_keep_half(struct scl_graph *g, const struct scl_node *loss, size_t least)
{
    int rc = scl_graph_check(g);

    for (int id = 0; rc == SCL_OK && id < scl_graph_count(g); id++) {
        struct scl_node *x = scl_graph_node(g, id);
        int from, until;

        if (!is_kept(x, loss, least))
            continue;
        until = longest_rest(g, x, loss->id, &from);
        if (until - from > FAR)
            rc = keep_half(g, x, from, until);
    }
    return rc;
}
