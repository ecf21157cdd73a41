/* test_key.c - keys of nodes: another key for other work, the same for the same. */
#include "graph/key.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "config/config.h"
#include "data/configured.h"
#include "ops/knn.h"
#include "ops/ops.h"
#include "ops/optim.h"
#include "train/phase.h"

static struct scl_graph *g;

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

/* Of the last node that has the operator. */
static const char *key_of(const char *op)
{
    static char key[4][SCL_NODE_KEY_BYTES];
    static int turn;

    for (int id = scl_graph_count(g) - 1; id >= 0; id--) {
        const struct scl_node *y = scl_graph_node(g, id);

        if (!y->op || strcmp(y->op->name, op) != 0)
            continue;
        turn = (turn + 1) % 4;
        scl_node_key(key[turn], y);
        return key[turn];
    }
    ck_abort_msg("there is no %s: %s", op, scl_error());
    return NULL;
}

static void check_key(const char *op, const char *wanted)
{
    ck_assert_msg(scl_graph_check(g) == SCL_OK, "%s", scl_error());
    ck_assert_str_eq(key_of(op), wanted);
}

START_TEST(forms_that_were_given_out_stay)
{
    struct scl_node *x = input("x", SCL_SHAPE4(256, 32, 32, 64));
    struct scl_node *w = scl_state(g, "w", SCL_SHAPE4(3, 3, 64, 64), (struct scl_init){ 0 });
    struct scl_node *b = scl_state(g, "b", SCL_SHAPE1(64), (struct scl_init){ 0 });
    struct scl_node *m = input("m", SCL_SHAPE2(8, 4)), *dx[2];
    struct scl_node *y = scl_conv2d(g, x, w, NULL, 1, 1);

    check_key("conv2d", "conv2d.fwd n256h32w32c64k64r3s3u1p1");
    scl_conv2d(g, x, w, b, 2, 1);
    check_key("conv2d", "conv2d.fwd n256h32w32c64k64r3s3u2p1b");
    ck_assert_int_eq(scl_op_conv2d.grad(g, y, y, (const bool[]){ true, true }, dx), SCL_OK);
    check_key("conv2d_grad_x", "conv2d.grad_x n256h32w32c64k64r3s3u1p1");
    check_key("conv2d_grad_w", "conv2d.grad_w n256h32w32c64k64r3s3u1p1");
    scl_matmul(g, m, m, false, true);
    check_key("matmul", "matmul 8x8 of 8x4,8x4 a0b1");
    scl_relu(g, m);
    check_key("relu", "relu 8x4 of 8x4");
    scl_gather_rows(g, m, scl_input(g, "i", SCL_I32, SCL_SHAPE1(3)));
    check_key("gather_rows", "gather_rows 3x4 of 8x4,3i32");
    scl_sgd(g, b, scl_state(g, "v", SCL_SHAPE1(64), (struct scl_init){ 0 }),
            input("d", SCL_SHAPE1(64)), input("lr", SCL_SHAPE1(1)), (struct scl_sgd){ 0 });
    check_key("sgd", "sgd - of 64,64,64,1 n0");
}
END_TEST

/* ---- attributes that no shape tells ------------------------------------------------------- */

static void blur(int i)
{
    scl_augment_blur(g, input("x", SCL_SHAPE4(2, 8, 8, 3)), input("s", SCL_SHAPE1(2)), 3 + 2 * i);
}

static struct scl_node *crop_table(void)
{
    return scl_input(g, "t", SCL_I32, SCL_SHAPE2(2, SCL_CROP_COLUMNS));
}

static void crop_cubic(int i)
{
    scl_augment_crop(g, input("x", SCL_SHAPE4(2, 8, 8, 3)), crop_table(), 4, 4, i, 8);
}

static void crop_side(int i)
{
    scl_augment_crop(g, input("x", SCL_SHAPE4(2, 8, 8, 3)), crop_table(), 4, 4, true, 8 + i);
}

static void center(int i)
{
    scl_center_slices(g, input("x", SCL_SHAPE2(8, 4)), 4 + 4 * i);
}

static void penalty(int i)
{
    scl_correlation_penalty(g, input("x", SCL_SHAPE2(4, 4)),
                            (struct scl_correlation_penalty){ 1, 1, 1, i });
}

static void vote(int i)
{
    scl_knn_vote(g, input("v", SCL_SHAPE2(4, 2)), input("l", SCL_SHAPE2(4, 2)),
                 &(struct scl_knn_spec){ .k = 2, .exp_vote = true, .cosine = i, .temperature = 1 });
}

static void pool_kernel(int i)
{
    scl_max_pool2d(g, input("x", SCL_SHAPE4(2, 8, 8, 4)), 2 + i, 2, i);
}

static void difference(int i)
{
    scl_pair_difference(g, input("a", SCL_SHAPE2(4, 4)), input("b", SCL_SHAPE2(4, 4)), i, 1);
}

static void weight(int i)
{
    scl_pair_weight(g, input("d", SCL_SHAPE1(4)),
                    (struct scl_pair_weight){ .map = i ? SCL_PAIR_SOFTMAX : SCL_PAIR_AFFINE,
                                              .temperature = 1 });
}

