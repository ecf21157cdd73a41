/* store.c - states of several graphs in the device's memory. */
#include "device/store.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/rng.h"
#include "base/status.h"
#include "data/parallel.h"
#include "device/device_impl.h"
#include "ops/ops.h"

static size_t entry_bytes(const struct scl_store_entry *e)
{
    return scl_shape_count(e->shape) * sizeof(float);
}

static struct scl_store_entry *find(const struct scl_store *store, const char *name)
{
    for (int i = 0; i < store->n_entry; i++)
        if (strcmp(store->entry[i].name, name) == 0)
            return &store->entry[i];
    return NULL;
}

/* Appends the state at the end of `bank`. */
static int append(struct scl_store *store, const struct scl_node *state, int bank)
{
    struct scl_store_entry *e;

    if (store->n_entry == store->room) {
        const int room = store->room ? 2 * store->room : 128;
        struct scl_store_entry *grown =
            realloc(store->entry, (size_t)room * sizeof(struct scl_store_entry));

        if (!grown)
            return scl_fail(SCL_NOMEM, "out of memory for %d states", room);
        store->entry = grown;
        store->room = room;
    }
    e = &store->entry[store->n_entry];
    *e = (struct scl_store_entry){
        .shape = state->shape, .init = state->init, .bank = bank, .offset = store->bank_bytes[bank]
    };
    if (!(e->name = strdup(state->name)))
        return scl_fail(SCL_NOMEM, "out of memory for state %s", state->name);
    store->n_entry++;
    store->bank_bytes[bank] += scl_bundle_room(state) * sizeof(float);
    return SCL_OK;
}

static int new_bank(struct scl_store *store)
{
    size_t *grown = realloc(store->bank_bytes, (size_t)(store->n_bank + 1) * sizeof *grown);

    if (!grown)
        return scl_fail(SCL_NOMEM, "out of memory for a model");
    store->bank_bytes = grown;
    store->bank_bytes[store->n_bank] = 0;
    return store->n_bank++;
}

/* A bundle gets a bank of its own, unless an earlier graph made the same one. */
static int add_bundle(struct scl_store *store, const struct scl_node *bundle)
{
    const struct scl_store_entry *first = find(store, bundle->in[0]->name);
    const int bank = first ? first->bank : new_bank(store);
    int rc = bank < 0 ? bank : SCL_OK;

    for (int i = 0; i < bundle->n_in && rc == SCL_OK; i++) {
        const struct scl_store_entry *e = find(store, bundle->in[i]->name);

        if (!first && !e)
            rc = append(store, bundle->in[i], bank);
        else if (!first || !e || e->bank != bank ||
                 e->offset != first->offset + scl_bundle_offset(bundle, i) * sizeof(float))
            rc =
                scl_fail(SCL_SHAPE, "model: %s and %s are bundled in one graph, and not in another",
                         bundle->in[0]->name, bundle->in[i]->name);
    }
    return rc;
}

static int add_graph(struct scl_store *store, const struct scl_graph *g)
{
    const int n = scl_graph_count(g);
    int rc = SCL_OK, bank = -1;

    for (int i = 0; i < n; i++) {
        const struct scl_node *y = scl_graph_node(g, i);

        if (y->is_bundle && y->in[0]->role == SCL_STATE)
            SCL_TRY(add_bundle(store, y));
    }
    for (int i = 0; i < n; i++) {
        const struct scl_node *y = scl_graph_node(g, i);
        const struct scl_store_entry *e;

        if (y->role != SCL_STATE)
            continue;
        e = find(store, y->name);
        if (e && !scl_shape_equal(e->shape, y->shape))
            return scl_fail(SCL_SHAPE, "model: state %s is %s in one graph and %s in another",
                            y->name, scl_shape_text(e->shape), scl_shape_text(y->shape));
        if (e)
            continue;
        if (bank < 0)
            SCL_TRY(bank = new_bank(store));
        SCL_TRY(append(store, y, bank));
    }
    rc = SCL_OK;
out:
    return rc;
}

static int make_banks(struct scl_store *store)
{
    int rc = SCL_OK;

    if (!(store->bank = calloc((size_t)store->n_bank + 1, sizeof(cl_mem))))
        return scl_fail(SCL_NOMEM, "out of memory for a model");
    for (int i = 0; i < store->n_bank; i++) {
        SCL_TRY(scl_memory_new(&store->bank[i], store->device, store->bank_bytes[i], "the model"));
        SCL_TRY(scl_memory_zero(store->device, store->bank[i], store->bank_bytes[i], "the model"));
    }
out:
    return rc;
}

