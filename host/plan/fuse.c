/* fuse.c - which nodes have no launches of their own, since another's compute them on the way.
 *
 * A candidate says what it can absorb (graph/op.h): in front of its node y an input, and inputs of
 * what it absorbed so; behind it one node that reads y. What is absorbed is computed when y is: in
 * front later than by itself, behind earlier. So whoever reads it, and whoever changes what it
 * reads, must not stand in between.
 */
#include "base/status.h"
#include "plan/plan_impl.h"

struct sweep {
    const struct scl_graph *g;
    const struct scl_plan_spec *spec;
    const bool *needed;
    const struct scl_choice *choice;
    struct scl_fusion *fusion;
    struct scl_arena *arena;
    int rc;
};

enum readers { NOBODY, LATER, TOO_EARLY };

static bool reads(const struct scl_node *z, const struct scl_node *x)
{
    for (int i = 0; i < z->n_in; i++)
        if (z->in[i] == x)
            return true;
    return false;
}

/* When those read x who are not computed with y: a view's readers may do so at any time. */
static enum readers other_readers(const struct sweep *s, const struct scl_node *x,
                                  const struct scl_node *y)
{
    enum readers found = NOBODY;

    for (int i = 0; i < s->spec->n_keep; i++)
        if (s->spec->keep[i] == x)
            found = LATER;
    for (int id = x->id + 1; id < scl_graph_count(s->g); id++) {
        const struct scl_node *z = scl_graph_node(s->g, id);

        if (!s->needed[id] || s->fusion->host[id] == y->id || !reads(z, x))
            continue;
        if (!s->choice[id].candidate || s->fusion->host[id] < y->id)
            return TOO_EARLY;
        found = LATER;
    }
    return found;
}

/* Whether a node between `first` and `last` changes something that x reads. */
static bool changed_between(const struct sweep *s, const struct scl_node *x, int first, int last)
{
    for (int id = first + 1; id < last; id++) {
        const struct scl_node *z = scl_graph_node(s->g, id);

        for (int i = 0; s->choice[id].candidate && z->op->writes >> i; i++)
            for (int j = 0; z->op->writes >> i & 1 && j < x->n_in; j++)
                if (scl_root(z->in[i], NULL) == scl_root(x->in[j], NULL))
                    return true;
    }
    return false;
}

/* Whether x has launches that it could do without. */
static bool is_free(const struct sweep *s, const struct scl_node *x)
{
    return s->choice[x->id].candidate && !x->op->writes && x->op != s->spec->force_op &&
           s->fusion->host[x->id] == x->id && !s->fusion->absorbed[x->id];
}

static void absorb(struct sweep *s, const struct scl_node *y, const struct scl_node *x,
                   bool written)
{
    struct scl_absorbed *a = scl_arena_alloc(s->arena, sizeof *a);

    if (!a) {
        s->rc = scl_fail(SCL_NOMEM, "out of memory for a plan");
        return;
    }
    *a = (struct scl_absorbed){ x, written, s->fusion->absorbed[y->id] };
    s->fusion->absorbed[y->id] = a;
    s->fusion->host[x->id] = y->id;
}

/* Inputs of z, which is y or was absorbed by it. */
static void absorb_before(struct sweep *s, const struct scl_node *y, const struct scl_node *z)
{
    for (int i = 0; i < z->n_in; i++) {
        const struct scl_node *x = z->in[i];
        enum readers others;

        if (!is_free(s, x) || (others = other_readers(s, x, y)) == TOO_EARLY ||
            !s->choice[y->id].candidate->absorbs(y, x, others == LATER) ||
            changed_between(s, x, x->id, y->id))
            continue;
        absorb(s, y, x, others == LATER);
        absorb_before(s, y, x);
    }
}

/* Whether all that z reads beside y is there when y is computed. */
static bool inputs_are_there(const struct sweep *s, const struct scl_node *z,
                             const struct scl_node *y)
{
    for (int i = 0; i < z->n_in; i++) {
        const int id = z->in[i]->id;

        if (z->in[i] != y && z->in[i]->role == SCL_VALUE &&
            (!s->choice[id].candidate || s->fusion->host[id] >= y->id))
            return false;
    }
    return !changed_between(s, z, y->id, z->id);
}

/* The first that reads y and can be absorbed. */
static void absorb_behind(struct sweep *s, const struct scl_node *y)
{
    for (int id = y->id + 1; id < scl_graph_count(s->g); id++) {
        const struct scl_node *z = scl_graph_node(s->g, id);

        if (!reads(z, y) || !is_free(s, z) || !s->choice[y->id].candidate->absorbs(y, z, true) ||
            !inputs_are_there(s, z, y))
            continue;
        absorb(s, y, z, true);
        s->fusion->unread[y->id] = other_readers(s, y, y) == NOBODY;
        return;
    }
}

int scl_fuse(struct scl_fusion *out, struct scl_plan *plan, const struct scl_plan_spec *spec,
             const bool needed[], const struct scl_choice choice[])
{
    const int n = scl_graph_count(plan->graph);
    struct sweep s = { plan->graph, spec, needed, choice, out, &plan->arena, SCL_OK };

    out->host = scl_arena_alloc(s.arena, ((size_t)n + 1) * sizeof *out->host);
    out->absorbed = scl_arena_alloc(s.arena, ((size_t)n + 1) * sizeof *out->absorbed);
    out->unread = scl_arena_alloc(s.arena, ((size_t)n + 1) * sizeof *out->unread);
    if (!out->host || !out->absorbed || !out->unread)
        return scl_fail(SCL_NOMEM, "out of memory for a plan of %d nodes", n);
    for (int id = 0; id < n; id++)
        out->host[id] = id;
    for (int id = 0; id < n && !spec->unfused && s.rc == SCL_OK; id++) {
        const struct scl_node *y = scl_graph_node(plan->graph, id);

        if (!choice[id].candidate || !choice[id].candidate->absorbs || out->host[id] != id)
            continue;
        absorb_behind(&s, y);
        absorb_before(&s, y, y);
    }
    return s.rc;
}
