/* features.c - batches of images through an encoder in evaluation mode, to rows. */
#include "eval/features.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "data/augment.h"
#include "data/loader.h"
#include "device/exec.h"
#include "eval/test_crop.h"
#include "ops/ops.h"

struct scl_encoder {
    struct scl_encoder_graph graph;
    struct scl_plan *plan;
    struct scl_exec *exec;

    /* One batch, as the device gets it; the last one is filled up with its last image. */
    uint8_t *pixels;
    int32_t (*size)[2];
    uint32_t *index;
    int32_t *square;
    struct scl_view_tables drawn;
    float *row; /* what comes back */
};

int scl_features_init(struct scl_features *f, int n, int dim)
{
    *f = (struct scl_features){ .n = n, .dim = dim };
    if (n < 0 || dim < 1)
        return scl_fail(SCL_SHAPE, "features: found %d rows of %d, wanted 0 or more of 1 or more",
                        n, dim);
    f->row = calloc((size_t)n * (size_t)dim + 1, sizeof *f->row);
    f->label = calloc((size_t)n + 1, sizeof *f->label);
    if (f->row && f->label)
        return SCL_OK;
    scl_features_fini(f);
    return scl_fail(SCL_NOMEM, "out of memory for features of %d images, %d floats each", n, dim);
}

void scl_features_fini(struct scl_features *f)
{
    free(f->row);
    free(f->label);
    *f = (struct scl_features){ 0 };
}

int scl_features_check(const struct scl_features *f, const char *who, const char *name)
{
    const size_t dim = (size_t)f->dim;

    for (int i = 0; i < f->n; i++) {
        if (f->label[i] < 0 || f->label[i] >= 1 << 24) /* some are kept as fp32 beside distances */
            return scl_fail(SCL_DATA, "%s: row %d of the %s has label %d, wanted 0 to %d", who, i,
                            name, f->label[i], (1 << 24) - 1);
        for (size_t d = 0; d < dim; d++)
            if (!isfinite(f->row[(size_t)i * dim + d]))
                return scl_fail(SCL_NUMERIC, "%s: feature %zu of row %d of the %s is not finite",
                                who, d, i, name);
    }
    return SCL_OK;
}

static int make_staging(struct scl_encoder *e)
{
    const struct scl_encoder_spec *spec = &e->graph.spec;
    const size_t n = (size_t)spec->batch;

    e->pixels = calloc(n, (size_t)spec->bytes);
    e->size = calloc(n, sizeof *e->size);
    e->index = calloc(n, sizeof *e->index);
    e->square = calloc(n, SCL_CROP_COLUMNS * sizeof *e->square);
    e->row = calloc(scl_shape_count(e->graph.features->shape), sizeof *e->row);
    if (!e->pixels || !e->size || !e->index || !e->square || !e->row)
        return scl_fail(SCL_NOMEM, "out of memory for a batch of %d images", spec->batch);
    return spec->views ? scl_view_tables_init(&e->drawn, spec->views * spec->batch) : SCL_OK;
}

int scl_encoder_new(struct scl_encoder **out, struct scl_device *device, struct scl_store *store,
                    const struct scl_encoder_graph *graph)
{
    struct scl_encoder *e = calloc(1, sizeof *e);
    int rc;

    *out = NULL;
    if (!e)
        return scl_fail(SCL_NOMEM, "out of memory for an encoder");
    e->graph = *graph;
    SCL_TRY(scl_plan_new(&e->plan, graph->g,
                         &(struct scl_plan_spec){ .facts = scl_device_facts(device),
                                                  .profile = scl_device_profile(device),
                                                  .tuning = scl_device_tuning(device),
                                                  .n_keep = 1,
                                                  .keep = &e->graph.features }));
    SCL_TRY(scl_exec_new(&e->exec, device, store, e->plan, NULL, NULL));
    SCL_TRY(make_staging(e));
    *out = e;
    e = NULL;
out:
    scl_encoder_free(e);
    return rc;
}

void scl_encoder_free(struct scl_encoder *e)
{
    if (!e)
        return;
    scl_exec_free(e->exec);
    scl_plan_free(e->plan);
    free(e->pixels);
    free(e->size);
    free(e->index);
    free(e->square);
    free(e->row);
    scl_view_tables_fini(&e->drawn);
    free(e);
}

