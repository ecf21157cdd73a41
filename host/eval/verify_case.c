/* verify_case.c - building, running and comparing one case. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "device/exec.h"
#include "eval/verify_impl.h"
#include "graph/evaluate.h"
#include "method/method.h"
#include "model/augment.h"
#include "model/model.h"
#include "ops/ops.h"

struct run {
    struct scl_case *c;
    struct scl_graph *g;
    struct scl_plan *plan;
    struct scl_store *store;
    struct scl_exec *exec;
    struct scl_values *values; /* instead of plan, store and exec: by the references */
    struct scl_node **grad;    /* by entry; NULL: not stored, or 0 */
    double rtol;
    bool is_composite;
};

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

static const struct scl_tensor *stored(const struct run *r, const struct scl_case_entry *e)
{
    return scl_case_find(r->c, e->kind == SCL_CASE_IS_PARAM ? "param" : "in", e->name);
}

/* Type and shape are the node's; of a tensor with a row for each run, from number `skip` on. */
static int check(const struct run *r, const struct scl_tensor *t, int skip,
                 const struct scl_node *node, enum scl_case_layout layout)
{
    const int rc = scl_case_check_type(r->c, t, node->type);

    return rc < 0 ? rc : scl_case_check_shape(r->c, t, skip, node->shape, layout);
}

/* What is stored has the types and shapes that the attributes lead to, before a device makes room
 * for it. */
static int check_stored(const struct run *r)
{
    int rc = SCL_OK;

    for (int i = 0; i < r->c->n_entry && rc == SCL_OK; i++) {
        const struct scl_case_entry *e = &r->c->entry[i];
        const struct scl_tensor *t = e->kind == SCL_CASE_IS_OUTPUT ? NULL : stored(r, e);

        if (t)
            rc = check(r, t, 0, e->node, e->layout);
    }
    return rc;
}

static int build(struct run *r, const char *path)
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

static const char *gradient_kind(const struct scl_case_entry *e)
{
    return e->kind == SCL_CASE_IS_PARAM ? "grad.param" : "grad.in";
}

