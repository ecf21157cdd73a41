/* case.c - what from_case() functions ask of a case, and tell it. */
#include <cjson/cJSON.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "config/config.h"
#include "graph/case_run.h"

/* Keeps the first failure with its words, for what is built on may fail in others. */
static int keep(struct scl_case *c, int rc)
{
    if (c->rc == SCL_OK) {
        c->words = scl_arena_text(&c->arena, "%s", scl_error());
        c->rc = rc;
    }
    return rc;
}

static void fail(struct scl_case *c, const char *name, const char *wanted)
{
    keep(c, scl_fail(SCL_DATA, "%s: attribute %s is not %s", c->path, name, wanted));
}

/* NULL when absent; a JSON null counts as absent. */
static const cJSON *attribute(const struct scl_case *c, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(c->attrs, name);

    return cJSON_IsNull(item) ? NULL : item;
}

int scl_case_int(struct scl_case *c, const char *name, int absent)
{
    const cJSON *item = attribute(c, name);

    if (!item)
        return absent;
    if (!cJSON_IsNumber(item) || item->valuedouble != floor(item->valuedouble) ||
        fabs(item->valuedouble) > INT_MAX) {
        fail(c, name, "a whole number");
        return absent;
    }
    return (int)item->valuedouble;
}

double scl_case_float(struct scl_case *c, const char *name, double absent)
{
    const cJSON *item = attribute(c, name);

    if (!item)
        return absent;
    if (!cJSON_IsNumber(item)) {
        fail(c, name, "a number");
        return absent;
    }
    return item->valuedouble;
}

bool scl_case_bool(struct scl_case *c, const char *name, bool absent)
{
    const cJSON *item = attribute(c, name);

    if (!item)
        return absent;
    if (cJSON_IsNumber(item))
        return item->valuedouble != 0;
    if (!cJSON_IsBool(item))
        fail(c, name, "true or false");
    return cJSON_IsTrue(item);
}

const char *scl_case_text(struct scl_case *c, const char *name, const char *absent)
{
    const cJSON *item = attribute(c, name);

    if (item && cJSON_IsString(item))
        return item->valuestring;
    if (item || !absent)
        fail(c, name, "a text");
    return absent;
}

int scl_case_word(struct scl_case *c, const char *key, const char *absent)
{
    const char *name = strrchr(key, '.') + 1, *text = scl_case_text(c, name, absent), *word;

    for (int i = 0; text && (word = scl_config_word(key, i)); i++)
        if (strcmp(text, word) == 0)
            return i;
    if (text)
        keep(c, scl_fail(SCL_DATA, "%s: attribute %s is \"%.40s\", which is not known", c->path,
                         name, text));
    return 0;
}

int scl_case_floats(struct scl_case *c, const char *name, int n, float out[])
{
    const cJSON *item = attribute(c, name);

    for (int i = 0; i < n; i++) {
        const cJSON *number = cJSON_IsArray(item) ? cJSON_GetArrayItem(item, i) : NULL;

        if (!cJSON_IsNumber(number) || cJSON_GetArraySize(item) != n)
            return keep(c, scl_fail(SCL_DATA, "%s: attribute %s is not a list of %d numbers",
                                    c->path, name, n));
        out[i] = (float)number->valuedouble;
    }
    return SCL_OK;
}

bool scl_case_has(const struct scl_case *c, const char *tensor)
{
    return scl_safetensors_find(&c->file, tensor) != NULL;
}

static struct scl_node *push(struct scl_graph *g, struct scl_case *c, struct scl_case_entry entry)
{
    if (!entry.node)
        return NULL;
    if (c->n_entry == c->room) {
        const int room = c->room ? 2 * c->room : 64;
        struct scl_case_entry *grown = realloc(c->entry, (size_t)room * sizeof *grown);

        if (!grown)
            return scl_graph_refuse(g, scl_fail(SCL_NOMEM, "out of memory for a case"));
        c->entry = grown;
        c->room = room;
    }
    if (!(entry.name = scl_arena_text(&c->arena, "%s", entry.name)))
        return scl_graph_refuse(g, SCL_NOMEM);
    c->entry[c->n_entry++] = entry;
    return entry.node;
}

/* The shape that a stored tensor has with us; a scalar is [1]. */
static int our_shape(struct scl_shape *out, const struct scl_case *c, const struct scl_tensor *t,
                     enum scl_case_layout layout)
{
    const int64_t *d = t->dim;

