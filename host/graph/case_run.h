/* case_run.h - a conformance case for whoever runs it: opened from its file, filled
 * by an operator's from_case(), then compared.
 *
 *     SCL_TRY(scl_case_open(&c, path));
 *     SCL_TRY(op->from_case(g, c));
 *     for (int i = 0; i < c->n_entry; i++) ...
 *     scl_case_close(c);
 *
 * Values go to and fro in our layouts.
 */
#ifndef SCL_GRAPH_CASE_RUN_H
#define SCL_GRAPH_CASE_RUN_H

#include "base/arena.h"
#include "graph/case.h"
#include "io/safetensors.h"

struct cJSON;

struct scl_case_entry {
    enum {
        SCL_CASE_IS_INPUT,  /* an input node; the tensor in.NAME */
        SCL_CASE_IS_START,  /* a state; starts as in.NAME */
        SCL_CASE_IS_PARAM,  /* a state; starts as param.NAME */
        SCL_CASE_IS_OUTPUT, /* compared with out.NAME */
    } kind;
    const char *name; /* NAME */
    struct scl_node *node;
    enum scl_case_layout layout;
};

struct scl_case {
    const char *path, *op;
    double rtol, atol;
    struct scl_safetensors file;
    struct cJSON *attrs;
    struct scl_case_entry *entry;
    int n_entry, room;
    const char *steps_name; /* in.NAME has a row for each run; NULL: one run */
    struct scl_node *steps_node;
    struct scl_arena arena;
    int rc; /* of the first attribute that was wrong, and its words */
    const char *words;
};

/* A path that begins with SCL_CASE_BUILTIN is one of the program's own cases:
 * "builtin:tests/cases/add/vector.safetensors". */
#define SCL_CASE_BUILTIN "builtin:"

int scl_case_open(struct scl_case **out, const char *path);
void scl_case_close(struct scl_case *c);

/* The stored tensor (full name, "grad.in.x"), or NULL. */
const struct scl_tensor *scl_case_find(const struct scl_case *c, const char *kind,
                                       const char *name);

/* Whether its type is what a node of this type wants; SCL_DATA with words otherwise. */
int scl_case_check_type(const struct scl_case *c, const struct scl_tensor *t, enum scl_dtype type);

/* The same of its dimensions from number `skip` on: they are the shape's, in the file's layout,
 * but for some of 1 at the end ([] and [1] are alike). */
int scl_case_check_shape(const struct scl_case *c, const struct scl_tensor *t, int skip,
                         struct scl_shape shape, enum scl_case_layout layout);

/* Its elements in our layout; as many as the tensor has. */
int scl_case_read(double *out, const struct scl_tensor *t, enum scl_case_layout layout);

/* How often the graph runs. */
int scl_case_runs(const struct scl_case *c);

#endif
