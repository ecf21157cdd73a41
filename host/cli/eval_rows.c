/* eval_rows.c - features of data sets, with lines of progress. */
#include <math.h>
#include <stdio.h>

#include "base/progress.h"
#include "base/status.h"
#include "cli/eval_impl.h"

void scl_evaluation_show(void *progress, uint32_t done, uint32_t n)
{
    (void)n;
    scl_progress_set(progress, done, NAN);
}

void scl_evaluation_show_fit(void *progress, int done, int of, double loss)
{
    struct scl_progress *p = progress;

    p->total = (uint64_t)of;
    scl_progress_set(p, (uint64_t)done, loss);
}

int scl_evaluation_rows(struct scl_features *out, struct scl_evaluation *e,
                        const struct scl_encoder_graph *graph, struct scl_dataset *d,
                        const char *what)
{
    struct scl_progress progress = {
        .what = what, .unit = "images", .per_done = 1, .total = scl_dataset_count(d)
    };
    const int views = graph->spec.views ? graph->spec.views : 1;
    struct scl_encoder *encoder = NULL;
    int rc;

    scl_progress_open(&progress, stderr);
    SCL_TRY(scl_encoder_new(&encoder, e->device, e->store, graph));
    SCL_TRY(scl_features_init(out, views * (int)scl_dataset_count(d), graph->dim));
    rc = scl_encoder_features(out, encoder, d, scl_evaluation_show, &progress);
out:
    scl_progress_close(&progress);
    scl_encoder_free(encoder);
    return rc;
}

int scl_evaluation_both_rows(struct scl_evaluation *e)
{
    int rc;

    SCL_TRY(scl_evaluation_rows(&e->query_rows, e, &e->encoder, e->query, "features of queries"));
    rc = scl_evaluation_rows(&e->bank_rows, e, &e->encoder, e->bank, "features of the bank");
out:
    return rc;
}
