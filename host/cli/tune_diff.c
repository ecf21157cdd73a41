/* tune_diff.c - `scorecl tune diff`: what two tables decide for the same nodes. */
#include <stdio.h>
#include <string.h>

#include "backend/decision.h"
#include "base/file.h"
#include "base/status.h"
#include "cli/cli.h"
#include "cli/tune_impl.h"

/* All of one device, whatever the driver. */
static int load(struct scl_decisions *list, const char *path)
{
    int rc;

    if (scl_path_kind(path) == SCL_PATH_NONE)
        return scl_fail(SCL_IO, "%s: there is no such file", path);
    SCL_TRY(scl_decisions_load(list, path, false));
    if (list->n == 0)
        return scl_fail(SCL_DATA, "%s: found no decision, wanted some", path);
    for (int i = 1; i < list->n; i++)
        if (strcmp(list->decision[i].device, list->decision[0].device) != 0)
            return scl_fail(SCL_DATA,
                            "%s: found decisions of %s and of %s, wanted one device's: scorecl "
                            "tune export --device KEY",
                            path, list->decision[0].device, list->decision[i].device);
out:
    return rc;
}

static bool is_same_node(const struct scl_decision *a, const struct scl_decision *b)
{
    return strcmp(a->node, b->node) == 0 && strcmp(a->numeric, b->numeric) == 0;
}

/* The fastest winner for the node. */
static const struct scl_decision *find_best(const struct scl_decisions *list,
                                            const struct scl_decision *like)
{
    const struct scl_decision *best = NULL;

    for (int i = 0; i < list->n; i++) {
        const struct scl_decision *d = &list->decision[i];

        if (scl_decision_wins(d) && is_same_node(d, like) && (!best || d->ms < best->ms))
            best = d;
    }
    return best;
}

static const struct scl_decision *find_plan(const struct scl_decisions *list,
                                            const struct scl_decision *like)
{
    for (int i = 0; i < list->n; i++)
        if (is_same_node(&list->decision[i], like) &&
            strcmp(list->decision[i].plan, like->plan) == 0)
            return &list->decision[i];
    return NULL;
}

struct sums {
    int both, same_plan, only_a, only_b, other_verdict;
};

static void compare_best(struct sums *s, const struct scl_decision *a, const struct scl_decision *b)
{
    s->both++;
    s->same_plan += strcmp(a->plan, b->plan) == 0;
    printf("%s\n    %10.3f ms  %s\n    %10.3f ms  %s  (%+.1f %%)\n", a->node, a->ms, a->plan, b->ms,
           strcmp(a->plan, b->plan) == 0 ? "the same" : b->plan, 100 * (b->ms - a->ms) / a->ms);
}

/* The plan's failure, where the other table has it and tells something else. */
static void compare_failure(struct sums *s, const struct scl_decision *failed,
                            const struct scl_decision *other, bool is_a)
{
    const char *const here = scl_verdict_text(failed->verdict);
    const char *const there = scl_verdict_text(other->verdict);

    s->other_verdict++;
    printf("%s\n    %s: %s there, %s here\n", failed->node, failed->plan, is_a ? here : there,
           is_a ? there : here);
}

static void compare(struct sums *s, const struct scl_decisions *a, const struct scl_decisions *b,
                    bool is_a)
{
    for (int i = 0; i < a->n; i++) {
        const struct scl_decision *d = &a->decision[i], *best = find_best(b, d), *other;

        if (scl_decision_wins(d) && find_best(a, d) == d) {
            if (!best)
                *(is_a ? &s->only_a : &s->only_b) += 1;
            else if (is_a)
                compare_best(s, d, best);
        } else if (d->verdict != SCL_TIMED && (other = find_plan(b, d)) &&
                   other->verdict != d->verdict && (is_a || other->verdict == SCL_TIMED)) {
            compare_failure(s, d, other, is_a);
        }
    }
}

int scl_tune_diff(int argc, char **argv, bool *started)
{
    const struct scl_option options[] = { { 0 } };
    struct scl_decisions a = { 0 }, b = { 0 };
    struct sums s = { 0 };
    int rc, first;

    (void)started;
    SCL_TRY(first = scl_options_read(argc, argv, options, 2, 2));
    SCL_TRY(load(&a, argv[first]));
    SCL_TRY(load(&b, argv[first + 1]));
    printf("there %s, driver %s (%s)\nhere  %s, driver %s (%s)\n\n", a.decision[0].device,
           a.decision[0].driver, argv[first], b.decision[0].device, b.decision[0].driver,
           argv[first + 1]);
    compare(&s, &a, &b, true);
    compare(&s, &b, &a, false);
    printf("%d nodes in both, %d of them with the same plan; %d only there, %d only here; %d plans "
           "with another verdict\n",
           s.both, s.same_plan, s.only_a, s.only_b, s.other_verdict);
    rc = SCL_OK;
out:
    scl_decisions_fini(&a);
    scl_decisions_fini(&b);
    return rc;
}
