/* test_exec.c - plans on a device: states that plans share, equal bits, times. */
#include "device/exec.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "ops/ops.h"
#include "support/op_check.h"

#define MUST(call) ck_assert_msg((call) >= 0, "%s", scl_error())

static const struct scl_init zero = { SCL_INIT_CONSTANT, 0 }, normal = { SCL_INIT_NORMAL, 1 };

static struct scl_graph *graph[2];

static void setup(void)
{
    for (int i = 0; i < 2; i++)
        ck_assert_ptr_nonnull(graph[i] = scl_graph_new());
}

static void teardown(void)
{
    for (int i = 0; i < 2; i++)
        scl_graph_free(graph[i]);
}

/* A plan of `g` that keeps y (where it has a value) on a device. */
struct bound {
    struct scl_plan *plan;
    struct scl_exec *exec;
};

static struct bound bind(struct scl_device *device, struct scl_store *store, struct scl_graph *g,
                         struct scl_node *y)
{
    const struct scl_plan_spec spec = { .facts = scl_device_facts(device),
                                        .profile = scl_device_profile(device),
                                        .n_keep = y->shape.rank > 0,
                                        .keep = &y };
    struct bound b;

    MUST(scl_plan_new(&b.plan, g, &spec));
    MUST(scl_exec_new(&b.exec, device, store, b.plan, NULL, NULL));
    return b;
}

static void unbind(struct bound b)
{
    scl_exec_free(b.exec);
    scl_plan_free(b.plan);
}

START_TEST(state_that_one_plan_writes_another_reads)
{
    struct scl_device *device = test_device();
    struct scl_node *x = scl_input(graph[0], "x", SCL_F32, SCL_SHAPE1(300));
    struct scl_node *decay = scl_input(graph[0], "decay", SCL_F32, SCL_SHAPE1(1));
    struct scl_node *change =
        scl_ema(graph[0], scl_state(graph[0], "w", SCL_SHAPE1(300), zero), x, decay);
    struct scl_node *y = scl_scale(graph[1], scl_state(graph[1], "w", SCL_SHAPE1(300), zero), 2, 1);
    float values[300], out[300];
    const float half = 0.5f;
    struct scl_store *store;
    struct bound writer, reader;

    for (int i = 0; i < 300; i++)
        values[i] = (float)i;
    MUST(scl_store_new(&store, device, 2, graph, 1));
    writer = bind(device, store, graph[0], change);
    reader = bind(device, store, graph[1], y);
    MUST(scl_exec_write(writer.exec, x, values, true));
    MUST(scl_exec_write(writer.exec, decay, &half, true));
    for (int run = 0; run < 2; run++) { /* w becomes x / 2, then 3 x / 4 */
        MUST(scl_exec_run(writer.exec));
        MUST(scl_exec_run(reader.exec));
        MUST(scl_exec_read(reader.exec, y, out));
        for (int i = 0; i < 300; i++)
            ck_assert_float_eq(out[i], (run ? 1.5f : 1.0f) * (float)i + 1);
    }
    MUST(scl_store_read(store, scl_store_find(store, "w"), out));
    ck_assert_float_eq(out[8], 6);
    unbind(reader);
    unbind(writer);
    scl_store_free(store);
}
END_TEST

/* The product of two matrices of ones by CLBlast, with these parameters. */
static int multiply(float *out, const char *params)
{
    struct scl_device *device = test_device();
    struct scl_graph *g = scl_graph_new();
    struct scl_node *a = scl_input(g, "a", SCL_F32, SCL_SHAPE2(64, 64));
    struct scl_node *y = scl_matmul(g, a, a, false, false);
    const struct scl_plan_spec spec = { .facts = scl_device_facts(device),
                                        .profile = scl_device_profile(device),
                                        .n_keep = 1,
                                        .keep = &y,
                                        .force_op = &scl_op_matmul,
                                        .force_candidate = "gemm.clblast",
                                        .force_params = params };
    struct scl_plan *plan = NULL;
    struct scl_exec *exec = NULL;
    float ones[64 * 64];
    int rc;

    for (int i = 0; i < 64 * 64; i++)
        ones[i] = 1;
    SCL_TRY(scl_plan_new(&plan, g, &spec));
    SCL_TRY(scl_exec_new(&exec, device, NULL, plan, NULL, NULL));
    SCL_TRY(scl_exec_write(exec, a, ones, true));
    SCL_TRY(scl_exec_run(exec));
    SCL_TRY(scl_exec_read(exec, y, out));
out:
    scl_exec_free(exec);
    scl_plan_free(plan);
    scl_graph_free(g);
    return rc;
}

START_TEST(set_that_clblast_computes_wrongly_is_refused)
{
    float out[64 * 64];

    ck_assert_int_eq(multiply(out, "GEMMK=1 KREG=4 NWG=128"), SCL_BUILD);
    ck_assert_msg(strncmp(scl_error(), "clblast/Xgemm has GEMMK 1 with MWG 64 and NWG 128", 49) ==
                      0,
                  "%s", scl_error());
}
END_TEST

START_TEST(states_start_as_seed_and_name_say)
{
    struct scl_device *device = test_device();
    float first[50], second[50];
    struct scl_store *store;

    scl_state(graph[0], "a", SCL_SHAPE1(50), normal);
    scl_state(graph[1], "b", SCL_SHAPE1(70), normal);
    scl_state(graph[1], "a", SCL_SHAPE1(50), normal);
    for (int i = 0; i < 2; i++) {
        MUST(scl_store_new(&store, device, 1, &graph[i], 7));
        MUST(scl_store_read(store, scl_store_find(store, "a"), i ? second : first));
        ck_assert_ptr_null(scl_store_find(store, "c"));
        scl_store_free(store);
    }
    ck_assert_int_eq(memcmp(first, second, sizeof first), 0);
    MUST(scl_store_new(&store, device, 1, &graph[0], 8));
    MUST(scl_store_read(store, scl_store_find(store, "a"), second));
    scl_store_free(store);
    ck_assert_int_ne(memcmp(first, second, sizeof first), 0);
}
END_TEST

