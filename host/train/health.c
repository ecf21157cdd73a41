/* health.c - losses that are not finite, and embeddings that have collapsed. */
#include "train/health.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/status.h"
#include "train/trainer_impl.h"

static bool holds_nonfinite(struct scl_store *store, const struct scl_store_entry *e)
{
    const size_t n = scl_shape_count(e->shape);
    float *values = malloc((n + 1) * sizeof *values);
    bool found = false;

    if (values && scl_store_read(store, e, values) == SCL_OK)
        for (size_t i = 0; i < n && !found; i++)
            found = !isfinite(values[i]);
    free(values);
    return found;
}

/* Whether the method's own state says that a step had to fail. */
static bool was_singular(struct scl_store *store)
{
    const struct scl_store_entry *e = scl_store_find(store, SCL_SINGULAR_STATE);
    float count = 0;

    return e && scl_store_read(store, e, &count) == SCL_OK && count > 0;
}

int scl_trainer_refuse(struct scl_trainer *t, const struct scl_phase_run *p, int step)
{
    const char *tensor = "no state yet";
    char path[1200];

    if (scl_checkpoint_find(path, sizeof path, scl_run_folder(t->run)) < 0 || !path[0])
        snprintf(path, sizeof path, "none");
    if (was_singular(t->store))
        return scl_fail(SCL_NUMERIC,
                        "%s step %d: the embeddings have collapsed: the covariance of a slice of "
                        "%d of them is singular and cannot be whitened; last good checkpoint: %s; "
                        "a lower optim.lr, a larger method.whitening_size or a "
                        "method.whitening_eps above 0 may help",
                        scl_phase_text(p->id), step, t->config->method.whitening_size, path);
    for (int i = 0; i < scl_store_count(t->store); i++)
        if (holds_nonfinite(t->store, scl_store_entry(t->store, i))) {
            tensor = scl_store_entry(t->store, i)->name;
            break;
        }
    return scl_fail(SCL_NUMERIC,
                    "%s step %d: the loss is not finite; first tensor that holds it: %s; last good "
                    "checkpoint: %s; a lower learning rate or a longer warm-up may help",
                    scl_phase_text(p->id), step, tensor, path);
}

bool scl_collapsed(double spread, int dim)
{
    return spread < 0.1 / sqrt(dim);
}

int scl_trainer_watch_spread(struct scl_trainer *t, const struct scl_phase_run *p, int step,
                             double spread)
{
    const struct scl_schedule *s = &p->schedule;
    const bool before = t->collapsed;
    bool collapsed = scl_collapsed(spread, p->graph.embedding_dim);

    /* Heads without norms start with embeddings that are much alike. */
    if (step < s->per_epoch && step < s->total / 10)
        collapsed = false;
    t->collapsed = collapsed;
    if (!collapsed || before)
        return SCL_OK;
    return scl_run_log(
        t->run,
        "warning: step %d: the embeddings have collapsed: the entries of one deviate "
        "by %.2g over the batch, %.2g when they are spread evenly; a lower optim.lr "
        "or a longer warm-up may help",
        step, spread, 1 / sqrt(p->graph.embedding_dim));
}
