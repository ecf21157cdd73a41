/* test_graph.c - nodes, names, refusals, views and bundles: all before any device. */
#include "graph/graph.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "ops/ops.h"

static struct scl_graph *g;

static const struct scl_init zero = { SCL_INIT_CONSTANT, 0 };

static void setup(void)
{
    g = scl_graph_new();
    ck_assert_ptr_nonnull(g);
}

static void teardown(void)
{
    scl_graph_free(g);
}

static struct scl_node *input(const char *name, struct scl_shape shape)
{
    return scl_input(g, name, SCL_F32, shape);
}

static void check_refused(const struct scl_node *y, int code, const char *words)
{
    ck_assert_ptr_null(y);
    ck_assert_int_eq(scl_graph_check(g), code);
    ck_assert_str_eq(scl_error(), words);
}

START_TEST(nodes_stand_in_the_order_of_their_making)
{
    struct scl_node *x = input("x", SCL_SHAPE2(3, 4)), *y = scl_relu(g, x);

    ck_assert_int_eq(scl_graph_count(g), 2);
    ck_assert_ptr_eq(scl_graph_node(g, 0), x);
    ck_assert_ptr_eq(scl_graph_node(g, 1), y);
    ck_assert_int_eq(x->id, 0);
    ck_assert_int_eq(y->id, 1);
    ck_assert_ptr_eq(y->in[0], x);
    ck_assert_int_eq(y->role, SCL_VALUE);
    ck_assert_str_eq(y->name, "relu_1");
}
END_TEST

START_TEST(constant_keeps_its_own_copy)
{
    float values[2] = { 1, 2 };
    const struct scl_node *c = scl_constant(g, "c", SCL_F32, SCL_SHAPE1(2), values);
    const struct scl_node *z = scl_constant(g, "z", SCL_F32, SCL_SHAPE1(2), NULL);

    values[0] = 7;
    ck_assert_float_eq(((const float *)c->data)[0], 1);
    ck_assert_float_eq(((const float *)z->data)[1], 0);
}
END_TEST

START_TEST(scopes_name_states_and_inputs)
{
    scl_scope_push(g, "encoder");
    scl_scope_push(g, "layer%d.%d", 2, 0); /* one push, and one pop, whatever its dots */
    ck_assert_str_eq(scl_state(g, "weight", SCL_SHAPE1(1), zero)->name, "encoder.layer2.0.weight");
    scl_scope_pop(g);
    ck_assert_str_eq(scl_state(g, "weight", SCL_SHAPE1(1), zero)->name, "encoder.weight");
    scl_scope_pop(g);
    ck_assert_str_eq(input("x", SCL_SHAPE1(1))->name, "x");
}
END_TEST

START_TEST(second_mention_of_a_state_is_the_first)
{
    struct scl_node *w = scl_state(g, "w", SCL_SHAPE2(2, 3), zero);

    ck_assert_ptr_eq(scl_state(g, "w", SCL_SHAPE2(2, 3), zero), w);
    scl_scope_push(g, "other");
    ck_assert_ptr_ne(scl_state(g, "w", SCL_SHAPE2(2, 3), zero), w);
    scl_scope_pop(g);
    check_refused(scl_state(g, "w", SCL_SHAPE2(3, 2), zero), SCL_SHAPE,
                  "state w is [3, 2] here, and [2, 3] elsewhere");
}
END_TEST

START_TEST(first_refusal_is_kept_and_ends_the_building)
{
    struct scl_node *a = input("a", SCL_SHAPE2(2, 3)), *b = input("b", SCL_SHAPE2(3, 2));
    struct scl_node *sum = scl_add(g, a, b);
    char words[256];

    ck_assert_ptr_null(sum);
    snprintf(words, sizeof words, "%s", scl_error());
    ck_assert_ptr_nonnull(strstr(words, "[2, 3]"));
    ck_assert_ptr_null(scl_relu(g, scl_relu(g, sum)));
    ck_assert_ptr_null(scl_reshape(g, sum, SCL_SHAPE1(6)));
    ck_assert_ptr_null(scl_rows(g, sum, 0, 1));
    ck_assert_ptr_null(scl_relu(g, a));
    ck_assert_ptr_null(input("c", SCL_SHAPE1(1)));
    ck_assert_int_eq(scl_graph_check(g), SCL_SHAPE);
    ck_assert_str_eq(scl_error(), words);
}
END_TEST