static void sgd(int i)
{
    scl_sgd(g, scl_state(g, "p", SCL_SHAPE1(4), (struct scl_init){ 0 }),
            scl_state(g, "v", SCL_SHAPE1(4), (struct scl_init){ 0 }), input("d", SCL_SHAPE1(4)),
            input("lr", SCL_SHAPE1(1)), (struct scl_sgd){ .momentum = 0.9f, .nesterov = i });
}

static void lars_lengths(int i)
{
    const int32_t table[2][6] = { { 0, 2, 0, 2, 6, 0 }, { 0, 4, 0, 4, 4, 0 } };

    scl_lars(g, scl_state(g, "p", SCL_SHAPE1(8), (struct scl_init){ 0 }),
             scl_state(g, "v", SCL_SHAPE1(8), (struct scl_init){ 0 }), input("d", SCL_SHAPE1(8)),
             scl_constant(g, "segments", SCL_I32, SCL_SHAPE2(2, 3), table[i]),
             input("lr", SCL_SHAPE1(1)), (struct scl_lars){ 0.9f, 0, 0.1f, true });
}

static void multiply(int i)
{
    scl_matmul(g, input("a", SCL_SHAPE2(4, 4)), input("b", SCL_SHAPE2(4, 4)), i, !i);
}

static void slice_axis(int i)
{
    scl_slice(g, input("x", SCL_SHAPE2(4, 4)), 1, i, 2);
}

static void norm_views(int i)
{
    struct scl_node *x = input("x", SCL_SHAPE2(8, 4));

    scl_batch_norm(g, x, NULL, NULL, NULL, NULL,
                   (struct scl_batch_norm_attr){ .views = 2, .training = true, .relu = i }, NULL);
}

static void norm_residual(int i)
{
    struct scl_node *x = input("x", SCL_SHAPE2(8, 4)), *c = input("c", SCL_SHAPE1(4));

    scl_batch_norm(g, x, i ? c : NULL, i ? c : NULL, NULL, NULL,
                   (struct scl_batch_norm_attr){ .views = 2, .training = true }, i ? NULL : x);
}

static void norm_groups(int i)
{
    scl_group_norm(g, input("x", SCL_SHAPE4(2, 4, 4, 8)), NULL, NULL, 2 + 2 * i, 1e-5f,
                   SCL_ACT_NONE);
}

static void white(int i)
{
    scl_whiten(g, input("x", SCL_SHAPE2(16, 4)), 8 + 8 * i, 0, NULL);
}

static const struct {
    void (*build)(int i);
    const char *op;
} unlike[] = {
    { blur, "augment_blur" },
    { crop_cubic, "augment_crop" },
    { crop_side, "augment_crop" },
    { center, "center_columns" },
    { penalty, "correlation_penalty" },
    { vote, "knn_vote" },
    { pool_kernel, "max_pool2d" },
    { difference, "pair_difference" },
    { weight, "pair_weight" },
    { sgd, "sgd" },
    { lars_lengths, "lars" },
    { multiply, "matmul" },
    { slice_axis, "slice" },
    { norm_views, "batch_norm" },
    { norm_residual, "batch_norm" },
    { norm_groups, "norm_stats" },
    { white, "whiten" },
};

START_TEST(other_work_on_the_same_shapes_has_another_key)
{
    const char *first;

    unlike[_i].build(0);
    ck_assert_msg(scl_graph_check(g) == SCL_OK, "%s", scl_error());
    first = key_of(unlike[_i].op);
    unlike[_i].build(1);
    ck_assert_msg(scl_graph_check(g) == SCL_OK, "%s", scl_error());
    ck_assert_str_ne(first, key_of(unlike[_i].op));
}
END_TEST

START_TEST(numbers_that_are_only_multiplied_by_do_not_matter)
{
    const char *first;

    scl_scale(g, input("x", SCL_SHAPE2(4, 4)), 2, 0);
    first = key_of("scale");
    scl_scale(g, input("x2", SCL_SHAPE2(4, 4)), 3, 1);
    ck_assert_str_eq(first, key_of("scale"));
}
END_TEST

START_TEST(key_that_is_too_long_ends_in_its_hash)
{
    struct scl_op op = { .name = "many" };
    struct scl_node *in[100], y = { .op = &op, .in = in, .n_in = 100, .shape = SCL_SHAPE1(1) };
    char all[SCL_NODE_KEY_BYTES], fewer[SCL_NODE_KEY_BYTES];

    for (int i = 0; i < 100; i++)
        in[i] = input("x", SCL_SHAPE2(1024, 1024));
    scl_node_key(all, &y);
    y.n_in = 99;
    scl_node_key(fewer, &y);
    ck_assert_uint_eq(strlen(all), SCL_NODE_KEY_BYTES - 1);
    ck_assert_ptr_eq(strchr(all, '#'), all + SCL_NODE_KEY_BYTES - 18);
    ck_assert_str_ne(all, fewer);
}
END_TEST

/* ---- whole steps -------------------------------------------------------------------------- */

