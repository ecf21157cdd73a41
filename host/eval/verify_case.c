/* verify_case.c - running and comparing one case. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "device/exec.h"
#include "eval/verify_impl.h"
#include "graph/evaluate.h"

struct run {
    struct scl_case_graph in;
    struct scl_plan *plan;
    struct scl_store *store;
    struct scl_exec *exec;
    struct scl_values *values; /* instead of plan, store and exec: by the references */
    double rtol;
};

static int make_ready(struct run *r, struct scl_device *device,
                      const struct scl_verify_choice *choice)
{
    struct scl_plan_spec spec = { .facts = scl_device_facts(device),
                                  .profile = scl_device_profile(device),
                                  .family = choice->family,
                                  .numeric = choice->numeric,
                                  .force_op = choice->op,
                                  .force_candidate = choice->candidate };
    struct scl_node **keep = calloc(2 * (size_t)r->in.c->n_entry + 1, sizeof *keep);
    int rc, n = 0;

    if (!keep)
        return scl_fail(SCL_NOMEM, "out of memory for a case");
    for (int i = 0; i < r->in.c->n_entry; i++) {
        if (r->in.c->entry[i].kind == SCL_CASE_IS_OUTPUT)
            keep[n++] = r->in.c->entry[i].node;
        if (r->in.grad[i])
            keep[n++] = r->in.grad[i];
    }
    spec.keep = keep;
    spec.n_keep = n;
    SCL_TRY(scl_plan_new(&r->plan, r->in.g, &spec));
    SCL_TRY(scl_store_new(&r->store, device, 1, &r->in.g, 1));
    SCL_TRY(scl_exec_new(&r->exec, device, r->store, r->plan, NULL, NULL));
out:
    free(keep);
    return rc;
}

/* The host's side of it: states as the device's store begins with them. */
static int make_values(struct run *r)
{
    const int rc = scl_values_new(&r->values, r->in.g);

    for (int id = 0; rc == SCL_OK && id < scl_graph_count(r->in.g); id++) {
        const struct scl_node *y = scl_graph_node(r->in.g, id);

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
        SCL_TRY(scl_case_graph_check(&r->in, t, 1, node, layout));
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

    for (int i = 0; i < r->in.c->n_entry; i++) {
        const struct scl_case_entry *e = &r->in.c->entry[i];

        if (e->kind != SCL_CASE_IS_OUTPUT)
            SCL_TRY(upload(r, e->node, scl_case_graph_stored(&r->in, e), e->layout, -1));
    }
    for (int t = 0; t < scl_case_runs(r->in.c); t++) {
        if (r->in.c->steps_node)
            SCL_TRY(upload(r, r->in.c->steps_node,
                           scl_case_find(r->in.c, "in", r->in.c->steps_name), SCL_CASE_PLAIN, t));
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
    SCL_TRY(scl_case_graph_check(&r->in, t, 0, node, layout));
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
    held &= worst <= r->in.c->atol + r->rtol * largest;
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
        const char *kind = e->kind == SCL_CASE_IS_OUTPUT ? "out" : scl_case_gradient_kind(e);
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

    for (size_t i = 0; i < r->in.c->file.n_tensors; i++) {
        const struct scl_tensor *t = &r->in.c->file.tensor[i];
        const int at = find_entry(r->in.c, t->name);
        const struct scl_case_entry *e = &r->in.c->entry[at < 0 ? 0 : at];

        if (strncmp(t->name, "out.", 4) != 0 && strncmp(t->name, "grad.", 5) != 0)
            continue;
        if (at < 0)
            return scl_fail(SCL_DATA, "%s: %s has no result %s", r->in.c->path, r->in.c->op,
                            t->name);
        SCL_TRY(compare(r, line, tensor, e->node,
                        e->kind == SCL_CASE_IS_OUTPUT ? e->node : r->in.grad[at], t, e->layout));
        n_compared++;
    }
    if (n_compared == 0)
        rc = scl_fail(SCL_DATA, "%s: it stores no result", r->in.c->path);
out:
    return rc;
}

static void fini(struct run *r)
{
    scl_values_free(r->values);
    scl_exec_free(r->exec);
    scl_store_free(r->store);
    scl_plan_free(r->plan);
    scl_case_graph_fini(&r->in);
}

int scl_verify_one(struct scl_verify_line *line, char *op, char *tensor, struct scl_device *device,
                   const struct scl_verify_choice *choice)
{
    struct run r = { 0 };
    int rc;

    rc = scl_case_graph_open(&r.in, line->path);
    if (r.in.c)
        snprintf(op, 128, "%s", r.in.c->op);
    SCL_TRY(rc);
    r.rtol = choice->numeric == SCL_CLASS_F32 ? r.in.c->rtol : 5e-3;
    SCL_TRY(choice->reference ? make_values(&r) : make_ready(&r, device, choice));
    SCL_TRY(run_all(&r));
    line->held = true;
    SCL_TRY(compare_all(&r, line, tensor));
out:
    fini(&r);
    return rc;
}
