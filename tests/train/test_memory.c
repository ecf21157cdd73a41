/* test_memory.c - keys that trade time for memory: what they change, and what they must not. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "method/method.h"
#include "model/model.h"
#include "ops/ops.h"
#include "support/op_check.h"
#include "support/training.h"
#include "train/encoder_step_impl.h"

#define MUST(call) ck_assert_msg((call) >= 0, "%s", scl_error())

static const char *const methods[] = {
    "simclr",
    "wmse method.whitening_size=16 ",
    "simsiam",
    "vicreg weight.kind=score_l2 ",
    "byol",
    "dino",
    "simclr encoder.kind=resnet50 encoder.stem=imagenet augment.size=32 ",
};
enum { N_METHOD = sizeof methods / sizeof *methods };

/* The states of a and b, running statistics and the optimiser's among them, have the same bits. */
static void same_states(const struct training *a, const struct training *b)
{
    for (int i = 0; i < scl_store_count(a->store); i++) {
        const char *name = scl_store_entry(a->store, i)->name;
        float *values = training_state(a, name);

        ck_assert_msg(training_state_is(b, name, values), "%s differs", name);
        free(values);
    }
}

START_TEST(recomputed_blocks_change_no_bit)
{
    struct training kept, again;
    char more[64];
    float loss;

    training_open(&kept, methods[_i], "");
    snprintf(more, sizeof more, "train.recompute=%d", scl_config_blocks(&kept.config));
    training_open(&again, methods[_i], more);
    loss = training_run(&kept, 3);
    ck_assert(isfinite(loss));
    ck_assert_float_eq(training_run(&again, 3), loss);
    same_states(&kept, &again);
    training_close(&again);
    training_close(&kept);
}
END_TEST

/* Basic blocks and bottlenecks. */
START_TEST(recomputed_norms_change_no_bit)
{
    const char *const keys = methods[_i ? N_METHOD - 1 : 0];
    struct training kept, again;

    training_open(&kept, keys, "train.recompute_norms=false");
    training_open(&again, keys, "train.recompute_norms=true");
    ck_assert_float_eq(training_run(&again, 3), training_run(&kept, 3));
    same_states(&kept, &again);
    training_close(&again);
    training_close(&kept);
}
END_TEST

/* Kept values only: a step's arithmetic grows by less than its forward pass, a third; of norms
 * alone by next to nothing. */
START_TEST(recomputed_blocks_need_half_the_memory)
{
    static const char keys[] =
        "simclr augment.size=32 encoder.width=64 data.train_size=96 train.batch=96 ";
    struct training kept, norms, first, all;

    training_plan(&kept, keys, "train.recompute_norms=false");
    training_plan(&norms, keys, "");
    training_plan(&first, keys, "train.recompute=3");
    training_plan(&all, keys, "train.recompute=9");
    ck_assert_uint_lt(scl_plan_bytes(all.phase.plan), scl_plan_bytes(kept.phase.plan) / 2);
    ck_assert_uint_lt(scl_plan_bytes(all.phase.plan), scl_plan_bytes(first.phase.plan));
    ck_assert_uint_lt(scl_plan_bytes(first.phase.plan), scl_plan_bytes(norms.phase.plan));
    ck_assert_uint_lt(scl_plan_bytes(norms.phase.plan), scl_plan_bytes(kept.phase.plan) * 2 / 3);
    ck_assert_double_lt(norms.phase.plan->flops, kept.phase.plan->flops * 1.01);
    ck_assert_double_gt(first.phase.plan->flops, kept.phase.plan->flops);
    ck_assert_double_gt(all.phase.plan->flops, first.phase.plan->flops);
    ck_assert_double_lt(all.phase.plan->flops, kept.phase.plan->flops * 4 / 3);
    training_close(&all);
    training_close(&first);
    training_close(&norms);
    training_close(&kept);
}
END_TEST

/* Every method, and every kind of evidence for weights, by pieces. */
static const char *const pieced[] = {
    "simclr weight.kind=score_l2 ",
    "simclr method.views=3 weight.kind=augmentation ",
    "wmse method.whitening_size=16 method.whitening_eps=0.1 weight.kind=ssim ",
    "simsiam weight.kind=feature ",
    "vicreg weight.kind=random ",
    "byol weight.kind=pixel_l2 ",
    "barlow",
    "mocov3 weight.kind=score_norm ",
    "dino method.freeze_epochs=0 ",
};
enum { N_PIECED = sizeof pieced / sizeof *pieced };

