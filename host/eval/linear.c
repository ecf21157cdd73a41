/* linear.c - softmax regression on rows that stay on the device. */
#include "eval/linear.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"
#include "device/exec.h"
#include "model/model.h"
#include "model/optimizer.h"
#include "ops/ops.h"

struct fit {
    const struct scl_recipe *recipe;
    const struct scl_features *train;
    uint64_t seed;
    int batch, steps; /* rows; steps an epoch */
    struct scl_graph *g;
    struct scl_node *rows, *index, *label, *lr, *loss;
    struct scl_plan *plan;
    struct scl_exec *exec;

    /* Of the epoch that the device is at: written to it without waiting. */
    uint32_t *order;
    int32_t *order_label;
    float rate;
};

static int make_graph(struct fit *f, int classes)
{
    struct scl_node *param[2], *grad[2], *logits;
    int rc;

    if (!(f->g = scl_graph_new()))
        return SCL_NOMEM;
    f->rows = scl_input(f->g, "rows", SCL_F32, SCL_SHAPE2(f->train->n, f->train->dim));
    f->index = scl_input(f->g, "index", SCL_I32, SCL_SHAPE1(f->batch));
    f->label = scl_input(f->g, "label", SCL_I32, SCL_SHAPE1(f->batch));
    f->lr = scl_input(f->g, "lr", SCL_F32, SCL_SHAPE1(1));
    logits = scl_classifier_layer(f->g, scl_gather_rows(f->g, f->rows, f->index), classes);
    f->loss = scl_softmax_cross_entropy(f->g, logits, f->label);
    SCL_TRY(scl_graph_check(f->g));
    scl_model_parameters(f->g, "linear.", param); /* weight and bias */
    SCL_TRY(scl_gradients(grad, f->g, f->loss, NULL, 2, param));
    rc = scl_optimizer(f->g, &(struct scl_update){ .optim = &f->recipe->optim,
                                                   .group = SCL_CLASSIFIER_SCOPE,
                                                   .n = 2,
                                                   .param = param,
                                                   .grad = grad,
                                                   .lr = f->lr });
out:
    return rc;
}

static int bind(struct fit *f, struct scl_device *device, struct scl_store *store)
{
    int rc;

    SCL_TRY(scl_plan_new(&f->plan, f->g,
                         &(struct scl_plan_spec){ .facts = scl_device_facts(device),
                                                  .profile = scl_device_profile(device),
                                                  .tuning = scl_device_tuning(device),
                                                  .n_keep = 1,
                                                  .keep = &f->loss }));
    SCL_TRY(scl_exec_new(&f->exec, device, store, f->plan, NULL, NULL));
    rc = scl_exec_write(f->exec, f->rows, f->train->row, true);
out:
    return rc;
}

/* The stream is not that of the loaders, whose index is 0. */
static void draw(struct fit *f, int epoch)
{
    struct scl_rng rng = scl_rng_at(f->seed, SCL_RNG_SHUFFLE, (uint32_t)epoch, 1, 0);

    scl_rng_shuffle(&rng, f->order, (uint32_t)f->train->n);
    for (int i = 0; i < f->train->n; i++)
        f->order_label[i] = f->train->label[f->order[i]];
    f->rate = (float)(f->recipe->optim.lr * scl_recipe_scale(f->recipe, epoch));
}

/* The read at the end waits: what was written from may change then. */
static int run_epoch(struct fit *f, int epoch, float *loss)
{
    int rc;

    draw(f, epoch);
    SCL_TRY(scl_exec_write(f->exec, f->lr, &f->rate, false));
    for (int s = 0; s < f->steps; s++) {
        SCL_TRY(scl_exec_write(f->exec, f->index, f->order + s * f->batch, false));
        SCL_TRY(scl_exec_write(f->exec, f->label, f->order_label + s * f->batch, false));
        SCL_TRY(scl_exec_run(f->exec));
    }
    SCL_TRY(scl_exec_read(f->exec, f->loss, loss));
    if (!isfinite(*loss))
        rc = scl_fail(SCL_NUMERIC,
                      "linear: the loss is not finite in epoch %d, at a rate of %g; a lower "
                      "linear.lr may help",
                      epoch + 1, (double)f->rate);
out:
    return rc;
}

static void close_fit(struct fit *f)
{
    scl_exec_free(f->exec);
    scl_plan_free(f->plan);
    scl_graph_free(f->g);
    free(f->order);
    free(f->order_label);
}

static int check(const struct fit *f, int classes, const struct scl_features *test)
{
    if (f->train->n < 1 || test->n < 1 || f->train->dim != test->dim)
        return scl_fail(SCL_DATA,
                        "linear: %d rows of %d to train on and %d of %d to test on, wanted 1 or "
                        "more each, of one width",
                        f->train->n, f->train->dim, test->n, test->dim);
    return scl_labels_check(f->train, classes, "linear", "training set");
}

int scl_linear_find(struct scl_accuracy *out, struct scl_device *device,
                    const struct scl_recipe *recipe, int classes, uint64_t seed,
                    const struct scl_features *train, const struct scl_features *test,
                    scl_fit_progress *progress, void *context)
{
    struct fit f = { .recipe = recipe, .train = train, .seed = seed };
    struct scl_classifier layer = { 0 };
    struct scl_store *store = NULL;
    int rc;

    SCL_TRY(check(&f, classes, test));
    f.batch = recipe->batch < train->n ? recipe->batch : train->n;
    f.steps = train->n / f.batch;
    f.order = malloc((size_t)train->n * sizeof *f.order);
    f.order_label = malloc((size_t)train->n * sizeof *f.order_label);
    if (!f.order || !f.order_label) {
        rc = scl_fail(SCL_NOMEM, "out of memory for the order of %d rows", train->n);
        goto out;
    }
    SCL_TRY(make_graph(&f, classes));
    SCL_TRY(scl_classifier_init(&layer, test->n, test->dim, classes));
    SCL_TRY(scl_store_new(&store, device, 2, (struct scl_graph *[]){ f.g, layer.g }, seed));
    SCL_TRY(bind(&f, device, store));
    for (int epoch = 0; epoch < recipe->epochs; epoch++) {
        float loss;

        SCL_TRY(run_epoch(&f, epoch, &loss));
        if (progress)
            progress(context, epoch + 1, recipe->epochs, (double)loss);
    }
    rc = scl_classifier_run(out, &layer, device, store, test);
out:
    close_fit(&f);
    scl_store_free(store);
    scl_classifier_fini(&layer);
    return rc;
}
