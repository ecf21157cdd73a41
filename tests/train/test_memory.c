/* test_memory.c - keys that trade time for memory: what they change, and what they must not. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "base/status.h"
#include "support/training.h"

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

/* Kept values only: a step's arithmetic grows by less than its forward pass, a third. */
START_TEST(recomputed_blocks_need_half_the_memory)
{
    static const char keys[] = "simclr augment.size=32 encoder.width=8 train.batch=32 ";
    struct training kept, first, all;

    training_open(&kept, keys, "");
    training_open(&first, keys, "train.recompute=3");
    training_open(&all, keys, "train.recompute=9");
    ck_assert_uint_lt(scl_plan_bytes(all.phase.plan), scl_plan_bytes(kept.phase.plan) / 2);
    ck_assert_uint_lt(scl_plan_bytes(all.phase.plan), scl_plan_bytes(first.phase.plan));
    ck_assert_uint_lt(scl_plan_bytes(first.phase.plan), scl_plan_bytes(kept.phase.plan));
    ck_assert_double_gt(first.phase.plan->flops, kept.phase.plan->flops);
    ck_assert_double_gt(all.phase.plan->flops, first.phase.plan->flops);
    ck_assert_double_lt(all.phase.plan->flops, kept.phase.plan->flops * 4 / 3);
    training_close(&all);
    training_close(&first);
    training_close(&kept);
}
END_TEST

const char *const suite_name = "train/memory";

void suite_fill(TCase *tc)
{
    tcase_set_timeout(tc, 600);
    tcase_add_loop_test(tc, recomputed_blocks_change_no_bit, 0, N_METHOD);
    tcase_add_test(tc, recomputed_blocks_need_half_the_memory);
}
