/* test_encoder_step.c - steps of every method and weighting on a device: what moves, what does
 * not, and that the same run gives the same bits. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "model/layers.h"
#include "model/model.h"
#include "model/optimizer.h"
#include "ops/ops.h"
#include "support/op_check.h"
#include "support/training.h"
#include "train/health.h"

#define MUST(call) ck_assert_msg((call) >= 0, "%s", scl_error())

/* The method's keys; the rest are defaults. */
static const char *const methods[] = {
    "simclr",
    "simclr method.views=3 ",
    "wmse method.whitening_size=16 ",
    "wmse method.whitening_size=16 method.views=4 ",
    "simsiam",
    "vicreg",
    "byol",
    "barlow",
    "mocov3",
    "dino",
};
enum { N_METHOD = sizeof methods / sizeof *methods };

static const char *const weights[] = { "score_norm",   "score_l2", "pixel_l2", "ssim",
                                       "augmentation", "feature",  "random" };
enum { N_WEIGHT = sizeof weights / sizeof *weights };

START_TEST(every_method_repeats_its_bits)
{
    struct training a, b;
    float loss;

    training_open(&a, methods[_i], "");
    loss = training_run(&a, 3);
    ck_assert_msg(isfinite(loss), "%s: the loss is %g", methods[_i], (double)loss);
    ck_assert_float_gt(training_value(&a, a.phase.graph.spread), 0);
    training_open(&b, methods[_i], "");
    ck_assert_float_eq(training_run(&b, 3), loss);
    for (int i = 0; i < scl_store_count(a.store); i++) {
        const char *name = scl_store_entry(a.store, i)->name;
        float *values = training_state(&a, name);

        ck_assert_msg(training_state_is(&b, name, values), "%s: %s differs", methods[_i], name);
        free(values);
    }
    training_close(&b);
    training_close(&a);
}
END_TEST

/* Weights have mean 1 (map mean), and statistics of every pair of views. */
START_TEST(every_weighting_gives_weights_of_mean_one)
{
    struct training t;
    char keys[64];
    float stats[6];

    snprintf(keys, sizeof keys, "weight.kind=%s", weights[_i]);
    training_open(&t, "wmse method.whitening_size=16 method.views=3 ", keys);
    ck_assert(isfinite(training_run(&t, 2)));
    MUST(scl_exec_read(t.phase.exec, t.phase.graph.weight_stats, stats));
    ck_assert_float_eq_tol(stats[0], 1, 1e-5f);
    ck_assert_float_gt(stats[1], 0);
    ck_assert_float_le(stats[4], 3 * 16 + 1e-3f);
    training_close(&t);
}
END_TEST

START_TEST(random_weights_are_the_scores_weights_in_another_order)
{
    struct training a, b;
    float ordered[6], mixed[6];

    training_open(&a, "simclr", "weight.kind=score_l2");
    training_open(&b, "simclr", "weight.kind=random");
    training_run(&a, 1);
    training_run(&b, 1);
    MUST(scl_exec_read(a.phase.exec, a.phase.graph.weight_stats, ordered));
    MUST(scl_exec_read(b.phase.exec, b.phase.graph.weight_stats, mixed));
    for (int i = 0; i < 5; i++)
        ck_assert_float_eq_tol(mixed[i], ordered[i], 1e-5f * fabsf(ordered[i]) + 1e-6f);
    ck_assert_float_ne(mixed[5], ordered[5]);
    training_close(&b);
    training_close(&a);
}
END_TEST

/* Its first step has momentum 0.75; and its batch statistics are its own. */
START_TEST(momentum_network_follows_the_encoder)
{
    static const char name[] = "encoder.layer1.0.conv1.weight";
    static const char average_name[] = "encoder_ema.layer1.0.conv1.weight";
    struct training t;
    float *before, *now, *weight, *running;

    training_open(&t, "byol", "method.momentum=0.75");
    before = training_state(&t, average_name);
    running = training_state(&t, "encoder_ema.bn1.running_mean");
    training_run(&t, 1);
    weight = training_state(&t, name);
    now = training_state(&t, average_name);
    for (size_t i = 0; i < scl_shape_count(scl_store_find(t.store, name)->shape); i++)
        ck_assert_float_eq_tol(now[i], 0.75f * before[i] + 0.25f * weight[i], 1e-6f);
    ck_assert(!training_state_is(&t, "encoder_ema.bn1.running_mean", running));
    free(running);
    free(now);
    free(weight);
    free(before);
    training_close(&t);
}
END_TEST

START_TEST(last_layer_of_dino_rests_for_its_epochs)
{
    struct training t;
    float *before;

    training_open(&t, "dino", "method.freeze_epochs=1 optim.kind=lars optim.lr=0.3");
    before = training_state(&t, "head.last_layer.weight");
    training_run(&t, t.phase.schedule.per_epoch);
    ck_assert(training_state_is(&t, "head.last_layer.weight", before));
    training_run(&t, 1);
    ck_assert(!training_state_is(&t, "head.last_layer.weight", before));
    free(before);
    training_close(&t);
}
END_TEST

/* With a schedule that has come down to 0 only what has a rate of its own still moves. */
START_TEST(static_predictor_keeps_its_rate)
{
    static const char keys[] = "optim.kind=sgd optim.static_predictor=true optim.lr=0.05 "
                               "schedule.drop_epochs=[1] schedule.drop_factor=1e-30";
    struct training t;
    float *encoder, *predictor;

    training_open(&t, "simsiam", keys);
    training_run(&t, t.phase.schedule.per_epoch);
    encoder = training_state(&t, "encoder.conv1.weight");
    predictor = training_state(&t, "predictor.0.weight");
    training_run(&t, 1);
    ck_assert(training_state_is(&t, "encoder.conv1.weight", encoder));
    ck_assert(!training_state_is(&t, "predictor.0.weight", predictor));
    free(predictor);
    free(encoder);
    training_close(&t);
}
END_TEST

