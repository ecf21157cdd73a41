/* search.c - what is worth a trial next: coordinate descent, the profile's values first.
 *
 * Nothing is remembered but what came of each plan: after a kill the same questions lead to the
 * same place, and what was tried before is found in the database.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "plan/plan.h"
#include "tune/tune_impl.h"

/* A candidate whose usual parameters take so much longer than the best is not looked into. */
#define NEAR 1.5
/* Nor tried where it took so much longer for another task. */
#define FAR 3.0

enum { MAX_SEEDS = 3 };

/* A CPU only emulates matrix units. */
enum scl_class scl_tuner_class(const struct scl_tuner *t)
{
    return t->facts.has_tf32 ? scl_phase_class(t->spec->config) : SCL_CLASS_F32;
}

/* The hash of the node's plan alone. */
static int hash_plan(struct scl_request *r, const struct scl_tuner *t, const struct scl_alone *a)
{
    const struct scl_plan_spec spec = { .facts = &t->facts,
                                        .profile = t->profile,
                                        .n_keep = a->n_out,
                                        .keep = a->out,
                                        .force_op = a->y->op,
                                        .force_candidate = r->candidate->name,
                                        .force_params = r->params };
    struct scl_plan *plan;
    const int rc = scl_plan_new(&plan, a->g, &spec);

    if (rc < 0)
        return rc;
    scl_plan_hash(r->compiled, plan);
    scl_plan_free(plan);
    return SCL_OK;
}

static int describe(struct scl_request *r, const struct scl_tuner *t, const struct scl_task *s)
{
    const struct scl_alone *a = &s->subject->full;
    struct scl_way *way;
    int rc = scl_way_open(&way, a->y, r->candidate, r->params, &t->facts, t->profile);

    if (rc < 0)
        return rc;
    memcpy(r->params, way->params, sizeof r->params);
    memcpy(r->plan, way->plan, sizeof r->plan);
    SCL_TRY(scl_kernel_hash(r->sources, way->first));
    rc = hash_plan(r, t, a);
out:
    scl_way_close(way);
    return rc;
}

const struct scl_tried *scl_tuner_find(int *rc, struct scl_request *r, struct scl_tuner *t,
                                       struct scl_task *s)
{
    const struct scl_decision *d;

    *rc = SCL_OK;
    for (int i = 0; i < s->n_tried; i++)
        if (s->tried[i].candidate == r->candidate && strcmp(s->tried[i].params, r->params) == 0)
            return &s->tried[i];
    if ((*rc = describe(r, t, s)) < 0)
        return NULL;
    for (int i = 0; i < s->n_tried; i++)
        if (s->tried[i].candidate == r->candidate && strcmp(s->tried[i].compiled, r->compiled) == 0)
            return &s->tried[i];
    d = scl_tuning_tried(t->tuning, s->key, r->plan, scl_class_text(r->candidate->numeric));
    if (!d || strcmp(d->hash, r->sources) != 0)
        return NULL;
    t->n_known++;
    *rc = scl_tuner_push(t, s, r, d->verdict, d->ms, d->max_error);
    return *rc < 0 ? NULL : &s->tried[s->n_tried - 1];
}

/* What a plan takes: INFINITY where it failed, or cannot be. 1: it must be tried first. */
static int time_of(double *ms, struct scl_request *out, struct scl_tuner *t, struct scl_task *s,
                   const struct scl_candidate *candidate, const char *params)
{
    const struct scl_tried *tried;
    int rc;

    out->candidate = candidate;
    snprintf(out->params, sizeof out->params, "%s", params);
    tried = scl_tuner_find(&rc, out, t, s);
    *ms = tried && tried->verdict == SCL_TIMED ? tried->ms : INFINITY;
    if (tried)
        return 0;
    return rc == SCL_OK ? 1 : rc == SCL_NOMEM ? rc : 0;
}

/* The best of one candidate so far. */
struct point {
    const struct scl_candidate *candidate;
    char params[SCL_PLAN_BYTES];
    double ms;
};

