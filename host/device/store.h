/* store.h - a model's memory on a device: every state of its graphs, by name.
 *
 * Several graphs share a store when they name the same states: the training step,
 * the evaluation, the score network's own training. States that a graph bundles
 * lie side by side in the bundle's order.
 *
 *     SCL_TRY(scl_store_new(&store, device, 2, graphs, config.seed));
 *     SCL_TRY(scl_store_read(store, "encoder.conv1.weight", values));
 *
 * Each state starts as its scl_init says, drawn from (seed, its name): the values
 * depend on nothing else.
 */
#ifndef SCL_DEVICE_STORE_H
#define SCL_DEVICE_STORE_H

#include "device/device.h"
#include "graph/graph.h"

struct scl_store;

struct scl_store_entry {
    const char *name;
    struct scl_shape shape;
    struct scl_init init;
    int bank;      /* which buffer */
    size_t offset; /* in it, in bytes */
};

/* Refuses states of one name and two shapes, and states that two graphs bundle
 * in different orders. */
int scl_store_new(struct scl_store **out, struct scl_device *device, int n_graph,
                  struct scl_graph *const graph[], uint64_t seed);
void scl_store_free(struct scl_store *store);

int scl_store_count(const struct scl_store *store);
const struct scl_store_entry *scl_store_entry(const struct scl_store *store, int i);

/* NULL when there is no state of this name. */
const struct scl_store_entry *scl_store_find(const struct scl_store *store, const char *name);

/* The state's scl_shape_count() floats, from and to the host; both wait. */
int scl_store_read(struct scl_store *store, const struct scl_store_entry *entry, float *out);
int scl_store_write(struct scl_store *store, const struct scl_store_entry *entry,
                    const float *values);

/* The values that a state starts with: what scl_store_new() wrote. */
void scl_store_draw(float *out, const struct scl_store_entry *entry, uint64_t seed);

#endif
