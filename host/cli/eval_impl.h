/* eval_impl.h - what `scorecl eval` has found out, and how it says it; for host/cli only. */
#ifndef SCL_CLI_EVAL_IMPL_H
#define SCL_CLI_EVAL_IMPL_H

#include <stdbool.h>

#include "config/config.h"
#include "data/dataset.h"
#include "eval/features.h"
#include "eval/knn.h"
#include "eval/unlabelled.h"

struct scl_evaluation {
    struct scl_config config;
    struct scl_encoder_spec spec;
    char device[320];         /* its key */
    const char *weights;      /* a checkpoint's path, "initial", or "none": pixels */
    bool trained;             /* they are of a checkpoint */
    int step;                 /* of it */
    const char *query_split;  /* "test", ... */
    struct scl_dataset *bank; /* the split train; NULL without labels */
    struct scl_dataset *query;
    int dim;

    const char *protocol; /* with a bank: "ht", "weighted" */
    struct scl_knn_spec knn;
    double accuracy; /* percent */

    struct scl_unlabelled measures; /* without one */
};

/* What came out, with all that it depends on. */
void scl_evaluation_print(const struct scl_evaluation *e);
int scl_evaluation_print_json(const struct scl_evaluation *e);

#endif
