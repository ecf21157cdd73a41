/* test_schedule.c - the learning rates of facts/methods.md 1.11. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "train/schedule.h"

static struct scl_config config;

static void setup(void)
{
    memset(&config, 0, sizeof config);
    config.optim.lr = 3e-3;
    config.schedule.warmup_steps = 200;
    config.schedule.drop_factor = 0.2;
}

START_TEST(ht_warms_up_to_the_rate_and_drops_at_its_epochs)
{
    config.schedule.kind = SCL_SCHEDULE_HT;
    config.schedule.drop_epochs[0] = 4;
    config.schedule.drop_epochs[1] = 5;
    config.schedule.n_drop_epochs = 2;
    ck_assert_double_eq_tol(scl_schedule_lr(&config, 3e-3, 0, &(struct scl_schedule){ 195, 1170 }),
                            3e-3 / 200, 1e-12);
    ck_assert_double_eq_tol(
        scl_schedule_lr(&config, 3e-3, 199, &(struct scl_schedule){ 195, 1170 }), 3e-3, 1e-12);
    ck_assert_double_eq_tol(
        scl_schedule_lr(&config, 3e-3, 4 * 195 - 1, &(struct scl_schedule){ 195, 1170 }), 3e-3,
        1e-12);
    ck_assert_double_eq_tol(
        scl_schedule_lr(&config, 3e-3, 4 * 195, &(struct scl_schedule){ 195, 1170 }), 6e-4, 1e-12);
    ck_assert_double_eq_tol(
        scl_schedule_lr(&config, 3e-3, 5 * 195, &(struct scl_schedule){ 195, 1170 }), 1.2e-4,
        1e-12);
}
END_TEST

START_TEST(sl_starts_where_told_and_ends_at_the_least)
{
    config.schedule.kind = SCL_SCHEDULE_SL;
    config.schedule.warmup_start = 3e-5;
    config.schedule.min_lr = 1e-6;
    ck_assert_double_eq_tol(scl_schedule_lr(&config, 3e-3, 0, &(struct scl_schedule){ 100, 1000 }),
                            3e-5, 1e-12);
    ck_assert_double_eq_tol(scl_schedule_lr(&config, 3e-3, 1, &(struct scl_schedule){ 100, 1000 }),
                            3e-5 + (3e-3 - 3e-5) / 199, 1e-12);
    ck_assert_double_eq_tol(
        scl_schedule_lr(&config, 3e-3, 200, &(struct scl_schedule){ 100, 1000 }), 3e-3, 1e-12);
    ck_assert_double_eq_tol(
        scl_schedule_lr(&config, 3e-3, 600, &(struct scl_schedule){ 100, 1000 }), (3e-3 + 1e-6) / 2,
        1e-12);
    ck_assert_double_eq_tol(
        scl_schedule_lr(&config, 3e-3, 1000, &(struct scl_schedule){ 100, 1000 }), 1e-6, 1e-12);
}
END_TEST

START_TEST(no_warm_up_is_no_division_by_zero)
{
    config.schedule.warmup_steps = 0;
    for (int kind = SCL_SCHEDULE_HT; kind <= SCL_SCHEDULE_CONSTANT; kind++) {
        config.schedule.kind = kind;
        ck_assert_double_eq_tol(
            scl_schedule_lr(&config, 3e-3, 0, &(struct scl_schedule){ 10, 100 }), 3e-3, 1e-12);
        ck_assert(isfinite(scl_schedule_lr(&config, 3e-3, 1, &(struct scl_schedule){ 10, 100 })));
    }
}
END_TEST

/* SL21: one value an epoch. */
START_TEST(sl_by_epoch_moves_between_epochs_only)
{
    const struct scl_schedule run = { .per_epoch = 100, .total = 100000 };

    config.schedule.kind = SCL_SCHEDULE_SL;
    config.schedule.unit = SCL_UNIT_EPOCH;
    config.schedule.warmup_epochs = 10;
    config.schedule.warmup_start = 3e-3;
    ck_assert_double_eq_tol(scl_schedule_lr(&config, 0.3, 99, &run), 3e-3, 1e-12);
    ck_assert_double_eq_tol(scl_schedule_lr(&config, 0.3, 100, &run), 3e-3 + (0.3 - 3e-3) / 9,
                            1e-12);
    ck_assert_double_eq_tol(scl_schedule_lr(&config, 0.3, 199, &run), 3e-3 + (0.3 - 3e-3) / 9,
                            1e-12);
    ck_assert_double_eq_tol(scl_schedule_lr(&config, 0.3, 1000, &run), 0.3, 1e-12);
    ck_assert_double_eq_tol(scl_schedule_lr(&config, 0.3, 50500, &run), 0.15, 1e-12);
}
END_TEST

START_TEST(warm_up_in_epochs_goes_before_one_in_steps)
{
    config.schedule.kind = SCL_SCHEDULE_HT;
    config.schedule.warmup_epochs = 2;
    ck_assert_double_eq_tol(
        scl_schedule_lr(&config, 3e-3, 9, &(struct scl_schedule){ .per_epoch = 10, .total = 100 }),
        1.5e-3, 1e-12);
}
END_TEST

/* 4295 million steps would be 32704 in 32 bits. */
START_TEST(warm_up_of_more_steps_than_an_int_holds_does_not_end_early)
{
    config.schedule.kind = SCL_SCHEDULE_HT;
    config.schedule.warmup_epochs = 1000000;
    ck_assert_double_lt(
        scl_schedule_lr(&config, 3e-3, 32704, &(struct scl_schedule){ 4295, 100000 }), 1e-6);
}
END_TEST

START_TEST(momentum_goes_from_its_begin_to_its_end)
{
    config.method.momentum = 0.99;
    config.method.momentum_end = 1;
    ck_assert_double_eq_tol(scl_schedule_momentum(&config, 0, 1000), 0.99, 1e-12);
    ck_assert_double_eq_tol(scl_schedule_momentum(&config, 500, 1000), 0.995, 1e-12);
    ck_assert_double_eq_tol(scl_schedule_momentum(&config, 1000, 1000), 1, 1e-12);
}
END_TEST

START_TEST(teacher_warms_up_linearly)
{
    config.method.teacher_start = 0.04;
    config.method.teacher_temperature = 0.07;
    ck_assert_double_eq_tol(scl_schedule_teacher(&config, 0), 0.07, 1e-12);
    config.method.teacher_epochs = 4;
    ck_assert_double_eq_tol(scl_schedule_teacher(&config, 0), 0.04, 1e-12);
    ck_assert_double_eq_tol(scl_schedule_teacher(&config, 1), 0.05, 1e-12);
    ck_assert_double_eq_tol(scl_schedule_teacher(&config, 3), 0.07, 1e-12);
    ck_assert_double_eq_tol(scl_schedule_teacher(&config, 9), 0.07, 1e-12);
}
END_TEST

const char *const suite_name = "train/schedule";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, ht_warms_up_to_the_rate_and_drops_at_its_epochs);
    tcase_add_test(tc, sl_starts_where_told_and_ends_at_the_least);
    tcase_add_test(tc, no_warm_up_is_no_division_by_zero);
    tcase_add_test(tc, sl_by_epoch_moves_between_epochs_only);
    tcase_add_test(tc, warm_up_in_epochs_goes_before_one_in_steps);
    tcase_add_test(tc, warm_up_of_more_steps_than_an_int_holds_does_not_end_early);
    tcase_add_test(tc, momentum_goes_from_its_begin_to_its_end);
    tcase_add_test(tc, teacher_warms_up_linearly);
}