/* What is drawn at once, and by one thread: whole blocks of four words of the generator. */
enum { PIECE = 4096 };

struct drawing {
    float *out;
    const struct scl_store_entry *entry;
    uint64_t seed;
};

static int draw_piece(void *context, uint32_t piece)
{
    const struct drawing *d = context;
    const struct scl_store_entry *e = d->entry;
    const size_t n = scl_shape_count(e->shape), begin = (size_t)piece * PIECE;
    const size_t end = n - begin < PIECE ? n : begin + PIECE;
    const size_t words = e->init.kind == SCL_INIT_NORMAL ? 2 : 1; /* of each value */
    struct scl_rng rng =
        scl_rng_at(d->seed, SCL_RNG_INIT, 0, XXH32(e->name, strlen(e->name), 0), 0);

    rng.counter[0] = (uint32_t)(begin * words / 4);
    for (size_t i = begin; i < end; i++) {
        switch (e->init.kind) {
        case SCL_INIT_CONSTANT:
            d->out[i] = e->init.value;
            break;
        case SCL_INIT_UNIFORM:
            d->out[i] = scl_rng_uniform(&rng, -e->init.value, e->init.value);
            break;
        case SCL_INIT_NORMAL:
            d->out[i] = e->init.value * scl_rng_normal(&rng);
            break;
        }
    }
    return SCL_OK;
}

void scl_store_draw(float *out, const struct scl_store_entry *e, uint64_t seed)
{
    struct drawing d = { out, e, seed };
    const size_t n = scl_shape_count(e->shape);

    scl_parallel_run((uint32_t)((n + PIECE - 1) / PIECE), 0, draw_piece, &d, NULL, NULL);
}

static int draw_all(struct scl_store *store, uint64_t seed)
{
    size_t most = 0;
    float *values;
    int rc = SCL_OK;

    for (int i = 0; i < store->n_entry; i++)
        most = entry_bytes(&store->entry[i]) > most ? entry_bytes(&store->entry[i]) : most;
    if (!(values = malloc(most + 1)))
        return scl_fail(SCL_NOMEM, "out of memory for a model's first values");
    for (int i = 0; i < store->n_entry; i++) {
        scl_store_draw(values, &store->entry[i], seed);
        SCL_TRY(scl_store_write(store, &store->entry[i], values));
    }
out:
    free(values);
    return rc;
}

int scl_store_new(struct scl_store **out, struct scl_device *device, int n_graph,
                  struct scl_graph *const graph[], uint64_t seed)
{
    struct scl_store *store = calloc(1, sizeof *store);
    int rc;

    *out = NULL;
    if (!store)
        return scl_fail(SCL_NOMEM, "out of memory for a model");
    store->device = device;
    for (int i = 0; i < n_graph; i++)
        SCL_TRY(add_graph(store, graph[i]));
    SCL_TRY(make_banks(store));
    SCL_TRY(draw_all(store, seed));
    *out = store;
    store = NULL;
out:
    scl_store_free(store);
    return rc;
}

void scl_store_free(struct scl_store *store)
{
    if (!store)
        return;
    for (int i = 0; store->bank && i < store->n_bank; i++)
        if (store->bank[i])
            clReleaseMemObject(store->bank[i]);
    for (int i = 0; i < store->n_entry; i++)
        free((char *)store->entry[i].name);
    free(store->bank);
    free(store->bank_bytes);
    free(store->entry);
    free(store);
}

int scl_store_count(const struct scl_store *store)
{
    return store->n_entry;
}

const struct scl_store_entry *scl_store_entry(const struct scl_store *store, int i)
{
    return &store->entry[i];
}

const struct scl_store_entry *scl_store_find(const struct scl_store *store, const char *name)
{
    return find(store, name);
}

int scl_store_read(struct scl_store *store, const struct scl_store_entry *e, float *out)
{
    return scl_cl(clEnqueueReadBuffer(store->device->queue, store->bank[e->bank], CL_TRUE,
                                      e->offset, entry_bytes(e), out, 0, NULL, NULL),
                  "clEnqueueReadBuffer", e->name);
}

int scl_store_write(struct scl_store *store, const struct scl_store_entry *e, const float *values)
{
    return scl_cl(clEnqueueWriteBuffer(store->device->queue, store->bank[e->bank], CL_TRUE,
                                       e->offset, entry_bytes(e), values, 0, NULL, NULL),
                  "clEnqueueWriteBuffer", e->name);
}
