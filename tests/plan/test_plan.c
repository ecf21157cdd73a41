/* test_plan.c - candidates and memory, chosen from a device's facts alone. */
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "ops/ops.h"
#include "plan/plan_impl.h"

#define MIB ((size_t)1 << 20)

static struct scl_facts facts;
static struct scl_profile *profile;
static struct scl_graph *g;

static void setup(void)
{
    facts = (struct scl_facts){ .platform = "Portable Computing Language",
                                .name = "pthread-haswell-test",
                                .is_cpu = true,
                                .compute_units = 2,
                                .vector_width = 8,
                                .max_group = 4096,
                                .local_bytes = MIB,
                                .global_bytes = 64 * MIB,
                                .max_alloc_bytes = 64 * MIB,
                                .align_bytes = 128 };
    ck_assert_int_eq(scl_profile_open(&profile, &facts), SCL_OK);
    g = scl_graph_new();
    ck_assert_ptr_nonnull(g);
}

static void teardown(void)
{
    scl_graph_free(g);
    scl_profile_close(profile);
}

static struct scl_node *input(int rows, int cols)
{
    return scl_input(g, "x", SCL_F32, SCL_SHAPE2(rows, cols));
}

static int make_plan(struct scl_plan **plan, int n, struct scl_node *const keep[])
{
    return scl_plan_new(
        plan, g,
        &(struct scl_plan_spec){ .facts = &facts, .profile = profile, .n_keep = n, .keep = keep });
}

static struct scl_plan *plan_of(struct scl_node *y)
{
    struct scl_plan *plan;

    ck_assert_msg(make_plan(&plan, 1, &y) == SCL_OK, "%s", scl_error());
    return plan;
}

static struct scl_node *chain(struct scl_node *x, int n)
{
    for (int i = 0; i < n; i++)
        x = scl_relu(g, x);
    return x;
}

START_TEST(values_that_never_meet_share_bytes)
{
    struct scl_plan *plan = plan_of(chain(input(64, 128), 10));
    const size_t one = 64 * 128 * sizeof(float);

    ck_assert_int_eq(plan->n_step, 10);
    ck_assert_uint_eq(plan->value_bytes, 11 * one);
    ck_assert_uint_eq(scl_plan_bytes(plan), 3 * one); /* the input, and two in turn */
    scl_plan_free(plan);
}
END_TEST

/* ---- a whole plan, played through ------------------------------------------------------- */

/* Who wrote each 4 bytes of the workspace last: a node's root, or scratch (-2). */
struct memory {
    int *owner[64];
};

static void claim(struct memory *m, const struct scl_place *place, int owner)
{
    for (size_t i = place->offset / 4; i < (place->offset + place->bytes + 3) / 4; i++)
        m->owner[place->buffer][i] = owner;
}

static void check_owned(const struct memory *m, const struct scl_place *place, int owner, int step)
{
    for (size_t i = place->offset / 4; i < (place->offset + place->bytes + 3) / 4; i++)
        if (m->owner[place->buffer][i] != owner)
            ck_abort_msg("step %d reads value %d where %d was written", step, owner,
                         m->owner[place->buffer][i]);
}

static int root_id(const struct scl_node *y)
{
    return scl_root(y, NULL)->id;
}

/* Outputs come first in a launch: argument 0 is what a step of these graphs writes. */
static void play(const struct scl_plan *plan, int n_keep, struct scl_node *const keep[])
{
    struct memory m;

    ck_assert_int_le(plan->n_buffer, 64);
    for (int b = 0; b < plan->n_buffer; b++)
        ck_assert_ptr_nonnull(m.owner[b] = calloc(plan->buffer_bytes[b] / 4 + 1, sizeof(int)));
    for (int id = 0; id < scl_graph_count(plan->graph); id++)
        if (scl_graph_node(plan->graph, id)->role == SCL_INPUT)
            claim(&m, &plan->place[id], id);
    for (int s = 0; s < plan->n_step; s++) {
        const struct scl_step *step = &plan->step[s];

        /* First the output: it must not lie on the inputs of its own step either. */
        if (step->launch->arg[0].kind == SCL_ARG_SCRATCH)
            claim(&m, &step->place[0], -2);
        else
            claim(&m, &step->place[0], root_id(step->launch->arg[0].value));
        for (int a = 1; a < step->launch->n_arg; a++)
            if (step->launch->arg[a].kind == SCL_ARG_VALUE)
                check_owned(&m, &step->place[a], root_id(step->launch->arg[a].value), s);
            else if (step->launch->arg[a].kind == SCL_ARG_SCRATCH)
                check_owned(&m, &step->place[a], -2, s);
    }
    for (int i = 0; i < n_keep; i++)
        check_owned(&m, &plan->place[keep[i]->id], root_id(keep[i]), plan->n_step);
    for (int b = 0; b < plan->n_buffer; b++)
        free(m.owner[b]);
}

