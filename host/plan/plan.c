/* plan.c - from a graph to launches with places. */
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "plan/plan_impl.h"

const struct scl_node *scl_root(const struct scl_node *y, size_t *offset)
{
    size_t at = 0;

    for (; y->base; y = y->base)
        at += y->base_offset;
    if (offset)
        *offset = at;
    return y;
}

/* What is collected while the launches are made: tenants 0 ... n_node - 1 are the
 * values by id, scratch follows. */
struct draft {
    struct scl_plan *plan;
    const struct scl_plan_spec *spec;
    bool *needed; /* by node id, as the next two */
    struct scl_choice *choice;
    int *scratch; /* the node's first scratch tenant */
    struct scl_fusion fusion;
    struct scl_tenant *tenant;
    int n_tenant;
};

/* A value that nobody reads, keeps or changes a state with is not computed. */
static void find_needed(struct draft *d)
{
    for (int i = 0; i < d->spec->n_keep; i++)
        d->needed[d->spec->keep[i]->id] = true;
    for (int id = scl_graph_count(d->plan->graph) - 1; id >= 0; id--) {
        const struct scl_node *y = scl_graph_node(d->plan->graph, id);

        if (y->op && y->op->writes)
            d->needed[id] = true;
        for (int i = 0; d->needed[id] && i < y->n_in; i++)
            d->needed[y->in[i]->id] = true;
    }
}

static int choose_all(struct draft *d)
{
    struct scl_plan *plan = d->plan;
    struct scl_chooser chooser = { .plan = plan, .spec = d->spec };
    int rc = SCL_OK;

    for (int id = 0; id < scl_graph_count(plan->graph); id++) {
        const struct scl_node *y = scl_graph_node(plan->graph, id);

        if (!d->needed[id] || !y->op || !y->op->candidates)
            continue;
        SCL_TRY(scl_choose(&d->choice[id], &chooser, y));
        plan->flops += scl_node_flops(y);
    }
out:
    free(chooser.stale);
    return rc;
}

/* Before fusion: a record, and the tuning, are about nodes by themselves. */
static int list_decided(struct draft *d)
{
    struct scl_plan *plan = d->plan;
    const size_t n = (size_t)scl_graph_count(plan->graph) + 1;
    struct scl_decided *next = scl_arena_alloc(&plan->arena, n * sizeof *next);

    if (!(plan->decided = next))
        return scl_fail(SCL_NOMEM, "out of memory for a plan of %zu nodes", n);
    for (int id = 0; id < scl_graph_count(plan->graph); id++) {
        const struct scl_choice *choice = &d->choice[id];
        char text[SCL_PLAN_BYTES];

        if (!choice->candidate)
            continue;
        scl_lower_plan_text(text, sizeof text, choice->candidate->name, &choice->low, true);
        *next = (struct scl_decided){ .node = scl_graph_node(plan->graph, id),
                                      .candidate = choice->candidate,
                                      .chosen = scl_arena_text(&plan->arena, "%s", text),
                                      .origin = choice->origin,
                                      .from = choice->from,
                                      .launch = choice->low.first };
        if (!next++->chosen)
            return SCL_NOMEM;
    }
    plan->n_decided = (int)(next - plan->decided);
    return SCL_OK;
}

/* The launches of nodes that compute others on the way are made again; those others have none. */
static int lower_fused(struct draft *d)
{
    struct scl_plan *plan = d->plan;
    int rc;

    for (int id = 0; id < scl_graph_count(plan->graph); id++) {
        struct scl_choice *choice = &d->choice[id];
        struct scl_lowering *low = &choice->low;

        if (!choice->candidate)
            continue;
        if (d->fusion.host[id] != id) {
            low->first = low->last = NULL;
            low->n_scratch = 0;
        } else if (d->fusion.absorbed[id]) {
            *low = (struct scl_lowering){ .facts = low->facts,
                                          .profile = low->profile,
                                          .arena = low->arena,
                                          .params = low->params,
                                          .absorbed = d->fusion.absorbed[id],
                                          .unread = d->fusion.unread[id] };
            if ((rc = choice->candidate->lower(scl_graph_node(plan->graph, id), low)) < 0)
                return rc;
        }
        if (low->first && choice->is_unkept && plan->n_unkept++ == 0)
            plan->unkept = scl_graph_node(plan->graph, id);
        for (const struct scl_launch *l = low->first; l; l = l->next)
            plan->n_step++;
        d->n_tenant += low->n_scratch;
    }
    return SCL_OK;
}