/* Nothing is drawn, and the views differ: a piece's statistics follow from its images alone. */
#define NOTHING_DRAWN                                                                              \
    " augment.crop_scale=[1,1] augment.crop_ratio=[1,1] augment.flip=0 augment.jitter=0"           \
    " augment.grayscale=0 augment.blur=[1,0] augment.blur_sigma=[1,1] augment.solarize=[0,1]"      \
    " optim.kind=sgd optim.lr=1e-3 optim.weight_decay=0"

/* One step on a batch of four images again and again. */
static float run_repeated(struct training *t)
{
    const size_t row = (size_t)t->phase.graph.pixels->shape.dim[1], four = 4 * row;
    const size_t all = (size_t)t->phase.batch * row;
    unsigned char *pixels = malloc(all);
    float loss;

    ck_assert_ptr_nonnull(pixels);
    MUST(scl_phase_prepare(&t->phase, 0));
    MUST(scl_phase_upload(&t->phase));
    for (size_t i = 0; i < all; i++)
        pixels[i] = ((const unsigned char *)t->phase.images->pixels)[i % four];
    MUST(scl_exec_write(t->phase.exec, t->phase.graph.pixels, pixels, true));
    MUST(scl_exec_run(t->phase.exec));
    loss = training_value(t, t->phase.graph.loss);
    free(pixels);
    return loss;
}

static float largest_of(const float *values, size_t n)
{
    float largest = 0;

    for (size_t i = 0; i < n; i++)
        largest = fmaxf(largest, fabsf(values[i]));
    return largest;
}

/* The optimiser's buffer after one step is the gradient itself. Where that is 0 but for rounding,
 * as in front of a norm, the largest of all gradients is the measure. */
static void near_gradients(const struct training *a, const struct training *b, float tolerance)
{
    float all = 0;
    int n = 0;

    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < scl_store_count(a->store); i++) {
            const struct scl_store_entry *e = scl_store_entry(a->store, i);
            const size_t count = scl_shape_count(e->shape);
            float *want, *got, largest;

            if (strncmp(e->name, "sgd.buffer.", 11) != 0)
                continue;
            want = training_state(a, e->name);
            got = training_state(b, e->name);
            largest = largest_of(want, count);
            all = fmaxf(all, largest);
            for (size_t k = 0; pass == 1 && k < count; k++)
                ck_assert_msg(fabsf(got[k] - want[k]) <= tolerance * largest + 1e-5f * all,
                              "%s: element %zu is %.9g, and %.9g is wanted (largest %.3g, of all "
                              "%.3g)",
                              e->name, k, (double)got[k], (double)want[k], (double)largest,
                              (double)all);
            free(got);
            free(want);
            n++;
        }
    ck_assert_int_gt(n, 2 * 60); /* encoder and head */
}

/* Where every piece has the same images, the statistics of a piece are those of the batch. Sums
 * over pieces are rounded otherwise than one sum, through twenty layers. */
START_TEST(pieces_of_equal_images_give_the_gradient_of_the_whole_batch)
{
    struct training whole, pieces;
    float loss;

    training_open(&whole, pieced[_i], NOTHING_DRAWN);
    training_open(&pieces, pieced[_i], "train.micro_batch=4" NOTHING_DRAWN);
    loss = run_repeated(&whole);
    ck_assert(isfinite(loss));
    ck_assert_float_eq_tol(run_repeated(&pieces), loss, 1e-4f * fabsf(loss));
    near_gradients(&whole, &pieces, 2e-3f);
    training_close(&pieces);
    training_close(&whole);
}
END_TEST

START_TEST(pieces_repeat_their_bits_with_blocks_recomputed_too)
{
    struct training a, b;
    float loss;

    training_open(&a, pieced[_i], "train.micro_batch=8");
    loss = training_run(&a, 2);
    ck_assert(isfinite(loss));
    training_open(&b, pieced[_i], "train.micro_batch=8 train.recompute=9");
    ck_assert_float_eq(training_run(&b, 2), loss);
    same_states(&a, &b);
    training_close(&b);
    training_close(&a);
}
END_TEST

enum { VIEWS = 2, IMAGES = 12, PIECES = 3, SIDE = 16 };

/* An encoder of width 4 on x, whose rows are by pieces: at once, with statistics for each view of
 * each piece, or piece by piece; then the loss of the whole batch, and its gradients. */
