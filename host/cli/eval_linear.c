/* eval_linear.c - `scorecl eval linear` and `scorecl eval finetune`. */
#include <stdio.h>
#include <string.h>

#include "base/progress.h"
#include "base/status.h"
#include "cli/eval_impl.h"
#include "eval/linear.h"

/* The images whose labels are given: a batch is never larger. */
static int bank_count(const struct scl_evaluation *e)
{
    return (int)(e->subset.n > 0 ? e->subset.n : scl_dataset_count(e->bank));
}

static void fit_batch(struct scl_evaluation *e)
{
    if (e->recipe.batch > bank_count(e))
        e->recipe.batch = bank_count(e);
}

/* The step from stored pixels on, and the layer's test. */
static int open_step(struct scl_evaluation *e)
{
    const int classes = scl_dataset_classes(e->bank);
    const struct scl_supervised_spec spec = { .config = &e->config,
                                              .recipe = e->recipe,
                                              .classes = classes,
                                              .batch = e->recipe.batch,
                                              .bytes = e->spec.bytes,
                                              .max_side = e->spec.max_side,
                                              .pixels = e->spec.pixels };
    int rc;

    SCL_TRY(scl_supervised_init(&e->step_graph, &spec));
    rc = scl_classifier_init(&e->layer, (int)scl_dataset_count(e->query), e->step_graph.dim,
                             classes);
out:
    return rc;
}

static int open_linear(struct scl_evaluation *e)
{
    int rc;

    if (!e->protocol)
        e->protocol = scl_config_word("linear.protocol", e->config.linear.protocol);
    if (strcmp(e->protocol, "ht") == 0) {
        e->recipe = scl_recipe_ht(&e->config.linear);
        fit_batch(e);
        return SCL_OK;
    }
    SCL_TRY(scl_recipe_sl(&e->recipe, &e->config));
    fit_batch(e);
    rc = open_step(e);
out:
    return rc;
}

static int open_finetune(struct scl_evaluation *e)
{
    int rc;

    if (e->spec.pixels)
        return scl_fail(SCL_USAGE, "eval: finetune --pixels: there is no encoder to train");
    SCL_TRY(scl_subset_init(&e->subset, e->bank, e->percent, e->config.seed));
    e->recipe = scl_recipe_finetune(&e->config.finetune, e->percent);
    fit_batch(e);
    rc = open_step(e);
out:
    return rc;
}

static int run_rows(struct scl_evaluation *e, struct scl_progress *progress)
{
    int rc;

    SCL_TRY(scl_evaluation_both_rows(e));
    progress->unit = "images";
    progress->per_done = bank_count(e) / e->recipe.batch * e->recipe.batch; /* of an epoch */
    scl_progress_open(progress, stderr);
    rc = scl_linear_find(&e->accuracy, e->device, &e->recipe, scl_dataset_classes(e->bank),
                         e->config.seed, &e->bank_rows, &e->query_rows, scl_evaluation_show_fit,
                         progress);
    scl_progress_close(progress);
out:
    return rc;
}

static int run_step(struct scl_evaluation *e, struct scl_progress *progress)
{
    int rc;

    progress->unit = "images";
    progress->per_done = e->recipe.batch;
    scl_progress_open(progress, stderr);
    rc = scl_supervised_run(&e->step_graph, e->device, e->store, e->bank,
                            e->subset.n > 0 ? &e->subset : NULL, scl_evaluation_show_fit, progress);
    scl_progress_close(progress);
    SCL_TRY(rc);
    SCL_TRY(scl_evaluation_rows(&e->query_rows, e, &e->encoder, e->query, "features of queries"));
    rc = scl_classifier_run(&e->accuracy, &e->layer, e->device, e->store, &e->query_rows);
out:
    return rc;
}

static int run(struct scl_evaluation *e)
{
    struct scl_progress progress = { .what = e->kind->name };

    return e->recipe.on_rows ? run_rows(e, &progress) : run_step(e, &progress);
}

const struct scl_eval_kind scl_eval_linear = {
    .name = "linear",
    .protocols = { "ht", "sl" },
    .needs_labels = true,
    .open = open_linear,
    .run = run,
    .print = scl_eval_recipe_print,
    .add = scl_eval_recipe_add,
};

const struct scl_eval_kind scl_eval_finetune = {
    .name = "finetune",
    .has_labels = true,
    .needs_labels = true,
    .open = open_finetune,
    .run = run,
    .print = scl_eval_recipe_print,
    .add = scl_eval_recipe_add,
};
