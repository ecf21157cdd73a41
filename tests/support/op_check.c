/* op_check.c - references, finite differences and devices, compared. */
#include "support/op_check.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "backend/profile_impl.h"
#include "base/rng.h"
#include "base/status.h"
#include "device/exec.h"
#include "graph/evaluate.h"
#include "ops/ops.h"
#include "plan/plan.h"

static float range_low = 0.5f, range_high = 1.5f;
static struct {
    const struct scl_node *node;
    const void *values;
} fixed[16];
static int n_fixed;
static bool not_finite_alike;

#define MUST(call) ck_assert_msg((call) >= 0, "%s", scl_error())

struct scl_device *test_device(void)
{
    static struct scl_device *device;

    if (!device)
        MUST(scl_device_open(&device, "", 0));
    return device;
}

void check_range(float low, float high)
{
    range_low = low;
    range_high = high;
}

void check_set(const struct scl_node *node, const void *values)
{
    ck_assert_int_lt(n_fixed, (int)(sizeof fixed / sizeof *fixed));
    fixed[n_fixed].node = node;
    fixed[n_fixed++].values = values;
}

void check_reset(void)
{
    n_fixed = 0;
    not_finite_alike = false;
    check_range(0.5f, 1.5f);
}

void check_not_finite_alike(void)
{
    not_finite_alike = true;
}

static double element(const void *values, enum scl_dtype type, size_t i)
{
    return type == SCL_F32   ? ((const float *)values)[i]
           : type == SCL_I32 ? ((const int32_t *)values)[i]
                             : ((const uint8_t *)values)[i];
}

static const void *find_fixed(const struct scl_node *y)
{
    for (int i = 0; i < n_fixed; i++)
        if (fixed[i].node == y)
            return fixed[i].values;
    return NULL;
}

/* Values that a float has exactly, so that host and device begin alike. */
static void draw(struct scl_values *v)
{
    for (int id = 0; id < scl_graph_count(v->g); id++) {
        const struct scl_node *y = scl_graph_node(v->g, id);
        struct scl_rng rng = scl_rng_at(1, SCL_RNG_TEST, 0, (uint32_t)id, 0);
        const void *values = find_fixed(y);
        const size_t n = scl_shape_count(y->shape);

        if (y->role != SCL_INPUT && y->role != SCL_STATE)
            continue;
        ck_assert_msg(values || y->type == SCL_F32, "%s needs check_set()", y->name);
        for (size_t i = 0; i < n; i++)
            v->of[id][i] =
                values ? element(values, y->type, i) : scl_rng_uniform(&rng, range_low, range_high);
    }
}

static void *narrow(const double *from, const struct scl_node *y)
{
    const size_t n = scl_shape_count(y->shape);
    void *out = malloc(n * 4 + 1);

    ck_assert_ptr_nonnull(out);
    for (size_t i = 0; i < n; i++) {
        if (y->type == SCL_F32)
            ((float *)out)[i] = (float)from[i];
        else if (y->type == SCL_I32)
            ((int32_t *)out)[i] = (int32_t)from[i];
        else
            ((uint8_t *)out)[i] = (uint8_t)from[i];
    }
    return out;
}

static void upload(struct scl_exec *exec, struct scl_store *store, const struct scl_values *start)
{
    for (int id = 0; id < scl_graph_count(start->g); id++) {
        const struct scl_node *y = scl_graph_node(start->g, id);
        void *values;

        if (y->role != SCL_INPUT && y->role != SCL_STATE)
            continue;
        values = narrow(start->of[id], y);
        if (y->role == SCL_INPUT)
            MUST(scl_exec_write(exec, y, values, true));
        else
            MUST(scl_store_write(store, scl_store_find(store, y->name), values));
        free(values);
    }
}