static int encoder_gradients(struct scl_graph *g, bool by_pieces, struct scl_node *grad[])
{
    const struct scl_encoder_config config = { .kind = SCL_ENCODER_RESNET18, .width = 4 };
    const int rows = VIEWS * IMAGES / PIECES;
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE4(VIEWS * IMAGES, SIDE, SIDE, 3));
    struct scl_node *piece[PIECES], *z, *param[128];
    int n;

    for (int i = 0; by_pieces && i < PIECES; i++) {
        scl_recompute_push(g, false);
        piece[i] = scl_encoder(g, scl_rows(g, x, i * rows, rows), "net", &config, true, VIEWS,
                               (struct scl_recompute_choice){ 0 });
        scl_recompute_pop(g);
    }
    z = by_pieces ? scl_pieces_join(g, PIECES, piece)
                  : scl_encoder(g, x, "net", &config, true, VIEWS * PIECES,
                                (struct scl_recompute_choice){ 0 });
    z = scl_simclr_loss(g, scl_pieces_sort(g, z, PIECES, VIEWS), NULL, 0.5, NULL);
    MUST(scl_graph_check(g));
    n = scl_model_parameters(g, "net.", param);
    MUST(scl_gradients(grad, g, z, NULL, n, param));
    return n;
}

/* Runs the graph with the store's first values and reads the gradients and running means. */
static float *run_gradients(bool by_pieces, size_t *n_gradient, size_t *n_all)
{
    struct scl_graph *g = scl_graph_new();
    struct scl_node *grad[128];
    const int n = encoder_gradients(g, by_pieces, grad);
    const size_t n_x = (size_t)VIEWS * IMAGES * SIDE * SIDE * 3;
    float *x = malloc(n_x * sizeof *x), *out = malloc(sizeof(float) << 18);
    struct scl_plan *plan;
    struct scl_store *store;
    struct scl_exec *exec;
    size_t at = 0;

    ck_assert(x && out);
    for (size_t i = 0; i < n_x; i++)
        x[i] = sinf((float)(i % 8191) * 0.37f) + 0.2f * (float)(i * VIEWS * IMAGES / n_x % 5);
    MUST(scl_plan_new(&plan, g,
                      &(struct scl_plan_spec){ .facts = scl_device_facts(test_device()),
                                               .profile = scl_device_profile(test_device()),
                                               .n_keep = n,
                                               .keep = grad }));
    MUST(scl_store_new(&store, test_device(), 1, &g, 1));
    MUST(scl_exec_new(&exec, test_device(), store, plan, NULL, NULL));
    MUST(scl_exec_write(exec, scl_graph_node(g, 0), x, true));
    MUST(scl_exec_run(exec));
    for (int i = 0; i < n; i++, at += scl_shape_count(grad[i - 1]->shape))
        MUST(scl_exec_read(exec, grad[i], out + at));
    *n_gradient = at;
    for (int i = 0; i < scl_store_count(store); i++) {
        const struct scl_store_entry *e = scl_store_entry(store, i);

        if (!strstr(e->name, ".running_"))
            continue;
        MUST(scl_store_read(store, e, out + at));
        at += scl_shape_count(e->shape);
    }
    *n_all = at;
    ck_assert_uint_lt(at, (size_t)1 << 18);
    scl_exec_free(exec);
    scl_store_free(store);
    scl_plan_free(plan);
    scl_graph_free(g);
    free(x);
    return out;
}

/* Running statistics move piece by piece, and in each view by view, as they do here in one go. */
START_TEST(pieces_give_what_one_pass_with_their_statistics_gives)
{
    size_t n_gradient, n_all, n;
    float *want = run_gradients(false, &n_gradient, &n_all), *got = run_gradients(true, &n, &n);
    const float largest = largest_of(want, n_gradient);

    ck_assert_uint_eq(n, n_all);
    ck_assert_uint_gt(n_all, n_gradient);
    ck_assert_float_gt(largest, 1e-3f);
    for (size_t i = 0; i < n_all; i++)
        ck_assert_msg(fabsf(got[i] - want[i]) <=
                          1e-4f * (i < n_gradient ? largest : 1 + fabsf(want[i])),
                      "value %zu of %zu gradients and %zu in all is %.9g, and %.9g is wanted", i,
                      n_gradient, n_all, (double)got[i], (double)want[i]);
    free(got);
    free(want);
}
END_TEST

START_TEST(memory_falls_with_the_pieces)
{
    static const char keys[] = "simclr augment.size=32 encoder.width=8 train.batch=64 ";
    struct training whole, half, eighth;

    training_plan(&whole, keys, "");
    training_plan(&half, keys, "train.micro_batch=32");
    training_plan(&eighth, keys, "train.micro_batch=8");
    ck_assert_uint_lt(scl_plan_bytes(half.phase.plan), scl_plan_bytes(whole.phase.plan) * 6 / 10);
    ck_assert_uint_lt(scl_plan_bytes(eighth.phase.plan), scl_plan_bytes(whole.phase.plan) / 4);
    training_close(&eighth);
    training_close(&half);
    training_close(&whole);
}
END_TEST

