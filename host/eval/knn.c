/* knn.c - k nearest neighbours in chunks: lists that grow by a chunk of the bank a run, then a
 * vote over them. Operators: ops/knn.h.
 */
#include "eval/knn.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "device/exec.h"
#include "eval/chunks_impl.h"
#include "ops/ops.h"

/* Rows of a chunk at most: their distances are 16 MiB. */
#define QUERY_ROWS 1024
#define BANK_ROWS 4096

/* torch.nn.functional.normalize's, which Wu et al.'s successors use. */
#define NORM_EPS 1e-12f

struct scl_knn {
    struct scl_device *device;
    struct scl_knn_spec spec;
    int dim;
    struct scl_chunks bank, query;
    int32_t (*range)[2]; /* by chunk of the bank: rows before it, rows in it */
    int32_t *prediction; /* [query.chunk] */

    /* Two graphs, since the vote is wanted only when the lists are complete; they share the
     * lists, which are states. */
    struct scl_graph *merge, *vote;
    struct scl_node *bank_in, *label_in, *range_in, *query_in, *prediction_out;
    struct scl_plan *merge_plan, *vote_plan;
    struct scl_store *store;
    struct scl_exec *merge_exec, *vote_exec;
};

/* ---- made ready --------------------------------------------------------------------- */

/* Ranges live as long as the lists: a write to the device does not wait for it. */
static int make_ranges(struct scl_knn *k)
{
    const int chunks = (k->bank.n + k->bank.chunk - 1) / k->bank.chunk;

    k->range = calloc((size_t)chunks, sizeof *k->range);
    k->prediction = calloc((size_t)k->query.chunk, sizeof *k->prediction);
    if (!k->range || !k->prediction)
        return scl_fail(SCL_NOMEM, "out of memory for %d chunks of a bank", chunks);
    for (int c = 0; c < chunks; c++) {
        k->range[c][0] = c * k->bank.chunk;
        k->range[c][1] = scl_chunk_count(&k->bank, k->range[c][0]);
    }
    return SCL_OK;
}

static struct scl_node *list(struct scl_graph *g, const struct scl_knn *k, const char *name)
{
    return scl_state(g, name, SCL_SHAPE2(k->query.chunk, k->spec.k), (struct scl_init){ 0 });
}

/* Cosines come as distances of normalised rows, |u - v|^2 = 2 - 2 cos: the same order. */
static int make_graphs(struct scl_knn *k)
{
    const int M = k->bank.chunk, Q = k->query.chunk;
    struct scl_graph *g = k->merge = scl_graph_new();
    struct scl_node *bank, *query;
    int rc;

    k->vote = scl_graph_new();
    if (!k->merge || !k->vote)
        return SCL_NOMEM;
    bank = k->bank_in = scl_input(g, "bank", SCL_F32, SCL_SHAPE2(M, k->dim));
    query = k->query_in = scl_input(g, "query", SCL_F32, SCL_SHAPE2(Q, k->dim));
    k->label_in = scl_input(g, "label", SCL_I32, SCL_SHAPE1(M));
    k->range_in = scl_input(g, "range", SCL_I32, SCL_SHAPE1(2));
    if (k->spec.cosine) {
        bank = scl_l2_normalize(g, bank, NORM_EPS);
        query = scl_l2_normalize(g, query, NORM_EPS);
    }
    scl_topk_merge(g, list(g, k, "knn.value"), list(g, k, "knn.label"),
                   scl_squared_distance(g, query, bank), k->label_in, k->range_in);
    SCL_TRY(scl_graph_check(g));
    k->prediction_out = scl_knn_vote(k->vote, list(k->vote, k, "knn.value"),
                                     list(k->vote, k, "knn.label"), &k->spec);
    rc = scl_graph_check(k->vote);
out:
    return rc;
}

static int make_ready(struct scl_knn *k)
{
    struct scl_graph *const graphs[] = { k->merge, k->vote };
    struct scl_plan_spec spec = { .facts = scl_device_facts(k->device),
                                  .profile = scl_device_profile(k->device),
                                  .tuning = scl_device_tuning(k->device) };
    int rc;

    SCL_TRY(scl_plan_new(&k->merge_plan, k->merge, &spec));
    spec.n_keep = 1;
    spec.keep = &k->prediction_out;
    SCL_TRY(scl_plan_new(&k->vote_plan, k->vote, &spec));
    SCL_TRY(scl_store_new(&k->store, k->device, 2, graphs, 0));
    SCL_TRY(scl_exec_new(&k->merge_exec, k->device, k->store, k->merge_plan, NULL, NULL));
    rc = scl_exec_new(&k->vote_exec, k->device, k->store, k->vote_plan, NULL, NULL);
out:
    return rc;
}