/* 40 nodes over what was made before, with views and two-stage reductions among them. */
static void grow(struct scl_node *node[], int n, int seed)
{
    struct scl_rng rng = scl_rng_at(2, SCL_RNG_TEST, 0, (uint32_t)seed, 0);

    node[0] = input(256, 64);
    for (int i = 1; i < n; i++) {
        struct scl_node *a = node[scl_rng_below(&rng, (uint32_t)i)];
        struct scl_node *b = node[scl_rng_below(&rng, (uint32_t)i)];

        if (scl_shape_count(a->shape) < 256 * 64 || !scl_shape_equal(a->shape, b->shape))
            node[i] = scl_relu(g, a);
        else if (scl_rng_below(&rng, 8) == 0)
            node[i] = scl_column_sum(g, a);
        else if (scl_rng_below(&rng, 4) == 0)
            node[i] = scl_reshape(
                g, a, a->shape.dim[0] == 256 ? SCL_SHAPE2(64, 256) : SCL_SHAPE2(256, 64));
        else
            node[i] = scl_add(g, a, b);
    }
}

START_TEST(every_step_reads_what_was_written_for_it)
{
    facts.max_alloc_bytes = _i % 2 ? 256 * 1024 : 64 * MIB;
    for (int seed = 0; seed < 20; seed++) {
        struct scl_node *node[40], *keep[2];
        struct scl_plan *plan;

        scl_graph_free(g);
        g = scl_graph_new();
        grow(node, 40, 20 * _i + seed);
        keep[0] = node[39];
        keep[1] = node[20];
        ck_assert_msg(make_plan(&plan, 2, keep) == SCL_OK, "%s", scl_error());
        play(plan, 2, keep);
        scl_plan_free(plan);
    }
}
END_TEST

START_TEST(what_nobody_asks_for_is_not_computed)
{
    struct scl_node *x = input(8, 8), *y = scl_relu(g, x);
    struct scl_plan *plan;

    chain(x, 5);
    plan = plan_of(y);
    ck_assert_int_eq(plan->n_step, 1);
    ck_assert_ptr_eq(plan->step[0].node, y);
    scl_plan_free(plan);
}
END_TEST

/* ---- limits, refusals, printing --------------------------------------------------------- */

START_TEST(small_buffers_give_several_of_them)
{
    struct scl_node *x = input(64, 128), *y = x;
    struct scl_plan *plan;
    struct scl_node *part[6];

    for (int i = 0; i < 6; i++)
        part[i] = scl_scale(g, x, (float)i, 0);
    for (int i = 0; i < 6; i++)
        y = scl_add(g, y, part[i]);
    facts.max_alloc_bytes = 64 * 128 * sizeof(float) * 2;
    plan = plan_of(y);
    ck_assert_int_eq(plan->n_buffer, 4); /* seven and the sum, two in a buffer */
    play(plan, 1, &y);
    scl_plan_free(plan);
}
END_TEST

static void check_refused(struct scl_node *y, int code, const char *words)
{
    struct scl_plan *plan;

    ck_assert_int_eq(make_plan(&plan, 1, &y), code);
    ck_assert_str_eq(scl_error(), words);
    ck_assert_ptr_null(plan);
}

START_TEST(plan_that_does_not_fit_says_what_it_needs)
{
    struct scl_node *x = input(1024, 1024), *y = scl_relu(g, x);

    facts.global_bytes = 10 * MIB;
    check_refused(
        scl_add(g, chain(y, 2), y), SCL_CONFIG,
        "the plan needs 16.0 MiB, and the device has 10.0 MiB (memory_bytes in the "
        "configuration overrides what the driver says); largest: x, 4.0 MiB; a batch of "
        "about 56 % of this one would fit; train.recompute, train.micro_batch and precision "
        "trade time for memory");
}
END_TEST

