/* eval_impl.h - what the files of `scorecl eval` share; for host/cli only.
 *
 * A kind of evaluation is one file with one `const struct scl_eval_kind`, listed in eval.c:
 * what it needs, what it does, and what it says. Everything around it is the same for all:
 * the configuration, the weights, the images, the rows, the lines that follow the answer, and
 * RUN/evaluations.jsonl.
 */
#ifndef SCL_CLI_EVAL_IMPL_H
#define SCL_CLI_EVAL_IMPL_H

#include <stdbool.h>

#include "cli/cli.h"
#include "config/config.h"
#include "data/dataset.h"
#include "eval/features.h"
#include "eval/knn.h"
#include "eval/recipe.h"
#include "eval/retrieval.h"
#include "eval/supervised.h"
#include "eval/unlabelled.h"

struct scl_evaluation;

struct scl_eval_kind {
    const char *name;         /* "knn" */
    const char *protocols[2]; /* the words of --protocol; NULL: it has none */
    bool has_labels;          /* --labels is for it */
    bool needs_labels;        /* of images: a bank whose labels are given, queries for all */
    const struct scl_eval_kind *unlabelled; /* what is done without; NULL: it is refused */

    /* Settles the protocol's numbers and refuses what cannot be, before any work; makes the graphs
     * that it wants beside the encoder's. NULL: there is nothing to settle. */
    int (*open)(struct scl_evaluation *e);
    int (*run)(struct scl_evaluation *e);

    /* The answer and its protocol: the first lines; the first members of the JSON object. */
    void (*print)(const struct scl_evaluation *e);
    bool (*add)(struct cJSON *o, const struct scl_evaluation *e);
};

extern const struct scl_eval_kind scl_eval_knn, scl_eval_linear, scl_eval_finetune,
    scl_eval_retrieval, scl_eval_measures;

/* The command line; NULL: not given. */
struct scl_eval_request {
    const char *kind, *path;
    const char *protocol, *split, *labels, *checkpoint, *device;
    bool untrained, pixels, json;
};

struct scl_evaluation {
    const struct scl_eval_kind *kind;
    struct scl_config config;
    const char *folder;               /* of the run; NULL: a configuration */
    char weights[2 * SCL_PATH_BYTES]; /* a checkpoint's path, "initial", or "none": pixels */
    bool trained;                     /* they are of a checkpoint */
    int step;                         /* of it */
    const char *query_split;          /* "test", ... */
    struct scl_dataset *query;
    struct scl_dataset *bank; /* the split train; NULL without labels */
    const char *protocol;     /* its word; NULL: the kind has none */
    int percent;              /* of the labels: finetune */

    struct scl_device *device;
    char device_key[320];
    struct scl_encoder_spec spec;
    struct scl_encoder_graph encoder; /* images as they are */
    struct scl_store *store;
    struct scl_features query_rows, bank_rows;

    /* Of the kinds. */
    struct scl_knn_spec knn;
    struct scl_recipe recipe;
    struct scl_subset subset;
    struct scl_supervised step_graph;
    struct scl_classifier layer;
    struct scl_encoder_graph drawn; /* two views of each image */
    struct scl_features view_rows;
    double knn_accuracy; /* percent */
    struct scl_accuracy accuracy;
    struct scl_retrieval retrieval;
    struct scl_unlabelled measures;
};

/* Everything before the work: configuration, weights, images, device, graphs, memory. `set` are
 * the texts of --set. Whatever comes of it, scl_evaluation_close() follows. */
int scl_evaluation_open(struct scl_evaluation *e, const struct scl_eval_request *request,
                        const struct scl_texts *set);
void scl_evaluation_close(struct scl_evaluation *e);

/* Rows of a data set, with a line of progress. */
int scl_evaluation_rows(struct scl_features *out, struct scl_evaluation *e,
                        const struct scl_encoder_graph *graph, struct scl_dataset *d,
                        const char *what);
/* Of the bank and of the queries. */
int scl_evaluation_both_rows(struct scl_evaluation *e);

/* For the kinds' own progress lines: of a struct scl_progress that is open. */
void scl_evaluation_show(void *progress, uint32_t done, uint32_t n);
void scl_evaluation_show_fit(void *progress, int done, int of, double loss);

/* The answer, with all that it depends on, on stdout; then as a line of the run's
 * evaluations.jsonl. */
int scl_evaluation_print(const struct scl_evaluation *e, bool json);

/* For add(): a number, null where it is not finite; one that was an fp32, as it was written; the
 * images of a split. */
bool scl_json_number(struct cJSON *o, const char *name, double value);
bool scl_json_float(struct cJSON *o, const char *name, float value);
bool scl_json_split(struct cJSON *o, const char *name, const char *split, uint32_t images);

/* For linear and finetune: accuracies and recipe, as lines and as members. */
void scl_eval_recipe_print(const struct scl_evaluation *e);
bool scl_eval_recipe_add(struct cJSON *o, const struct scl_evaluation *e);

#endif
