/* choose.c - which candidate computes a node, and its launches: the one that is forced; the first
 * decision of the tuning database that still holds; else in the order of the profile's families
 * the first that accepts and suits it, else the first that accepts it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "graph/key.h"
#include "plan/plan_impl.h"

static const char *const family_name[SCL_N_FAMILY] = {
    [SCL_VEC] = "vec", [SCL_TILE] = "tile",       [SCL_SUBGROUP] = "subgroup",
    [SCL_MMA] = "mma", [SCL_CLBLAST] = "clblast", [SCL_FFT] = "fft",
};

const char *scl_family_text(enum scl_family family)
{
    return family_name[family];
}

const char *scl_class_text(enum scl_class numeric)
{
    static const char *const name[] = {
        [SCL_CLASS_F32] = "f32", [SCL_CLASS_TF32] = "tf32", [SCL_CLASS_F16] = "f16"
    };

    return name[numeric];
}

/* What is being decided, and where the answer goes. */
struct question {
    struct scl_choice *out;
    const struct scl_node *y;
    struct scl_chooser *chooser;
    struct scl_plan *plan;
    const struct scl_plan_spec *spec;
    char key[SCL_NODE_KEY_BYTES]; /* "": the tuning is not asked */
};

static bool accepts(const struct question *q, const struct scl_candidate *c)
{
    return c->numeric <= q->spec->numeric && (!c->accepts || c->accepts(q->y, q->spec->facts));
}

static int lower(struct question *q, const struct scl_candidate *c, const char *params)
{
    q->out->candidate = c;
    q->out->low = (struct scl_lowering){ .facts = q->spec->facts,
                                         .profile = q->spec->profile,
                                         .arena = &q->plan->arena,
                                         .params = params };
    return c->lower(q->y, &q->out->low);
}

/* ---- decisions ---------------------------------------------------------------------------- */

/* Parameters of another device may make groups or memory that this one has not. */
static bool fits(const struct scl_lowering *l)
{
    const struct scl_facts *f = l->facts;

    for (const struct scl_launch *launch = l->first; launch; launch = launch->next)
        if (launch->items == 0 || (f->max_group > 0 && launch->items > f->max_group) ||
            launch->groups[0] == 0 || launch->groups[1] == 0 || launch->groups[2] == 0)
            return false;
    for (int i = 0; i < l->n_scratch; i++)
        if (f->max_alloc_bytes > 0 && l->scratch[i] > f->max_alloc_bytes)
            return false;
    return true;
}

static const struct scl_candidate *find_candidate(const struct question *q,
                                                  const struct scl_decision *d)
{
    const size_t n = strcspn(d->plan, " ");

    for (const struct scl_candidate *c = q->y->op->candidates; c->name; c++)
        if (strncmp(c->name, d->plan, n) == 0 && c->name[n] == '\0' &&
            strcmp(scl_class_text(c->numeric), d->numeric) == 0 && accepts(q, c))
            return c;
    return NULL;
}

/* Counts a decision once. */
static int note_stale(struct question *q, const struct scl_decision *d)
{
    const struct scl_decision **list = q->chooser->stale;
    const int n = q->plan->n_stale;

    for (int i = 0; i < n; i++)
        if (list[i] == d)
            return SCL_OK;
    if (!(list = realloc(list, ((size_t)n + 1) * sizeof *list)))
        return scl_fail(SCL_NOMEM, "out of memory for a plan");
    list[q->plan->n_stale++] = d;
    q->chooser->stale = list;
    return SCL_OK;
}

/* Lowers what the decision says, to *out; *holds is whether it can be used: its candidate is there
 * and accepts the node, knows the parameters, fits the device, and its kernels are those that were
 * measured. A record's are used all the same, for they are what its run began with. */
static int try_decision(bool *holds, struct question *q, const struct scl_decision *d)
{
    const struct scl_candidate *c = find_candidate(q, d);
    const bool record = scl_tuning_is_record(q->spec->tuning);
    const char *params = strchr(d->plan, ' ');
    char hash[SCL_KERNEL_HASH_BYTES];
    bool is_stale;
    int rc;

    *holds = false;
    if (!c)
        return SCL_OK;
    if (params && !(params = scl_arena_text(&q->plan->arena, "%s", params + 1)))
        return SCL_NOMEM;
    if ((rc = lower(q, c, params)) < 0)
        return rc == SCL_NOMEM ? rc : SCL_OK;
    if (!scl_lower_knows_params(&q->out->low) || !fits(&q->out->low))
        return SCL_OK;
    if ((rc = scl_kernel_hash(hash, q->out->low.first)) < 0)
        return rc;
    is_stale = strcmp(hash, d->hash) != 0;
    if (is_stale && (rc = note_stale(q, d)) < 0)
        return rc;
    *holds = record || !is_stale;
    return SCL_OK;
}

/* The first decision that holds; of those that come from as near and are of another class, the
 * fastest. 1 when one was found, 0 when there is none. */