/* The first has 3 * 2^64 bytes: counted in 64 bits, none. */
START_TEST(shape_that_no_memory_holds_is_refused)
{
    const struct scl_shape shapes[] = { SCL_SHAPE4(4, 1 << 30, 1 << 30, 3),
                                        SCL_SHAPE2(1 << 30, 1 << 30), SCL_SHAPE2(3, -1) };
    char words[128];

    snprintf(words, sizeof words, "x: found the shape %s, wanted one that memory can hold",
             scl_shape_text(shapes[_i]));
    check_refused(input("x", shapes[_i]), SCL_SHAPE, words);
}
END_TEST

START_TEST(operator_that_makes_such_a_shape_is_named)
{
    struct scl_node *a = input("a", SCL_SHAPE2(INT_MAX, 1)),
                    *b = input("b", SCL_SHAPE2(1, INT_MAX));

    check_refused(scl_matmul(g, a, b, false, false), SCL_SHAPE,
                  "matmul: found the shape [2147483647, 2147483647], wanted one that memory can "
                  "hold");
}
END_TEST

START_TEST(null_input_is_refused_by_name_of_the_operator)
{
    check_refused(scl_relu(g, NULL), SCL_SHAPE, "relu: input 0 was refused before");
}
END_TEST

START_TEST(reshape_lies_where_its_input_lies)
{
    struct scl_node *x = input("x", SCL_SHAPE3(2, 3, 4)), *y = scl_reshape(g, x, SCL_SHAPE2(6, 4));

    ck_assert_ptr_eq(y->base, x);
    ck_assert_uint_eq(y->base_offset, 0);
    ck_assert_ptr_null(y->op->candidates);
    check_refused(scl_reshape(g, x, SCL_SHAPE1(25)), SCL_SHAPE,
                  "reshape: x is [2, 3, 4], which does not fit [25]");
}
END_TEST

START_TEST(rows_are_a_view_where_a_device_lets_one_begin)
{
    struct scl_node *x = input("x", SCL_SHAPE2(8, SCL_BUNDLE_ALIGN));
    struct scl_node *odd = input("odd", SCL_SHAPE2(8, 3)), *y = scl_rows(g, x, 3, 2);

    ck_assert_ptr_eq(y->base, x);
    ck_assert_uint_eq(y->base_offset, 3 * SCL_BUNDLE_ALIGN);
    ck_assert(scl_shape_equal(y->shape, SCL_SHAPE2(2, SCL_BUNDLE_ALIGN)));
    y = scl_rows(g, odd, 3, 2);
    ck_assert_ptr_null(y->base);
    ck_assert(scl_shape_equal(y->shape, SCL_SHAPE2(2, 3)));
    ck_assert_ptr_eq(scl_rows(g, odd, 0, 2)->base, odd);
}
END_TEST

START_TEST(rows_that_are_not_there_are_refused)
{
    struct scl_node *x = input("x", SCL_SHAPE2(8, 3));

    check_refused(scl_rows(g, x, 6, 3), SCL_SHAPE, "rows: x is [8, 3]; there are no rows 6 to 8");
}
END_TEST

START_TEST(gradient_stops_where_it_is_told_to)
{
    struct scl_node *x = input("x", SCL_SHAPE1(4)), *y = scl_stop_gradient(g, x);

    ck_assert_ptr_eq(y->base, x);
    ck_assert(!y->op->grad);
}
END_TEST

START_TEST(bundle_of_states_lies_in_the_model_in_its_order)
{
    struct scl_node *members[3] = { scl_state(g, "a", SCL_SHAPE2(3, 5), zero),
                                    scl_state(g, "b", SCL_SHAPE1(SCL_BUNDLE_ALIGN), zero),
                                    scl_state(g, "c", SCL_SHAPE1(SCL_BUNDLE_ALIGN + 1), zero) };
    const struct scl_node *y = scl_bundle(g, 3, members);

    ck_assert(y->is_bundle);
    ck_assert_ptr_eq(y->base, members[0]);
    ck_assert_uint_eq(scl_bundle_offset(y, 0), 0);
    ck_assert_uint_eq(scl_bundle_offset(y, 1), SCL_BUNDLE_ALIGN);
    ck_assert_uint_eq(scl_bundle_offset(y, 2), 2 * SCL_BUNDLE_ALIGN);
    ck_assert(scl_shape_equal(y->shape, SCL_SHAPE1(4 * SCL_BUNDLE_ALIGN)));
    ck_assert_ptr_null(members[1]->base);
}
END_TEST