START_TEST(graphs_that_disagree_on_a_state_are_refused)
{
    struct scl_store *store;

    scl_state(graph[0], "w", SCL_SHAPE1(3), zero);
    scl_state(graph[1], "w", SCL_SHAPE1(4), zero);
    ck_assert_int_eq(scl_store_new(&store, test_device(), 2, graph, 1), SCL_SHAPE);
    ck_assert_str_eq(scl_error(), "model: state w is [3] in one graph and [4] in another");
    ck_assert_ptr_null(store);
}
END_TEST

START_TEST(graphs_that_bundle_in_other_orders_are_refused)
{
    struct scl_store *store;

    for (int i = 0; i < 2; i++) {
        struct scl_node *a = scl_state(graph[i], "a", SCL_SHAPE1(3), zero);
        struct scl_node *b = scl_state(graph[i], "b", SCL_SHAPE1(3), zero);

        scl_bundle(graph[i], 2, (struct scl_node *[]){ i ? b : a, i ? a : b });
    }
    ck_assert_int_eq(scl_store_new(&store, test_device(), 2, graph, 1), SCL_SHAPE);
    ck_assert_str_eq(scl_error(), "model: b and a are bundled in one graph, and not in another");
    ck_assert_ptr_null(store);
}
END_TEST

/* A product, a sum over many rows, a ReLU: reductions whose order matters. */
static struct scl_node *sums(struct scl_graph *g, struct scl_node **x)
{
    *x = scl_input(g, "x", SCL_F32, SCL_SHAPE2(333, 65));
    return scl_relu(
        g, scl_column_sum(g, scl_matmul(g, *x, scl_matmul(g, *x, *x, true, false), false, false)));
}

static void run_sums(struct scl_device *device, struct scl_graph *g, float out[2][65])
{
    struct scl_rng rng = scl_rng_at(1, SCL_RNG_TEST, 0, 0, 0);
    struct scl_node *x, *y = sums(g, &x);
    static float values[333 * 65];
    struct bound b = bind(device, NULL, g, y);

    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        values[i] = scl_rng_normal(&rng);
    MUST(scl_exec_write(b.exec, x, values, false));
    for (int i = 0; i < 2; i++) {
        MUST(scl_exec_run(b.exec));
        MUST(scl_exec_read(b.exec, y, out[i]));
    }
    unbind(b);
}

START_TEST(equal_runs_give_equal_bits)
{
    float first[2][65], second[2][65];

    run_sums(test_device(), graph[0], first);
    run_sums(test_device(), graph[1], second);
    ck_assert_int_eq(memcmp(first[0], first[1], sizeof first[0]), 0);
    ck_assert_int_eq(memcmp(first, second, sizeof first), 0);
    ck_assert_float_gt(first[0][0] + first[0][1] + first[0][2], 0);
}
END_TEST

START_TEST(every_launch_is_timed)
{
    struct scl_node *x, *y = sums(graph[0], &x);
    struct bound b = bind(test_device(), NULL, graph[0], y);
    double *ms = calloc((size_t)b.plan->n_step, sizeof *ms), all = 0;

    MUST(scl_exec_profile(b.exec, ms));
    for (int s = 0; s < b.plan->n_step; s++) {
        ck_assert_double_ge(ms[s], 0);
        all += ms[s];
    }
    ck_assert_double_gt(all, 0);
    ck_assert_double_lt(all, 10000);
    free(ms);
    unbind(b);
}
END_TEST

START_TEST(device_that_is_not_there_is_refused_with_those_that_are)
{
    struct scl_device *device;
    char key[320];

    scl_device_key(key, sizeof key, scl_device_facts(test_device()));
    ck_assert_int_eq(scl_device_open(&device, "absent", 0), SCL_USAGE);
    ck_assert_ptr_nonnull(strstr(scl_error(), "there is no device 'absent'; there are: "));
    ck_assert_ptr_nonnull(strstr(scl_error(), key));
    ck_assert_ptr_null(device);
}
END_TEST

START_TEST(memory_may_be_overridden)
{
    struct scl_device *device;

    MUST(scl_device_open(&device, "", (size_t)1 << 20));
    ck_assert_uint_eq(scl_device_facts(device)->global_bytes, (size_t)1 << 20);
    ck_assert_uint_le(scl_device_facts(device)->max_alloc_bytes, (size_t)1 << 20);
    scl_device_close(device);
}
END_TEST

const char *const suite_name = "device/exec";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, state_that_one_plan_writes_another_reads);
    tcase_add_test(tc, set_that_clblast_computes_wrongly_is_refused);
    tcase_add_test(tc, states_start_as_seed_and_name_say);
    tcase_add_test(tc, graphs_that_disagree_on_a_state_are_refused);
    tcase_add_test(tc, graphs_that_bundle_in_other_orders_are_refused);
    tcase_add_test(tc, equal_runs_give_equal_bits);
    tcase_add_test(tc, every_launch_is_timed);
    tcase_add_test(tc, device_that_is_not_there_is_refused_with_those_that_are);
    tcase_add_test(tc, memory_may_be_overridden);
}