/* Looks at one more plan; moves there if it is faster. 1: it must be tried first. */
static int look_at(struct point *p, bool *moved, struct scl_request *out, struct scl_tuner *t,
                   struct scl_task *s, const char *params)
{
    double ms;
    const int rc = time_of(&ms, out, t, s, p->candidate, params);

    if (rc != 0 || !(ms < SCL_TUNE_GAIN * p->ms))
        return rc;
    snprintf(p->params, sizeof p->params, "%s", params);
    p->ms = ms;
    *moved = true;
    return 0;
}

static int walk_axis(struct point *p, bool *moved, struct scl_request *out, struct scl_tuner *t,
                     struct scl_task *s, const struct scl_way *way, int axis)
{
    for (int k = 0; k < way->axis[axis].search->n_value; k++) {
        char params[SCL_PLAN_BYTES];
        int rc;

        if (scl_way_step(params, way, axis, k) == SCL_OK &&
            (rc = look_at(p, moved, out, t, s, params)) != 0)
            return rc;
    }
    return 0;
}

/* Each axis in turn, from where the last one led. */
static int walk_axes(struct point *p, bool *moved, struct scl_request *out, struct scl_tuner *t,
                     struct scl_task *s)
{
    int rc = 0, n_axis = 1;

    for (int axis = 0; rc == 0 && axis < n_axis; axis++) {
        struct scl_way *way;

        rc = scl_way_open(&way, s->subject->full.y, p->candidate, p->params, &t->facts, t->profile);
        if (rc < 0)
            return rc == SCL_NOMEM ? rc : 0;
        scl_way_find_axes(way);
        n_axis = way->n_axis;
        if (axis < n_axis)
            rc = walk_axis(p, moved, out, t, s, way, axis);
        scl_way_close(way);
    }
    return rc;
}

/* What was best of this candidate for other tasks of the operator. */
static int look_at_seeds(struct point *p, struct scl_request *out, struct scl_tuner *t,
                         struct scl_task *s)
{
    int n = 0;

    for (int i = 0; n < MAX_SEEDS && i < t->n_task; i++) {
        const struct scl_task *other = &t->task[i];
        const struct scl_tried *best = other->best < 0 ? NULL : &other->tried[other->best];
        bool moved = false;
        int rc;

        if (other == s || !best || other->node->op != s->node->op ||
            best->candidate != p->candidate || !best->params[0])
            continue;
        n++;
        if ((rc = look_at(p, &moved, out, t, s, best->params)) != 0)
            return rc;
    }
    return 0;
}

/* The best of a candidate among what was tried. */
static void start_at_best(struct point *p, const struct scl_task *s)
{
    p->ms = INFINITY;
    p->params[0] = '\0';
    for (int i = 0; i < s->n_tried; i++) {
        const struct scl_tried *tried = &s->tried[i];

        if (tried->candidate != p->candidate || tried->verdict != SCL_TIMED || tried->ms >= p->ms)
            continue;
        snprintf(p->params, sizeof p->params, "%s", tried->params);
        p->ms = tried->ms;
    }
}

/* All that is worth trying of one candidate, whose usual parameters were tried. */
static int descend(struct scl_request *out, struct scl_tuner *t, struct scl_task *s,
                   const struct scl_candidate *candidate)
{
    struct point p = { .candidate = candidate };
    bool moved = true;
    int rc;

    start_at_best(&p, s);
    if ((rc = look_at_seeds(&p, out, t, s)) != 0)
        return rc;
    while (moved) {
        moved = false;
        if ((rc = walk_axes(&p, &moved, out, t, s)) != 0)
            return rc;
    }
    return 0;
}

/* The time of a candidate with the profile's parameters, where it was tried for this task. */
static double usual_ms(const struct scl_task *s, const struct scl_candidate *candidate)
{
    for (int i = 0; i < s->n_tried; i++)
        if (s->tried[i].candidate == candidate && !s->tried[i].params[0])
            return s->tried[i].verdict == SCL_TIMED ? s->tried[i].ms : INFINITY;
    return 0;
}

