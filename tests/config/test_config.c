/* test_config.c - what is read, what is written and comes back, where two differ. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "config/config.h"
#include "support/config_text.h"

static struct scl_config c;

static int load(const char *text)
{
    return config_load(&c, text);
}

START_TEST(four_keys_make_a_run_and_the_rest_are_defaults)
{
    ck_assert_msg(load(SMALL) == SCL_OK, "%s", scl_error());
    ck_assert_str_eq(c.name, "run");
    ck_assert_str_eq(c.runs, "runs");
    ck_assert_int_eq(c.determinism, SCL_DETERMINISM_REPEATABLE);
    ck_assert_uint_eq(c.data.cache_bytes, 2147483648u);
    ck_assert_int_eq(c.data.train_size, 10000);
    ck_assert_double_eq(c.augment.crop_scale[0], 0.2);
    ck_assert_double_eq(c.augment.crop_ratio[1], 4.0 / 3);
    ck_assert_double_eq(c.augment.std[2], 0.2010);
    ck_assert_int_eq(c.encoder.width, 64);
    ck_assert_double_eq(c.optim.eps, 1e-8);
    ck_assert(c.optim.clip_lr && !c.optim.nesterov);
    ck_assert_int_eq(c.schedule.n_drop_epochs, 0);
    ck_assert_int_eq(c.weight.kind, SCL_WEIGHT_UNIFORM);
    ck_assert_int_eq(c.train.epochs, 2);
    ck_assert_int_eq(c.eval.k, 5);
}
END_TEST

START_TEST(every_kind_of_value_is_read)
{
    ck_assert_msg(
        load(SMALL "seed: 18446744073709551615\n"
                   "device: 'pocl: \"a\" \\ b'\n"
                   "determinism: fast\n"
                   "augment:\n  { mean: [0, -1, 1e-3], interpolation: bilinear, blur: [1, 0.1], "
                   "solarize: 0.2 }\n"
                   "weight: { power: -0.5, kind: score_l2 }\n"
                   "optim: { clip_lr: false }\n"
                   "schedule:\n  drop_epochs:\n  - 4\n  - 10\n") == SCL_OK,
        "%s", scl_error());
    ck_assert(c.seed == UINT64_MAX);
    ck_assert_str_eq(c.device, "pocl: \"a\" \\ b");
    ck_assert_int_eq(c.determinism, SCL_DETERMINISM_FAST);
    ck_assert_double_eq(c.augment.mean[1], -1);
    ck_assert_double_eq(c.augment.mean[2], 1e-3);
    ck_assert_int_eq(c.augment.n_blur, 2);
    ck_assert_double_eq(c.augment.blur[1], 0.1);
    ck_assert_int_eq(c.augment.n_solarize, 1);
    ck_assert_double_eq(c.augment.solarize[0], 0.2);
    ck_assert_int_eq(c.augment.interpolation, SCL_BILINEAR);
    ck_assert_double_eq(c.weight.power, -0.5);
    ck_assert(!c.optim.clip_lr);
    ck_assert_int_eq(c.schedule.n_drop_epochs, 2);
    ck_assert_int_eq(c.schedule.drop_epochs[1], 10);
}
END_TEST

START_TEST(saved_configuration_loads_as_the_same_struct)
{
    struct scl_config first;

    ck_assert_msg(load(SMALL "seed: 18446744073709551615\n"
                             "device: 'a \"b\" \\ # c: d'\n"
                             "optim: { lr: 0.1, eps: 1.2345678901234567e-9, nesterov: true }\n"
                             "augment: { blur: 0.5, solarize: [0, 0.2] }\n"
                             "schedule: { drop_epochs: [4, 5] }\n") == SCL_OK,
                  "%s", scl_error());
    first = c;
    ck_assert_msg(scl_config_save(&first, "test_config.tmp.yaml") == SCL_OK, "%s", scl_error());
    ck_assert_msg(scl_config_load(&c, "test_config.tmp.yaml", 0, NULL) == SCL_OK, "%s",
                  scl_error());
    remove("test_config.tmp.yaml");
    ck_assert_mem_eq(&c, &first, sizeof c);
    ck_assert_int_eq(scl_config_diff(&c, &first, NULL, NULL), 0);
}
END_TEST

static void note(void *user, const char *key, const char *in_a, const char *in_b)
{
    char *words = user;

    sprintf(words + strlen(words), "%s: %s, %s\n", key, in_a, in_b);
}

START_TEST(difference_names_each_key_with_both_values)
{
    char words[512] = "";
    struct scl_config other;

    ck_assert_int_eq(load(SMALL), SCL_OK);
    other = c;
    other.seed = 2;
    other.augment.crop_scale[0] = 0.08;
    other.augment.solarize[1] = 0.2;
    other.augment.n_solarize = 2;
    other.optim.kind = SCL_OPTIM_LARS;
    other.schedule.n_drop_epochs = 1;
    other.schedule.drop_epochs[0] = 4;
    ck_assert_int_eq(scl_config_diff(&c, &other, note, words), 5);
    ck_assert_str_eq(words, "seed: 1, 2\n"
                            "augment.crop_scale: [0.2, 1], [0.08, 1]\n"
                            "augment.solarize: [0], [0, 0.2]\n"
                            "optim.kind: adam, lars\n"
                            "schedule.drop_epochs: [], [4]\n");
}
END_TEST

static void join(void *user, const char *key, const char *value, bool is_number)
{
    strcat(strcat(strcat(strcat(user, key), is_number ? " " : "="), value), ";");
}

START_TEST(group_gives_every_key_with_its_value)
{
    static const char text[] = SMALL "schedule: { kind: sl, drop_epochs: [3, 5], min_lr: 1e-3 }\n";
    char found[512] = "";

    ck_assert_int_eq(scl_config_load_text(&c, "x", text, sizeof text - 1, 0, NULL), SCL_OK);
    ck_assert_int_eq(scl_config_each(&c, "schedule", join, found), SCL_OK);
    ck_assert_str_eq(found, "schedule.kind=sl;schedule.unit=step;schedule.warmup_steps 500;"
                            "schedule.warmup_epochs 0;"
                            "schedule.warmup_start 3e-05;schedule.drop_epochs=[3, 5];"
                            "schedule.drop_factor 0.2;schedule.min_lr 0.001;");
}
END_TEST

START_TEST(enum_values_have_their_words)
{
    ck_assert_str_eq(scl_config_word("encoder.stem", SCL_STEM_CIFAR_PAD2), "cifar_pad2");
    ck_assert_ptr_null(scl_config_word("encoder.stem", 99));
    ck_assert_ptr_null(scl_config_word("encoder.width", 1));
}
END_TEST

static bool is_yaml(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot && strcmp(dot, ".yaml") == 0;
}

/* Loads every configuration below the folder, and says how many there are. */
static int load_below(const char *path)
{
    struct scl_folder folder = { 0 };
    int n = 0;

    ck_assert_msg(scl_folder_load(&folder, path) == SCL_OK, "%s", scl_error());
    for (size_t i = 0; i < folder.n; i++) {
        char *inner = scl_path_join(path, folder.entry[i].name);

        ck_assert_ptr_nonnull(inner);
        if (folder.entry[i].kind == SCL_PATH_FOLDER) {
            n += load_below(inner);
        } else if (is_yaml(inner)) {
            ck_assert_msg(scl_config_load(&c, inner, 0, NULL) == SCL_OK, "%s", scl_error());
            n++;
        }
        free(inner);
    }
    scl_folder_fini(&folder);
    return n;
}

START_TEST(every_shipped_configuration_is_valid)
{
    ck_assert_int_gt(load_below("configs"), 0);
}
END_TEST

const char *const suite_name = "config/config";

void suite_fill(TCase *tc)
{
    tcase_add_test(tc, four_keys_make_a_run_and_the_rest_are_defaults);
    tcase_add_test(tc, every_kind_of_value_is_read);
    tcase_add_test(tc, saved_configuration_loads_as_the_same_struct);
    tcase_add_test(tc, difference_names_each_key_with_both_values);
    tcase_add_test(tc, group_gives_every_key_with_its_value);
    tcase_add_test(tc, enum_values_have_their_words);
    tcase_add_test(tc, every_shipped_configuration_is_valid);
}
