/* eval_retrieval.c - `scorecl eval retrieval`. */
#include <cjson/cJSON.h>
#include <stdio.h>

#include "base/progress.h"
#include "base/status.h"
#include "cli/eval_impl.h"

static int run(struct scl_evaluation *e)
{
    struct scl_progress progress = {
        .what = "ranking", .unit = "queries", .per_done = 1, .total = scl_dataset_count(e->query)
    };
    int rc;

    SCL_TRY(scl_evaluation_both_rows(e));
    scl_progress_open(&progress, stderr);
    rc = scl_retrieval_find(&e->retrieval, e->device, &e->bank_rows, &e->query_rows,
                            e->config.data.threads, scl_evaluation_show, &progress);
    scl_progress_close(&progress);
out:
    return rc;
}

static void print(const struct scl_evaluation *e)
{
    for (int a = 0; a < SCL_RECALLS; a++)
        printf("recall at %-2d %6.2f %%\n", scl_recall_at[a], e->retrieval.recall[a]);
    printf("mAP          %6.2f %%\n", e->retrieval.mean_average_precision);
    printf("protocol: ranking by cosine, ties by number, average precision over the whole of it; "
           "gallery: %u images of train, queries: %u of %s\n",
           scl_dataset_count(e->bank), scl_dataset_count(e->query), e->query_split);
}

static bool add(cJSON *o, const struct scl_evaluation *e)
{
    for (int a = 0; a < SCL_RECALLS; a++) {
        char name[16];

        snprintf(name, sizeof name, "recall_at_%d", scl_recall_at[a]);
        if (!scl_json_number(o, name, e->retrieval.recall[a]))
            return false;
    }
    return scl_json_number(o, "mean_average_precision", e->retrieval.mean_average_precision) &&
           cJSON_AddStringToObject(o, "metric", "cosine") &&
           cJSON_AddStringToObject(o, "ties", "by number") &&
           cJSON_AddStringToObject(o, "ranking", "whole") &&
           scl_json_split(o, "bank", "train", scl_dataset_count(e->bank)) &&
           scl_json_split(o, "query", e->query_split, scl_dataset_count(e->query));
}

const struct scl_eval_kind scl_eval_retrieval = {
    .name = "retrieval",
    .needs_labels = true,
    .run = run,
    .print = print,
    .add = add,
};
