/* eval_knn.c - `scorecl eval knn`. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "cli/eval_impl.h"

static int open_knn(struct scl_evaluation *e)
{
    if (!e->protocol)
        e->protocol = scl_config_word("eval.protocol", e->config.eval.protocol);
    e->knn = scl_knn_protocol(&e->config.eval,
                              strcmp(e->protocol, "ht") == 0 ? SCL_KNN_HT : SCL_KNN_WEIGHTED);
    if (e->knn.k > (int)scl_dataset_count(e->bank))
        return scl_fail(SCL_DATA, "eval: k is %d, more than the %u images of the bank", e->knn.k,
                        scl_dataset_count(e->bank));
    return SCL_OK;
}

static int run(struct scl_evaluation *e)
{
    int rc;

    SCL_TRY(scl_evaluation_both_rows(e));
    rc =
        scl_knn_accuracy(&e->knn_accuracy, NULL, e->device, &e->knn, &e->bank_rows, &e->query_rows);
out:
    return rc;
}

static void print(const struct scl_evaluation *e)
{
    char text[SCL_KNN_BYTES];

    printf("accuracy %.2f %%\n", e->knn_accuracy);
    printf("protocol: %s; bank: %u images of train, queries: %u of %s\n",
           scl_knn_text(text, &e->knn), scl_dataset_count(e->bank), scl_dataset_count(e->query),
           e->query_split);
}

static bool add(cJSON *o, const struct scl_evaluation *e)
{
    const struct scl_knn_spec *k = &e->knn;

    return scl_json_number(o, "accuracy", e->knn_accuracy) &&
           cJSON_AddStringToObject(o, "protocol", e->protocol) && scl_json_number(o, "k", k->k) &&
           cJSON_AddStringToObject(o, "metric", k->cosine ? "cosine" : "euclidean") &&
           cJSON_AddStringToObject(o, "vote", k->exp_vote ? "exp" : "majority") &&
           (!k->exp_vote || scl_json_float(o, "temperature", k->temperature)) &&
           cJSON_AddStringToObject(o, "ties", "smallest label") &&
           scl_json_split(o, "bank", "train", scl_dataset_count(e->bank)) &&
           scl_json_split(o, "query", e->query_split, scl_dataset_count(e->query));
}

const struct scl_eval_kind scl_eval_knn = {
    .name = "knn",
    .protocols = { "ht", "weighted" },
    .needs_labels = true,
    .unlabelled = &scl_eval_measures,
    .open = open_knn,
    .run = run,
    .print = print,
    .add = add,
};