/* The cotangent of an output: stored, or 1 for a single element; NULL: 0. */
static int cotangent(struct scl_node **out, struct run *r, const struct scl_case_entry *e)
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
        SCL_TRY(check(r, t, 0, e->node, e->layout));
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
static int add_gradients(struct run *r)
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
            scl_case_find(r->c, gradient_kind(&r->c->entry[i]), r->c->entry[i].name)) {
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

static int make_ready(struct run *r, struct scl_device *device,
                      const struct scl_verify_choice *choice)
{
    struct scl_plan_spec spec = { .facts = scl_device_facts(device),
                                  .profile = scl_device_profile(device),
                                  .family = choice->family,
                                  .force_op = choice->op,
                                  .force_candidate = choice->candidate };
    struct scl_node **keep = calloc(2 * (size_t)r->c->n_entry + 1, sizeof *keep);
    int rc, n = 0;

    if (!keep)
        return scl_fail(SCL_NOMEM, "out of memory for a case");
    for (int i = 0; i < r->c->n_entry; i++) {
        if (r->c->entry[i].kind == SCL_CASE_IS_OUTPUT)
            keep[n++] = r->c->entry[i].node;
        if (r->grad[i])
            keep[n++] = r->grad[i];
    }
    spec.keep = keep;
    spec.n_keep = n;
    SCL_TRY(scl_plan_new(&r->plan, r->g, &spec));
    SCL_TRY(scl_store_new(&r->store, device, 1, &r->g, 1));
    SCL_TRY(scl_exec_new(&r->exec, device, r->store, r->plan, NULL, NULL));
out:
    free(keep);
    return rc;
}

/* The host's side of it: states as the device's store begins with them. */
static int make_values(struct run *r)
{
    const int rc = scl_values_new(&r->values, r->g);

    for (int id = 0; rc == SCL_OK && id < scl_graph_count(r->g); id++) {
        const struct scl_node *y = scl_graph_node(r->g, id);

        if (y->role == SCL_STATE && y->init.kind == SCL_INIT_CONSTANT)
            for (size_t i = 0; i < scl_shape_count(y->shape); i++)
                r->values->of[id][i] = y->init.value;
    }
    return rc;
}

/* Row `row` of the tensor (-1: all of it) into the entry's node. */
static int upload(struct run *r, const struct scl_node *node, const struct scl_tensor *t,
                  enum scl_case_layout layout, int row)
{
    const size_t n = scl_shape_count(node->shape), all = scl_tensor_count(t);
    const size_t first = row < 0 ? 0 : (size_t)row * n;
    double *wide = malloc((all + 1) * sizeof *wide);
    float *narrow = malloc((n + 1) * sizeof *narrow);
    int rc;

    if (!wide || !narrow) {
        rc = scl_fail(SCL_NOMEM, "out of memory for %s", t->name);
        goto out;
    }
    if (row >= 0)
        SCL_TRY(check(r, t, 1, node, layout));
    SCL_TRY(scl_case_read(wide, t, layout));
    if (r->values) {
        memcpy(r->values->of[node->id], wide + first, n * sizeof *wide);
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        if (node->type == SCL_I32)
            ((int32_t *)narrow)[i] = (int32_t)wide[first + i];
        else
            narrow[i] = (float)wide[first + i];
    }
    rc = node->role == SCL_STATE
             ? scl_store_write(r->store, scl_store_find(r->store, node->name), narrow)
             : scl_exec_write(r->exec, node, narrow, true);
out:
    free(narrow);
    free(wide);
    return rc;
}

static int run_all(struct run *r)
{
    int rc = SCL_OK;

    for (int i = 0; i < r->c->n_entry; i++) {
        const struct scl_case_entry *e = &r->c->entry[i];

        if (e->kind != SCL_CASE_IS_OUTPUT)
            SCL_TRY(upload(r, e->node, stored(r, e), e->layout, -1));
    }
    for (int t = 0; t < scl_case_runs(r->c); t++) {
        if (r->c->steps_node)
            SCL_TRY(upload(r, r->c->steps_node, scl_case_find(r->c, "in", r->c->steps_name),
                           SCL_CASE_PLAIN, t));
        if (r->values)
            scl_values_run(r->values);
        else
            SCL_TRY(scl_exec_run(r->exec));
    }
out:
    return rc;
}

/* What has been computed of a node. */
static int read_node(double *out, struct run *r, const struct scl_node *node)
{
    const size_t n = scl_shape_count(node->shape);
    float *got = NULL;
    int rc = SCL_OK;

    if (r->values) {
        memcpy(out, r->values->of[node->id], n * sizeof *out);
        goto out;
    }
    if (!(got = malloc((n + 1) * sizeof *got))) {
        rc = scl_fail(SCL_NOMEM, "out of memory for %s", node->name);
        goto out;
    }
    SCL_TRY(node->role == SCL_STATE
                ? scl_store_read(r->store, scl_store_find(r->store, node->name), got)
                : scl_exec_read(r->exec, node, got));
    for (size_t i = 0; i < n; i++)
        out[i] = node->type == SCL_I32 ? ((const int32_t *)got)[i] : got[i];
out:
    free(got);
    return rc;
}

/* Whether the tensor holds; keeps the largest relative error and its name. `node` has the
 * shape of what it is compared with, `from` the values; NULL: all of them 0. */
static int compare(struct run *r, struct scl_verify_line *line, char *tensor,
                   const struct scl_node *node, const struct scl_node *from,
                   const struct scl_tensor *t, enum scl_case_layout layout)
{
    const size_t n = scl_shape_count(node->shape);
    double *want = malloc((scl_tensor_count(t) + 1) * sizeof *want), largest = 0, worst = 0;
    double *got = calloc(n + 1, sizeof *got);
    bool held = true;
    int rc;

    if (!want || !got) {
        rc = scl_fail(SCL_NOMEM, "out of memory for %s", t->name);
        goto out;
    }
    SCL_TRY(check(r, t, 0, node, layout));
    SCL_TRY(scl_case_read(want, t, layout));
    if (from)
        SCL_TRY(read_node(got, r, from));
    for (size_t i = 0; i < n; i++) {
        if (isnan(want[i]) != isnan(got[i]))
            held = false;
        if (isnan(want[i]) || isnan(got[i]) || got[i] == want[i])
            continue;
        largest = fmax(largest, fabs(want[i]));
        worst = fmax(worst, fabs(got[i] - want[i]));
    }
    for (size_t i = 0; i < n; i++)
        if (isfinite(want[i]))
            largest = fmax(largest, fabs(want[i]));
    held &= worst <= r->c->atol + r->rtol * largest;
    if (line->held && (!held || !tensor[0] || worst / fmax(largest, 1e-30) > line->rel_error)) {
        snprintf(tensor, 256, "%s", t->name);
        line->abs_error = worst;
        line->rel_error = worst / fmax(largest, 1e-30);
    }
    line->held &= held;
    rc = SCL_OK;
out:
    free(got);
    free(want);
    return rc;
}

/* The entry of which the tensor is the result or the gradient, or -1. */
static int find_entry(const struct scl_case *c, const char *tensor)
{
    for (int i = 0; i < c->n_entry; i++) {
        const struct scl_case_entry *e = &c->entry[i];
        const char *kind = e->kind == SCL_CASE_IS_OUTPUT ? "out" : gradient_kind(e);
        const size_t n = strlen(kind);

        if (strncmp(tensor, kind, n) == 0 && tensor[n] == '.' &&
            strcmp(tensor + n + 1, e->name) == 0)
            return i;
    }
    return -1;
}

/* Every stored out.* and grad.* is compared; one that nobody computed is refused. */
static int compare_all(struct run *r, struct scl_verify_line *line, char *tensor)
{
    int rc = SCL_OK, n_compared = 0;

    for (size_t i = 0; i < r->c->file.n_tensors; i++) {
        const struct scl_tensor *t = &r->c->file.tensor[i];
        const int at = find_entry(r->c, t->name);
        const struct scl_case_entry *e = &r->c->entry[at < 0 ? 0 : at];

        if (strncmp(t->name, "out.", 4) != 0 && strncmp(t->name, "grad.", 5) != 0)
            continue;
        if (at < 0)
            return scl_fail(SCL_DATA, "%s: %s has no result %s", r->c->path, r->c->op, t->name);
        SCL_TRY(compare(r, line, tensor, e->node,
                        e->kind == SCL_CASE_IS_OUTPUT ? e->node : r->grad[at], t, e->layout));
        n_compared++;
    }
    if (n_compared == 0)
        rc = scl_fail(SCL_DATA, "%s: it stores no result", r->c->path);
out:
    return rc;
}

static void fini(struct run *r)
{
    scl_values_free(r->values);
    scl_exec_free(r->exec);
    scl_store_free(r->store);
    scl_plan_free(r->plan);
    free(r->grad);
    scl_graph_free(r->g);
    scl_case_close(r->c);
}

int scl_verify_graph(struct scl_graph **out, bool *is_composite, const char *path)
{
    struct run r = { 0 };
    int rc;

    *out = NULL;
    SCL_TRY(build(&r, path));
    SCL_TRY(add_gradients(&r));
    *out = r.g;
    *is_composite = r.is_composite;
    r.g = NULL;
out:
    fini(&r);
    return rc;
}

int scl_verify_one(struct scl_verify_line *line, char *op, char *tensor, struct scl_device *device,
                   const struct scl_verify_choice *choice)
{
    struct run r = { 0 };
    int rc;

    rc = build(&r, line->path);
    if (r.c)
        snprintf(op, 128, "%s", r.c->op);
    SCL_TRY(rc);
    r.rtol = choice->numeric == SCL_CLASS_F32 ? r.c->rtol : 5e-3;
    SCL_TRY(add_gradients(&r));
    SCL_TRY(choice->reference ? make_values(&r) : make_ready(&r, device, choice));
    SCL_TRY(run_all(&r));
    line->held = true;
    SCL_TRY(compare_all(&r, line, tensor));
out:
    fini(&r);
    return rc;
}