    if (t->rank > SCL_MAX_DIM)
        return scl_fail(SCL_DATA, "%s: %s has rank %d; at most %d is wanted", c->path, t->name,
                        t->rank, SCL_MAX_DIM);
    *out = (struct scl_shape){ .rank = t->rank ? t->rank : 1, .dim = { 1 } };
    for (int i = 0; i < t->rank; i++) {
        if (d[i] < 1 || d[i] > INT_MAX)
            return scl_fail(SCL_DATA, "%s: %s has a dimension of %lld", c->path, t->name,
                            (long long)d[i]);
        out->dim[i] = (int)d[i];
    }
    if (layout == SCL_CASE_IMAGE && t->rank == 4)
        *out = SCL_SHAPE4((int)d[0], (int)d[2], (int)d[3], (int)d[1]);
    if (layout == SCL_CASE_KERNEL && t->rank == 4)
        *out = SCL_SHAPE4((int)d[2], (int)d[3], (int)d[1], (int)d[0]);
    if (layout == SCL_CASE_LINEAR && t->rank == 2)
        *out = SCL_SHAPE2((int)d[1], (int)d[0]);
    return SCL_OK;
}

struct scl_shape scl_case_shape(struct scl_graph *g, const struct scl_case *c, const char *tensor)
{
    const struct scl_tensor *t = scl_safetensors_find(&c->file, tensor);
    struct scl_shape shape = { 0 };
    int rc = SCL_OK;

    if (!t)
        rc = scl_fail(SCL_DATA, "%s: there is no tensor %s", c->path, tensor);
    else
        rc = our_shape(&shape, c, t, SCL_CASE_PLAIN);
    if (rc < 0) {
        scl_graph_refuse(g, rc);
        shape.rank = 0;
    }
    return shape;
}

struct scl_node *scl_case_optional(struct scl_graph *g, struct scl_case *c, const char *name,
                                   enum scl_case_layout layout)
{
    const struct scl_tensor *t = scl_case_find(c, "in", name);
    const enum scl_dtype type = layout == SCL_CASE_INDEX ? SCL_I32 : SCL_F32;
    struct scl_shape shape;
    int rc;

    if (!t)
        return NULL;
    if ((rc = our_shape(&shape, c, t, layout)) < 0 || (rc = scl_case_check_type(c, t, type)) < 0)
        return scl_graph_refuse(g, rc);
    return push(g, c,
                (struct scl_case_entry){ .kind = SCL_CASE_IS_INPUT,
                                         .name = name,
                                         .layout = layout,
                                         .node = scl_input(g, name, type, shape) });
}

struct scl_node *scl_case_input(struct scl_graph *g, struct scl_case *c, const char *name,
                                enum scl_case_layout layout)
{
    if (scl_case_find(c, "in", name))
        return scl_case_optional(g, c, name, layout);
    return scl_graph_refuse(g, scl_fail(SCL_DATA, "%s: there is no tensor in.%s", c->path, name));
}

void scl_case_output(struct scl_graph *g, struct scl_case *c, const char *name, struct scl_node *y,
                     enum scl_case_layout layout)
{
    push(g, c,
         (struct scl_case_entry){
             .kind = SCL_CASE_IS_OUTPUT, .name = name, .node = y, .layout = layout });
}

void scl_case_params(struct scl_graph *g, struct scl_case *c, const char *prefix)
{
    const size_t skip = strlen(prefix);

    for (int id = 0; id < scl_graph_count(g); id++) {
        struct scl_node *y = scl_graph_node(g, id);
        const enum scl_case_layout layout = y->shape.rank == 4   ? SCL_CASE_KERNEL
                                            : y->shape.rank == 2 ? SCL_CASE_LINEAR
                                                                 : SCL_CASE_PLAIN;

        if (y->role != SCL_STATE || strncmp(y->name, prefix, skip) != 0)
            continue;
        if (!scl_case_find(c, "param", y->name + skip)) {
            scl_graph_refuse(
                g, scl_fail(SCL_DATA, "%s: there is no tensor param.%s", c->path, y->name + skip));
            return;
        }
        push(g, c,
             (struct scl_case_entry){
                 .kind = SCL_CASE_IS_PARAM, .name = y->name + skip, .node = y, .layout = layout });
    }
}

void scl_case_start(struct scl_graph *g, struct scl_case *c, const char *name,
                    struct scl_node *state, enum scl_case_layout layout)
{
    if (!scl_case_find(c, "in", name)) {
        scl_graph_refuse(g, scl_fail(SCL_DATA, "%s: there is no tensor in.%s", c->path, name));
        return;
    }
    push(g, c,
         (struct scl_case_entry){
             .kind = SCL_CASE_IS_START, .name = name, .node = state, .layout = layout });
}

void scl_case_steps(struct scl_graph *g, struct scl_case *c, const char *name,
                    struct scl_node *node)
{
    const struct scl_tensor *t = scl_case_find(c, "in", name);
    int rc;

    if (!t) {
        scl_graph_refuse(g, scl_fail(SCL_DATA, "%s: there is no tensor in.%s", c->path, name));
        return;
    }
    if (node && (rc = scl_case_check_shape(c, t, 1, node->shape, SCL_CASE_PLAIN)) < 0) {
        scl_graph_refuse(g, rc);
        return;
    }
    c->steps_name = scl_arena_text(&c->arena, "%s", name);
    c->steps_node = node;
}
