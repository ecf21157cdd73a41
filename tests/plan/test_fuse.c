/* test_fuse.c - which nodes are computed on the way by another's launches, and which must not be.
 */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "ops/norm_grad_impl.h"
#include "ops/ops.h"
#include "plan/plan.h"

static struct scl_facts facts;
static struct scl_profile *profile;
static struct scl_graph *g;

/* What the sums of a normalisation's gradient are made from. */
static struct scl_node *a, *b, *gate, *x, *stats;

static const struct scl_norm norm = { .views = 1, .rows = 8, .together = 1 };

static struct scl_node *matrix(const char *name)
{
    return scl_input(g, name, SCL_F32, SCL_SHAPE2(8, 16));
}

static void setup(void)
{
    facts = (struct scl_facts){ .platform = "Portable Computing Language",
                                .is_cpu = true,
                                .compute_units = 2,
                                .vector_width = 8,
                                .max_group = 4096,
                                .local_bytes = 1 << 20,
                                .global_bytes = 1 << 26,
                                .max_alloc_bytes = 1 << 26,
                                .align_bytes = 128 };
    ck_assert_int_eq(scl_profile_open(&profile, &facts), SCL_OK);
    g = scl_graph_new();
    ck_assert_ptr_nonnull(g);
    a = matrix("a");
    b = scl_state(g, "b", SCL_SHAPE2(8, 16), (struct scl_init){ 0 });
    gate = matrix("gate");
    x = matrix("x");
    stats = scl_input(g, "stats", SCL_F32, SCL_SHAPE3(1, 3, 16));
}

static void teardown(void)
{
    scl_graph_free(g);
    scl_profile_close(profile);
}

static struct scl_node *sums_of(struct scl_node *dy)
{
    return scl_norm_grad_sums(g, dy, &(struct scl_norm_in){ .x = x, .stats = stats }, norm);
}

static struct scl_plan *plan_of(int n, struct scl_node *const keep[], bool unfused)
{
    struct scl_plan *plan;

    ck_assert_msg(scl_plan_new(&plan, g,
                               &(struct scl_plan_spec){ .facts = &facts,
                                                        .profile = profile,
                                                        .n_keep = n,
                                                        .keep = keep,
                                                        .unfused = unfused }) == SCL_OK,
                  "%s", scl_error());
    return plan;
}

/* "relu_grad add", as the sums' step has it; a value that is written has a star. */
static const char *absorbed_by(const struct scl_plan *plan, const struct scl_node *y)
{
    static char text[256];

    text[0] = '\0';
    for (int s = 0; s < plan->n_step; s++)
        if (plan->step[s].node == y && (s == 0 || plan->step[s - 1].node != y))
            for (const struct scl_absorbed *f = plan->step[s].absorbed; f; f = f->next)
                sprintf(text + strlen(text), "%s%s ", f->node->op->name, f->written ? "*" : "");
    return text;
}

static void check_absorbed(int n, struct scl_node *const keep[], const char *want)
{
    struct scl_plan *plan = plan_of(n, keep, false);

    ck_assert_str_eq(absorbed_by(plan, keep[0]), want);
    scl_plan_free(plan);
}

START_TEST(sum_behind_a_relu_is_absorbed_and_not_written)
{
    struct scl_node *dy = scl_relu_grad(g, scl_add(g, a, b), gate);
    struct scl_node *sums = sums_of(dy);
    struct scl_plan *plan = plan_of(1, &sums, false);

    ck_assert_str_eq(absorbed_by(plan, sums), "add relu_grad ");
    ck_assert_ptr_eq(plan->step[0].node, sums);
    scl_plan_free(plan);
}
END_TEST

START_TEST(unfused_plan_absorbs_nothing)
{
    struct scl_node *sums = sums_of(scl_relu_grad(g, scl_add(g, a, b), gate));
    struct scl_plan *plan = plan_of(1, &sums, true);

    ck_assert_str_eq(absorbed_by(plan, sums), "");
    ck_assert_str_eq(plan->step[0].node->op->name, "add");
    scl_plan_free(plan);
}
END_TEST

START_TEST(value_that_is_read_later_is_written)
{
    struct scl_node *dy = scl_relu_grad(g, scl_add(g, a, b), gate);
    struct scl_node *keep[] = { sums_of(dy), scl_scale(g, dy, 2, 0) };

    check_absorbed(2, keep, "add relu_grad* ");
}
END_TEST

START_TEST(value_that_is_kept_is_written)
{
    struct scl_node *dy = scl_add(g, a, b), *keep[] = { sums_of(dy), dy };

    check_absorbed(2, keep, "add* ");
}
END_TEST

/* The kernel writes what is behind the ReLU; a sum in front of it, which others want, has launches
 * of its own. */
START_TEST(sum_that_is_kept_is_not_absorbed_with_the_relu_behind_it)
{
    struct scl_node *sum = scl_add(g, a, b);
    struct scl_node *keep[] = { sums_of(scl_relu_grad(g, sum, gate)), sum };

    check_absorbed(2, keep, "relu_grad ");
}
END_TEST

START_TEST(value_that_is_read_before_is_not_absorbed)
{
    struct scl_node *dy = scl_add(g, a, b), *early = scl_scale(g, dy, 2, 0);
    struct scl_node *keep[] = { sums_of(dy), early };

    check_absorbed(2, keep, "");
}
END_TEST

START_TEST(value_with_a_view_on_it_is_not_absorbed)
{
    struct scl_node *dy = scl_add(g, a, b), *sums = sums_of(dy);
    struct scl_node *keep[] = { sums, scl_reshape(g, dy, SCL_SHAPE2(16, 8)) };

    check_absorbed(2, keep, "");
}
END_TEST

