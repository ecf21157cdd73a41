/* knn_protocol.c - protocols by their names, and in words. */
#include <stdio.h>

#include "eval/knn.h"

struct scl_knn_spec scl_knn_protocol(const struct scl_eval_config *eval,
                                     enum scl_knn_protocol protocol)
{
    if (protocol == SCL_KNN_HT)
        return (struct scl_knn_spec){ .k = eval->k, .temperature = 1 };
    return (struct scl_knn_spec){ .k = eval->knn_k,
                                  .cosine = true,
                                  .exp_vote = true,
                                  .temperature = (float)eval->knn_temperature };
}

const char *scl_knn_title(char out[SCL_KNN_BYTES], const struct scl_knn_spec *spec)
{
    snprintf(out, SCL_KNN_BYTES, "%s%d-NN", spec->exp_vote ? "weighted " : "", spec->k);
    return out;
}

const char *scl_knn_text(char out[SCL_KNN_BYTES], const struct scl_knn_spec *spec)
{
    char vote[48] = "majority vote";

    if (spec->exp_vote)
        snprintf(vote, sizeof vote, "votes exp(%s / %g)", spec->cosine ? "cos" : "-distance",
                 (double)spec->temperature);
    snprintf(out, SCL_KNN_BYTES, "%d-NN, %s, %s, ties to the smallest label", spec->k,
             spec->cosine ? "cosine" : "euclidean distance", vote);
    return out;
}