static int list_steps(struct draft *d)
{
    struct scl_plan *plan = d->plan;
    struct scl_step *step = plan->step = calloc((size_t)plan->n_step + 1, sizeof *plan->step);
    const struct scl_decided *by = plan->decided;

    d->tenant = calloc((size_t)d->n_tenant + 1, sizeof *d->tenant);
    if (!step || !d->tenant)
        return scl_fail(SCL_NOMEM, "out of memory for a plan of %d launches", plan->n_step);
    for (; by < plan->decided + plan->n_decided; by++) {
        const int id = by->node->id;

        for (const struct scl_launch *l = d->choice[id].low.first; l; l = l->next)
            *step++ = (struct scl_step){ .node = by->node,
                                         .by = by,
                                         .launch = l,
                                         .absorbed = d->fusion.absorbed[id],
                                         .unread = d->fusion.unread[id] };
    }
    return SCL_OK;
}

static void live(struct draft *d, const struct scl_node *y, int step)
{
    struct scl_tenant *t = &d->tenant[scl_root(y, NULL)->id];

    if (t->first > step)
        t->first = step;
    if (t->last < step)
        t->last = step;
}

/* Inputs, constants, bundles and kept values live all the time. */
static void find_lifetimes(struct draft *d)
{
    const struct scl_plan *plan = d->plan;
    const int n = scl_graph_count(plan->graph), end = plan->n_step;

    for (int id = 0; id < n; id++) {
        const struct scl_node *y = scl_graph_node(plan->graph, id);

        d->tenant[id] = (struct scl_tenant){ .node = y, .first = end, .last = -1 };
        if (y->base || y->role == SCL_STATE)
            continue;
        d->tenant[id].bytes = scl_node_bytes(y);
        if (y->role != SCL_VALUE || y->is_bundle) {
            d->tenant[id].first = 0;
            d->tenant[id].last = end;
        }
    }
    for (int s = 0; s < plan->n_step; s++)
        for (int a = 0; a < plan->step[s].launch->n_arg; a++)
            if (plan->step[s].launch->arg[a].kind == SCL_ARG_VALUE)
                live(d, plan->step[s].launch->arg[a].value, s);
    for (int i = 0; i < d->spec->n_keep; i++)
        live(d, d->spec->keep[i], end);
}

static void add_scratch(struct draft *d)
{
    const struct scl_plan *plan = d->plan;
    int next = scl_graph_count(plan->graph);

    for (int s = 0; s < plan->n_step; s++) {
        const int id = plan->step[s].node->id;
        const struct scl_lowering *low = &d->choice[id].low;

        if (s == 0 || plan->step[s - 1].node->id != id) {
            d->scratch[id] = next;
            for (int i = 0; i < low->n_scratch; i++)
                d->tenant[next++] = (struct scl_tenant){ .bytes = low->scratch[i], .first = s };
        }
        for (int i = 0; i < low->n_scratch; i++)
            d->tenant[d->scratch[id] + i].last = s;
    }
}

static struct scl_place place_of(const struct draft *d, const struct scl_node *y)
{
    size_t offset;
    const struct scl_node *root = scl_root(y, &offset);
    const size_t bytes = scl_node_bytes(y);

    offset *= scl_dtype_bytes(y->type);
    if (root->role == SCL_STATE)
        return (struct scl_place){
            .kind = SCL_IN_MODEL, .root = root, .offset = offset, .bytes = bytes
        };
    return (struct scl_place){ .kind = SCL_IN_WORK,
                               .buffer = d->tenant[root->id].buffer,
                               .offset = d->tenant[root->id].offset + offset,
                               .bytes = bytes };
}

static void fill_places(struct draft *d)
{
    struct scl_plan *plan = d->plan;
    const int n = scl_graph_count(plan->graph);

    for (int id = 0; id < n; id++)
        plan->place[id] = place_of(d, scl_graph_node(plan->graph, id));
    for (int s = 0; s < plan->n_step; s++) {
        struct scl_step *step = &plan->step[s];

        for (int a = 0; a < step->launch->n_arg; a++) {
            const struct scl_arg *arg = &step->launch->arg[a];

            if (arg->kind == SCL_ARG_VALUE) {
                step->place[a] = plan->place[arg->value->id];
                if (arg->count > 0) {
                    step->place[a].offset += arg->first * sizeof(float);
                    step->place[a].bytes = arg->count * sizeof(float);
                }
            } else if (arg->kind == SCL_ARG_SCRATCH) {
                const struct scl_tenant *t = &d->tenant[d->scratch[step->node->id] + arg->scratch];

                step->place[a] = (struct scl_place){
                    .kind = SCL_IN_WORK, .buffer = t->buffer, .offset = t->offset, .bytes = t->bytes
                };
            }
        }
    }
}

