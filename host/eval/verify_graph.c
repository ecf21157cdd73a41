/* verify_graph.c - the graph of a case, with the gradients that it stores. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "eval/verify_impl.h"
#include "method/method.h"
#include "model/augment.h"
#include "model/model.h"
#include "ops/ops.h"

/* The operation's from_case: an operator's own, or a composite's. */
static int (*find(const char *op, bool *is_composite))(struct scl_graph *, struct scl_case *)
{
    const struct scl_composite *const table[] = { scl_loss_cases, scl_optim_cases, scl_model_cases,
                                                  scl_augment_cases, scl_knn_cases };

    *is_composite = false;
    for (int i = 0; scl_ops[i]; i++)
        if (scl_ops[i]->from_case && strcmp(scl_ops[i]->name, op) == 0)
            return scl_ops[i]->from_case;
    *is_composite = true;
    for (size_t t = 0; t < sizeof table / sizeof *table; t++)
        for (const struct scl_composite *k = table[t]; k->name; k++)
            if (strcmp(k->name, op) == 0)
                return k->from_case;
    return NULL;
}

const struct scl_tensor *scl_case_graph_stored(const struct scl_case_graph *r,
                                               const struct scl_case_entry *e)
{
    return scl_case_find(r->c, e->kind == SCL_CASE_IS_PARAM ? "param" : "in", e->name);
}

int scl_case_graph_check(const struct scl_case_graph *r, const struct scl_tensor *t, int skip,
                         const struct scl_node *node, enum scl_case_layout layout)
{
    const int rc = scl_case_check_type(r->c, t, node->type);

    return rc < 0 ? rc : scl_case_check_shape(r->c, t, skip, node->shape, layout);
}

/* What is stored has the types and shapes that the attributes lead to, before a device makes room
 * for it. */
static int check_stored(const struct scl_case_graph *r)
{
    int rc = SCL_OK;

    for (int i = 0; i < r->c->n_entry && rc == SCL_OK; i++) {
        const struct scl_case_entry *e = &r->c->entry[i];
        const struct scl_tensor *t =
            e->kind == SCL_CASE_IS_OUTPUT ? NULL : scl_case_graph_stored(r, e);

        if (t)
            rc = scl_case_graph_check(r, t, 0, e->node, e->layout);
    }
    return rc;
}

static int build(struct scl_case_graph *r, const char *path)
{
    int (*from_case)(struct scl_graph *, struct scl_case *);
    int rc;

    SCL_TRY(scl_case_open(&r->c, path));
    if (!(from_case = find(r->c->op, &r->is_composite)))
        return scl_fail(SCL_DATA, "%s: there is no operation '%s'", path, r->c->op);
    if (!(r->g = scl_graph_new()))
        return SCL_NOMEM;
    rc = from_case(r->g, r->c);
    if (r->c->rc < 0)
        return scl_fail(r->c->rc, "%s", r->c->words ? r->c->words : "out of memory for a case");
    SCL_TRY(rc);
    SCL_TRY(scl_graph_check(r->g));
    rc = check_stored(r);
out:
    return rc;
}

const char *scl_case_gradient_kind(const struct scl_case_entry *e)
{
    return e->kind == SCL_CASE_IS_PARAM ? "grad.param" : "grad.in";
}

/* The cotangent of an output: stored, or 1 for a single element; NULL: 0. */
static int cotangent(struct scl_node **out, struct scl_case_graph *r,
                     const struct scl_case_entry *e)
{
    const struct scl_tensor *t = scl_case_find(r->c, "cot", e->name);
    const size_t n = scl_shape_count(e->node->shape);
    double *wide = malloc((n + 1) * sizeof *wide);
    float *narrow = malloc((n + 1) * sizeof *narrow);
    int rc;

    *out = NULL;
    if (!wide || !narrow) {
        rc = scl_fail(SCL_NOMEM, "out of memory for a cotangent");
        goto out;
    }
    wide[0] = 1;
    if (t) {
        SCL_TRY(scl_case_graph_check(r, t, 0, e->node, e->layout));
        SCL_TRY(scl_case_read(wide, t, e->layout));
    }
    for (size_t i = 0; (t || n == 1) && i < n; i++)
        narrow[i] = (float)wide[i];
    if (t || n == 1)
        *out = scl_constant(r->g, "cot", SCL_F32, e->node->shape, narrow);
    rc = scl_graph_check(r->g);
out:
    free(narrow);
    free(wide);
    return rc;
}

/* Gradients of sum over outputs of <cot, out>, for what the case stores. */
static int add_gradients(struct scl_case_graph *r)
{
    const int n = r->c->n_entry;
    struct scl_node **wrt = calloc((size_t)n + 1, sizeof *wrt),
                    **got = calloc((size_t)n + 1, sizeof *got);
    int *from = calloc((size_t)n + 1, sizeof *from), n_wrt = 0, rc = SCL_OK;

    r->grad = calloc((size_t)n + 1, sizeof *r->grad);
    if (!wrt || !got || !from || !r->grad) {
        rc = scl_fail(SCL_NOMEM, "out of memory for gradients");
        goto out;
    }
    for (int i = 0; i < n; i++)
        if (r->c->entry[i].kind != SCL_CASE_IS_OUTPUT &&
            scl_case_find(r->c, scl_case_gradient_kind(&r->c->entry[i]), r->c->entry[i].name)) {
            from[n_wrt] = i;
            wrt[n_wrt++] = r->c->entry[i].node;
        }
    for (int i = 0; i < n && n_wrt > 0; i++) {
        const struct scl_case_entry *e = &r->c->entry[i];
        struct scl_node *cot = NULL;

        if (e->kind == SCL_CASE_IS_OUTPUT && e->node->role == SCL_VALUE)
            SCL_TRY(cotangent(&cot, r, e));
        if (!cot)
            continue;
        SCL_TRY(scl_gradients_or_none(got, r->g, e->node, cot, n_wrt, wrt));
        for (int k = 0; k < n_wrt; k++) {
            struct scl_node **sum = &r->grad[from[k]];

            if (got[k])
                *sum = *sum ? scl_add(r->g, *sum, got[k]) : got[k];
        }
    }
    rc = scl_graph_check(r->g);
out:
    free(from);
    free(got);
    free(wrt);
    return rc;
}

int scl_case_graph_open(struct scl_case_graph *out, const char *path)
{
    int rc;

    *out = (struct scl_case_graph){ 0 };
    SCL_TRY(build(out, path));
    rc = add_gradients(out);
out:
    return rc;
}

void scl_case_graph_fini(struct scl_case_graph *r)
{
    free(r->grad);
    scl_graph_free(r->g);
    scl_case_close(r->c);
}
