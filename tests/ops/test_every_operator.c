/* test_every_operator.c - what holds for all operators alike, on one small graph of each.
 *
 * One value that is not finite, in each input in turn: all candidates have values that are not
 * finite where the definition has them, and nowhere else. A run is stopped by a NaN in its loss, so
 * no kernel may hide one; and what belongs to another row, image or channel may not catch it, from
 * a lane or a tile that is padded with zeros. Integers in place of fp32 are refused. And the graphs
 * hold every operator of the registry.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"
#include "support/op_samples.h"

const char *const suite_name = "ops/every_operator";

static const float poisons[] = { NAN, INFINITY, -INFINITY };
enum { N_POISON = sizeof poisons / sizeof *poisons, MOST = 8192 };

static struct scl_graph *g;

static bool is_poisoned(const struct scl_node *node)
{
    return node->role == SCL_INPUT && (node->name[0] == 'x' || strcmp(node->name, "dy") == 0);
}

/* The k-th poisoned input, or NULL. */
static struct scl_node *find_poisoned(int k)
{
    for (int id = 0; id < scl_graph_count(g); id++)
        if (is_poisoned(scl_graph_node(g, id)) && k-- == 0)
            return scl_graph_node(g, id);
    return NULL;
}

/* Values of [0.5, 1.5), and the poison in the middle. */
static void poison(const struct scl_node *node, float value)
{
    static float values[MOST];
    struct scl_rng rng = scl_rng_at(4, SCL_RNG_TEST, 0, (uint32_t)node->id, 0);
    const size_t n = scl_shape_count(node->shape);

    ck_assert_uint_le(n, MOST);
    for (size_t i = 0; i < n; i++)
        values[i] = scl_rng_uniform(&rng, 0.5f, 1.5f);
    values[n / 2] = value;
    check_set(node, values);
    check_not_finite_alike();
}

static void begin(void)
{
    scl_graph_free(g);
    ck_assert_ptr_nonnull(g = scl_graph_new());
    check_reset();
}

/* A fresh graph of the sample. */
static struct op_sample sample(int which)
{
    struct op_sample s;

    begin();
    s = op_sample(g, which, -1);
    ck_assert_msg(s.y, "%s: %s", s.name, scl_error());
    return s;
}

static void end(void)
{
    scl_graph_free(g);
    g = NULL;
    check_reset();
}

/* What the operator gives: a value, or the inputs that it changes. */
static void check_results(struct scl_node *y, double tolerance)
{
    struct scl_node *x;

    if (!y->op->writes) {
        check_forward(g, y, tolerance);
        return;
    }
    for (int k = 0; (x = find_poisoned(k)); k++)
        check_state(g, x, tolerance);
}

START_TEST(value_is_not_finite_where_the_definition_is_not)
{
    for (int k = 0;; k++) {
        const struct op_sample s = sample(_i % n_op_samples);
        struct scl_node *x = find_poisoned(k);

        if (!x)
            break;
        poison(x, poisons[_i / n_op_samples]);
        check_results(s.y, s.tolerance);
    }
}
END_TEST

/* The gradient with respect to the k-th poisoned input, or NULL where it has none. */
static struct scl_node *gradient_of(struct scl_node *y, int k)
{
    struct scl_node *x = find_poisoned(k), *dy, *dx;

    if (!y->op->grad || !x)
        return NULL;
    dy = scl_input(g, "dy", SCL_F32, y->shape);
    return scl_gradients(&dx, g, y, dy, 1, &x) == SCL_OK ? dx : NULL;
}

/* Poisons each input and dy in turn; false where there is no gradient. */
static bool check_gradient_of(int which, int k, float value)
{
    for (int p = 0;; p++) {
        const struct op_sample s = sample(which);
        struct scl_node *dx = gradient_of(s.y, k), *x;

        if (!dx)
            return false;
        if (!(x = find_poisoned(p)))
            return true;
        if (strcmp(s.name, "whiten") == 0 && strcmp(x->name, "dy") == 0)
            continue; /* its products may spread a dy to other columns of the slice */
        poison(x, value);
        check_forward(g, dx, s.tolerance);
    }
}

START_TEST(gradient_is_not_finite_where_the_definition_is_not)
{
    for (int k = 0; check_gradient_of(_i % n_op_samples, k, poisons[_i / n_op_samples]); k++)
        ;
}
END_TEST

START_TEST(integers_are_refused_in_words)
{
    for (int k = 0;; k++) {
        struct op_sample s;

        begin();
        s = op_sample(g, _i, k);
        if (s.y) {
            ck_assert_msg(s.n_input <= k, "%s takes integers for its input %d", s.name, k);
            break;
        }
        ck_assert_int_eq(scl_graph_check(g), SCL_SHAPE);
    }
}
END_TEST

/* Marks the operators of the graph, with those of all its gradients. */
static void mark_operators(struct scl_node *y, bool *seen)
{
    const int n = scl_graph_count(g);

    for (int id = 0; id < n && !y->op->writes; id++) {
        struct scl_node *x = scl_graph_node(g, id), *dx;

        if (!x->op && x->type == SCL_F32)
            scl_gradients(&dx, g, y, scl_input(g, "dy", SCL_F32, y->shape), 1, &x);
    }
    for (int id = 0; id < scl_graph_count(g); id++)
        for (int i = 0; scl_ops[i]; i++)
            seen[i] |= scl_graph_node(g, id)->op == scl_ops[i];
}

START_TEST(no_operator_of_the_registry_is_missing)
{
    bool seen[256] = { false };

    for (int c = 0; c < n_op_samples; c++)
        mark_operators(sample(c).y, seen);
    for (int i = 0; scl_ops[i]; i++) {
        ck_assert_int_lt(i, 256);
        ck_assert_msg(seen[i] || !scl_ops[i]->candidates, "%s", scl_ops[i]->name);
        ck_assert_msg(!scl_ops[i]->candidates || scl_ops[i]->reference, "%s has no reference",
                      scl_ops[i]->name);
    }
}
END_TEST

void suite_fill(TCase *tc)
{
    /* The simulator, which needs minutes for these, has seen the same launches with others. */
    const int n = getenv("SCL_SIMULATOR") ? 0 : n_op_samples * N_POISON;

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, no_operator_of_the_registry_is_missing);
    tcase_add_loop_test(tc, integers_are_refused_in_words, 0, n_op_samples);
    tcase_add_loop_test(tc, value_is_not_finite_where_the_definition_is_not, 0, n);
    tcase_add_loop_test(tc, gradient_is_not_finite_where_the_definition_is_not, 0, n);
}