int scl_knn_new(struct scl_knn **out, struct scl_device *device, const struct scl_knn_spec *spec,
                int n_bank, int n_query, int dim)
{
    struct scl_knn *k;
    int rc;

    *out = NULL;
    if (n_bank < 1 || n_query < 1 || dim < 1)
        return scl_fail(SCL_DATA, "knn: a bank of %d and %d queries of %d, wanted 1 or more each",
                        n_bank, n_query, dim);
    if (spec->k < 1 || spec->k > n_bank)
        return scl_fail(SCL_DATA, "knn: k is %d, wanted 1 to %d, the size of the bank", spec->k,
                        n_bank);
    if (!(k = calloc(1, sizeof *k)))
        return scl_fail(SCL_NOMEM, "out of memory for k-NN");
    k->device = device;
    k->spec = *spec;
    k->dim = dim;
    SCL_TRY(scl_chunks_init(&k->bank, n_bank, dim, BANK_ROWS));
    SCL_TRY(scl_chunks_init(&k->query, n_query, dim, QUERY_ROWS));
    SCL_TRY(make_ranges(k));
    SCL_TRY(make_graphs(k));
    SCL_TRY(make_ready(k));
    *out = k;
    k = NULL;
out:
    scl_knn_free(k);
    return rc;
}

void scl_knn_free(struct scl_knn *k)
{
    if (!k)
        return;
    scl_exec_free(k->vote_exec);
    scl_exec_free(k->merge_exec);
    scl_store_free(k->store);
    scl_plan_free(k->vote_plan);
    scl_plan_free(k->merge_plan);
    scl_graph_free(k->vote);
    scl_graph_free(k->merge);
    free(k->prediction);
    free(k->range);
    scl_chunks_fini(&k->bank);
    scl_chunks_fini(&k->query);
    free(k);
}

/* ---- run ---------------------------------------------------------------------------- */

static int check(const struct scl_knn *k, const struct scl_chunks *side,
                 const struct scl_features *f, const char *name)
{
    if (f->n != side->n || f->dim != k->dim)
        return scl_fail(SCL_SHAPE, "knn: %s of %d rows of %d, wanted %d of %d", name, f->n, f->dim,
                        side->n, k->dim);
    return scl_features_check(f, "knn", name);
}

/* The predictions of one chunk of queries: the whole bank passes by. */
static int run_chunk(struct scl_knn *k, const struct scl_features *bank,
                     const struct scl_features *query, int first)
{
    int rc;

    SCL_TRY(
        scl_exec_write(k->merge_exec, k->query_in, scl_chunk_rows(&k->query, query, first), false));
    for (int c = 0, at = 0; at < k->bank.n; at += k->range[c++][1]) {
        SCL_TRY(
            scl_exec_write(k->merge_exec, k->bank_in, scl_chunk_rows(&k->bank, bank, at), false));
        SCL_TRY(scl_exec_write(k->merge_exec, k->label_in, scl_chunk_labels(&k->bank, bank, at),
                               false));
        SCL_TRY(scl_exec_write(k->merge_exec, k->range_in, k->range[c], false));
        SCL_TRY(scl_exec_run(k->merge_exec));
    }
    SCL_TRY(scl_exec_run(k->vote_exec));
    rc = scl_exec_read(k->vote_exec, k->prediction_out, k->prediction);
out:
    return rc;
}

int scl_knn_run(double *accuracy, int32_t *prediction, struct scl_knn *k,
                const struct scl_features *bank, const struct scl_features *query)
{
    int rc, correct = 0;

    SCL_TRY(check(k, &k->bank, bank, "bank"));
    SCL_TRY(check(k, &k->query, query, "queries"));
    for (int first = 0; first < query->n; first += k->query.chunk) {
        const int count = scl_chunk_count(&k->query, first);

        SCL_TRY(run_chunk(k, bank, query, first));
        for (int i = 0; i < count; i++)
            correct += k->prediction[i] == query->label[first + i];
        if (prediction)
            memcpy(prediction + first, k->prediction, (size_t)count * sizeof *prediction);
    }
    *accuracy = 100.0 * correct / query->n;
out:
    return rc;
}

int scl_knn_accuracy(double *accuracy, int32_t *prediction, struct scl_device *device,
                     const struct scl_knn_spec *spec, const struct scl_features *bank,
                     const struct scl_features *query)
{
    struct scl_knn *k = NULL;
    int rc;

    SCL_TRY(scl_knn_new(&k, device, spec, bank->n, query->n, bank->dim));
    rc = scl_knn_run(accuracy, prediction, k, bank, query);
out:
    scl_knn_free(k);
    return rc;
}
