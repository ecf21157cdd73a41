/* evaluate.c - references, node by node. */
#include "graph/evaluate.h"

#include <assert.h>
#include <stdlib.h>

#include "base/status.h"
#include "graph/op.h"

enum { MAX_IN = 16 };

static double *allocate(struct scl_values *v, const struct scl_node *y, size_t count)
{
    return v->owned[y->id] = calloc(count + 1, sizeof(double));
}

static void fill_constant(double *out, const struct scl_node *y)
{
    const size_t n = scl_shape_count(y->shape);

    for (size_t i = 0; i < n; i++)
        out[i] = y->type == SCL_F32   ? ((const float *)y->data)[i]
                 : y->type == SCL_I32 ? ((const int32_t *)y->data)[i]
                                      : ((const uint8_t *)y->data)[i];
}

/* Where y's elements begin, which may be inside another node's memory. */
static double *resolve(struct scl_values *v, const struct scl_node *y)
{
    if (v->of[y->id])
        return v->of[y->id];
    if (y->base) {
        double *base = resolve(v, y->base);

        return v->of[y->id] = base ? base + y->base_offset : NULL;
    }
    return v->of[y->id] = allocate(v, y, scl_shape_count(y->shape));
}

/* The members of a bundle of states are laid out here as a model would. */
static int place_state_bundle(struct scl_values *v, const struct scl_node *y)
{
    size_t at = 0;
    const size_t total = scl_shape_count(y->shape);
    double *all = allocate(v, y, total);

    if (!all)
        return SCL_NOMEM;
    for (int i = 0; i < y->n_in; i++) {
        v->of[y->in[i]->id] = all + at;
        at += scl_bundle_room(y->in[i]);
    }
    v->of[y->id] = all;
    return SCL_OK;
}

int scl_values_new(struct scl_values **out, const struct scl_graph *g)
{
    const int n = scl_graph_count(g);
    struct scl_values *v = calloc(1, sizeof *v);
    int rc = SCL_NOMEM;

    *out = NULL;
    if (!v)
        goto out;
    v->g = g;
    v->of = calloc((size_t)n + 1, sizeof *v->of);
    v->owned = calloc((size_t)n + 1, sizeof *v->owned);
    if (!v->of || !v->owned)
        goto out;
    for (int id = 0; id < n; id++) {
        const struct scl_node *y = scl_graph_node(g, id);

        if (y->is_bundle && y->in[0]->role == SCL_STATE)
            SCL_TRY(place_state_bundle(v, y));
    }
    for (int id = 0; id < n; id++) {
        const struct scl_node *y = scl_graph_node(g, id);

        if (!resolve(v, y)) {
            rc = SCL_NOMEM;
            goto out;
        }
        if (y->role == SCL_CONST)
            fill_constant(v->of[id], y);
    }
    *out = v;
    v = NULL;
    rc = SCL_OK;
out:
    if (rc == SCL_NOMEM)
        scl_fail(rc, "out of memory for the values of %d nodes", n);
    scl_values_free(v);
    return rc;
}

void scl_values_run(struct scl_values *v)
{
    for (int id = 0; id < scl_graph_count(v->g); id++) {
        const struct scl_node *y = scl_graph_node(v->g, id);
        double *in[MAX_IN];

        if (!y->op || !y->op->reference)
            continue;
        assert(y->n_in <= MAX_IN); /* only bundles have more, and they compute nothing */
        for (int i = 0; i < y->n_in; i++)
            in[i] = v->of[y->in[i]->id];
        y->op->reference(y, in, v->of[id]);
    }
}

void scl_values_free(struct scl_values *v)
{
    if (!v)
        return;
    for (int id = 0; v->owned && id < scl_graph_count(v->g); id++)
        free(v->owned[id]);
    free(v->owned);
    free(v->of);
    free(v);
}