static double best_ms(const struct scl_task *s)
{
    return s->best < 0 ? INFINITY : s->tried[s->best].ms;
}

/* Whether it lost by far for another task of the operator, and is not known for this one. */
static bool is_hopeless(const struct scl_tuner *t, const struct scl_task *s,
                        const struct scl_candidate *candidate)
{
    for (int i = 0; i < t->n_task; i++)
        if (t->task[i].node->op == s->node->op && &t->task[i] != s && t->task[i].best >= 0 &&
            usual_ms(&t->task[i], candidate) > FAR * best_ms(&t->task[i]))
            return usual_ms(s, candidate) == 0;
    return false;
}

static bool fits(const struct scl_tuner *t, const struct scl_task *s, const struct scl_candidate *c)
{
    return scl_candidate_fits(c, s->subject->full.y, &t->facts, scl_tuner_class(t));
}

/* The candidates of the usual one's family, or those of the others. */
static int try_family(struct scl_request *out, struct scl_tuner *t, struct scl_task *s,
                      enum scl_family usual, bool others)
{
    const struct scl_candidate *first = s->node->op->candidates;
    double ms;
    int rc;

    for (const struct scl_candidate *c = first; c->name; c++)
        if ((c->family != usual) == others && fits(t, s, c) && !is_hopeless(t, s, c) &&
            (rc = time_of(&ms, out, t, s, c, "")) != 0)
            return rc;
    for (const struct scl_candidate *c = first; c->name; c++)
        if ((c->family != usual) == others && fits(t, s, c) && usual_ms(s, c) > 0 &&
            usual_ms(s, c) <= NEAR * best_ms(s) && (rc = descend(out, t, s, c)) != 0)
            return rc;
    return 0;
}

/* The candidate that the profile chooses. */
static int find_usual(const struct scl_candidate **out, const struct scl_tuner *t,
                      const struct scl_task *s)
{
    const struct scl_alone *a = &s->subject->full;
    const struct scl_plan_spec spec = { .facts = &t->facts,
                                        .profile = t->profile,
                                        .n_keep = a->n_out,
                                        .keep = a->out,
                                        .numeric = scl_tuner_class(t) };
    struct scl_plan *plan;
    const int rc = scl_plan_new(&plan, a->g, &spec);

    if (rc < 0)
        return rc;
    *out = plan->step[0].by->candidate;
    scl_plan_free(plan);
    return SCL_OK;
}

/* What the database has of the node, from here or from a relative. */
static int try_known(struct scl_request *out, struct scl_tuner *t, struct scl_task *s)
{
    const struct scl_decision *d = NULL;

    for (int n = 0; n < MAX_SEEDS && (d = scl_tuning_find(t->tuning, s->key, d)); n++) {
        const size_t length = strcspn(d->plan, " ");
        const char *params = d->plan + length + (d->plan[length] == ' ');
        double ms;
        int rc;

        for (const struct scl_candidate *c = s->node->op->candidates; c->name; c++)
            if (strlen(c->name) == length && memcmp(c->name, d->plan, length) == 0 &&
                fits(t, s, c) && (rc = time_of(&ms, out, t, s, c, params)) != 0)
                return rc;
    }
    return 0;
}

int scl_tuner_next(struct scl_request *out, struct scl_tuner *t, struct scl_task *s)
{
    const struct scl_candidate *usual;
    double ms;
    int rc;

    if ((rc = find_usual(&usual, t, s)) < 0)
        return rc;
    if ((rc = time_of(&ms, out, t, s, usual, "")) != 0 || (rc = try_known(out, t, s)) != 0 ||
        (rc = try_family(out, t, s, usual->family, false)) != 0)
        return rc;
    return try_family(out, t, s, usual->family, true);
}
