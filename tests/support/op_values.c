/* op_values.c - what the inputs and states of a test's graph hold, and what came of them. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"
#include "support/op_check_impl.h"

static float range_low = 0.5f, range_high = 1.5f;
static struct {
    const struct scl_node *node;
    const void *values;
} fixed[16];
static int n_fixed;
static bool not_finite_alike;

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

void check_draw(struct scl_values *v)
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

void check_upload(struct scl_exec *exec, struct scl_store *store, const struct scl_values *start)
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

void check_compare(const struct scl_node *y, const void *got, const double *want,
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