START_TEST(online_probe_learns_and_is_not_felt)
{
    struct training with, without;
    float first;

    training_open(&with, "simclr", "probe.online=true probe.lr=0.01");
    training_open(&without, "simclr", "");
    first = training_run(&with, 1);
    ck_assert_float_eq(first, training_run(&without, 1));
    first = training_value(&with, with.phase.graph.probe_loss);
    ck_assert_float_eq_tol(first, logf(10), 1.5f); /* 10 classes, small weights */
    ck_assert_float_eq(training_run(&with, 7), training_run(&without, 7));
    ck_assert_float_lt(training_value(&with, with.phase.graph.probe_loss), first);
    training_close(&without);
    training_close(&with);
}
END_TEST

/* SimSiam's loss on a small network without norms: with the gradient through both of its sides
 * nothing holds the embeddings apart. */
static float spread_after(bool stopped, int *dim)
{
    struct scl_graph *g = scl_graph_new();
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE2(64, 6)), *lr, *z, *p, *loss, *spread;
    const struct scl_mlp_spec spec = { .n_layer = 2,
                                       .layer = { { 16, true, SCL_MLP_BARE, SCL_MLP_RELU },
                                                  { 8, true, SCL_MLP_BARE, SCL_MLP_LINEAR } },
                                       .views = 1 };
    const struct scl_optim_config sgd = { .kind = SCL_OPTIM_SGD, .momentum = 0.9 };
    struct scl_node *param[8], *grad[8], *u, *v;
    const float rate = 0.5f;
    float values[64 * 6], out = 0;
    struct scl_plan *plan;
    struct scl_store *store;
    struct scl_exec *exec;
    int n;

    for (int i = 0; i < 64 * 6; i++)
        values[i] = sinf((float)(i * i % 97));
    lr = scl_constant(g, "lr", SCL_F32, SCL_SHAPE1(1), &rate);
    scl_scope_push(g, "net");
    z = scl_mlp(g, x, &spec);
    scl_scope_pop(g);
    scl_scope_push(g, "predictor");
    p = scl_mlp(g, z, &spec);
    scl_scope_pop(g);
    u = scl_l2_normalize(g, p, 1e-12f);
    v = scl_l2_normalize(g, stopped ? scl_stop_gradient(g, z) : z, 1e-12f);
    loss = scl_add(g, scl_row_dot(g, scl_rows(g, u, 0, 32), scl_rows(g, v, 32, 32)),
                   scl_row_dot(g, scl_rows(g, u, 32, 32), scl_rows(g, v, 0, 32)));
    loss = scl_scale(g, scl_row_mean(g, loss, NULL), -0.5f, 0);
    spread = scl_column_spread(g, scl_l2_normalize(g, z, 1e-12f));
    n = scl_model_parameters(g, "net.", param);
    n += scl_model_parameters(g, "predictor.", param + n);
    MUST(scl_gradients(grad, g, loss, NULL, n, param));
    MUST(scl_optimizer(
        g, &(struct scl_update){
               .optim = &sgd, .group = "all", .n = n, .param = param, .grad = grad, .lr = lr }));
    MUST(scl_plan_new(&plan, g,
                      &(struct scl_plan_spec){ .facts = scl_device_facts(test_device()),
                                               .profile = scl_device_profile(test_device()),
                                               .n_keep = 1,
                                               .keep = &spread }));
    MUST(scl_store_new(&store, test_device(), 1, &g, 1));
    MUST(scl_exec_new(&exec, test_device(), store, plan, NULL, NULL));
    MUST(scl_exec_write(exec, x, values, true));
    for (int step = 0; step < 300; step++)
        MUST(scl_exec_run(exec));
    MUST(scl_exec_read(exec, spread, &out));
    *dim = z->shape.dim[1];
    scl_exec_free(exec);
    scl_store_free(store);
    scl_plan_free(plan);
    scl_graph_free(g);
    return out;
}

START_TEST(simsiam_without_its_stop_gradient_is_seen_to_collapse)
{
    int dim;
    const float spread = spread_after(false, &dim);

    ck_assert(scl_collapsed(spread, dim));
}
END_TEST

START_TEST(evenly_spread_embeddings_have_not_collapsed)
{
    ck_assert(!scl_collapsed(1 / sqrt(512.0), 512));
    ck_assert(!scl_collapsed(0.11 / sqrt(512.0), 512));
    ck_assert(scl_collapsed(0.09 / sqrt(512.0), 512));
    ck_assert(scl_collapsed(0, 64));
}
END_TEST

const char *const suite_name = "train/encoder_step";

void suite_fill(TCase *tc)
{
    tcase_set_timeout(tc, 600);
    tcase_add_loop_test(tc, every_method_repeats_its_bits, 0, N_METHOD);
    tcase_add_loop_test(tc, every_weighting_gives_weights_of_mean_one, 0, N_WEIGHT);
    tcase_add_test(tc, random_weights_are_the_scores_weights_in_another_order);
    tcase_add_test(tc, momentum_network_follows_the_encoder);
    tcase_add_test(tc, last_layer_of_dino_rests_for_its_epochs);
    tcase_add_test(tc, static_predictor_keeps_its_rate);
    tcase_add_test(tc, online_probe_learns_and_is_not_felt);
    tcase_add_test(tc, simsiam_without_its_stop_gradient_is_seen_to_collapse);
    tcase_add_test(tc, evenly_spread_embeddings_have_not_collapsed);
}
