/* op_check.c - references, finite differences and devices, compared. */
#include "support/op_check.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"
#include "ops/view.h"
#include "plan/plan.h"
#include "support/op_check_impl.h"

struct scl_device *test_device(void)
{
    static struct scl_device *device;

    if (!device)
        MUST(scl_device_open(&device, "", 0));
    return device;
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
    check_draw(v);
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
    check_draw(v);
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
