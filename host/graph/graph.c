/* graph.c - nodes in the order in which they were made. */
#include "graph/graph.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "graph/graph_impl.h"
#include "graph/op.h"

struct scl_graph *scl_graph_new(void)
{
    struct scl_graph *g = calloc(1, sizeof *g);

    if (!g)
        scl_fail(SCL_NOMEM, "out of memory for a graph");
    return g;
}

void scl_graph_free(struct scl_graph *g)
{
    if (!g)
        return;
    scl_arena_fini(&g->arena);
    free(g->node);
    free(g);
}

int scl_graph_check(const struct scl_graph *g)
{
    return g->rc;
}

int scl_graph_count(const struct scl_graph *g)
{
    return g->n_node;
}

struct scl_node *scl_graph_node(const struct scl_graph *g, int id)
{
    assert(id >= 0 && id < g->n_node);
    return g->node[id];
}

void *scl_graph_keep(struct scl_graph *g, const void *data, size_t bytes)
{
    void *kept = data ? scl_arena_copy(&g->arena, data, bytes) : scl_arena_alloc(&g->arena, bytes);

    if (!kept)
        scl_graph_refuse(g, SCL_NOMEM);
    return kept;
}

struct scl_node *scl_graph_refuse(struct scl_graph *g, int code)
{
    if (g->rc == SCL_OK)
        g->rc = code;
    return NULL;
}

void scl_scope_push(struct scl_graph *g, const char *format, ...)
{
    const size_t used = strlen(g->scope);
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(g->scope + used, sizeof g->scope - used, format, args);
    va_end(args);
    assert(used + (size_t)length + 2 <= sizeof g->scope && g->n_scope < SCL_MAX_SCOPES);
    g->outer[g->n_scope++] = used;
    strcat(g->scope, ".");
}

void scl_scope_pop(struct scl_graph *g)
{
    assert(g->n_scope > 0);
    g->scope[g->outer[--g->n_scope]] = '\0';
}

void scl_recompute_push(struct scl_graph *g, bool light)
{
    struct scl_recompute *block = scl_graph_keep(g, NULL, sizeof *block);

    if (!block)
        return; /* the graph is refused */
    *block = (struct scl_recompute){ .outer = g->recompute, .first = g->n_node, .light = light };
    g->recompute = block;
}

void scl_recompute_pop(struct scl_graph *g)
{
    if (!g->recompute)
        return;
    g->recompute->end = g->n_node;
    g->recompute = g->recompute->outer;
}

/* Whether its bytes can be counted, as doubles too; else a large shape could pass for a small. */
static bool has_size(struct scl_shape shape)
{
    size_t bytes = sizeof(double);

    for (int i = 0; i < shape.rank; i++)
        if (shape.dim[i] < 0 || __builtin_mul_overflow(bytes, (size_t)shape.dim[i], &bytes) ||
            bytes > PTRDIFF_MAX)
            return false;
    return true;
}

static struct scl_node *push(struct scl_graph *g, struct scl_node node)
{
    struct scl_node *kept;

    if (!has_size(node.shape))
        return scl_graph_refuse(
            g, scl_fail(SCL_SHAPE, "%s: found the shape %s, wanted one that memory can hold",
                        node.op ? node.op->name : node.name, scl_shape_text(node.shape)));
    if (g->n_node == g->room) {
        const int room = g->room ? 2 * g->room : 256;
        struct scl_node **grown = realloc(g->node, (size_t)room * sizeof(struct scl_node *));

        if (!grown)
            return scl_graph_refuse(g, scl_fail(SCL_NOMEM, "out of memory for %d nodes", room));
        g->node = grown;
        g->room = room;
    }
    node.id = g->n_node;
    node.recompute = g->recompute;
    if (!(kept = scl_graph_keep(g, &node, sizeof node)))
        return NULL;
    return g->node[g->n_node++] = kept;
}

static const char *scoped(struct scl_graph *g, const char *name)
{
    return scl_arena_text(&g->arena, "%s%s", g->scope, name);
}

struct scl_node *scl_input(struct scl_graph *g, const char *name, enum scl_dtype type,
                           struct scl_shape shape)
{
    if (g->rc < 0)
        return NULL;
    return push(g, (struct scl_node){
                       .name = scoped(g, name), .role = SCL_INPUT, .type = type, .shape = shape });
}

struct scl_node *scl_constant(struct scl_graph *g, const char *name, enum scl_dtype type,
                              struct scl_shape shape, const void *data)
{
    const void *kept;

    if (g->rc < 0)
        return NULL;
    kept = scl_graph_keep(g, data, scl_shape_count(shape) * scl_dtype_bytes(type));
    return push(g, (struct scl_node){ .name = scoped(g, name),
                                      .role = SCL_CONST,
                                      .type = type,
                                      .shape = shape,
                                      .data = kept });
}

