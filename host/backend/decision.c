/* decision.c - lists of decisions, and which of two lines stays. */
#include "backend/decision.h"

#include <string.h>
#include <xxhash.h>

#include "base/status.h"

static const char *const verdict_text[SCL_N_VERDICT] = {
    [SCL_TIMED] = "timed",
    [SCL_WRONG] = "wrong",
    [SCL_CRASHED] = "crashed",
    [SCL_HUNG] = "hung",
    [SCL_BUILD_ERROR] = "build-error",
};

static const char *const origin_text[SCL_N_ORIGIN] = {
    [SCL_TUNED] = "tuned",       [SCL_MEASURED] = "measured", [SCL_IMPORTED] = "imported",
    [SCL_RELATIVE] = "relative", [SCL_DEFAULT] = "default",
};

const char *scl_verdict_text(enum scl_verdict verdict)
{
    return verdict_text[verdict];
}

const char *scl_origin_text(enum scl_origin origin)
{
    return origin_text[origin];
}

const char *scl_driver_text(char out[SCL_DRIVER_BYTES], const struct scl_facts *facts)
{
    const char *from = facts->driver + strspn(facts->driver, " ");
    size_t n = 0;

    for (; *from && n + 1 < SCL_DRIVER_BYTES; from++)
        out[n++] = *from == '|' || (unsigned char)*from < ' ' || *from == 127 ? '_' : *from;
    while (n > 0 && out[n - 1] == ' ')
        n--;
    if (n == 0)
        out[n++] = '-';
    out[n] = '\0';
    return out;
}

bool scl_decision_wins(const struct scl_decision *d)
{
    return d->verdict == SCL_TIMED && d->origin != SCL_MEASURED;
}

/* A copy in *out; NULL stays NULL. */
static int keep(const char **out, struct scl_arena *arena, const char *text)
{
    if (text && !(*out = scl_arena_text(arena, "%s", text)))
        return SCL_NOMEM;
    return SCL_OK;
}

static int keep_texts(struct scl_decision *d, struct scl_arena *arena)
{
    const char **const text[] = { &d->device,  &d->driver, &d->node, &d->plan,
                                  &d->numeric, &d->hash,   &d->from, &d->version };
    int rc = SCL_OK;

    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        SCL_TRY(keep(text[i], arena, *text[i]));
out:
    return rc;
}

static uint64_t question_of(const struct scl_decision *d)
{
    const char *const text[] = { d->device, d->driver, d->node, d->numeric };
    XXH64_hash_t hash = 0;

    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        hash = XXH3_64bits_withSeed(text[i], strlen(text[i]), hash);
    return hash;
}

static int grow(struct scl_decisions *list)
{
    const size_t n = (size_t)list->n, room = n ? 2 * n : 64;
    struct scl_decision *decision = scl_arena_alloc(&list->arena, room * sizeof *decision);
    uint64_t *question = scl_arena_alloc(&list->arena, room * sizeof *question);

    if (!decision || !question)
        return SCL_NOMEM;
    if (n > 0) {
        memcpy(decision, list->decision, n * sizeof *decision);
        memcpy(question, list->question, n * sizeof *question);
    }
    list->decision = decision;
    list->question = question;
    list->room = (int)room;
    return SCL_OK;
}

/* Whether `d` comes into the place of an older line of the same question. */
static bool replaces(const struct scl_decision *d, const struct scl_decision *old)
{
    return strcmp(old->plan, d->plan) == 0 ||
           (d->origin == SCL_IMPORTED && scl_decision_wins(d) && old->origin == SCL_IMPORTED &&
            scl_decision_wins(old));
}

/* Takes out what `d` replaces. The best that is measured again is the best until a better one is
 * told. */
static void make_way(struct scl_decisions *list, struct scl_decision *d, uint64_t question)
{
    int n = 0;

    for (int i = 0; i < list->n; i++) {
        struct scl_decision *old = &list->decision[i];
        const bool same = list->question[i] == question;

        if (same && replaces(d, old)) {
            if (old->origin == SCL_TUNED && d->origin == SCL_MEASURED && d->verdict == SCL_TIMED)
                d->origin = SCL_TUNED;
            continue;
        }
        if (same && d->origin == SCL_TUNED && old->origin == SCL_TUNED)
            old->origin = SCL_MEASURED;
        list->question[n] = list->question[i];
        list->decision[n++] = *old;
    }
    list->n = n;
}

const struct scl_decision *scl_decisions_find(const struct scl_decisions *list,
                                              const struct scl_decision *like)
{
    const uint64_t question = question_of(like);

    for (int i = 0; i < list->n; i++)
        if (list->question[i] == question && strcmp(list->decision[i].plan, like->plan) == 0)
            return &list->decision[i];
    return NULL;
}

/* What was measured here is better known than what comes from elsewhere. */
static bool is_known_better(const struct scl_decisions *list, const struct scl_decision *d)
{
    const struct scl_decision *here =
        d->origin == SCL_IMPORTED ? scl_decisions_find(list, d) : NULL;

    return here && here->origin != SCL_IMPORTED;
}

int scl_decisions_put(struct scl_decisions *list, const struct scl_decision *d)
{
    const uint64_t question = question_of(d);
    struct scl_decision kept = *d;
    int rc = SCL_OK;

    if (is_known_better(list, d))
        return SCL_OK;
    SCL_TRY(keep_texts(&kept, &list->arena));
    if (list->n == list->room)
        SCL_TRY(grow(list));
    make_way(list, &kept, question);
    list->question[list->n] = question;
    list->decision[list->n++] = kept;
out:
    return rc;
}

const struct scl_kin *scl_decisions_find_kin(const struct scl_decisions *list, const char *device)
{
    for (int i = 0; i < list->n_kin; i++)
        if (strcmp(list->kin[i].device, device) == 0)
            return &list->kin[i];
    return NULL;
}

int scl_decisions_put_kin(struct scl_decisions *list, const struct scl_kin *kin)
{
    struct scl_kin kept = *kin, *grown;
    int rc;

    SCL_TRY(keep(&kept.device, &list->arena, kin->device));
    SCL_TRY(keep(&kept.vendor, &list->arena, kin->vendor));
    SCL_TRY(keep(&kept.profile, &list->arena, kin->profile));
    for (int i = 0; i < list->n_kin; i++)
        if (strcmp(list->kin[i].device, kin->device) == 0) {
            list->kin[i] = kept;
            return SCL_OK;
        }
    grown = scl_arena_alloc(&list->arena, (size_t)(list->n_kin + 1) * sizeof *grown);
    if (!grown)
        return SCL_NOMEM;
    if (list->n_kin > 0)
        memcpy(grown, list->kin, (size_t)list->n_kin * sizeof *grown);
    grown[list->n_kin++] = kept;
    list->kin = grown;
out:
    return rc;
}

void scl_decisions_fini(struct scl_decisions *list)
{
    scl_arena_fini(&list->arena);
    *list = (struct scl_decisions){ 0 };
}

bool scl_decision_import(struct scl_decision *d)
{
    if (d->origin == SCL_MEASURED && d->verdict == SCL_TIMED)
        return false;
    d->origin = SCL_IMPORTED;
    return true;
}