/* The state b has another value by the time of the sums. */
START_TEST(value_whose_input_changes_meanwhile_is_not_absorbed)
{
    struct scl_node *dy = scl_add(g, a, b), *sums;
    struct scl_node *rate = scl_input(g, "rate", SCL_F32, SCL_SHAPE1(1));

    scl_ema(g, b, a, rate);
    sums = sums_of(dy);
    check_absorbed(1, &sums, "");
}
END_TEST

/* ---- behind a node ------------------------------------------------------------------------ */

static struct scl_node *gradient(void)
{
    struct scl_norm frozen = norm;

    frozen.frozen = true;
    return scl_norm_grad_x(g, a, &(struct scl_norm_in){ .x = x, .stats = stats }, NULL, frozen);
}

START_TEST(sum_with_a_gradient_is_absorbed_and_the_gradient_has_no_place)
{
    struct scl_node *dx = gradient(), *sum = scl_add(g, b, dx);
    struct scl_plan *plan = plan_of(1, &sum, false);

    ck_assert_int_eq(plan->n_step, 1);
    ck_assert_str_eq(absorbed_by(plan, dx), "add* ");
    for (int i = 0; i < plan->step[0].launch->n_arg; i++)
        ck_assert_ptr_ne(plan->step[0].launch->arg[i].value, dx);
    scl_plan_free(plan);
}
END_TEST

START_TEST(gradient_that_is_kept_has_a_place_beside_the_sum)
{
    struct scl_node *dx = gradient(), *keep[] = { dx, scl_add(g, b, dx) };
    struct scl_plan *plan = plan_of(2, keep, false);

    ck_assert_int_eq(plan->n_step, 1);
    ck_assert_ptr_eq(plan->step[0].launch->arg[0].value, dx);
    ck_assert_ptr_eq(plan->step[0].launch->arg[1].value, keep[1]);
    scl_plan_free(plan);
}
END_TEST

START_TEST(sum_with_what_comes_later_is_not_absorbed)
{
    struct scl_node *dx = gradient(), *late = scl_relu(g, gate);
    struct scl_node *keep[] = { dx, scl_add(g, dx, late) };

    check_absorbed(2, keep, "");
}
END_TEST

START_TEST(operator_with_a_forced_candidate_is_not_absorbed)
{
    struct scl_node *sums = sums_of(scl_relu_grad(g, scl_add(g, a, b), gate));
    struct scl_plan *plan;

    ck_assert_int_eq(scl_plan_new(&plan, g,
                                  &(struct scl_plan_spec){ .facts = &facts,
                                                           .profile = profile,
                                                           .n_keep = 1,
                                                           .keep = &sums,
                                                           .force_op = &scl_op_add,
                                                           .force_candidate = "span.vec" }),
                     SCL_OK);
    ck_assert_str_eq(absorbed_by(plan, sums), "relu_grad ");
    scl_plan_free(plan);
}
END_TEST

START_TEST(printed_plan_names_what_is_computed_on_the_way)
{
    struct scl_node *sums = sums_of(scl_add(g, a, b));
    struct scl_plan *plan = plan_of(1, &sums, false);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    scl_plan_print(plan, out);
    ck_assert_int_eq(fclose(out), 0);
    ck_assert_ptr_nonnull(strstr(text, ", 1 node fused into others, "));
    ck_assert_ptr_nonnull(strstr(text, " + add_5\n"));
    free(text);
    scl_plan_free(plan);
}
END_TEST

/* Of 128 floats each: a, b, gate and x are read, and the sum behind the ReLU is written where it is
 * kept. 5 operations for each float of x, and one for each of the two that are absorbed. */
START_TEST(cost_is_that_of_what_is_read_and_written)
{
    enum { N = 8 * 16, STATS = 3 * 16, SUMS = 2 * 16 };
    struct scl_node *dy = scl_relu_grad(g, scl_add(g, a, b), gate), *keep[] = { sums_of(dy), dy };

    for (int n = 1; n <= 2; n++) {
        struct scl_plan *plan = plan_of(n, keep, false);
        const struct scl_cost cost = scl_step_cost(&plan->step[0]);

        ck_assert_ptr_eq(plan->step[0].node, keep[0]);
        ck_assert_double_eq(cost.bytes, 4 * ((3 + n) * N + STATS + SUMS));
        ck_assert_double_eq(cost.flops, 7 * N);
        scl_plan_free(plan);
    }
}
END_TEST

const char *const suite_name = "plan/fuse";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, sum_behind_a_relu_is_absorbed_and_not_written);
    tcase_add_test(tc, unfused_plan_absorbs_nothing);
    tcase_add_test(tc, value_that_is_read_later_is_written);
    tcase_add_test(tc, value_that_is_kept_is_written);
    tcase_add_test(tc, sum_that_is_kept_is_not_absorbed_with_the_relu_behind_it);
    tcase_add_test(tc, value_that_is_read_before_is_not_absorbed);
    tcase_add_test(tc, value_with_a_view_on_it_is_not_absorbed);
    tcase_add_test(tc, value_whose_input_changes_meanwhile_is_not_absorbed);
    tcase_add_test(tc, sum_with_a_gradient_is_absorbed_and_the_gradient_has_no_place);
    tcase_add_test(tc, gradient_that_is_kept_has_a_place_beside_the_sum);
    tcase_add_test(tc, sum_with_what_comes_later_is_not_absorbed);
    tcase_add_test(tc, operator_with_a_forced_candidate_is_not_absorbed);
    tcase_add_test(tc, printed_plan_names_what_is_computed_on_the_way);
    tcase_add_test(tc, cost_is_that_of_what_is_read_and_written);
}
