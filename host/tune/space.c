/* space.c - parameters as text and as values; which of them mean another program. */
#include "tune/space.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"

bool scl_candidate_fits(const struct scl_candidate *c, const struct scl_node *node,
                        const struct scl_facts *facts, enum scl_class numeric)
{
    return c->numeric <= numeric && (!c->accepts || c->accepts(node, facts));
}

/* What a driver would refuse at the launch. */
static int check_launches(const struct scl_way *way, const struct scl_launch *l)
{
    const size_t most = way->facts->max_group;

    for (; l; l = l->next)
        if (l->items == 0 || (most > 0 && l->items > most))
            return scl_fail(SCL_SHAPE, "%s: groups of %zu items, and 1 to %zu can be",
                            way->candidate->name, l->items, most);
    return SCL_OK;
}

static int keep_asked(struct scl_way *way, const struct scl_lowering *l)
{
    const struct scl_asked *asked;
    int at;

    for (asked = l->asked; asked; asked = asked->next)
        way->n_asked++;
    way->asked = scl_arena_alloc(&way->arena, (size_t)(way->n_asked + 1) * sizeof *way->asked);
    if (!way->asked)
        return SCL_NOMEM;
    at = way->n_asked;
    for (struct scl_asked *a = l->asked; a; a = a->next)
        way->asked[--at] = a;
    return SCL_OK;
}

/* The values, as asked[] has them or (where it is not NULL) as `value` has, that are not the
 * profile's. */
static int params_text(char out[SCL_PLAN_BYTES], const struct scl_way *way, const int *value)
{
    size_t used = 0;
    int rc = SCL_OK;

    out[0] = '\0';
    for (int i = 0; i < way->n_asked; i++) {
        const struct scl_asked *a = way->asked[i];
        const bool is_main = strcmp(a->kernel, way->asked[0]->kernel) == 0;
        const int now = value ? value[i] : a->value;
        int usual;

        SCL_TRY(scl_profile_get(&usual, way->profile, a->kernel, a->param));
        if (now == usual)
            continue;
        used += (size_t)snprintf(out + used, SCL_PLAN_BYTES - used, "%s%s%s%s=%d", used ? " " : "",
                                 is_main ? "" : a->kernel, is_main ? "" : ":", a->param, now);
        if (used >= SCL_PLAN_BYTES)
            return scl_fail(SCL_SHAPE, "%s: parameters of more than %d letters",
                            way->candidate->name, SCL_PLAN_BYTES);
    }
out:
    return rc;
}

/* A line of the database must tell the way from others of its candidate. */
static int plan_text(struct scl_way *way, const struct scl_lowering *l)
{
    scl_lower_plan_text(way->plan, sizeof way->plan, way->candidate->name, l, false);
    if (way->params[0] && strcmp(way->plan, way->candidate->name) == 0)
        return scl_fail(SCL_SHAPE, "%s: parameters of more than %d letters", way->candidate->name,
                        SCL_PLAN_BYTES);
    return SCL_OK;
}

static int lower(struct scl_way *way, struct scl_lowering *l, const char *params)
{
    int rc;

    *l = (struct scl_lowering){
        .facts = way->facts, .profile = way->profile, .arena = &way->arena, .params = params
    };
    SCL_TRY(way->candidate->lower(way->node, l));
    rc = check_launches(way, l->first);
out:
    return rc;
}

static bool has_params(const struct scl_way *way, const struct scl_search *search)
{
    char params[SCL_PLAN_BYTES], *word, *rest = params;
    bool all = strlen(search->params) < sizeof params;

    snprintf(params, sizeof params, "%s", search->params);
    while (all && (word = strsep(&rest, " "))) {
        int i = 0;

        while (i < way->n_asked && (strcmp(way->asked[i]->kernel, search->kernel) != 0 ||
                                    strcmp(way->asked[i]->param, word) != 0))
            i++;
        all = i < way->n_asked;
    }
    return all;
}

