/* supervised.c - steps with labels: the next batch is prepared beside the device's work. */
#include "eval/supervised.h"

#include <limits.h>
#include <math.h>

#include "base/status.h"
#include "data/augment.h"
#include "data/loader.h"
#include "device/exec.h"

struct run {
    const struct scl_supervised *s;
    struct scl_plan *plan;
    struct scl_exec *exec;
    struct scl_loader *loader;
    const struct scl_batch *batch; /* of the step that is prepared */
    struct scl_view_tables tables;
    float lr, lr_encoder;
};

static int open_run(struct run *r, struct scl_device *device, struct scl_store *store,
                    struct scl_dataset *train, const struct scl_subset *subset)
{
    const struct scl_supervised_spec *spec = &r->s->spec;
    const struct scl_loader_spec loader = { .batch = (uint32_t)spec->batch,
                                            .seed = spec->config->seed,
                                            .threads = spec->config->data.threads,
                                            .subset = subset ? subset->image : NULL,
                                            .n_subset = subset ? subset->n : 0 };
    int rc;

    SCL_TRY(scl_plan_new(&r->plan, r->s->g,
                         &(struct scl_plan_spec){ .facts = scl_device_facts(device),
                                                  .profile = scl_device_profile(device),
                                                  .tuning = scl_device_tuning(device),
                                                  .n_keep = 1,
                                                  .keep = &r->s->loss }));
    SCL_TRY(scl_exec_new(&r->exec, device, store, r->plan, NULL, NULL));
    SCL_TRY(scl_view_tables_init(&r->tables, spec->batch));
    rc = scl_loader_open(&r->loader, train, &loader);
out:
    return rc;
}

static void close_run(struct run *r)
{
    scl_loader_close(r->loader);
    scl_view_tables_fini(&r->tables);
    scl_exec_free(r->exec);
    scl_plan_free(r->plan);
}

static int prepare(struct run *r)
{
    const struct scl_recipe *recipe = &r->s->spec.recipe;
    const int rc = scl_loader_next(r->loader, &r->batch);
    double scale;

    if (rc < 0)
        return rc;
    scl_view_tables_fill(&r->tables, &r->s->augment, r->s->spec.config->seed, r->batch->epoch,
                         r->s->spec.batch, 1, r->batch->image, r->batch->size);
    scale = scl_recipe_scale(recipe, (int)r->batch->epoch);
    r->lr = (float)(recipe->optim.lr * scale);
    r->lr_encoder = (float)(recipe->lr_encoder * scale);
    return SCL_OK;
}

static int upload(struct run *r)
{
    const struct scl_supervised *s = r->s;
    int rc;

    SCL_TRY(scl_exec_write(r->exec, s->pixels, r->batch->pixels, true));
    SCL_TRY(scl_exec_write(r->exec, s->views.crop, r->tables.crop, true));
    SCL_TRY(scl_exec_write(r->exec, s->label, r->batch->label, true));
    SCL_TRY(scl_exec_write(r->exec, s->lr, &r->lr, true));
    if (s->lr_encoder)
        SCL_TRY(scl_exec_write(r->exec, s->lr_encoder, &r->lr_encoder, true));
out:
    return rc;
}

/* At the end of an epoch; else there is no news of the loss. */
static int read_loss(float *loss, struct run *r, int epoch)
{
    const int rc = scl_exec_read(r->exec, r->s->loss, loss);

    if (rc < 0 || isfinite(*loss))
        return rc;
    return scl_fail(SCL_NUMERIC,
                    "the loss is not finite in epoch %d of %d; a lower rate may help than %g",
                    epoch + 1, r->s->spec.recipe.epochs, r->s->spec.recipe.optim.lr);
}

int scl_supervised_run(const struct scl_supervised *s, struct scl_device *device,
                       struct scl_store *store, struct scl_dataset *train,
                       const struct scl_subset *subset, scl_fit_progress *progress, void *context)
{
    struct run r = { .s = s };
    int rc, per_epoch, total;

    SCL_TRY(open_run(&r, device, store, train, subset));
    per_epoch = (int)scl_loader_batches(r.loader);
    if (s->spec.recipe.epochs > INT_MAX / per_epoch) {
        rc = scl_fail(SCL_CONFIG, "%d epochs of %d steps: wanted at most %d steps",
                      s->spec.recipe.epochs, per_epoch, INT_MAX);
        goto out;
    }
    total = s->spec.recipe.epochs * per_epoch;
    SCL_TRY(prepare(&r));
    for (int step = 0; step < total; step++) {
        float loss = NAN;

        SCL_TRY(upload(&r));
        SCL_TRY(scl_exec_run(r.exec));
        if (step + 1 < total)
            SCL_TRY(prepare(&r));
        SCL_TRY(scl_device_finish(device));
        if ((step + 1) % per_epoch == 0)
            SCL_TRY(read_loss(&loss, &r, step / per_epoch));
        if (progress)
            progress(context, step + 1, total, (double)loss);
    }
out:
    close_run(&r);
    return rc;
}