static int by_tuning(struct question *q)
{
    const struct scl_tuning *const tuning = q->spec->tuning;
    const struct scl_decision *d = NULL, *best = NULL, *lowered = NULL;
    const char *from;
    bool holds;
    int rc;

    while ((d = scl_tuning_find(tuning, q->key, d))) {
        if (best && (strcmp(d->numeric, best->numeric) == 0 || !(d->ms < best->ms) ||
                     scl_tuning_origin(&from, tuning, d) != scl_tuning_origin(&from, tuning, best)))
            continue;
        if ((rc = try_decision(&holds, q, d)) < 0)
            return rc;
        best = holds ? d : best;
        lowered = d;
    }
    if (!(d = best))
        return 0;
    if (lowered != d && (rc = try_decision(&holds, q, d)) < 0)
        return rc;
    q->out->origin = scl_tuning_origin(&q->out->from, tuning, d);
    if (q->out->from && !(q->out->from = scl_arena_text(&q->plan->arena, "%s", q->out->from)))
        return SCL_NOMEM;
    return 1;
}

/* ---- the profile -------------------------------------------------------------------------- */

/* Whether the candidate, as the profile has it, failed on this device when it was tuned. */
static bool has_failed(struct question *q, const struct scl_candidate *c)
{
    char text[SCL_PLAN_BYTES], hash[SCL_KERNEL_HASH_BYTES];
    const char *const plan[] = { c->name, text };

    if (!q->key[0] || lower(q, c, NULL) < 0)
        return false;
    scl_lower_plan_text(text, sizeof text, c->name, &q->out->low, false);
    for (int i = 0; i < 2; i++) {
        const struct scl_decision *d =
            scl_tuning_tried(q->spec->tuning, q->key, plan[i], scl_class_text(c->numeric));

        if (d && d->verdict != SCL_TIMED && scl_kernel_hash(hash, q->out->low.first) == SCL_OK &&
            strcmp(d->hash, hash) == 0)
            return true;
    }
    return false;
}

static const struct scl_candidate *of_family(struct question *q, const char *family)
{
    const struct scl_candidate *first = NULL;

    for (const struct scl_candidate *c = q->y->op->candidates; c->name; c++) {
        if (strcmp(scl_family_text(c->family), family) != 0 || !accepts(q, c) || has_failed(q, c))
            continue;
        if (!c->suits || c->suits(q->y))
            return c;
        first = first ? first : c;
    }
    return first;
}

static const struct scl_candidate *by_profile(struct question *q)
{
    const struct scl_plan_spec *spec = q->spec;
    const struct scl_candidate *found;
    char families[128], *word, *rest = families;

    if (spec->family && (found = of_family(q, spec->family)))
        return found;
    snprintf(families, sizeof families, "%s", scl_profile_families(spec->profile));
    while ((word = strsep(&rest, " ")))
        if (*word && (found = of_family(q, word)))
            return found;
    return NULL;
}

/* Whether the tuning has the node in the candidate's class. */
static bool is_tuned(const struct question *q, const struct scl_candidate *c)
{
    const struct scl_decision *d = NULL;

    while ((d = scl_tuning_find(q->spec->tuning, q->key, d)))
        if (strcmp(d->numeric, scl_class_text(c->numeric)) == 0)
            return true;
    return false;
}

/* Whether the profile's own choice is of a looser class than f32, in which nothing was measured:
 * that something was in f32 says nothing against it. */
static bool prefers_profile(struct question *q)
{
    const struct scl_candidate *c;

    if (q->spec->numeric == SCL_CLASS_F32 || scl_tuning_is_record(q->spec->tuning))
        return false;
    c = by_profile(q);
    return c && c->numeric != SCL_CLASS_F32 && !is_tuned(q, c);
}

static int forced(struct question *q)
{
    const struct scl_plan_spec *spec = q->spec;

    for (const struct scl_candidate *c = q->y->op->candidates; c->name; c++)
        if (strcmp(c->name, spec->force_candidate) == 0 &&
            (!c->accepts || c->accepts(q->y, spec->facts)))
            return lower(q, c, spec->force_params);
    return scl_fail(SCL_SHAPE, "%s: candidate %s does not accept %s", q->y->op->name,
                    spec->force_candidate, scl_shape_text(q->y->shape));
}

int scl_choose(struct scl_choice *out, struct scl_chooser *chooser, const struct scl_node *y)
{
    const struct scl_plan_spec *spec = chooser->spec;
    struct question q = {
        .out = out, .y = y, .chooser = chooser, .plan = chooser->plan, .spec = spec
    };
    const struct scl_candidate *c;
    int rc;

    out->origin = SCL_DEFAULT;
    if (y->op == spec->force_op)
        return forced(&q);
    if (spec->tuning && !spec->family) {
        scl_node_key(q.key, y);
        if (!prefers_profile(&q) && (rc = by_tuning(&q)) != 0)
            return rc < 0 ? rc : SCL_OK;
        out->is_unkept = scl_tuning_is_record(spec->tuning);
    }
    if (!(c = by_profile(&q)))
        return scl_fail(SCL_SHAPE, "%s: no candidate of the families '%s' computes %s %s%s",
                        y->op->name, scl_profile_families(spec->profile), y->name,
                        scl_shape_text(y->shape),
                        q.key[0] ? ", or it failed when it was tuned" : "");
    return lower(&q, c, NULL);
}