static const char *const runs[] = {
    "configs/quickstart/scorecl-simclr.yaml", "configs/cifar10/wmse-small.yaml",
    "configs/cifar10/vicreg-small.yaml",      "configs/cifar10/dino-small.yaml",
    "configs/cifar10/byol-small.yaml",        "configs/imagenet100/simclr.yaml",
};

struct keyed {
    char key[SCL_NODE_KEY_BYTES];
    const struct scl_node *node;
};

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct keyed *)a)->key, ((const struct keyed *)b)->key);
}

/* Whether two launches are the same but for the memory and the fractions that they are given. */
static bool is_same_launch(const struct scl_launch *a, const struct scl_launch *b)
{
    if (strcmp(a->kernel, b->kernel) != 0 || strcmp(a->defines, b->defines) != 0 ||
        memcmp(a->groups, b->groups, sizeof a->groups) != 0 || a->items != b->items ||
        a->n_arg != b->n_arg || a->gemm.m != b->gemm.m || a->gemm.n != b->gemm.n ||
        a->gemm.k != b->gemm.k || a->gemm.trans_a != b->gemm.trans_a ||
        a->gemm.trans_b != b->gemm.trans_b)
        return false;
    for (int i = 0; i < a->n_arg; i++)
        if (a->arg[i].kind != b->arg[i].kind ||
            (a->arg[i].kind == SCL_ARG_INT && a->arg[i].i != b->arg[i].i))
            return false;
    return true;
}

static void check_same_work(const struct keyed *a, const struct keyed *b,
                            const struct scl_facts *facts, const struct scl_profile *profile)
{
    for (const struct scl_candidate *c = a->node->op->candidates; c->name; c++) {
        struct scl_arena arena = { 0 };
        struct scl_lowering la = { .facts = facts, .profile = profile, .arena = &arena }, lb = la;
        const bool accepts = !c->accepts || c->accepts(a->node, facts);
        const struct scl_launch *x, *y;

        ck_assert_msg(accepts == (!c->accepts || c->accepts(b->node, facts)), "%s: %s", a->key,
                      c->name);
        ck_assert_msg((!c->suits || c->suits(a->node)) == (!c->suits || c->suits(b->node)),
                      "%s: %s", a->key, c->name);
        if (!accepts)
            continue;
        ck_assert_int_eq(c->lower(a->node, &la), SCL_OK);
        ck_assert_int_eq(c->lower(b->node, &lb), SCL_OK);
        for (x = la.first, y = lb.first; x && y; x = x->next, y = y->next)
            ck_assert_msg(is_same_launch(x, y), "%s: %s: %s (%s) and %s (%s)", a->key, c->name,
                          a->node->name, x->defines, b->node->name, y->defines);
        ck_assert_ptr_eq(x, y);
        scl_arena_fini(&arena);
    }
}

static void check_step(const struct scl_graph *step)
{
    const struct scl_facts facts = { .platform = "Portable Computing Language",
                                     .is_cpu = true,
                                     .compute_units = 4,
                                     .max_group = 4096,
                                     .local_bytes = 1 << 20 };
    struct keyed *all = calloc((size_t)scl_graph_count(step), sizeof *all);
    struct scl_profile *profile;
    int n = 0;

    ck_assert_ptr_nonnull(all);
    ck_assert_int_eq(scl_profile_open(&profile, &facts), SCL_OK);
    for (int id = 0; id < scl_graph_count(step); id++) {
        const struct scl_node *y = scl_graph_node(step, id);

        if (!y->op || !y->op->candidates)
            continue;
        scl_node_key(all[n].key, y);
        all[n++].node = y;
    }
    qsort(all, (size_t)n, sizeof *all, by_key);
    for (int i = 1; i < n; i++)
        if (strcmp(all[i - 1].key, all[i].key) == 0)
            check_same_work(&all[i - 1], &all[i], &facts, profile);
    scl_profile_close(profile);
    free(all);
}

START_TEST(nodes_of_one_key_have_the_same_launches)
{
    struct scl_config config;
    struct scl_extent images;
    struct scl_phase_run phase;

    ck_assert_msg(scl_config_load(&config, runs[_i], 0, NULL) == SCL_OK, "%s", scl_error());
    images = scl_dataset_expected(&config.data);
    for (int id = scl_config_needs_score(&config) ? SCL_PHASE_SCORE : SCL_PHASE_ENCODER;
         id <= SCL_PHASE_ENCODER; id++) {
        ck_assert_msg(scl_phase_init(&phase, (enum scl_phase)id, &config, &images) == SCL_OK, "%s",
                      scl_error());
        check_step(phase.graph.g);
        scl_phase_fini(&phase);
    }
}
END_TEST

const char *const suite_name = "graph/key";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, forms_that_were_given_out_stay);
    tcase_add_loop_test(tc, other_work_on_the_same_shapes_has_another_key, 0,
                        sizeof unlike / sizeof *unlike);
    tcase_add_test(tc, numbers_that_are_only_multiplied_by_do_not_matter);
    tcase_add_test(tc, key_that_is_too_long_ends_in_its_hash);
    tcase_add_loop_test(tc, nodes_of_one_key_have_the_same_launches, 0, sizeof runs / sizeof *runs);
}
