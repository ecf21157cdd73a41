/* op_candidates.c - every candidate, with every profile's options. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "backend/profile_impl.h"
#include "base/status.h"
#include "ops/ops.h"
#include "plan/plan.h"
#include "support/op_check_impl.h"

/* Every profile there is, the device's own first. */
static struct {
    const struct scl_profile *of[32];
    int n;
} profiles;

static void open_profiles(void)
{
    const int room = sizeof profiles.of / sizeof *profiles.of;
    struct scl_arena arena = { 0 };
    struct scl_profile_file *file;

    if (profiles.n > 0)
        return;
    profiles.of[profiles.n++] = scl_device_profile(test_device());
    MUST(scl_profile_load_all(&file, &arena));
    for (; file; file = file->next) {
        struct scl_profile *profile;

        ck_assert_int_lt(profiles.n, room);
        MUST(scl_profile_open_named(&profile, file->name));
        profiles.of[profiles.n++] = profile;
    }
    scl_arena_fini(&arena);
}

/* What `verify` allows candidates that round their factors to 10 bits. */
#define LOOSE 5e-3

/* What is run, and what it must give: out[n]. */
struct job {
    struct scl_graph *g;
    const struct scl_values *start, *want;
    int n;
    struct scl_node *const *out;
    const struct scl_op *op;
    double tolerance;
};

/* Whether nodes of `op` are computed by a candidate that spreads what is not finite. */
static bool plan_spreads(const struct scl_plan *plan, const struct scl_op *op)
{
    for (int s = 0; s < plan->n_step; s++)
        if (plan->step[s].node->op == op && plan->step[s].by->candidate->spreads)
            return true;
    return false;
}

/* Runs the plan and compares out[]. */
static void run_plan(const struct job *job, const struct scl_plan *plan, const char *candidate)
{
    struct scl_device *device = test_device();
    struct scl_store *store;
    struct scl_exec *exec;

    MUST(scl_store_new(&store, device, 1, &job->g, 1));
    MUST(scl_exec_new(&exec, device, store, plan, NULL, NULL));
    check_upload(exec, store, job->start);
    MUST(scl_exec_run(exec));
    for (int i = 0; i < job->n; i++) {
        const struct scl_node *y = job->out[i];
        void *got = malloc(scl_shape_count(y->shape) * 4 + 1);

        ck_assert_ptr_nonnull(got);
        if (y->role == SCL_STATE)
            MUST(scl_store_read(store, scl_store_find(store, y->name), got));
        else
            MUST(scl_exec_read(exec, y, got));
        check_compare(y, got, job->want->of[y->id], candidate, plan_spreads(plan, job->op),
                      job->tolerance);
        free(got);
    }
    scl_exec_free(exec);
    scl_store_free(store);
}

/* Of the kernels and build options that compute the nodes of `op`. */
static uint64_t options_hash(const struct scl_plan *plan, const struct scl_op *op)
{
    uint64_t hash = 0;

    for (int s = 0; s < plan->n_step; s++) {
        const struct scl_launch *l = plan->step[s].launch;

        if (plan->step[s].node->op != op)
            continue;
        hash = XXH3_64bits_withSeed(l->kernel, strlen(l->kernel), hash);
        hash = XXH3_64bits_withSeed(l->defines, strlen(l->defines), hash);
    }
    return hash;
}

/* Whether the plan has a kernel with build options that no plan before had in this process. */
static bool has_new_program(const struct scl_plan *plan)
{
    static uint64_t seen[4096];
    static int n;
    const int before = n;

    for (int s = 0; s < plan->n_step; s++) {
        const struct scl_launch *l = plan->step[s].launch;
        const uint64_t hash = XXH3_64bits_withSeed(l->defines, strlen(l->defines),
                                                   XXH3_64bits(l->kernel, strlen(l->kernel)));
        int i = 0;

        while (i < n && seen[i] != hash)
            i++;
        ck_assert_int_lt(i, (int)(sizeof seen / sizeof *seen));
        seen[i] = hash;
        n += i == n;
    }
    return n > before;
}

/* Runs the graph with `candidate` for all nodes of the operator, once for each set of build
 * options that the profiles give it, with and without what it absorbs. The simulator, which is a
 * thousand times slower, sees each kernel with each set, and the shapes with its own profile's
 * small blocks. */
static void run_candidate(const struct job *job, const char *candidate)
{
    struct scl_plan_spec spec = { .facts = scl_device_facts(test_device()),
                                  .n_keep = job->n,
                                  .keep = job->out,
                                  .separate = true,
                                  .force_op = job->op,
                                  .force_candidate = candidate };
    uint64_t seen[2 * sizeof profiles.of / sizeof *profiles.of];

    open_profiles();
    for (int p = 0; p < 2 * profiles.n; p++) {
        struct scl_plan *plan;
        char text[128];
        int i = 0;

        spec.profile = profiles.of[p / 2];
        spec.unfused = p % 2 == 0;
        MUST(scl_plan_new(&plan, job->g, &spec));
        seen[p] = options_hash(plan, job->op);
        while (seen[i] != seen[p])
            i++;
        snprintf(text, sizeof text, "%s of %s, %s", candidate, scl_profile_name(spec.profile),
                 spec.unfused ? "unfused" : "fused");
        if (i == p && (has_new_program(plan) || p < 2 || !getenv("SCL_SIMULATOR")))
            run_plan(job, plan, text);
        scl_plan_free(plan);
    }
}

/* The simulator runs CLBlast's kernels in the tests of dense products, and not again where an
 * operator makes one of another thing. */
static bool accepted_everywhere(struct scl_graph *g, const struct scl_op *op,
                                const struct scl_candidate *c)
{
    if (getenv("SCL_SIMULATOR") && c->family == SCL_CLBLAST && op != &scl_op_matmul &&
        op != &scl_op_linear)
        return false;
    for (int id = 0; id < scl_graph_count(g); id++) {
        const struct scl_node *y = scl_graph_node(g, id);

        if (y->op == op && c->accepts && !c->accepts(y, scl_device_facts(test_device())))
            return false;
    }
    return true;
}

static bool seen_before(struct scl_graph *g, int id)
{
    for (int i = 0; i < id; i++)
        if (scl_graph_node(g, i)->op == scl_graph_node(g, id)->op)
            return true;
    return false;
}

void check_all(struct scl_graph *g, int n, struct scl_node *const out[], double tolerance)
{
    struct job job = { .g = g, .n = n, .out = out };
    struct scl_values *start, *want;
    int n_run = 0;

    MUST(scl_graph_check(g));
    MUST(scl_values_new(&start, g));
    MUST(scl_values_new(&want, g));
    check_draw(start);
    check_draw(want);
    scl_values_run(want);
    job.start = start;
    job.want = want;
    for (int id = 0; id < scl_graph_count(g); id++) {
        const struct scl_op *op = job.op = scl_graph_node(g, id)->op;

        if (!op || !op->candidates || seen_before(g, id))
            continue;
        for (const struct scl_candidate *c = op->candidates; c->name; c++)
            if (accepted_everywhere(g, op, c)) {
                job.tolerance = c->numeric == SCL_CLASS_F32 ? tolerance : LOOSE;
                run_candidate(&job, c->name);
                n_run++;
            }
    }
    ck_assert_msg(n_run > 0, "no candidate was run");
    scl_values_free(want);
    scl_values_free(start);
}