START_TEST(bundle_of_values_is_what_they_lie_in)
{
    struct scl_node *x = input("x", SCL_SHAPE2(3, 5));
    struct scl_node *members[2] = { scl_relu(g, x), scl_silu(g, x) };
    struct scl_node *y = scl_bundle(g, 2, members);

    ck_assert_ptr_null(y->base);
    ck_assert_ptr_eq(members[0]->base, y);
    ck_assert_ptr_eq(members[1]->base, y);
    ck_assert_uint_eq(members[0]->base_offset, 0);
    ck_assert_uint_eq(members[1]->base_offset, SCL_BUNDLE_ALIGN);
}
END_TEST

START_TEST(what_lies_elsewhere_is_copied_into_the_bundle)
{
    struct scl_node *x = input("x", SCL_SHAPE1(7)), *y = scl_relu(g, x);
    struct scl_node *first[1] = { y }, *second[3] = { y, x, scl_reshape(g, x, SCL_SHAPE1(7)) };
    const struct scl_node *one = scl_bundle(g, 1, first), *other = scl_bundle(g, 3, second);

    ck_assert_ptr_eq(y->base, one);
    ck_assert_ptr_null(x->base);
    for (int i = 0; i < 3; i++) {
        ck_assert_ptr_ne(other->in[i], second[i]);
        ck_assert_ptr_eq(other->in[i]->in[0], second[i]);
        ck_assert_ptr_eq(other->in[i]->base, other);
    }
}
END_TEST

START_TEST(states_and_values_do_not_go_together)
{
    struct scl_node *w = scl_state(g, "w", SCL_SHAPE1(4), zero);
    struct scl_node *members[2] = { w, scl_relu(g, w) };

    check_refused(scl_bundle(g, 2, members), SCL_SHAPE,
                  "bundle: w and relu_1 do not go together: all are states, or all are computed, "
                  "in fp32");
}
END_TEST

START_TEST(print_has_a_line_for_each_node)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct scl_node *x = input("x", SCL_SHAPE2(2, 3));
    int n_line = 0;

    scl_add(g, scl_relu(g, x), x);
    scl_graph_print(g, out);
    ck_assert_int_eq(fclose(out), 0);
    for (const char *at = text; (at = strchr(at, '\n')); at++)
        n_line++;
    ck_assert_int_eq(n_line, 3);
    ck_assert_ptr_nonnull(strstr(text, "relu_1"));
    ck_assert_ptr_nonnull(strstr(text, "[2, 3]               1 0\n"));
    free(text);
}
END_TEST

START_TEST(shapes_count_and_compare)
{
    const struct scl_shape s = SCL_SHAPE4(2, 3, 5, 7);

    ck_assert_uint_eq(scl_shape_count(s), 210);
    ck_assert_uint_eq(scl_shape_count((struct scl_shape){ 0 }), 0);
    ck_assert_uint_eq(scl_shape_outer(s, 2), 6);
    ck_assert_uint_eq(scl_shape_inner(s, 2), 7);
    ck_assert_str_eq(scl_shape_text(s), "[2, 3, 5, 7]");
    ck_assert(!scl_shape_equal(s, SCL_SHAPE3(2, 3, 5)));
    ck_assert(!scl_shape_equal(s, SCL_SHAPE4(2, 3, 5, 8)));
}
END_TEST

const char *const suite_name = "graph/graph";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, nodes_stand_in_the_order_of_their_making);
    tcase_add_test(tc, constant_keeps_its_own_copy);
    tcase_add_test(tc, scopes_name_states_and_inputs);
    tcase_add_test(tc, second_mention_of_a_state_is_the_first);
    tcase_add_test(tc, first_refusal_is_kept_and_ends_the_building);
    tcase_add_loop_test(tc, shape_that_no_memory_holds_is_refused, 0, 3);
    tcase_add_test(tc, operator_that_makes_such_a_shape_is_named);
    tcase_add_test(tc, null_input_is_refused_by_name_of_the_operator);
    tcase_add_test(tc, reshape_lies_where_its_input_lies);
    tcase_add_test(tc, rows_are_a_view_where_a_device_lets_one_begin);
    tcase_add_test(tc, rows_that_are_not_there_are_refused);
    tcase_add_test(tc, gradient_stops_where_it_is_told_to);
    tcase_add_test(tc, bundle_of_states_lies_in_the_model_in_its_order);
    tcase_add_test(tc, bundle_of_values_is_what_they_lie_in);
    tcase_add_test(tc, what_lies_elsewhere_is_copied_into_the_bundle);
    tcase_add_test(tc, states_and_values_do_not_go_together);
    tcase_add_test(tc, print_has_a_line_for_each_node);
    tcase_add_test(tc, shapes_count_and_compare);
}
