/* list_launches.c - list_launches FILE...: the kernels and build options that plans can ask for.
 *
 * The files are devices' facts (.txt), configurations (.yaml) and conformance cases
 * (.safetensors). Every candidate that accepts a node, chosen or not, of every training step and
 * case is lowered for every device, and what is chosen once more with what it absorbs; each
 * distinct "FILE KERNEL OPTIONS" is printed once, sorted.
 */
#define _GNU_SOURCE /* tdestroy */
#include <search.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/facts_file.h"
#include "backend/profile.h"
#include "base/status.h"
#include "data/configured.h"
#include "eval/verify_impl.h"
#include "graph/key.h"
#include "graph/op.h"
#include "plan/plan_impl.h"
#include "train/phase.h"

/* Parameters of candidates are those of a device: its facts and its profile. */
struct target {
    struct scl_facts facts;
    struct scl_profile *profile;
};

static struct target *target;
static int n_target;
static void *lines, *seen; /* trees of texts: what is printed; nodes by key and device */

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Whether the tree had not the text yet: 1, 0, or SCL_NOMEM with words. */
static int add_text(void **tree, const char *text)
{
    char *own;

    if (tfind(text, tree, compare))
        return 0;
    own = strdup(text);
    return own && tsearch(own, tree, compare) ? 1
                                              : scl_fail(SCL_NOMEM, "out of memory for %s", text);
}

static int add_line(const struct scl_launch *l)
{
    char line[512];

    snprintf(line, sizeof line, "%s %s %s", l->file, l->kernel, l->defines);
    return add_text(&lines, line) < 0 ? SCL_NOMEM : SCL_OK;
}

/* `fusion` may be NULL: y alone. */
static int add_launches(const struct scl_node *y, const struct scl_candidate *c,
                        const struct scl_fusion *fusion, const struct target *t)
{
    struct scl_arena arena = { 0 };
    struct scl_lowering low = { .facts = &t->facts,
                                .profile = t->profile,
                                .arena = &arena,
                                .absorbed = fusion ? fusion->absorbed[y->id] : NULL,
                                .unread = fusion && fusion->unread[y->id] };
    int rc;

    SCL_TRY(c->lower(y, &low));
    for (const struct scl_launch *l = low.first; l; l = l->next)
        if (l->file)
            SCL_TRY(add_line(l));
out:
    scl_arena_fini(&arena);
    return rc;
}

/* Every launch of every candidate that computes y on such a device; nodes of one key have the
 * same (graph/key.h). */
static int add_node(const struct scl_node *y, const struct target *t)
{
    char key[SCL_NODE_KEY_BYTES], text[SCL_NODE_KEY_BYTES + 32];
    int rc;

    scl_node_key(key, y);
    snprintf(text, sizeof text, "%td %s", t - target, key);
    if ((rc = add_text(&seen, text)) <= 0)
        return rc;
    rc = SCL_OK;
    for (const struct scl_candidate *c = y->op->candidates; c->name; c++)
        if (!c->accepts || c->accepts(y, &t->facts))
            SCL_TRY(add_launches(y, c, NULL, t));
out:
    return rc;
}

/* The launches that absorb nodes, where everything in the graph is wanted. */
static int add_fused(const struct scl_graph *g, const struct target *t)
{
    const struct scl_plan_spec spec = { .facts = &t->facts, .profile = t->profile };
    const size_t n = (size_t)scl_graph_count(g);
    struct scl_choice *choice = calloc(n + 1, sizeof *choice);
    bool *needed = malloc((n + 1) * sizeof *needed);
    struct scl_plan plan = { .graph = g };
    struct scl_chooser chooser = { .plan = &plan, .spec = &spec };
    struct scl_fusion fusion;
    int rc = SCL_OK;

    if (!choice || !needed) {
        rc = scl_fail(SCL_NOMEM, "out of memory for %zu nodes", n);
        goto out;
    }
    for (size_t id = 0; id < n; id++) {
        const struct scl_node *y = scl_graph_node(g, (int)id);

        needed[id] = true;
        if (y->op && y->op->candidates)
            SCL_TRY(scl_choose(&choice[id], &chooser, y));
    }
    SCL_TRY(scl_fuse(&fusion, &plan, &spec, needed, choice));
    for (size_t id = 0; id < n; id++)
        if (fusion.absorbed[id])
            SCL_TRY(add_launches(scl_graph_node(g, (int)id), choice[id].candidate, &fusion, t));
out:
    scl_arena_fini(&plan.arena);
    free(needed);
    free(choice);
    return rc;
}