static int check_set(const struct scl_features *out, const struct scl_encoder *e,
                     const struct scl_dataset *d)
{
    const struct scl_encoder_spec *spec = &e->graph.spec;
    const uint64_t rows =
        (uint64_t)scl_dataset_count(d) * (spec->views ? (unsigned)spec->views : 1);
    int height, width;

    scl_dataset_max_size(d, &height, &width);
    if (height > spec->max_side || width > spec->max_side ||
        scl_dataset_max_bytes(d) > (size_t)spec->bytes)
        return scl_fail(SCL_SHAPE,
                        "encoder: images of up to %d by %d, wanted at most %d either way "
                        "and %d bytes",
                        height, width, spec->max_side, spec->bytes);
    if (rows != (uint64_t)out->n || out->dim != e->graph.dim)
        return scl_fail(SCL_SHAPE, "encoder: room for %d rows of %d, wanted %llu of %d", out->n,
                        out->dim, (unsigned long long)rows, e->graph.dim);
    return SCL_OK;
}

static void stage(struct scl_encoder *e, const struct scl_batch *b)
{
    const struct scl_encoder_spec *spec = &e->graph.spec;

    for (int i = 0; i < spec->batch; i++) {
        const uint32_t from = (uint32_t)i < b->n ? (uint32_t)i : b->n - 1;
        const int h = b->size[from][0], w = b->size[from][1];

        memcpy(e->pixels + (size_t)i * (size_t)spec->bytes, b->pixels + from * b->stride,
               3 * (size_t)h * (size_t)w);
        scl_test_crop(e->square + (size_t)i * SCL_CROP_COLUMNS, spec->config, i, h, w);
        e->size[i][0] = h;
        e->size[i][1] = w;
        e->index[i] = b->image[from];
    }
    if (spec->views)
        scl_view_tables_fill(&e->drawn, &spec->config->augment, spec->config->seed, 0, spec->batch,
                             spec->views, e->index, (const int32_t(*)[2])e->size);
}

static int upload(struct scl_encoder *e)
{
    const struct scl_encoder_graph *g = &e->graph;
    const struct {
        const struct scl_node *node;
        const void *data;
    } table[] = {
        { g->pixels, e->pixels },
        { g->square, e->square },
        { g->drawn.unpack, e->drawn.unpack },
        { g->drawn.color, e->drawn.color },
        { g->drawn.crop, e->drawn.crop },
        { g->drawn.sigma, e->drawn.sigma },
        { g->drawn.threshold, e->drawn.threshold },
    };
    int rc = SCL_OK;

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].node)
            SCL_TRY(scl_exec_write(e->exec, table[i].node, table[i].data, false));
out:
    return rc;
}

/* Rows of the batch to their places; what filled it up is dropped. */
static void keep(struct scl_features *out, const struct scl_encoder *e, const struct scl_batch *b,
                 uint32_t n)
{
    const struct scl_encoder_spec *spec = &e->graph.spec;
    const size_t dim = (size_t)out->dim, first = (size_t)b->index * (size_t)spec->batch;

    for (size_t v = 0; v < (spec->views ? (size_t)spec->views : 1); v++) {
        const size_t at = v * n + first;

        memcpy(out->row + at * dim, e->row + v * (size_t)spec->batch * dim,
               b->n * dim * sizeof *out->row);
        memcpy(out->label + at, b->label, b->n * sizeof *out->label);
    }
}

int scl_encoder_features(struct scl_features *out, struct scl_encoder *e, struct scl_dataset *d,
                         scl_data_progress *progress, void *context)
{
    const struct scl_loader_spec spec = { .batch = (uint32_t)e->graph.spec.batch,
                                          .threads = e->graph.spec.config->data.threads,
                                          .sequential = true };
    const uint32_t n = scl_dataset_count(d);
    struct scl_loader *loader = NULL;
    const struct scl_batch *b;
    int rc;

    SCL_TRY(check_set(out, e, d));
    SCL_TRY(scl_loader_open(&loader, d, &spec));
    for (uint32_t done = 0; done < n; done += b->n) {
        SCL_TRY(scl_loader_next(loader, &b));
        stage(e, b);
        SCL_TRY(upload(e));
        SCL_TRY(scl_exec_run(e->exec));
        SCL_TRY(scl_exec_read(e->exec, e->graph.features, e->row));
        keep(out, e, b, n);
        if (progress)
            progress(context, done + b->n, n);
    }
out:
    scl_loader_close(loader);
    return rc;
}