struct scl_node *scl_state(struct scl_graph *g, const char *name, struct scl_shape shape,
                           struct scl_init init)
{
    const char *full;

    if (g->rc < 0)
        return NULL;
    if (!(full = scoped(g, name)))
        return scl_graph_refuse(g, SCL_NOMEM);
    for (int i = 0; i < g->n_node; i++) {
        struct scl_node *seen = g->node[i];

        if (seen->role != SCL_STATE || strcmp(seen->name, full) != 0)
            continue;
        if (scl_shape_equal(seen->shape, shape))
            return seen;
        return scl_graph_refuse(g,
                                scl_fail(SCL_SHAPE, "state %s is %s here, and %s elsewhere", full,
                                         scl_shape_text(shape), scl_shape_text(seen->shape)));
    }
    return push(g,
                (struct scl_node){ .name = full, .role = SCL_STATE, .shape = shape, .init = init });
}

/* Behind infer(), which may have better words. */
static int check_types(const struct scl_node *y)
{
    for (int i = 0; y->op->candidates && i < y->n_in; i++)
        if (y->in[i]->type != SCL_F32 && !(i < 32 && y->op->integers >> i & 1))
            return scl_fail(SCL_SHAPE, "%s: %s is not fp32", y->op->name, y->in[i]->name);
    return SCL_OK;
}

struct scl_node *scl_apply(struct scl_graph *g, const struct scl_op *op, int n_in,
                           struct scl_node *const in[], const void *attr, size_t attr_bytes)
{
    struct scl_node node = { .op = op, .n_in = n_in, .role = SCL_VALUE }, *y;
    int rc;

    assert(op->n_in < 0 || op->n_in == n_in);
    if (g->rc < 0)
        return NULL;
    for (int i = 0; i < n_in; i++)
        if (!in[i])
            return scl_graph_refuse(
                g, scl_fail(SCL_SHAPE, "%s: input %d was refused before", op->name, i));
    node.in = scl_graph_keep(g, in, (size_t)n_in * sizeof(struct scl_node *));
    if (attr) {
        node.attr = scl_graph_keep(g, attr, attr_bytes);
        node.attr_bytes = attr_bytes;
    }
    node.name = n_in > 0 ? in[0]->name : op->name;
    if (g->rc < 0 || (rc = op->infer(&node)) < 0 || (rc = check_types(&node)) < 0)
        return scl_graph_refuse(g, g->rc < 0 ? g->rc : rc);
    if (!(y = push(g, node)))
        return NULL;
    y->name = scl_arena_text(&g->arena, "%s%s_%d", g->scope, op->name, y->id);
    return y;
}

struct scl_node *scl_repeat(struct scl_graph *g, const struct scl_node *y,
                            struct scl_node *const now[])
{
    const bool is_view = y->op && !y->op->candidates;
    struct scl_node node = *y;

    assert(y->op && !y->op->writes && !y->is_bundle);
    node.in = scl_graph_keep(g, y->in, (size_t)y->n_in * sizeof(struct scl_node *));
    node.name = scl_arena_text(&g->arena, "%s.again", y->name);
    if (g->rc < 0 || !node.name)
        return scl_graph_refuse(g, g->rc < 0 ? g->rc : SCL_NOMEM);
    for (int i = 0; i < y->n_in; i++)
        node.in[i] = now[y->in[i]->id];
    node.base = is_view ? node.in[0] : NULL;
    node.repeats = y;
    return push(g, node);
}

void scl_graph_move(struct scl_graph *g, struct scl_node *node, int id)
{
    const size_t n = (size_t)(node->id - id);

    assert(id >= 0 && id <= node->id && node->id == g->n_node - 1);
    memmove(&g->node[id + 1], &g->node[id], n * sizeof(struct scl_node *));
    g->node[id] = node;
    for (int i = id; i < g->n_node; i++)
        g->node[i]->id = i;
}

size_t scl_node_bytes(const struct scl_node *y)
{
    return scl_shape_count(y->shape) * scl_dtype_bytes(y->type);
}

double scl_node_flops(const struct scl_node *y)
{
    return y->op->flops ? y->op->flops(y) : (double)scl_shape_count(y->shape);
}

void scl_graph_print(const struct scl_graph *g, FILE *file)
{
    static const char *const role[] = { "input", "const", "state" };

    for (int i = 0; i < g->n_node; i++) {
        const struct scl_node *y = g->node[i];

        fprintf(file, "%5d  %-22s %-40s %-20s", y->id, y->op ? y->op->name : role[y->role], y->name,
                scl_shape_text(y->shape));
        for (int k = 0; k < y->n_in; k++)
            fprintf(file, " %d", y->in[k]->id);
        fputc('\n', file);
    }
}
