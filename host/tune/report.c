/* report.c - what a search has come to. */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "tune/tune_impl.h"

static int longest_first(const void *a, const void *b)
{
    const struct scl_tune_row *x = a, *y = b;

    return (x->step_ms < y->step_ms) - (x->step_ms > y->step_ms);
}

static double ms_of(const struct scl_task *s, int tried)
{
    return tried >= 0 && s->tried[tried].verdict == SCL_TIMED ? s->tried[tried].ms : -1;
}

static int add_row(struct scl_tune_report *out, const struct scl_task *s)
{
    struct scl_tune_row *row = &out->row[out->n_row++];
    const char *plan = s->best < 0 ? "-" : s->tried[s->best].plan;

    *row = (struct scl_tune_row){ .node = scl_arena_text(&out->arena, "%s", s->key),
                                  .n_node = s->n_node,
                                  .step_ms = s->step_ms,
                                  .before_ms = ms_of(s, s->usual),
                                  .after_ms = ms_of(s, s->best),
                                  .plan = scl_arena_text(&out->arena, "%s", plan) };
    return row->node && row->plan ? SCL_OK : SCL_NOMEM;
}

int scl_tuner_report(struct scl_tune_report *out, const struct scl_tuner *t)
{
    char key[SCL_KEY_BYTES];
    int rc = SCL_OK;

    scl_device_key(key, sizeof key, &t->facts);
    out->device = scl_arena_text(&out->arena, "%s", key);
    out->row = calloc((size_t)t->n_task + 1, sizeof *out->row);
    if (!out->device || !out->row)
        return scl_fail(SCL_NOMEM, "out of memory for the answer");
    for (int i = 0; i < t->n_task; i++)
        if (t->task[i].n_tried > 0)
            SCL_TRY(add_row(out, &t->task[i]));
    qsort(out->row, (size_t)out->n_row, sizeof *out->row, longest_first);
    out->before_seconds = scl_tuner_step_seconds(t, false);
    out->after_seconds = scl_tuner_step_seconds(t, true);
    out->n_trial = t->n_trial;
    out->n_known = t->n_known;
    out->n_failed = t->n_failed;
out:
    return rc;
}

void scl_tune_report_fini(struct scl_tune_report *report)
{
    free(report->row);
    free(report->said);
    scl_arena_fini(&report->arena);
    *report = (struct scl_tune_report){ 0 };
}
