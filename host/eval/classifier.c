/* classifier.c - values of classes, chunk by chunk, and the place of the right one. */
#include "eval/classifier.h"

#include <math.h>
#include <stdlib.h>

#include "base/status.h"
#include "device/exec.h"
#include "eval/chunks_impl.h"
#include "model/layers.h"
#include "ops/ops.h"

#define ROWS 1024

struct scl_node *scl_classifier_layer(struct scl_graph *g, struct scl_node *x, int classes)
{
    return scl_layer_linear(g, x, SCL_CLASSIFIER_SCOPE, classes, true, 0);
}

int scl_classifier_init(struct scl_classifier *out, int n, int dim, int classes)
{
    int rc;

    *out = (struct scl_classifier){ .n = n, .dim = dim, .classes = classes };
    if (n < 1 || dim < 1 || classes < 1)
        return scl_fail(SCL_DATA, "classifier: %d rows of %d for %d classes, wanted 1 or more each",
                        n, dim, classes);
    if (!(out->g = scl_graph_new()))
        return SCL_NOMEM;
    out->chunk = scl_chunk_size(n, dim, ROWS);
    out->rows = scl_input(out->g, "rows", SCL_F32, SCL_SHAPE2(out->chunk, dim));
    out->logits = scl_classifier_layer(out->g, out->rows, classes);
    if ((rc = scl_graph_check(out->g)) < 0)
        scl_classifier_fini(out);
    return rc;
}

void scl_classifier_fini(struct scl_classifier *c)
{
    scl_graph_free(c->g);
    *c = (struct scl_classifier){ 0 };
}

int scl_labels_check(const struct scl_features *f, int classes, const char *who, const char *name)
{
    for (int i = 0; i < f->n; i++)
        if (f->label[i] >= classes)
            return scl_fail(SCL_DATA, "%s: row %d of the %s has label %d, wanted 0 to %d", who, i,
                            name, f->label[i], classes - 1);
    return scl_features_check(f, who, name);
}

/* How many classes stand before `label`; -1 where a value is not finite. */
static int place(const float *value, int classes, int label)
{
    int before = 0;

    for (int c = 0; c < classes; c++) {
        if (!isfinite(value[c]))
            return -1;
        before += value[c] > value[label] || (value[c] == value[label] && c < label);
    }
    return before;
}

/* Adds the rows that are right. */
static int count(int right[2], const float *logits, const int32_t *label, int n, int classes)
{
    for (int i = 0; i < n; i++) {
        const int before = place(logits + (size_t)i * (size_t)classes, classes, label[i]);

        if (before < 0)
            return scl_fail(SCL_NUMERIC, "classifier: a value of row %d is not finite", i);
        right[0] += before < 1;
        right[1] += before < 5;
    }
    return SCL_OK;
}

static int run(int right[2], const struct scl_classifier *c, struct scl_exec *exec,
               const struct scl_features *f, struct scl_chunks *chunks)
{
    float *logits = malloc((size_t)c->chunk * (size_t)c->classes * sizeof *logits);
    int rc = SCL_OK;

    if (!logits)
        return scl_fail(SCL_NOMEM, "out of memory for %d values of %d classes", c->chunk,
                        c->classes);
    for (int first = 0; first < f->n; first += c->chunk) {
        SCL_TRY(scl_exec_write(exec, c->rows, scl_chunk_rows(chunks, f, first), false));
        SCL_TRY(scl_exec_run(exec));
        SCL_TRY(scl_exec_read(exec, c->logits, logits));
        SCL_TRY(count(right, logits, f->label + first, scl_chunk_count(chunks, first), c->classes));
    }
out:
    free(logits);
    return rc;
}

int scl_classifier_run(struct scl_accuracy *out, const struct scl_classifier *c,
                       struct scl_device *device, struct scl_store *store,
                       const struct scl_features *f)
{
    struct scl_chunks chunks = { 0 };
    struct scl_plan *plan = NULL;
    struct scl_exec *exec = NULL;
    int right[2] = { 0 }, rc;

    if (f->n != c->n || f->dim != c->dim)
        return scl_fail(SCL_SHAPE, "classifier: %d rows of %d, wanted %d of %d", f->n, f->dim, c->n,
                        c->dim);
    SCL_TRY(scl_labels_check(f, c->classes, "classifier", "test set"));
    SCL_TRY(scl_chunks_init(&chunks, c->n, c->dim, c->chunk));
    SCL_TRY(scl_plan_new(&plan, c->g,
                         &(struct scl_plan_spec){ .facts = scl_device_facts(device),
                                                  .profile = scl_device_profile(device),
                                                  .tuning = scl_device_tuning(device),
                                                  .n_keep = 1,
                                                  .keep = &c->logits }));
    SCL_TRY(scl_exec_new(&exec, device, store, plan, NULL, NULL));
    SCL_TRY(run(right, c, exec, f, &chunks));
    *out =
        (struct scl_accuracy){ .top1 = 100.0 * right[0] / c->n, .top5 = 100.0 * right[1] / c->n };
out:
    scl_exec_free(exec);
    scl_plan_free(plan);
    scl_chunks_fini(&chunks);
    return rc;
}