static int add_graph(const struct scl_graph *g)
{
    int rc = SCL_OK;

    for (int t = 0; t < n_target; t++) {
        for (int id = 0; id < scl_graph_count(g); id++) {
            const struct scl_node *y = scl_graph_node(g, id);

            if (y->op && y->op->candidates)
                SCL_TRY(add_node(y, &target[t]));
        }
        SCL_TRY(add_fused(g, &target[t]));
    }
out:
    return rc;
}

/* A limit that the facts do not tell keeps no candidate out. */
static int add_target(const char *path)
{
    struct target *grown = realloc(target, ((size_t)n_target + 1) * sizeof *grown);
    struct scl_facts *facts;
    int rc;

    if (!grown)
        return scl_fail(SCL_NOMEM, "out of memory for %s", path);
    target = grown;
    facts = &target[n_target].facts;
    SCL_TRY(scl_facts_load(facts, path));
    SCL_TRY(scl_profile_open(&target[n_target].profile, facts));
    if (facts->max_group == 0)
        facts->max_group = SIZE_MAX;
    if (facts->local_bytes == 0)
        facts->local_bytes = SIZE_MAX;
    if (facts->max_alloc_bytes == 0)
        facts->max_alloc_bytes = SIZE_MAX;
    n_target++;
out:
    return rc;
}

static int add_phase(enum scl_phase id, const struct scl_config *config)
{
    const struct scl_extent images = scl_dataset_expected(&config->data);
    struct scl_phase_run phase;
    int rc = scl_phase_init(&phase, id, config, &images);

    if (rc < 0)
        return rc;
    rc = add_graph(phase.graph.g);
    scl_phase_fini(&phase);
    return rc;
}

/* The configuration with one key replaced, or as it is. */
static int add_config_with(const char *path, char *set)
{
    struct scl_config config;
    int rc;

    SCL_TRY(scl_config_load(&config, path, set != NULL, &set));
    if (scl_config_needs_score(&config))
        SCL_TRY(add_phase(SCL_PHASE_SCORE, &config));
    rc = add_phase(SCL_PHASE_ENCODER, &config);
out:
    return rc;
}

/* As it is, and with weights of scores, where the method has a term for each pair. */
static int add_config(const char *path)
{
    int rc;

    SCL_TRY(add_config_with(path, NULL));
    rc = add_config_with(path, "weight.kind=score_l2");
    if (rc == SCL_CONFIG)
        rc = SCL_OK;
out:
    return rc;
}

static int add_case(const char *path)
{
    struct scl_case_graph in;
    int rc = scl_case_graph_open(&in, path);

    if (rc == SCL_OK)
        rc = add_graph(in.g);
    scl_case_graph_fini(&in);
    return rc;
}

static bool ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text), m = strlen(end);

    return n >= m && strcmp(text + n - m, end) == 0;
}

/* Devices first, whatever the order: all else is lowered for them. */
static int add_all(int n, char **path)
{
    int rc = SCL_OK;

    for (int i = 0; i < n; i++)
        if (ends_with(path[i], ".txt"))
            SCL_TRY(add_target(path[i]));
    for (int i = 0; i < n; i++) {
        if (ends_with(path[i], ".yaml"))
            SCL_TRY(add_config(path[i]));
        else if (ends_with(path[i], ".safetensors"))
            SCL_TRY(add_case(path[i]));
        else if (!ends_with(path[i], ".txt"))
            SCL_TRY(scl_fail(SCL_USAGE, "found %s, wanted .txt, .yaml or .safetensors", path[i]));
    }
out:
    return rc;
}

static void print_line(const void *node, VISIT visit, int depth)
{
    (void)depth;
    if (visit == postorder || visit == leaf)
        puts(*(char *const *)node);
}

int main(int argc, char **argv)
{
    const int rc = add_all(argc - 1, argv + 1);

    if (rc < 0)
        fprintf(stderr, "list_launches: %s\n", scl_error());
    else
        twalk(lines, print_line);
    tdestroy(lines, free);
    tdestroy(seen, free);
    for (int t = 0; t < n_target; t++)
        scl_profile_close(target[t].profile);
    free(target);
    return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