START_TEST(value_larger_than_any_buffer_is_named)
{
    facts.max_alloc_bytes = MIB;
    check_refused(scl_relu(g, input(1024, 1024)), SCL_CONFIG,
                  "x needs 4.0 MiB in one piece, and the device gives 1.0 MiB; a smaller "
                  "train.batch would fit");
}
END_TEST

START_TEST(group_larger_than_the_devices_is_refused_before_a_launch)
{
    struct scl_node *y = scl_relu(g, input(1024, 1024));
    struct scl_plan *plan;

    scl_profile_close(profile);
    ck_assert_int_eq(scl_profile_open_named(&profile, "generic"), SCL_OK);
    facts.max_group = 255;
    check_refused(y, SCL_NO_DEVICE,
                  "relu_1: candidate span.tile wants groups of 256 items, and the device's have up "
                  "to 255");
    facts.max_group = 256;
    plan = plan_of(y);
    scl_plan_free(plan);
}
END_TEST

START_TEST(refused_graph_gives_no_plan)
{
    struct scl_plan *plan;

    scl_add(g, input(2, 3), input(3, 2));
    ck_assert_int_eq(make_plan(&plan, 0, NULL), SCL_SHAPE);
    ck_assert_ptr_null(plan);
}
END_TEST

START_TEST(candidate_that_is_forced_and_does_not_exist_is_refused)
{
    struct scl_node *y = scl_relu(g, input(2, 3));
    struct scl_plan *plan;

    ck_assert_int_eq(scl_plan_new(&plan, g,
                                  &(struct scl_plan_spec){ .facts = &facts,
                                                           .profile = profile,
                                                           .n_keep = 1,
                                                           .keep = &y,
                                                           .force_op = &scl_op_relu,
                                                           .force_candidate = "absent" }),
                     SCL_SHAPE);
    ck_assert_str_eq(scl_error(), "relu: candidate absent does not accept [2, 3]");
}
END_TEST

START_TEST(forced_parameters_go_before_the_profiles)
{
    struct scl_node *y = scl_relu(g, input(64, 1024));
    size_t groups[2];

    for (int i = 0; i < 2; i++) {
        struct scl_plan *plan;
        const struct scl_plan_spec spec = { .facts = &facts,
                                            .profile = profile,
                                            .n_keep = 1,
                                            .keep = &y,
                                            .force_op = &scl_op_relu,
                                            .force_candidate = "span.vec",
                                            .force_params =
                                                i ? "XSPAN=1 SPAN=512 WG=1" : "SPAN=1024" };

        ck_assert_int_eq(scl_plan_new(&plan, g, &spec), SCL_OK);
        groups[i] = plan->step[0].launch->groups[0];
        scl_plan_free(plan);
    }
    ck_assert_uint_eq(groups[0], 64);
    ck_assert_uint_eq(groups[1], 128);
}
END_TEST

START_TEST(parameter_without_a_kernel_is_of_the_one_asked_first)
{
    static const char *const params[] = { "SPAN=64", "matmul/vec:SPAN=64 elementwise.vec:SPAN=64" };
    struct scl_node *y = scl_matmul(g, input(16, 65536), input(65536, 16), false, false);
    const char *defines[2];
    struct scl_plan *plan[2];

    for (int i = 0; i < 2; i++) {
        const struct scl_plan_spec spec = { .facts = &facts,
                                            .profile = profile,
                                            .n_keep = 1,
                                            .keep = &y,
                                            .force_op = &scl_op_matmul,
                                            .force_candidate = "direct.vec",
                                            .force_params = params[i] };

        ck_assert_msg(scl_plan_new(&plan[i], g, &spec) == SCL_OK, "%s", scl_error());
        defines[i] = plan[i]->step[plan[i]->n_step - 1].launch->defines;
    }
    ck_assert_str_eq(defines[0], "-DWG=1 -DLANES=16 -DSPAN=4096 ");
    ck_assert_str_eq(defines[1], "-DWG=1 -DLANES=16 -DSPAN=64 ");
    scl_plan_free(plan[0]);
    scl_plan_free(plan[1]);
}
END_TEST

