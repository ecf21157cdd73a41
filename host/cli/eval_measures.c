/* eval_measures.c - `scorecl eval measures`. */
#include <cjson/cJSON.h>
#include <stdio.h>

#include "base/status.h"
#include "cli/eval_impl.h"

static int open_measures(struct scl_evaluation *e)
{
    struct scl_encoder_spec drawn = e->spec;

    drawn.views = 2;
    return scl_encoder_graph(&e->drawn, &drawn);
}

static int run(struct scl_evaluation *e)
{
    int rc;

    SCL_TRY(scl_evaluation_rows(&e->query_rows, e, &e->encoder, e->query, "features of images"));
    SCL_TRY(scl_evaluation_rows(&e->view_rows, e, &e->drawn, e->query, "features of views"));
    rc = scl_unlabelled_find(&e->measures, &e->query_rows, &e->view_rows);
out:
    return rc;
}

static void print(const struct scl_evaluation *e)
{
    const struct scl_unlabelled *m = &e->measures;

    printf("spread          %8.4f   1: directions spread evenly, 0: collapsed\n", m->spread);
    printf("alignment       %8.4f   0: two views of an image lie in one direction\n", m->alignment);
    printf("uniformity      %8.4f   -4: even, 0: collapsed\n", m->uniformity);
    printf("effective rank  %8.2f   of %d dimensions\n", m->effective_rank, m->dim);
    printf("measured on: %d images of %s; alignment: two views as in training\n", m->n,
           e->query_split);
}

static bool add(cJSON *o, const struct scl_evaluation *e)
{
    const struct scl_unlabelled *m = &e->measures;

    return scl_json_number(o, "spread", m->spread) &&
           scl_json_number(o, "alignment", m->alignment) &&
           scl_json_number(o, "uniformity", m->uniformity) &&
           scl_json_number(o, "effective_rank", m->effective_rank) &&
           scl_json_split(o, "query", e->query_split, scl_dataset_count(e->query));
}

const struct scl_eval_kind scl_eval_measures = {
    .name = "measures",
    .open = open_measures,
    .run = run,
    .print = print,
    .add = add,
};