/* With `spreads`, what is not finite may be in more elements than are wanted. */
static void compare(const struct scl_node *y, const void *got, const double *want,
                    const char *candidate, bool spreads, double tolerance)
{
    const size_t n = scl_shape_count(y->shape);
    double largest = 0;

    for (size_t i = 0; i < n; i++)
        if (isfinite(want[i]))
            largest = fmax(largest, fabs(want[i]));
    for (size_t i = 0; i < n; i++) {
        const double g = element(got, y->type, i);

        if (isnan(want[i]) && isnan(g))
            continue;
        if (not_finite_alike && (spreads || !isfinite(want[i])) && !isfinite(g))
            continue;
        ck_assert_msg(g == want[i] || fabs(g - want[i]) <= 1e-6 + tolerance * largest,
                      "%s %s, with %s: element %zu is %.9g, and %.9g is wanted (largest %.3g)",
                      y->op ? y->op->name : "state", scl_shape_text(y->shape), candidate, i, g,
                      want[i], largest);
    }
}

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
        if (plan->step[s].node->op == op && plan->step[s].candidate->spreads)
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
    upload(exec, store, job->start);
    MUST(scl_exec_run(exec));
    for (int i = 0; i < job->n; i++) {
        const struct scl_node *y = job->out[i];
        void *got = malloc(scl_shape_count(y->shape) * 4 + 1);

        ck_assert_ptr_nonnull(got);
        if (y->role == SCL_STATE)
            MUST(scl_store_read(store, scl_store_find(store, y->name), got));
        else
            MUST(scl_exec_read(exec, y, got));
        compare(y, got, job->want->of[y->id], candidate, plan_spreads(plan, job->op),
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

/* Every candidate of every operator, against the references. */
static void check_all(struct scl_graph *g, int n, struct scl_node *const out[], double tolerance)
{
    struct job job = { .g = g, .n = n, .out = out, .tolerance = tolerance };
    struct scl_values *start, *want;
    int n_run = 0;

    MUST(scl_graph_check(g));
    MUST(scl_values_new(&start, g));
    MUST(scl_values_new(&want, g));
    draw(start);
    draw(want);
    scl_values_run(want);
    job.start = start;
    job.want = want;
    for (int id = 0; id < scl_graph_count(g); id++) {
        const struct scl_op *op = job.op = scl_graph_node(g, id)->op;

        if (!op || !op->candidates || seen_before(g, id))
            continue;
        for (const struct scl_candidate *c = op->candidates; c->name; c++)
            if (accepted_everywhere(g, op, c)) {
                run_candidate(&job, c->name);
                n_run++;
            }
    }
    ck_assert_msg(n_run > 0, "no candidate was run");
    scl_values_free(want);
    scl_values_free(start);
}

void check_forward(struct scl_graph *g, struct scl_node *y, double tolerance)
{
    MUST(scl_graph_check(g));
    check_all(g, 1, &y, tolerance);
}

void check_state(struct scl_graph *g, struct scl_node *state, double tolerance)
{
    check_forward(g, state, tolerance);
}

static double weighted_sum(const struct scl_values *v, const struct scl_node *y, const float *dy)
{
    double sum = 0;

    for (size_t i = 0; i < scl_shape_count(y->shape); i++)
        sum += v->of[y->id][i] * (double)dy[i];
    return sum;
}

static double moved(struct scl_graph *g, const struct scl_node *y, const float *dy,
                    const struct scl_node *x, const double *direction, double h)
{
    struct scl_values *v;
    double sum;

    MUST(scl_values_new(&v, g));
    draw(v);
    for (size_t i = 0; i < scl_shape_count(x->shape); i++)
        v->of[x->id][i] += h * direction[i];
    scl_values_run(v);
    sum = weighted_sum(v, y, dy);
    scl_values_free(v);
    return sum;
}

/* The reference of the gradient against a central difference. */
static void check_difference(struct scl_graph *g, const struct scl_node *y, const float *dy,
                             const struct scl_node *x, const struct scl_node *dx)
{
    const double h = 1e-5;
    const size_t n = scl_shape_count(x->shape);
    struct scl_rng rng = scl_rng_at(2, SCL_RNG_TEST, 0, (uint32_t)x->id, 0);
    double *direction = malloc((n + 1) * sizeof *direction), along = 0, scale = 0, difference;
    struct scl_values *v;

    ck_assert_ptr_nonnull(direction);
    MUST(scl_values_new(&v, g));
    draw(v);
    scl_values_run(v);
    for (size_t i = 0; i < n; i++) {
        direction[i] = scl_rng_uniform(&rng, -1, 1);
        along += direction[i] * v->of[dx->id][i];
        scale += fabs(direction[i] * v->of[dx->id][i]);
    }
    difference = (moved(g, y, dy, x, direction, h) - moved(g, y, dy, x, direction, -h)) / (2 * h);
    ck_assert_msg(fabs(along - difference) <= 1e-5 * (scale + fabs(difference)) + 1e-7,
                  "gradient of %s with respect to %s: the reference gives %.9g along a direction, "
                  "a central difference %.9g",
                  y->op->name, x->name, along, difference);
    scl_values_free(v);
    free(direction);
}

void check_gradient(struct scl_graph *g, struct scl_node *y, double tolerance)
{
    const int n_node = scl_graph_count(g);
    struct scl_rng rng = scl_rng_at(3, SCL_RNG_TEST, 0, 0, 0);
    struct scl_node *x[16], *dx[16], *dy_node;
    float *dy;
    int n = 0;

    MUST(scl_graph_check(g));
    dy = malloc((scl_shape_count(y->shape) + 1) * sizeof *dy);
    ck_assert_ptr_nonnull(dy);
    for (size_t i = 0; i < scl_shape_count(y->shape); i++)
        dy[i] = scl_rng_uniform(&rng, -1, 1);
    dy_node = scl_constant(g, "dy", SCL_F32, y->shape, dy);
    for (int id = 0; id < n_node && n < 16; id++) {
        struct scl_node *node = scl_graph_node(g, id);

        if ((node->role == SCL_INPUT || node->role == SCL_STATE) && node->type == SCL_F32 &&
            scl_gradients(&dx[n], g, y, dy_node, 1, &node) == SCL_OK)
            x[n++] = node;
    }
    ck_assert_msg(n > 0, "%s has no gradient", y->op->name);
    for (int i = 0; i < n; i++)
        check_difference(g, y, dy, x[i], dx[i]);
    check_all(g, n, dx, tolerance);
    free(dy);
}

int run_node(struct scl_graph *g, struct scl_node *y, const void *const in[], float *out)
{
    struct scl_device *device = test_device();
    const struct scl_plan_spec spec = { .facts = scl_device_facts(device),
                                        .profile = scl_device_profile(device),
                                        .n_keep = 1,
                                        .keep = &y,
                                        .separate = true };
    struct scl_plan *plan = NULL;
    struct scl_store *store = NULL;
    struct scl_exec *exec = NULL;
    int rc, next = 0;

    SCL_TRY(scl_plan_new(&plan, g, &spec));
    SCL_TRY(scl_store_new(&store, device, 1, &g, 1));
    SCL_TRY(scl_exec_new(&exec, device, store, plan, NULL, NULL));
    for (int id = 0; id < scl_graph_count(g); id++)
        if (scl_graph_node(g, id)->role == SCL_INPUT)
            SCL_TRY(scl_exec_write(exec, scl_graph_node(g, id), in[next++], true));
    SCL_TRY(scl_exec_run(exec));
    SCL_TRY(scl_exec_read(exec, y, out));
out:
    scl_exec_free(exec);
    scl_store_free(store);
    scl_plan_free(plan);
    return rc;
}