START_TEST(family_that_is_asked_for_is_taken)
{
    struct scl_node *y = scl_relu(g, input(2, 3));

    for (int i = 0; i < 2; i++) {
        struct scl_plan *plan;
        const struct scl_plan_spec spec = { .facts = &facts,
                                            .profile = profile,
                                            .n_keep = 1,
                                            .keep = &y,
                                            .family = scl_family_text(i ? SCL_TILE : SCL_VEC) };

        ck_assert_int_eq(scl_plan_new(&plan, g, &spec), SCL_OK);
        ck_assert_int_eq(plan->step[0].by->candidate->family, i ? SCL_TILE : SCL_VEC);
        scl_plan_free(plan);
    }
}
END_TEST

/* The printed plan of a graph made anew; yours to free. */
static char *print_anew(void)
{
    struct scl_node *node[40];
    struct scl_plan *plan;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    scl_graph_free(g);
    g = scl_graph_new();
    grow(node, 40, 3);
    plan = plan_of(node[39]);
    scl_plan_print(plan, out);
    scl_plan_free(plan);
    ck_assert_int_eq(fclose(out), 0);
    return text;
}

START_TEST(same_graph_prints_the_same_bytes)
{
    char *first = print_anew(), *second = print_anew();

    ck_assert_str_eq(first, second);
    ck_assert_int_eq(strncmp(first, "# profile pocl-avx2: ", 21), 0);
    free(first);
    free(second);
}
END_TEST

/* ReLU moves 8000 bytes and computes 1000 times; the product computes for longer than it moves. A
 * product of two launches (packed first) counts once. */
START_TEST(forecast_is_arithmetic_or_traffic_whichever_is_longer)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE2(1, 1000));
    struct scl_node *a = scl_input(g, "a", SCL_F32, SCL_SHAPE2(64, 64));
    struct scl_node *keep[] = { scl_relu(g, x), scl_matmul(g, a, a, false, false) };
    const double flops = 2.0 * 64 * 64 * 64, bytes = 3.0 * 64 * 64 * 4;
    struct scl_plan *plan;

    ck_assert_msg(make_plan(&plan, 2, keep) == SCL_OK, "%s", scl_error());
    ck_assert_double_eq_tol(scl_plan_forecast(plan, 1, 1), 8000e-9 + flops * 1e-9, 1e-12);
    ck_assert_double_eq_tol(scl_plan_forecast(plan, 1e6, 1), 8000e-9 + bytes * 1e-9, 1e-12);
    scl_plan_free(plan);
}
END_TEST

/* An average follows 1000 values: it is read and written, they are read, and so is the decay. */
START_TEST(what_is_changed_where_it_lies_is_read_and_written)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE1(1000));
    struct scl_node *average = scl_input(g, "average", SCL_F32, SCL_SHAPE1(1000));
    struct scl_node *decay = scl_input(g, "decay", SCL_F32, SCL_SHAPE1(1));
    struct scl_plan *plan = plan_of(scl_ema(g, average, x, decay));
    const struct scl_cost cost = scl_step_cost(&plan->step[0]);
    bool is_traffic;

    ck_assert_double_eq_tol(cost.bytes, 3 * 4000 + 4, 5); /* it has no value of its own */
    ck_assert_double_eq(cost.least_flops, cost.flops);
    ck_assert_double_eq(scl_cost_seconds(&cost, 1e9, 1, &is_traffic), cost.bytes * 1e-9);
    ck_assert(is_traffic);
    ck_assert_double_eq(scl_cost_seconds(&cost, 1, 1e9, &is_traffic), cost.flops * 1e-9);
    ck_assert(!is_traffic);
    scl_plan_free(plan);
}
END_TEST

/* Channels and side of a 3x3 convolution, or of its gradient of w; which way it goes on a CPU. */
static const struct {
    int channels, side;
    bool of_w;
    const char *candidate;
    double work;
} ways[] = {
    { 16, 8, false, "winograd4.vec", 0.25 },    { 15, 8, false, "direct.vec", 1 },
    { 16, 2, false, "direct.vec", 1 },          { 16, 3, false, "direct.vec", 1 },
    { 16, 5, false, "winograd2.vec", 4.0 / 9 }, { 16, 6, false, "winograd2.vec", 4.0 / 9 },
    { 16, 7, false, "winograd4.vec", 0.25 },    { 16, 8, true, "winograd4.vec", 0.25 },
    { 16, 5, true, "direct.vec", 1 },           { 15, 8, true, "direct.vec", 1 },
};

