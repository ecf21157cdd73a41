/* retrieval.c - distances in chunks from the device, rankings on the host. */
#include "eval/retrieval.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "data/parallel.h"
#include "device/exec.h"
#include "eval/chunks_impl.h"
#include "eval/ranking_impl.h"
#include "ops/ops.h"

#define QUERY_ROWS 1024
#define GALLERY_ROWS 4096
#define MATRIX_BYTES ((size_t)64 << 20)

#define NORM_EPS 1e-12f /* torch.nn.functional.normalize's */

const int scl_recall_at[SCL_RECALLS] = { 1, 5, 10 };

struct retrieval {
    const struct scl_features *gallery, *query;
    struct scl_chunks gallery_chunks, query_chunks;
    struct scl_graph *g;
    struct scl_node *gallery_in, *query_in, *distance_out;
    struct scl_plan *plan;
    struct scl_exec *exec;
    float *block;                /* [query chunk, gallery chunk], as it comes */
    float *matrix;               /* [query chunk, gallery] */
    struct scl_ranking *ranking; /* [query chunk] */
    int first;                   /* query of the chunk at hand */
};

/* Cosines come as distances of normalised rows, |u - v|^2 = 2 - 2 cos: the same order. */
static int make_graph(struct retrieval *r)
{
    const int dim = r->query->dim;

    if (!(r->g = scl_graph_new()))
        return SCL_NOMEM;
    r->gallery_in = scl_input(r->g, "gallery", SCL_F32, SCL_SHAPE2(r->gallery_chunks.chunk, dim));
    r->query_in = scl_input(r->g, "query", SCL_F32, SCL_SHAPE2(r->query_chunks.chunk, dim));
    r->distance_out = scl_squared_distance(r->g, scl_l2_normalize(r->g, r->query_in, NORM_EPS),
                                           scl_l2_normalize(r->g, r->gallery_in, NORM_EPS));
    return scl_graph_check(r->g);
}

static int make_ready(struct retrieval *r, struct scl_device *device)
{
    const size_t fit = MATRIX_BYTES / sizeof *r->matrix / (size_t)r->gallery->n;
    const int most = fit < 1 ? 1 : fit < QUERY_ROWS ? (int)fit : QUERY_ROWS;
    size_t rows;
    int rc;

    SCL_TRY(scl_chunks_init(&r->gallery_chunks, r->gallery->n, r->gallery->dim, GALLERY_ROWS));
    SCL_TRY(scl_chunks_init(&r->query_chunks, r->query->n, r->query->dim, most));
    SCL_TRY(make_graph(r));
    SCL_TRY(scl_plan_new(&r->plan, r->g,
                         &(struct scl_plan_spec){ .facts = scl_device_facts(device),
                                                  .profile = scl_device_profile(device),
                                                  .tuning = scl_device_tuning(device),
                                                  .n_keep = 1,
                                                  .keep = &r->distance_out }));
    SCL_TRY(scl_exec_new(&r->exec, device, NULL, r->plan, NULL, NULL));
    rows = (size_t)r->query_chunks.chunk;
    r->block = malloc(rows * (size_t)r->gallery_chunks.chunk * sizeof *r->block);
    r->matrix = malloc(rows * (size_t)r->gallery->n * sizeof *r->matrix);
    r->ranking = malloc(rows * sizeof *r->ranking);
    if (!r->block || !r->matrix || !r->ranking)
        rc = scl_fail(SCL_NOMEM, "out of memory for distances of %d queries to %d images",
                      (int)rows, r->gallery->n);
out:
    return rc;
}

static void close_all(struct retrieval *r)
{
    scl_exec_free(r->exec);
    scl_plan_free(r->plan);
    scl_graph_free(r->g);
    scl_chunks_fini(&r->gallery_chunks);
    scl_chunks_fini(&r->query_chunks);
    free(r->block);
    free(r->matrix);
    free(r->ranking);
}

/* The rows of the matrix for the queries from r->first on: the whole gallery passes by. */
static int find_distances(struct retrieval *r)
{
    const int n = scl_chunk_count(&r->query_chunks, r->first), step = r->gallery_chunks.chunk;
    int rc;

    SCL_TRY(scl_exec_write(r->exec, r->query_in,
                           scl_chunk_rows(&r->query_chunks, r->query, r->first), false));
    for (int at = 0; at < r->gallery->n; at += step) {
        const size_t count = (size_t)scl_chunk_count(&r->gallery_chunks, at);

        SCL_TRY(scl_exec_write(r->exec, r->gallery_in,
                               scl_chunk_rows(&r->gallery_chunks, r->gallery, at), false));
        SCL_TRY(scl_exec_run(r->exec));
        SCL_TRY(scl_exec_read(r->exec, r->distance_out, r->block));
        for (int i = 0; i < n; i++)
            memcpy(r->matrix + (size_t)i * (size_t)r->gallery->n + at,
                   r->block + (size_t)i * (size_t)step, count * sizeof *r->block);
    }
out:
    return rc;
}

static int rank(void *context, uint32_t i)
{
    struct retrieval *r = context;

    return scl_ranking_find(&r->ranking[i], r->matrix + (size_t)i * (size_t)r->gallery->n,
                            r->gallery->label, r->gallery->n, r->query->label[r->first + (int)i]);
}

/* Sums of what each query of the chunk adds. */
static void add(struct scl_retrieval *out, const struct retrieval *r)
{
    const int n = scl_chunk_count(&r->query_chunks, r->first);

    for (int i = 0; i < n; i++) {
        const struct scl_ranking *k = &r->ranking[i];

        out->mean_average_precision += k->average_precision;
        for (int a = 0; a < SCL_RECALLS; a++)
            out->recall[a] += k->first > 0 && k->first <= scl_recall_at[a];
    }
}

static int check(const struct scl_features *gallery, const struct scl_features *query)
{
    int rc;

    if (gallery->n < 1 || query->n < 1 || gallery->dim != query->dim)
        return scl_fail(SCL_DATA,
                        "retrieval: a gallery of %d rows of %d, %d queries of %d, wanted 1 or "
                        "more each, of one width",
                        gallery->n, gallery->dim, query->n, query->dim);
    if ((rc = scl_features_check(gallery, "retrieval", "gallery")) < 0)
        return rc;
    return scl_features_check(query, "retrieval", "queries");
}

int scl_retrieval_find(struct scl_retrieval *out, struct scl_device *device,
                       const struct scl_features *gallery, const struct scl_features *query,
                       int threads, scl_data_progress *progress, void *context)
{
    struct retrieval r = { .gallery = gallery, .query = query };
    struct scl_retrieval sum = { 0 };
    int rc;

    SCL_TRY(check(gallery, query));
    SCL_TRY(make_ready(&r, device));
    for (; r.first < query->n; r.first += r.query_chunks.chunk) {
        const int n = scl_chunk_count(&r.query_chunks, r.first);

        SCL_TRY(find_distances(&r));
        SCL_TRY(scl_parallel_run((uint32_t)n, threads, rank, &r, NULL, NULL));
        add(&sum, &r);
        if (progress)
            progress(context, (uint32_t)(r.first + n), (uint32_t)query->n);
    }
    out->mean_average_precision = 100 * sum.mean_average_precision / query->n;
    for (int a = 0; a < SCL_RECALLS; a++)
        out->recall[a] = 100 * sum.recall[a] / query->n;
out:
    close_all(&r);
    return rc;
}
