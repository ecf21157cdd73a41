/* test_recompute.c - blocks that gradients compute again: the same gradients, nothing kept, states
 * moved once.
 */
#include <check.h>
#include <string.h>

#include "base/status.h"
#include "graph/evaluate.h"
#include "ops/ops.h"
#include "support/op_check.h"

#define MUST(call) ck_assert_msg((call) >= 0, "%s", scl_error())

enum { C = 3, BLOCKS = 2 };

static struct scl_node *normalized(struct scl_graph *g, struct scl_node *x, const char *name,
                                   struct scl_node *residual)
{
    const struct scl_batch_norm_attr attr = {
        .eps = 1e-5f, .momentum = 0.1f, .views = 1, .training = true, .relu = true
    };
    struct scl_node *mean, *var, *y;

    scl_scope_push(g, "%s", name);
    mean = scl_state(g, "running_mean", SCL_SHAPE1(C), (struct scl_init){ SCL_INIT_CONSTANT, 0 });
    var = scl_state(g, "running_var", SCL_SHAPE1(C), (struct scl_init){ SCL_INIT_CONSTANT, 1 });
    y = scl_batch_norm(g, x, NULL, NULL, mean, var, attr, residual);
    scl_scope_pop(g);
    return y;
}

/* Residual blocks behind a view. With `depth` 0 all is kept, with 1 each block is computed again,
 * with 2 all lies in a block besides. *inner: the first value inside each block. */
static struct scl_node *blocks(struct scl_graph *g, int depth, struct scl_node *inner[BLOCKS])
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE2(2, 5 * 4 * C));

    if (depth > 1)
        scl_recompute_push(g, false);
    x = scl_reshape(g, x, SCL_SHAPE4(2, 5, 4, C));
    for (int b = 0; b < BLOCKS; b++) {
        scl_scope_push(g, "%d", b);
        if (depth > 0)
            scl_recompute_push(g, false);
        inner[b] = scl_silu(g, x);
        x = normalized(g, scl_silu(g, normalized(g, inner[b], "a", NULL)), "b", x);
        if (depth > 0)
            scl_recompute_pop(g);
        scl_scope_pop(g);
    }
    x = scl_silu(g, x);
    if (depth > 1)
        scl_recompute_pop(g);
    return x;
}

static int count(const struct scl_graph *g, const struct scl_op *op)
{
    int n = 0;

    for (int id = 0; id < scl_graph_count(g); id++)
        n += scl_graph_node(g, id)->op == op;
    return n;
}

START_TEST(gradient_is_that_of_the_definition)
{
    struct scl_graph *g = scl_graph_new();
    struct scl_node *inner[BLOCKS];

    check_range(-1, 1);
    check_gradient(g, blocks(g, 2, inner), 2e-5);
    check_reset();
    scl_graph_free(g);
}
END_TEST

/* A sum over the gradient with respect to x. */
static double gradient_sum(int depth, struct scl_graph **out, struct scl_node *inner[BLOCKS],
                           int *n_forward)
{
    struct scl_graph *g = *out = scl_graph_new();
    struct scl_node *y = blocks(g, depth, inner), *x = scl_graph_node(g, 0), *grad;
    struct scl_node *loss = scl_row_mean(g, scl_row_products(g, y, y), NULL);
    const size_t n = scl_shape_count(x->shape);
    struct scl_values *v;
    double sum = 0;

    MUST(scl_graph_check(g));
    *n_forward = scl_graph_count(g);
    MUST(scl_gradients(&grad, g, loss, NULL, 1, &x));
    MUST(scl_values_new(&v, g));
    for (size_t i = 0; i < n; i++)
        v->of[x->id][i] = (double)(7 * i % 11) / 11 - 0.5;
    scl_values_run(v);
    for (size_t i = 0; i < n; i++)
        sum += (double)(i % 5 + 1) * v->of[grad->id][i];
    scl_values_free(v);
    return sum;
}

/* The same arithmetic in the same order; and a running statistic that a repetition moved would
 * be seen in the count of the operators that move it. */
START_TEST(repetition_changes_no_bit_and_moves_no_state)
{
    struct scl_graph *kept, *again;
    struct scl_node *inner[BLOCKS];
    int n;
    const double want = gradient_sum(0, &kept, inner, &n);

    ck_assert_double_eq(gradient_sum(_i, &again, inner, &n), want);
    ck_assert_int_eq(count(again, &scl_op_norm_running), count(kept, &scl_op_norm_running));
    ck_assert_int_gt(count(again, &scl_op_silu), count(kept, &scl_op_silu));
    scl_graph_free(again);
    scl_graph_free(kept);
}
END_TEST

/* Nothing behind the loss reads what a block made on its way. */
START_TEST(values_inside_a_block_are_not_read_by_gradients)
{
    struct scl_graph *g;
    struct scl_node *inner[BLOCKS];
    int n_forward;

    gradient_sum(_i, &g, inner, &n_forward);
    for (int id = n_forward; id < scl_graph_count(g); id++)
        for (int i = 0; i < scl_graph_node(g, id)->n_in; i++)
            for (int b = 0; b < BLOCKS; b++)
                ck_assert_ptr_ne(scl_graph_node(g, id)->in[i], inner[b]);
    scl_graph_free(g);
}
END_TEST

const char *const suite_name = "model/recompute";

void suite_fill(TCase *tc)
{
    tcase_add_test(tc, gradient_is_that_of_the_definition);
    tcase_add_loop_test(tc, repetition_changes_no_bit_and_moves_no_state, 1, 3);
    tcase_add_loop_test(tc, values_inside_a_block_are_not_read_by_gradients, 1, 3);
}
