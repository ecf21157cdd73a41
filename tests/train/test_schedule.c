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
    ck_assert_double_eq_tol(scl_schedule_lr(&config, 0, 195, 1170), 3e-3 / 200, 1e-12);
    ck_assert_double_eq_tol(scl_schedule_lr(&config, 199, 195, 1170), 3e-3, 1e-12);
    ck_assert_double_eq_tol(scl_schedule_lr(&config, 4 * 195 - 1, 195, 1170), 3e-3, 1e-12);
    ck_assert_double_eq_tol(scl_schedule_lr(&config, 4 * 195, 195, 1170), 6e-4, 1e-12);
    ck_assert_double_eq_tol(scl_schedule_lr(&config, 5 * 195, 195, 1170), 1.2e-4, 1e-12);
}
END_TEST

START_TEST(sl_starts_where_told_and_ends_at_the_least)
{
    config.schedule.kind = SCL_SCHEDULE_SL;
    config.schedule.warmup_start = 3e-5;
    config.schedule.min_lr = 1e-6;
    ck_assert_double_eq_tol(scl_schedule_lr(&config, 0, 100, 1000), 3e-5, 1e-12);
    ck_assert_double_eq_tol(scl_schedule_lr(&config, 1, 100, 1000), 3e-5 + (3e-3 - 3e-5) / 199,
                            1e-12);
    ck_assert_double_eq_tol(scl_schedule_lr(&config, 200, 100, 1000), 3e-3, 1e-12);
    ck_assert_double_eq_tol(scl_schedule_lr(&config, 600, 100, 1000), (3e-3 + 1e-6) / 2, 1e-12);
    ck_assert_double_eq_tol(scl_schedule_lr(&config, 1000, 100, 1000), 1e-6, 1e-12);
}
END_TEST

START_TEST(no_warm_up_is_no_division_by_zero)
{
    config.schedule.warmup_steps = 0;
    for (int kind = SCL_SCHEDULE_HT; kind <= SCL_SCHEDULE_CONSTANT; kind++) {
        config.schedule.kind = kind;
        ck_assert_double_eq_tol(scl_schedule_lr(&config, 0, 10, 100), 3e-3, 1e-12);
        ck_assert(isfinite(scl_schedule_lr(&config, 1, 10, 100)));
    }
}
END_TEST

const char *const suite_name = "train/schedule";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, ht_warms_up_to_the_rate_and_drops_at_its_epochs);
    tcase_add_test(tc, sl_starts_where_told_and_ends_at_the_least);
    tcase_add_test(tc, no_warm_up_is_no_division_by_zero);
}