START_TEST(convolution_goes_the_way_that_suits_it)
{
    const int c = ways[_i].channels, side = ways[_i].side;
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE4(2, side, side, c));
    struct scl_node *w = scl_input(g, "w", SCL_F32, SCL_SHAPE4(3, 3, c, c));
    struct scl_node *y = ways[_i].of_w ? scl_conv2d_grad_w(g, x, x, SCL_SHAPE4(3, 3, c, c), 1, 1)
                                       : scl_conv2d(g, x, w, NULL, 1, 1);
    struct scl_plan *plan = plan_of(y);

    ck_assert_str_eq(plan->step[0].by->candidate->name, ways[_i].candidate);
    ck_assert_double_eq_tol(scl_plan_forecast(plan, 1, 1e9),
                            ways[_i].work * scl_node_flops(y) * 1e-9, 1e-9);
    scl_plan_free(plan);
}
END_TEST

/* A convolution of n images in one of its directions, in a graph of its own. */
static struct scl_node *direction_of(int index, int n)
{
    const struct scl_shape image = SCL_SHAPE4(n, 16, 16, 8), kernel = SCL_SHAPE4(3, 3, 8, 8);
    struct scl_node *x, *w;

    scl_graph_free(g);
    g = scl_graph_new();
    x = scl_input(g, "x", SCL_F32, image);
    w = scl_input(g, "w", SCL_F32, kernel);
    if (index == 0)
        return scl_conv2d(g, x, w, NULL, 1, 1);
    if (index == 1)
        return scl_conv2d_grad_x(g, x, w, image, 1, 1);
    return scl_conv2d_grad_w(g, x, scl_input(g, "dy", SCL_F32, image), kernel, 1, 1);
}

static size_t bytes_in_pieces(int index, int n)
{
    struct scl_node *y = direction_of(index, n);
    const struct scl_plan_spec spec = { .facts = &facts,
                                        .profile = profile,
                                        .n_keep = 1,
                                        .keep = &y,
                                        .force_op = y->op,
                                        .force_candidate = "im2col.vec",
                                        .force_params = "PIECE=256" };
    struct scl_plan *plan;
    size_t bytes;

    ck_assert_msg(scl_plan_new(&plan, g, &spec) == SCL_OK, "%s", scl_error());
    for (int s = 0; s < plan->n_step; s++)
        for (int a = 0; a < plan->step[s].launch->n_arg; a++)
            ck_assert_uint_eq(plan->step[s].place[a].offset % 512, 0);
    bytes = scl_plan_bytes(plan);
    scl_plan_free(plan);
    return bytes;
}

/* Twice the images take twice the bytes for themselves, and no more. */
START_TEST(matrix_of_a_convolution_does_not_grow_with_the_batch)
{
    const size_t image = (size_t)16 * 16 * 8 * sizeof(float);

    ck_assert_uint_eq(bytes_in_pieces(_i, 128) - bytes_in_pieces(_i, 64), 64 * 2 * image);
}
END_TEST

const char *const suite_name = "plan/plan";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, values_that_never_meet_share_bytes);
    tcase_add_loop_test(tc, every_step_reads_what_was_written_for_it, 0, 2);
    tcase_add_test(tc, what_nobody_asks_for_is_not_computed);
    tcase_add_test(tc, small_buffers_give_several_of_them);
    tcase_add_test(tc, plan_that_does_not_fit_says_what_it_needs);
    tcase_add_test(tc, value_larger_than_any_buffer_is_named);
    tcase_add_test(tc, group_larger_than_the_devices_is_refused_before_a_launch);
    tcase_add_test(tc, refused_graph_gives_no_plan);
    tcase_add_test(tc, candidate_that_is_forced_and_does_not_exist_is_refused);
    tcase_add_test(tc, forced_parameters_go_before_the_profiles);
    tcase_add_test(tc, parameter_without_a_kernel_is_of_the_one_asked_first);
    tcase_add_test(tc, family_that_is_asked_for_is_taken);
    tcase_add_test(tc, same_graph_prints_the_same_bytes);
    tcase_add_test(tc, forecast_is_arithmetic_or_traffic_whichever_is_longer);
    tcase_add_test(tc, what_is_changed_where_it_lies_is_read_and_written);
    tcase_add_loop_test(tc, matrix_of_a_convolution_does_not_grow_with_the_batch, 0, 3);
    tcase_add_loop_test(tc, convolution_goes_the_way_that_suits_it, 0, sizeof ways / sizeof *ways);
}
