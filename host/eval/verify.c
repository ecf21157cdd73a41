/* verify.c - one case after another, with one candidate after another. */
#include "eval/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "base/file.h"
#include "base/status.h"
#include "eval/verify_impl.h"

/* What one file needs while its candidates are tried. */
struct session {
    struct scl_device *device;
    const char *path;
    const struct scl_verify_spec *spec;
    void (*line)(void *user, const struct scl_verify_line *line);
    void *user;
    bool held;
    int n_run;
};

static void run(struct session *s, const struct scl_verify_choice *choice)
{
    struct scl_verify_line line = { .path = s->path, .candidate = choice->text };
    char op[128] = "?", tensor[256] = "";
    char words[SCL_ERROR_BYTES];

    line.op = op;
    line.tensor = tensor;
    if (scl_verify_one(&line, op, tensor, s->device, choice) < 0) {
        snprintf(words, sizeof words, "%s", scl_error());
        line.words = words;
        line.held = false;
    }
    s->held &= line.held;
    s->n_run++;
    s->line(s->user, &line);
}

static bool seen_before(const struct scl_graph *g, int id)
{
    for (int i = 0; i < id; i++)
        if (scl_graph_node(g, i)->op == scl_graph_node(g, id)->op)
            return true;
    return false;
}

static bool accepted_everywhere(const struct scl_graph *g, const struct scl_op *op,
                                const struct scl_candidate *c, const struct scl_facts *facts)
{
    for (int id = 0; id < scl_graph_count(g); id++) {
        const struct scl_node *y = scl_graph_node(g, id);

        if (y->op == op && c->accepts && !c->accepts(y, facts))
            return false;
    }
    return true;
}

static void run_families(struct session *s, const struct scl_graph *g)
{
    bool has[SCL_N_FAMILY] = { false };

    for (int id = 0; id < scl_graph_count(g); id++) {
        const struct scl_op *op = scl_graph_node(g, id)->op;

        for (const struct scl_candidate *c = op ? op->candidates : NULL; c && c->name; c++)
            has[c->family] |= c->numeric == s->spec->numeric;
    }
    for (int f = 0; f < SCL_N_FAMILY; f++)
        if (has[f]) {
            struct scl_verify_choice choice = { .family = scl_family_text((enum scl_family)f),
                                                .numeric = s->spec->numeric };

            snprintf(choice.text, sizeof choice.text, "family=%s", choice.family);
            run(s, &choice);
        }
}

static void run_candidates(struct session *s, const struct scl_graph *g)
{
    for (int id = 0; id < scl_graph_count(g); id++) {
        const struct scl_op *op = scl_graph_node(g, id)->op;

        if (!op || !op->candidates || seen_before(g, id))
            continue;
        for (const struct scl_candidate *c = op->candidates; c->name; c++) {
            struct scl_verify_choice choice = { .op = op,
                                                .candidate = c->name,
                                                .numeric = s->spec->numeric };

            if (c->numeric != s->spec->numeric ||
                !accepted_everywhere(g, op, c, scl_device_facts(s->device)))
                continue;
            snprintf(choice.text, sizeof choice.text, "%s=%s", op->name, c->name);
            run(s, &choice);
        }
    }
}

/* With all candidates, the graph says which there are; a case that gives no graph
 * is run once, to fail in words. */
static bool verify_file(struct session *s)
{
    const struct scl_verify_choice plain = { .text = "plan", .numeric = s->spec->numeric };
    const struct scl_verify_choice reference = { .text = "reference", .reference = true };
    struct scl_case_graph in = { 0 };

    s->held = true;
    s->n_run = 0;
    if (s->spec->reference) {
        run(s, &reference);
        return s->held;
    }
    if (s->spec->all_candidates && scl_case_graph_open(&in, s->path) == SCL_OK) {
        if (in.is_composite)
            run_families(s, in.g);
        else
            run_candidates(s, in.g);
    } else {
        run(s, &plain);
    }
    scl_case_graph_fini(&in);
    return s->held;
}

static int walk(struct scl_verify_summary *summary, struct session *s, const char *path);

static int walk_folder(struct scl_verify_summary *summary, struct session *s, const char *path)
{
    struct scl_folder folder = { 0 };
    int rc;

    SCL_TRY(scl_folder_load(&folder, path));
    for (size_t i = 0; i < folder.n; i++) {
        const char *name = folder.entry[i].name, *end = strrchr(name, '.');
        const enum scl_path_kind kind = folder.entry[i].kind;
        char *inner;

        if (kind != SCL_PATH_FOLDER && (!end || strcmp(end, ".safetensors") != 0))
            continue;
        if (!(inner = scl_path_join(path, name))) {
            rc = SCL_NOMEM;
            goto out;
        }
        rc = walk(summary, s, inner);
        free(inner);
        if (rc < 0)
            goto out;
    }
out:
    scl_folder_fini(&folder);
    return rc;
}

static void walk_file(struct scl_verify_summary *summary, struct session *s, const char *path)
{
    s->path = path;
    if (verify_file(s))
        summary->n_held += s->n_run > 0;
    else
        summary->n_failed++;
    summary->n_case += s->n_run > 0;
}

static void walk_builtin(struct scl_verify_summary *summary, struct session *s)
{
    char path[512];

    for (const struct scl_embedded *f = scl_embedded_cases; f->name; f++) {
        snprintf(path, sizeof path, SCL_CASE_BUILTIN "%s", f->name);
        walk_file(summary, s, path);
    }
}

static int walk(struct scl_verify_summary *summary, struct session *s, const char *path)
{
    if (scl_path_kind(path) == SCL_PATH_FOLDER)
        return walk_folder(summary, s, path);
    if (strcmp(path, SCL_CASE_BUILTIN) == 0)
        walk_builtin(summary, s);
    else
        walk_file(summary, s, path);
    return SCL_OK;
}

int scl_verify_run(struct scl_verify_summary *summary, struct scl_device *device, const char *path,
                   const struct scl_verify_spec *spec,
                   void (*line)(void *user, const struct scl_verify_line *line), void *user)
{
    struct session s = { .device = device, .spec = spec, .line = line, .user = user };

    return walk(summary, &s, path);
}