/* The length of the difference of two gradients over all parameters, over that of the first. */
static double gradient_difference(const struct training *a, const struct training *b)
{
    double difference = 0, whole = 0;

    for (int i = 0; i < scl_store_count(a->store); i++) {
        const struct scl_store_entry *e = scl_store_entry(a->store, i);
        float *want, *got;

        if (strncmp(e->name, "sgd.buffer.", 11) != 0)
            continue;
        want = training_state(a, e->name);
        got = training_state(b, e->name);
        for (size_t k = 0; k < scl_shape_count(e->shape); k++) {
            difference += pow((double)got[k] - (double)want[k], 2);
            whole += pow((double)want[k], 2);
        }
        free(got);
        free(want);
    }
    ck_assert_double_gt(whole, 0);
    return sqrt(difference / whole);
}

/* The forward pass sees no halves: the first loss has the same bits. Roundings of 2^-12 in what the
 * gradients are made of, some hundred times larger behind twenty layers with norms of few images.
 */
START_TEST(halves_change_no_loss_and_gradients_little)
{
    static const char sgd[] = " optim.kind=sgd optim.lr=1e-3 optim.weight_decay=0 ";
    struct training whole, halves;
    char keys[256];
    float loss;

    snprintf(keys, sizeof keys, "%s encoder.width=8 %s", methods[_i % N_METHOD], sgd);
    training_open(&whole, keys, "");
    training_open(&halves, keys,
                  _i < N_METHOD ? "precision=storage16" : "precision=storage16 train.recompute=3");
    loss = training_run(&whole, 1);
    ck_assert(isfinite(loss));
    ck_assert_float_eq(training_run(&halves, 1), loss);
    ck_assert_double_lt(gradient_difference(&whole, &halves), 0.05);
    training_close(&halves);
    training_close(&whole);
}
END_TEST

START_TEST(halves_repeat_their_bits_in_pieces_too)
{
    const char *const more = _i ? "precision=storage16 train.micro_batch=8" : "precision=storage16";
    struct training a, b;
    float loss;

    training_open(&a, "simclr encoder.width=8", more);
    training_open(&b, "simclr encoder.width=8", more);
    loss = training_run(&a, 3);
    ck_assert(isfinite(loss));
    ck_assert_float_eq(training_run(&b, 3), loss);
    same_states(&a, &b);
    training_close(&b);
    training_close(&a);
}
END_TEST

/* With all that is kept, and where blocks' results are kept as halves only. */
START_TEST(halves_need_less_memory)
{
    static const char keys[] = "simclr augment.size=32 encoder.width=64 train.batch=64 ";
    const char *const more = _i ? "" : "train.recompute_norms=false";
    const size_t percent = _i ? 85 : 70;
    char both[64];
    struct training whole, halves;

    snprintf(both, sizeof both, "precision=storage16 %s", more);
    training_plan(&whole, keys, more);
    training_plan(&halves, keys, both);
    ck_assert_uint_lt(scl_plan_bytes(halves.phase.plan),
                      scl_plan_bytes(whole.phase.plan) * percent / 100);
    training_close(&halves);
    training_close(&whole);
}
END_TEST

const char *const suite_name = "train/memory";

void suite_fill(TCase *tc)
{
    tcase_set_timeout(tc, 600);
    tcase_add_loop_test(tc, recomputed_blocks_change_no_bit, 0, N_METHOD);
    tcase_add_loop_test(tc, recomputed_norms_change_no_bit, 0, 2);
    tcase_add_test(tc, recomputed_blocks_need_half_the_memory);
    tcase_add_loop_test(tc, pieces_of_equal_images_give_the_gradient_of_the_whole_batch, 0,
                        N_PIECED);
    tcase_add_loop_test(tc, pieces_repeat_their_bits_with_blocks_recomputed_too, 0, N_PIECED);
    tcase_add_test(tc, pieces_give_what_one_pass_with_their_statistics_gives);
    tcase_add_test(tc, memory_falls_with_the_pieces);
    tcase_add_loop_test(tc, halves_change_no_loss_and_gradients_little, 0, 2 * N_METHOD);
    tcase_add_loop_test(tc, halves_repeat_their_bits_in_pieces_too, 0, 2);
    tcase_add_loop_test(tc, halves_need_less_memory, 0, 2);
}
