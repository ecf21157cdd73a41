/* graph.h - the computation, written down before any of it is done.
 *
 * A graph owns its nodes and everything they point to; they live in one arena
 * and go together in scl_graph_free(). Pointers to nodes are borrowed.
 *
 * Building never needs a check per line. The first failure is kept in the
 * graph, the builder returns NULL, and a builder given NULL returns NULL, so a
 * network reads as one expression and is checked once:
 *
 *     h = scl_conv2d(g, x, weight, NULL, 1, 1);
 *     h = scl_relu(g, h);
 *     ...
 *     SCL_TRY(scl_graph_check(g));
 *
 * Nodes run in the order in which they were made. Images are [N, H, W, C].
 */
#ifndef SCL_GRAPH_GRAPH_H
#define SCL_GRAPH_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SCL_MAX_DIM 4

struct scl_graph;
struct scl_op;

/* Outermost dimension first. Rank 0 is "no value". */
struct scl_shape {
    int rank;
    int dim[SCL_MAX_DIM];
};

enum scl_dtype { SCL_F32, SCL_I32, SCL_U8, SCL_F16 /* ops/basic.h: scl_to_half() */ };

enum scl_role {
    SCL_INPUT, /* written by the host before a run */
    SCL_CONST, /* bytes that never change, kept with the graph */
    SCL_STATE, /* lives in the model, under its name, from run to run */
    SCL_VALUE, /* computed */
};

/* How a state starts. */
struct scl_init {
    enum { SCL_INIT_CONSTANT, SCL_INIT_UNIFORM, SCL_INIT_NORMAL } kind;
    float value; /* the constant; the bound of U(-value, value); the standard deviation */
};

/* A block of nodes (scl_recompute_push()): ids first ... end - 1. */
struct scl_recompute {
    struct scl_recompute *outer; /* that it lies in, or NULL */
    int first, end;
    bool light; /* all but products */
};

struct scl_node {
    const struct scl_op *op; /* NULL unless the role is SCL_VALUE */
    const void *attr;        /* the operator's own struct, or NULL */
    size_t attr_bytes;
    struct scl_node **in;
    int n_in;
    struct scl_shape shape;
    enum scl_dtype type;
    enum scl_role role;
    int id;           /* position in the graph */
    const char *name; /* for people; for states, the key in models and checkpoints */
    const void *data; /* SCL_CONST: its bytes */
    struct scl_init init;

    /* A view: this node's elements lie in `base`, from element `base_offset`
     * on; nothing runs for it. Set for reshapes, slices of rows, and members of
     * a bundle. */
    struct scl_node *base;
    size_t base_offset;

    /* A bundle (ops/view.h): its members, the inputs, lie side by side, in it when
     * they are values, and in this order in the model when they are states. */
    bool is_bundle;

    const struct scl_node *repeats; /* what it computes again, or NULL */

    const struct scl_recompute *recompute; /* the innermost block that it is in, or NULL */
};

struct scl_graph *scl_graph_new(void);
void scl_graph_free(struct scl_graph *g);

/* SCL_OK, or the code of the first builder that failed; scl_error() then has
 * that builder's words. */
int scl_graph_check(const struct scl_graph *g);

int scl_graph_count(const struct scl_graph *g);
struct scl_node *scl_graph_node(const struct scl_graph *g, int id);

/* A copy of `bytes` bytes in the graph's arena (NULL data: zeros). */
void *scl_graph_keep(struct scl_graph *g, const void *data, size_t bytes);

/* Names of states and inputs made until the pop begin with "NAME.". */
void scl_scope_push(struct scl_graph *g, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void scl_scope_pop(struct scl_graph *g);

/* Nodes made until the pop are a block that gradients compute again from what goes into it,
 * so that its values need not be kept for them. What the last node gives, summaries (graph/op.h)
 * and what is small beside its inputs are kept; in a light block the results of products
 * (convolutions, matrices) too; operators that change states run once. Blocks may nest. */
void scl_recompute_push(struct scl_graph *g, bool light);
void scl_recompute_pop(struct scl_graph *g);

struct scl_node *scl_input(struct scl_graph *g, const char *name, enum scl_dtype type,
                           struct scl_shape shape);
struct scl_node *scl_constant(struct scl_graph *g, const char *name, enum scl_dtype type,
                              struct scl_shape shape, const void *data);

/* The state of this name, made at its first mention; a second mention must have
 * the same shape. Always fp32. */
struct scl_node *scl_state(struct scl_graph *g, const char *name, struct scl_shape shape,
                           struct scl_init init);

/* For operators: a node of `op`, with a copy of the attr_bytes bytes at attr. */
struct scl_node *scl_apply(struct scl_graph *g, const struct scl_op *op, int n_in,
                           struct scl_node *const in[], const void *attr, size_t attr_bytes);

/* For gradients: y once more, with now[id] in the place of each of its inputs. */
struct scl_node *scl_repeat(struct scl_graph *g, const struct scl_node *y,
                            struct scl_node *const now[]);

/* The node that was made last becomes node `id`; those from there on move up. Blocks for gradients
 * do not follow. */
void scl_graph_move(struct scl_graph *g, struct scl_node *node, int id);

/* For builders: keeps the failure that scl_fail() just recorded; returns NULL. */
struct scl_node *scl_graph_refuse(struct scl_graph *g, int code);

/* "[256, 128]", in a buffer of this thread, good for four calls. */
const char *scl_shape_text(struct scl_shape shape);
size_t scl_shape_count(struct scl_shape shape); /* 0 for rank 0 */
bool scl_shape_equal(struct scl_shape a, struct scl_shape b);
size_t scl_dtype_bytes(enum scl_dtype type);
size_t scl_node_bytes(const struct scl_node *y); /* of its elements */

#define SCL_SHAPE1(a) ((struct scl_shape){ 1, { (a) } })
#define SCL_SHAPE2(a, b) ((struct scl_shape){ 2, { (a), (b) } })
#define SCL_SHAPE3(a, b, c) ((struct scl_shape){ 3, { (a), (b), (c) } })
#define SCL_SHAPE4(a, b, c, d) ((struct scl_shape){ 4, { (a), (b), (c), (d) } })

/* Elements that a tensor takes up in a bundle (ops/view.h): its own, and a gap to
 * the next multiple of SCL_BUNDLE_ALIGN. */
#define SCL_BUNDLE_ALIGN 128
size_t scl_bundle_room(const struct scl_node *member);

/* Elements of x in front of dimension `axis`, and behind it. */
size_t scl_shape_outer(struct scl_shape shape, int axis);
size_t scl_shape_inner(struct scl_shape shape, int axis);

/* One line a node: id, operator, name, shape, inputs. */
void scl_graph_print(const struct scl_graph *g, FILE *file);

#endif