/* Drops tenants without bytes (views, states, values nobody uses keep theirs). */
static int place_all(struct draft *d)
{
    struct scl_plan *plan = d->plan;
    struct scl_tenant *some = malloc((size_t)(d->n_tenant + 1) * sizeof *some);
    int *from = malloc((size_t)(d->n_tenant + 1) * sizeof *from), n = 0, rc;

    if (!some || !from) {
        rc = scl_fail(SCL_NOMEM, "out of memory for a plan");
        goto out;
    }
    for (int i = 0; i < d->n_tenant; i++) {
        if (d->tenant[i].bytes == 0 || d->tenant[i].last < 0)
            continue;
        plan->value_bytes += d->tenant[i].bytes;
        if (!plan->largest || d->tenant[i].bytes > d->tenant[plan->largest->id].bytes)
            plan->largest = d->tenant[i].node ? d->tenant[i].node : plan->largest;
        from[n] = i;
        some[n++] = d->tenant[i];
    }
    SCL_TRY(scl_memory_place(plan, some, n, d->spec->separate));
    for (int i = 0; i < n; i++)
        d->tenant[from[i]] = some[i];
out:
    free(from);
    free(some);
    return rc;
}

/* What a driver would refuse at the first launch, with less to go by. */
static int check_groups(const struct scl_plan *plan)
{
    const size_t most = plan->facts->max_group;

    for (int i = 0; most > 0 && i < plan->n_step; i++) {
        const struct scl_step *step = &plan->step[i];

        if (step->launch->items > most)
            return scl_fail(SCL_NO_DEVICE,
                            "%s: candidate %s wants groups of %zu items, and the device's have up "
                            "to %zu",
                            step->node->name, step->by->candidate->name, step->launch->items, most);
    }
    return SCL_OK;
}

static int check_fit(const struct scl_plan *plan)
{
    const size_t need = scl_plan_bytes(plan), have = plan->facts->global_bytes;

    if (have == 0 || need <= have)
        return SCL_OK;
    return scl_fail(
        SCL_CONFIG,
        "the plan needs %.1f MiB, and the device has %.1f MiB (memory_bytes in the "
        "configuration overrides what the driver says); largest: %s, %.1f MiB; a batch "
        "of about %.0f %% of this one would fit; train.recompute, train.micro_batch and "
        "precision trade time for memory",
        (double)need / 0x1p20, (double)have / 0x1p20, plan->largest ? plan->largest->name : "none",
        plan->largest ? (double)scl_node_bytes(plan->largest) / 0x1p20 : 0,
        90.0 * (double)have / (double)need);
}

static int fill(struct draft *d)
{
    struct scl_plan *plan = d->plan;
    const size_t n = (size_t)scl_graph_count(plan->graph) + 1;
    int rc;

    d->needed = calloc(n, sizeof *d->needed);
    d->choice = calloc(n, sizeof *d->choice);
    d->scratch = calloc(n, sizeof *d->scratch);
    plan->place = scl_arena_alloc(&plan->arena, n * sizeof *plan->place);
    if (!d->needed || !d->choice || !d->scratch || !plan->place)
        return scl_fail(SCL_NOMEM, "out of memory for a plan of %zu nodes", n);
    find_needed(d);
    SCL_TRY(choose_all(d));
    SCL_TRY(list_decided(d));
    SCL_TRY(scl_fuse(&d->fusion, plan, d->spec, d->needed, d->choice));
    SCL_TRY(lower_fused(d));
    SCL_TRY(list_steps(d));
    SCL_TRY(check_groups(plan));
    find_lifetimes(d);
    add_scratch(d);
    SCL_TRY(place_all(d));
    fill_places(d);
    rc = check_fit(plan);
out:
    return rc;
}

int scl_plan_new(struct scl_plan **out, const struct scl_graph *g, const struct scl_plan_spec *spec)
{
    struct draft d = { .spec = spec, .n_tenant = scl_graph_count(g) };
    int rc = scl_graph_check(g);

    *out = NULL;
    if (rc < 0)
        return rc;
    if (!(d.plan = calloc(1, sizeof *d.plan)))
        return scl_fail(SCL_NOMEM, "out of memory for a plan");
    d.plan->graph = g;
    d.plan->facts = spec->facts;
    d.plan->profile = spec->profile;
    d.plan->is_record = spec->tuning && scl_tuning_is_record(spec->tuning);
    d.plan->guard_bytes = spec->separate ? spec->guard_bytes : 0;
    if ((rc = fill(&d)) == SCL_OK) {
        *out = d.plan;
        d.plan = NULL;
    }
    free(d.tenant);
    free(d.scratch);
    free(d.choice);
    free(d.needed);
    scl_plan_free(d.plan);
    return rc;
}

void scl_plan_free(struct scl_plan *plan)
{
    if (!plan)
        return;
    free(plan->step);
    scl_arena_fini(&plan->arena);
    free(plan);
}

size_t scl_plan_bytes(const struct scl_plan *plan)
{
    size_t sum = 0;

    for (int i = 0; i < plan->n_buffer; i++)
        sum += plan->buffer_bytes[i];
    return sum;
}

size_t scl_plan_state_bytes(const struct scl_graph *g)
{
    size_t sum = 0;

    for (int i = 0; i < scl_graph_count(g); i++)
        if (scl_graph_node(g, i)->role == SCL_STATE)
            sum += scl_bundle_room(scl_graph_node(g, i)) * sizeof(float);
    return sum;
}
