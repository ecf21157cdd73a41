/* test_config.c - what is read, what is refused in which words, what comes back. */
#include <check.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "config/config.h"
#include "support/suite.h"

#define HEAD "name: run\ndata: { kind: synthetic }\nmethod: { kind: simclr }\n"
#define SMALL HEAD "train: { epochs: 2 }\n"
#define METHOD(keys)                                                                               \
    "name: run\ndata: { kind: synthetic }\nmethod: { kind: " keys " }\ntrain: { epochs: 2 }\n"

static struct scl_config c;

static int load(const char *text)
{
    return scl_config_load_text(&c, "run.yaml", text, strlen(text), 0, NULL);
}

static int load_set(const char *set)
{
    char copy[4096], *list[] = { copy };

    snprintf(copy, sizeof copy, "%s", set);
    return scl_config_load_text(&c, "run.yaml", SMALL, strlen(SMALL), 1, list);
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

static const struct {
    const char *text, *words;
} refused[] = {
    /* keys */
    { SMALL "optim: { lr: 1, learning: 2 }\n",
      "run.yaml:5: optim.learning: found an unknown key, wanted one of kind, lr, weight_decay, "
      "momentum, beta1, beta2, eps, nesterov, eta, clip_lr, exclude_bias_norm, "
      "static_predictor" },
    { SMALL "optim:\n  weigt_decay: 2\n",
      "run.yaml:6: optim.weigt_decay: found an unknown key, wanted one that exists: did you mean "
      "optim.weight_decay?" },
    { SMALL "lambda: 2\n", "run.yaml:5: lambda: found an unknown key, wanted one that exists: did "
                           "you mean method.lambda?" },
    { SMALL "optm: { lr: 1 }\n",
      "run.yaml:5: optm: found an unknown key, wanted one that exists: did you mean optim?" },
    { SMALL "colour: 2\n",
      "run.yaml:5: colour: found an unknown key, wanted one of name, runs, seed, device, "
      "memory_bytes, determinism, data, augment, encoder, head, method, probe, score, weight, "
      "optim, schedule, train, eval, linear, finetune" },
    { SMALL "optim.lr: 2\n",
      "run.yaml:5: optim.lr: found a dot in a key, wanted the group as a key of its own" },
    { SMALL "seed: 1\nseed: 2\n", "run.yaml:6: seed: found the key again, wanted it once" },
    { SMALL "optim: { lr: 1 }\noptim: { eps: 1 }\n",
      "run.yaml:6: optim: found the key again, wanted it once" },
    { "name: a\ndata: { kind: synthetic }\ntrain: { epochs: 1 }\n",
      "run.yaml: method.kind: found no such key, wanted one of simclr, simsiam, wmse, vicreg, "
      "byol, "
      "barlow, mocov3, dino" },
    { "data: { kind: synthetic }\nmethod: { kind: simclr }\n",
      "run.yaml: name: found no such key, wanted text of at most 63 bytes" },
    { HEAD, "run.yaml: train.epochs: found 0 (train.steps: 0), wanted one of the two above 0" },
    { "name: a\ndata: { kind: cifar10 }\nmethod: { kind: simclr }\ntrain: { epochs: 1 }\n",
      "run.yaml: data.root: found nothing, wanted the folder of the data set cifar10" },
    { "name: a\ndata: { kind: image_folder, root: '' }\nmethod: { kind: simclr }\n",
      "run.yaml:2: data.root: found nothing, wanted the folder of the data set image_folder" },
    { SMALL "? [a]\n: 1\n", "run.yaml:5: found a list or group as a key, wanted a name" },
    /* types */
    { SMALL "optim: { lr: fast }\n",
      "run.yaml:5: optim.lr: found fast, wanted a number from 0 to 1000" },
    { SMALL "optim: { lr: \"1\" }\n",
      "run.yaml:5: optim.lr: found the text \"1\", wanted a number from 0 to 1000" },
    { SMALL "optim: { lr: }\n",
      "run.yaml:5: optim.lr: found nothing, wanted a number from 0 to 1000" },
    { SMALL "optim: { lr: .nan }\n",
      "run.yaml:5: optim.lr: found .nan, wanted a number from 0 to 1000" },
    { SMALL "optim: { lr: nan }\n",
      "run.yaml:5: optim.lr: found nan, wanted a number from 0 to 1000" },
    { SMALL "optim: { lr: inf }\n",
      "run.yaml:5: optim.lr: found inf, wanted a number from 0 to 1000" },
    { SMALL "optim: { lr: 1e999 }\n",
      "run.yaml:5: optim.lr: found 1e999, wanted a number from 0 to 1000" },
    { SMALL "optim: { lr: 0x10 }\n",
      "run.yaml:5: optim.lr: found 0x10, wanted a number from 0 to 1000" },
    { SMALL "optim: { lr: [1] }\n",
      "run.yaml:5: optim.lr: found a list of 1, wanted a number from 0 to 1000" },
    { SMALL "optim: { lr: { a: 1 } }\n",
      "run.yaml:5: optim.lr: found a group inside a group, wanted a value" },
    { SMALL "seed: { a: 1 }\n", "run.yaml:5: seed: found keys of a group, wanted a whole number "
                                "from 0 to 18446744073709551615" },
    { SMALL "optim: 3\n", "run.yaml:5: optim: found a value, wanted a group of keys below it" },
    { SMALL "optim: { clip_lr: yes }\n",
      "run.yaml:5: optim.clip_lr: found yes, wanted true or false" },
    { SMALL "optim: { kind: adamw }\n",
      "run.yaml:5: optim.kind: found adamw, wanted one of adam, sgd, lars" },
    { SMALL "encoder: { width: 1.5 }\n",
      "run.yaml:5: encoder.width: found 1.5, wanted a whole number from 1 to 4096" },
    { SMALL "encoder: { width: 010 }\n",
      "run.yaml:5: encoder.width: found 010, wanted a whole number from 1 to 4096" },
    { SMALL "encoder: { width: 99999999999999999999 }\n",
      "run.yaml:5: encoder.width: found 99999999999999999999, wanted a whole number from 1 to "
      "4096" },
    { SMALL "seed: -1\n",
      "run.yaml:5: seed: found -1, wanted a whole number from 0 to 18446744073709551615" },
    { SMALL "seed: 18446744073709551616\n",
      "run.yaml:5: seed: found 18446744073709551616, wanted a whole number from 0 to "
      "18446744073709551615" },
    { SMALL "augment: { mean: [1, 2] }\n",
      "run.yaml:5: augment.mean: found a list of 2, wanted a list of 3, each a number from -1000 "
      "to 1000" },
    { SMALL "augment: { mean: 0.5 }\n",
      "run.yaml:5: augment.mean: found 0.5, wanted a list of 3, each a number from -1000 to "
      "1000" },
    { SMALL "augment: { std: [1, 0, 1] }\n",
      "run.yaml:5: augment.std: found 0, wanted a list of 3, each a number above 0 and up to "
      "1000" },
    { SMALL "augment: { mean: [[1], 2, 3] }\n",
      "run.yaml:5: augment.mean: found a list of lists or groups, wanted plain values" },
    { SMALL "schedule: { drop_epochs: [1,2,3,4,5,6,7,8,9] }\n",
      "run.yaml:5: schedule.drop_epochs: found a list of 9, wanted a list of at most 8, each a "
      "whole number from 1 to 1000000" },
    { SMALL "augment: { blur: 2 }\n",
      "run.yaml:5: augment.blur: found 2, wanted one or a list of at "
      "most 4, each a number from 0 to 1" },
    { SMALL "augment: { blur: [0, '1'] }\n",
      "run.yaml:5: augment.blur: found the text \"1\", wanted one or a list of at most 4, each a "
      "number from 0 to 1" },
    { SMALL "augment: { blur: }\n", "run.yaml:5: augment.blur: found nothing, wanted one or a list "
                                    "of at most 4, each a number from 0 to 1" },
    { SMALL "augment: { solarize: [] }\n",
      "run.yaml:5: augment.solarize: found a list of 0, wanted one or a list of at most 4, each a "
      "number from 0 to 1" },
    { SMALL "augment: { solarize: [0, 0, 0, 0, 0.2] }\n",
      "run.yaml:5: augment.solarize: found a list of 5, wanted one or a list of at most 4, each a "
      "number from 0 to 1" },
    { SMALL "schedule: { drop_epochs: 3 }\n",
      "run.yaml:5: schedule.drop_epochs: found 3, wanted a list of at most 8, each a whole number "
      "from 1 to 1000000" },
    { SMALL "device: \"a\\nb\"\n", "run.yaml:5: device: found the text \"a?b\", wanted text of at "
                                   "most 1023 bytes" },
    { SMALL "device: \"a\\0b\"\n", "run.yaml:5: device: found a zero byte, wanted text" },
    /* values that do not go together */
    { SMALL "augment: { crop_scale: [0.5, 0.2] }\n",
      "run.yaml:5: augment.crop_scale: found [0.5, 0.2], wanted the smaller number first" },
    { SMALL "score: { sigma_min: 2 }\n",
      "run.yaml:5: score.sigma_min: found 2, wanted at most score.sigma_max, which is 1" },
    { SMALL "method: { views: 1 }\n", "run.yaml:5: method: found the key again, wanted it once" },
    { METHOD("simclr, views: 1"),
      "run.yaml:3: method.views: found 1, wanted a whole number from 2 to 4" },
    { METHOD("simsiam, views: 3"),
      "run.yaml:3: method.views: found 3, wanted 2: simsiam compares two views" },
    { SMALL "augment: { solarize: [0, 0.2, 0.1] }\n",
      "run.yaml:5: augment.solarize: found a list of 3, wanted at most one for each of the 2 "
      "views" },
    { "name: run\ndata: { kind: synthetic, max_side: 64 }\nmethod: { kind: simclr }\n"
      "train: { epochs: 2 }\n",
      "run.yaml:2: data.max_side: found 64, wanted 0 unless data.kind is image_folder" },
    { METHOD("barlow") "weight: { kind: ssim }\n",
      "run.yaml:5: weight.kind: found ssim, wanted uniform: no term of barlow's loss belongs to a "
      "pair" },
    { METHOD("wmse, whitening_size: 120"),
      "run.yaml:3: method.whitening_size: found 120, wanted at least twice head.out, which is 64" },
    { METHOD("wmse, whitening_size: 130"),
      "run.yaml:3: method.whitening_size: found 130, wanted a divisor of train.batch, which is "
      "256" },
    { METHOD("wmse, whitening_eps: 1"),
      "run.yaml:3: method.whitening_eps: found 1, wanted a number from 0 to 0.999999" },
    { SMALL "score: { width: 12 }\n", "run.yaml:5: score.width: found 12, wanted a multiple of 8" },
    { SMALL "weight: { kind: score_l2, sigma: 2 }\n",
      "run.yaml:5: weight.sigma: found 2, wanted a sigma that the network is trained on, from "
      "0.01 to 1" },
    { SMALL "weight: { kind: score_l2 }\naugment: { size: 30 }\n",
      "run.yaml:6: augment.size: found 30, wanted a multiple of 4 for the score network" },
    { SMALL "schedule: { drop_epochs: [3, 3] }\n",
      "run.yaml:5: schedule.drop_epochs: found 3 after 3, wanted rising epochs" },
    { SMALL "schedule: { min_lr: 1 }\n",
      "run.yaml:5: schedule.min_lr: found 1, wanted at most optim.lr, which is 0.003" },
    { SMALL "eval: { resize: 31 }\n",
      "run.yaml:5: eval.resize: found 31, wanted 0, or at least augment.size, which is 32" },
    { SMALL "optim: { nesterov: true, momentum: 0 }\n",
      "run.yaml:5: optim.nesterov: found true, wanted false while optim.momentum is 0" },
    { "name: a/b\ndata: { kind: synthetic }\nmethod: { kind: simclr }\ntrain: { steps: 1 }\n",
      "run.yaml:1: name: found \"a/b\", wanted letters, digits and . _ - with no dot first" },
    { "name: a\ndata: { kind: synthetic, train_size: 100 }\nmethod: { kind: simclr }\n"
      "train: { steps: 1 }\n",
      "run.yaml:2: data.train_size: found 100 (validation: 0), wanted at least the 256 of "
      "train.batch left to train on" },
    { "name: a\ndata: { kind: cifar10, root: d, labels: coarse }\nmethod: { kind: simclr }\n"
      "train: { steps: 1 }\n",
      "run.yaml:2: data.labels: found coarse, wanted fine unless data.kind is cifar100" },
    { "name: a\ndata: { kind: cifar10, root: d, classes: list.txt }\nmethod: { kind: simclr }\n"
      "train: { steps: 1 }\n",
      "run.yaml:2: data.classes: found \"list.txt\", wanted nothing unless data.kind is "
      "image_folder" },
    /* YAML itself */
    { "", "run.yaml: found no keys at all, wanted a configuration" },
    { "# nothing\n", "run.yaml: found no keys at all, wanted a configuration" },
    { "hello\n", "run.yaml:1: found a single value or list, wanted `key: value` lines" },
    { "- 1\n", "run.yaml:1: found a single value or list, wanted `key: value` lines" },
    { SMALL "optim:\n\tlr: 1\n", "run.yaml:6: found a tab, wanted spaces before a key" },
    { SMALL "optim: [1\n", "run.yaml:6: found no valid YAML (did not find expected ',' or ']'), "
                           "wanted `key: value`" },
    { SMALL "seed: a: b\n", "run.yaml:5: found no valid YAML (mapping values are not allowed in "
                            "this context), wanted `key: value`" },
    { SMALL "device: \"\xff\"\n", "run.yaml:5: found no valid YAML (invalid leading UTF-8 octet), "
                                  "wanted `key: value`" },
    { SMALL "device: &x a\n",
      "run.yaml:5: found an anchor or alias (& or *), wanted a plain value" },
    { SMALL "seed: !!int 3\n", "run.yaml:5: found a tag (!), wanted a plain value" },
    { SMALL "optim: { <<: *o }\n",
      "run.yaml:5: found an anchor or alias (& or *), wanted a plain value" },
    { SMALL "---\nname: b\n", "run.yaml:5: found a second document, wanted one" },
};

START_TEST(fault_is_one_line_with_place_found_and_wanted)
{
    ck_assert_int_eq(load(refused[_i].text), SCL_CONFIG);
    ck_assert_str_eq(scl_error(), refused[_i].words);
}
END_TEST

START_TEST(more_keys_than_a_configuration_has_are_refused)
{
    char text[32768] = "";
    size_t n = 0;

    for (int i = 0; i < 1000; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "k%d: 1\n", i);
    ck_assert_int_eq(load(text), SCL_CONFIG);
    ck_assert_str_eq(scl_error(), "run.yaml: found more than 512 keys, wanted a configuration");
}
END_TEST

START_TEST(long_and_dirty_words_are_cut_in_errors)
{
    char text[6000] = SMALL "optim: { kind: ";
    const size_t n = strlen(text);

    memset(text + n, 'x', 5000);
    strcpy(text + n + 5000, " }\n");
    ck_assert_int_eq(load(text), SCL_CONFIG);
    ck_assert_ptr_nonnull(strstr(scl_error(), "xxx..., wanted one of adam, sgd, lars"));
    ck_assert_uint_lt(strlen(scl_error()), 200);
}
END_TEST

START_TEST(set_takes_the_place_of_the_file)
{
    ck_assert_msg(load_set("train.epochs=7") == SCL_OK, "%s", scl_error());
    ck_assert_int_eq(c.train.epochs, 7);
    ck_assert_msg(load_set("augment.crop_scale=[0.5, 0.75]") == SCL_OK, "%s", scl_error());
    ck_assert_double_eq(c.augment.crop_scale[1], 0.75);
    ck_assert_msg(load_set("augment.blur=0.5") == SCL_OK, "%s", scl_error());
    ck_assert(c.augment.n_blur == 1 && c.augment.blur[0] == 0.5);
    ck_assert_msg(load_set("device=a:b,c:d") == SCL_OK, "%s", scl_error());
    ck_assert_str_eq(c.device, "a:b,c:d");
    ck_assert_msg(load_set("device=") == SCL_OK, "%s", scl_error());
    ck_assert_str_eq(c.device, "");
}
END_TEST

static const struct {
    const char *set, *words;
} bad_sets[] = {
    { "train.epochs", "--set train.epochs: found no key or no `=`, wanted key.path=value" },
    { "=3", "--set =3: found no key or no `=`, wanted key.path=value" },
    { "train.epochs=-1",
      "--set train.epochs=-1: found -1, wanted a whole number from 0 to 1000000" },
    { "train.epoch=1", "--set train.epoch=1: found an unknown key, wanted one that exists: did you "
                       "mean train.epochs?" },
    { "train=1", "--set train=1: found a value, wanted a group of keys below it" },
    { "train={ epochs: 1 }",
      "--set train={ epochs: 1 }: found keys inside the value, wanted one value or [list]" },
    { "optim.lr=1\nseed: 4",
      "--set optim.lr=1?seed: 4: found keys inside the value, wanted one value or [list]" },
    { "optim.lr=[1", "--set optim.lr=[1:2: found no valid YAML (did not find expected ',' or "
                     "']'), wanted `key: value`" },
    { "score.width=9", "--set score.width=9: found 9, wanted a multiple of 8" },
};

START_TEST(bad_set_is_named)
{
    ck_assert_int_eq(load_set(bad_sets[_i].set), SCL_CONFIG);
    ck_assert_str_eq(scl_error(), bad_sets[_i].words);
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

START_TEST(folder_missing_file_and_huge_file_are_refused_by_name)
{
    const size_t size = (1 << 20) + 1;
    char *huge = malloc(size);

    ck_assert_int_lt(scl_config_load(&c, "tests", 0, NULL), 0);
    ck_assert_str_eq(scl_error(), "tests: is a folder, not a file");
    ck_assert_int_lt(scl_config_load(&c, "no/such.yaml", 0, NULL), 0);
    ck_assert_ptr_nonnull(strstr(scl_error(), "no/such.yaml"));
    memset(huge, '#', size);
    ck_assert_int_eq(scl_file_write("test_config.huge.yaml", huge, size), SCL_OK);
    ck_assert_int_lt(scl_config_load(&c, "test_config.huge.yaml", 0, NULL), 0);
    remove("test_config.huge.yaml");
    ck_assert_ptr_nonnull(strstr(scl_error(), "test_config.huge.yaml: is 1048577 bytes long"));
    free(huge);
}
END_TEST

START_TEST(no_prefix_or_changed_byte_of_a_configuration_crashes)
{
    static const char text[] =
        SMALL "optim: { lr: 1e-3 }\nschedule:\n  drop_epochs: [1, 2]\ndevice: \"a\\x41\"\n";
    const char bytes[] = "\0\t\n:[]{}\"'&*!|>%@`-?#,\xc3\x80";
    char copy[sizeof text];

    for (size_t n = 0; n < sizeof text; n++)
        scl_config_load_text(&c, "x", text, n, 0, NULL);
    for (size_t i = 0; i < sizeof text - 1; i++)
        for (size_t b = 0; b < sizeof bytes; b++) {
            memcpy(copy, text, sizeof text);
            copy[i] = bytes[b];
            if (scl_config_load_text(&c, "x", copy, sizeof text - 1, 0, NULL) != SCL_OK)
                ck_assert_ptr_null(strchr(scl_error(), '\n'));
        }
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
    tcase_add_loop_test(tc, fault_is_one_line_with_place_found_and_wanted, 0,
                        (int)(sizeof refused / sizeof *refused));
    tcase_add_test(tc, more_keys_than_a_configuration_has_are_refused);
    tcase_add_test(tc, long_and_dirty_words_are_cut_in_errors);
    tcase_add_test(tc, set_takes_the_place_of_the_file);
    tcase_add_loop_test(tc, bad_set_is_named, 0, (int)(sizeof bad_sets / sizeof *bad_sets));
    tcase_add_test(tc, saved_configuration_loads_as_the_same_struct);
    tcase_add_test(tc, difference_names_each_key_with_both_values);
    tcase_add_test(tc, folder_missing_file_and_huge_file_are_refused_by_name);
    tcase_add_test(tc, no_prefix_or_changed_byte_of_a_configuration_crashes);
    tcase_add_test(tc, group_gives_every_key_with_its_value);
    tcase_add_test(tc, enum_values_have_their_words);
    tcase_add_test(tc, every_shipped_configuration_is_valid);
}