static bool same_programs(const struct scl_launch *a, const struct scl_launch *b)
{
    for (; a && b; a = a->next, b = b->next)
        if (!a->file || !b->file || strcmp(a->file, b->file) != 0 ||
            strcmp(a->defines, b->defines) != 0)
            return false;
    return !a && !b;
}

/* Whether some value of the axis is a program that the way does not have. */
static bool compiles(struct scl_way *way, int axis)
{
    for (int k = 0; k < way->axis[axis].search->n_value; k++) {
        char params[SCL_PLAN_BYTES];
        struct scl_lowering l;

        if (scl_way_step(params, way, axis, k) == SCL_OK && lower(way, &l, params) == SCL_OK &&
            !same_programs(way->first, l.first))
            return true;
    }
    return false;
}

/* Those of the kernels that were asked of, in the order of asking. */
static void list_axes(struct scl_way *way)
{
    way->n_axis = 0;
    for (int i = 0; i < way->n_asked; i++) {
        const char *kernel = way->asked[i]->kernel;
        const struct scl_search *search;
        bool seen = false;

        for (int k = 0; k < i; k++)
            seen = seen || strcmp(way->asked[k]->kernel, kernel) == 0;
        for (int k = 0; !seen && (search = scl_profile_search(way->profile, kernel, k)); k++)
            if (way->n_axis < SCL_MAX_AXIS && has_params(way, search))
                way->axis[way->n_axis++].search = search;
    }
}

/* Those that need no compiler come first: they are tried at once. */
static void sort_axes(struct scl_way *way)
{
    struct scl_axis sorted[SCL_MAX_AXIS];
    int n = 0;

    for (int i = 0; i < way->n_axis; i++)
        way->axis[i].compiles = compiles(way, i);
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < way->n_axis; i++)
            if (way->axis[i].compiles == (pass == 1))
                sorted[n++] = way->axis[i];
    memcpy(way->axis, sorted, (size_t)n * sizeof *sorted);
}

void scl_way_find_axes(struct scl_way *way)
{
    list_axes(way);
    sort_axes(way);
}

int scl_way_open(struct scl_way **out, const struct scl_node *node,
                 const struct scl_candidate *candidate, const char *params,
                 const struct scl_facts *facts, const struct scl_profile *profile)
{
    struct scl_way *way = calloc(1, sizeof *way);
    struct scl_lowering l;
    int rc;

    *out = NULL;
    if (!way)
        return scl_fail(SCL_NOMEM, "out of memory for a candidate");
    way->node = node;
    way->candidate = candidate;
    way->facts = facts;
    way->profile = profile;
    SCL_TRY(lower(way, &l, params));
    SCL_TRY(keep_asked(way, &l));
    way->first = l.first;
    SCL_TRY(params_text(way->params, way, NULL));
    SCL_TRY(plan_text(way, &l));
    *out = way;
    way = NULL;
out:
    scl_way_close(way);
    return rc;
}

void scl_way_close(struct scl_way *way)
{
    if (!way)
        return;
    scl_arena_fini(&way->arena);
    free(way);
}

int scl_way_step(char out[SCL_PLAN_BYTES], const struct scl_way *way, int axis, int k)
{
    const struct scl_search *search = way->axis[axis].search;
    char params[SCL_PLAN_BYTES], *word, *rest = params;
    const char *number = search->value[k];
    int value[64];

    if (way->n_asked > (int)(sizeof value / sizeof *value))
        return scl_fail(SCL_SHAPE, "%s: more than %zu parameters", way->candidate->name,
                        sizeof value / sizeof *value);
    for (int i = 0; i < way->n_asked; i++)
        value[i] = way->asked[i]->value;
    snprintf(params, sizeof params, "%s", search->params);
    while ((word = strsep(&rest, " "))) {
        char *end;
        const long v = strtol(number, &end, 10);

        for (int i = 0; i < way->n_asked; i++)
            if (strcmp(way->asked[i]->kernel, search->kernel) == 0 &&
                strcmp(way->asked[i]->param, word) == 0)
                value[i] = (int)v;
        number = end;
    }
    return params_text(out, way, value);
}
