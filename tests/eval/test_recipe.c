/* test_recipe.c - the protocols' numbers, rates of epochs, words. */
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "eval/recipe.h"

static struct scl_config config;
static const char text[] = "name: x\ndata: { kind: synthetic }\nmethod: { kind: simclr }\n"
                           "train: { epochs: 1 }\n";

static void setup(void)
{
    ck_assert_msg(scl_config_load_text(&config, "test", text, strlen(text), 0, NULL) == SCL_OK,
                  "%s", scl_error());
}

static void expect(const struct scl_recipe *recipe, const char *words)
{
    char found[SCL_RECIPE_BYTES];

    ck_assert_str_eq(scl_recipe_text(found, recipe), words);
}

START_TEST(ht_falls_by_a_factor_an_epoch)
{
    const struct scl_recipe r = scl_recipe_ht(&config.linear);
    const double gamma = pow(1e-4, 1.0 / 500);

    ck_assert(r.on_rows && r.lr_encoder == 0);
    for (int epoch = 0; epoch < 500; epoch++)
        ck_assert_double_eq_tol(scl_recipe_scale(&r, epoch), pow(gamma, epoch), 1e-12);
    expect(&r, "linear layer on frozen features, adam, lr 0.01 to 1e-06 over 500 epochs, weight "
               "decay 5e-06, batches of 1000, after the last epoch");
}
END_TEST

START_TEST(sl_drops_twice)
{
    struct scl_recipe r;

    ck_assert_int_eq(scl_recipe_sl(&r, &config), SCL_OK);
    ck_assert(!r.on_rows && r.lr_encoder == 0);
    for (int epoch = 0; epoch < 100; epoch++)
        ck_assert_double_eq_tol(scl_recipe_scale(&r, epoch),
                                epoch < 60   ? 1
                                : epoch < 80 ? 0.1
                                             : 0.01,
                                1e-12);
    expect(&r, "linear layer on a frozen encoder, random crops and flips, sgd with momentum 0.9, "
               "lr 1, times 0.1 from epochs 60 and 80 of 100, weight decay 0, batches of 256, "
               "after the last epoch");
}
END_TEST

START_TEST(keys_replace_the_protocols_numbers)
{
    struct scl_recipe r;

    config.linear = (struct scl_linear_config){ .epochs = 10, .batch = 32, .lr = 0.5 };
    ck_assert_int_eq(scl_recipe_sl(&r, &config), SCL_OK);
    ck_assert(r.epochs == 10 && r.batch == 32 && r.optim.lr == 0.5);
    ck_assert(r.drop_epoch[0] == 6 && r.drop_epoch[1] == 8);
    r = scl_recipe_ht(&config.linear);
    ck_assert(r.epochs == 10 && r.batch == 32 && r.optim.lr == 0.5);
    ck_assert_double_eq_tol(scl_recipe_scale(&r, 5), 1e-2, 1e-12);
}
END_TEST

/* 20 epochs: 12 and 16, as SwAV has them. */
static const struct {
    int percent;
    double encoder, layer;
} rates[] = { { 1, 0.03, 0.08 }, { 10, 0.01, 0.1 }, { 100, 0.01, 0.1 } };

START_TEST(finetuning_has_rates_for_each_share_of_labels)
{
    const struct scl_recipe r = scl_recipe_finetune(&config.finetune, rates[_i].percent);

    ck_assert(r.lr_encoder == rates[_i].encoder && r.optim.lr == rates[_i].layer);
    ck_assert(r.drop_epoch[0] == 12 && r.drop_epoch[1] == 16 && r.drop == 0.2);
    ck_assert(r.optim.nesterov && r.optim.momentum == 0.9 && r.optim.weight_decay == 0);
    if (_i == 0)
        expect(&r, "linear layer on an encoder that is trained too, random crops and flips, sgd "
                   "with nesterov momentum 0.9, lr 0.08 (encoder 0.03), times 0.2 from epochs 12 "
                   "and 16 of 20, weight decay 0, batches of 256, after the last epoch");
}
END_TEST

START_TEST(finetuning_takes_the_rates_that_are_given)
{
    struct scl_recipe r;

    config.finetune.lr_encoder = 0.2;
    config.finetune.lr_classifier = 3;
    config.finetune.drop_factor = 0.5;
    r = scl_recipe_finetune(&config.finetune, 1);
    ck_assert(r.lr_encoder == 0.2 && r.optim.lr == 3 && r.drop == 0.5);
}
END_TEST

/* Fewer epochs than drops: none comes before the first epoch's end. */
START_TEST(first_epoch_has_the_first_rate)
{
    for (int epochs = 1; epochs < 30; epochs++) {
        struct scl_recipe r;

        config.linear.epochs = epochs;
        ck_assert_int_eq(scl_recipe_sl(&r, &config), SCL_OK);
        ck_assert_double_eq(scl_recipe_scale(&r, 0), 1);
    }
}
END_TEST

const char *const suite_name = "eval/recipe";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, ht_falls_by_a_factor_an_epoch);
    tcase_add_test(tc, sl_drops_twice);
    tcase_add_test(tc, keys_replace_the_protocols_numbers);
    tcase_add_loop_test(tc, finetuning_has_rates_for_each_share_of_labels, 0,
                        sizeof rates / sizeof *rates);
    tcase_add_test(tc, finetuning_takes_the_rates_that_are_given);
    tcase_add_test(tc, first_epoch_has_the_first_rate);
}
