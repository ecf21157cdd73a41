/* test_check.c - each key by itself: unknown, missing, of a wrong type, out of its range. */
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "config/config_impl.h"
#include "support/config_text.h"

static struct scl_config c;

static const struct config_refusal refused[] = {
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
      "memory_bytes, determinism, precision, data, augment, encoder, head, method, probe, score, "
      "weight, "
      "optim, schedule, train, eval, linear, finetune" },
    { "name: a\ndata: { kind: synthetic }\ntrain: { epochs: 1 }\n",
      "run.yaml: method.kind: found no such key, wanted one of simclr, simsiam, wmse, vicreg, "
      "byol, "
      "barlow, mocov3, dino" },
    { "data: { kind: synthetic }\nmethod: { kind: simclr }\n",
      "run.yaml: name: found no such key, wanted text of at most 63 bytes" },
    /* values */
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
    { METHOD("simclr, views: 1"),
      "run.yaml:3: method.views: found 1, wanted a whole number from 2 to 4" },
    { METHOD("wmse, whitening_eps: 1"),
      "run.yaml:3: method.whitening_eps: found 1, wanted a number from 0 to 0.999999" },
};

START_TEST(fault_is_one_line_with_place_found_and_wanted)
{
    config_check_refused(&refused[_i]);
}
END_TEST

START_TEST(long_and_dirty_words_are_cut_in_errors)
{
    char text[6000] = SMALL "optim: { kind: ";
    const size_t n = strlen(text);

    memset(text + n, 'x', 5000);
    strcpy(text + n + 5000, " }\n");
    ck_assert_int_eq(config_load(&c, text), SCL_CONFIG);
    ck_assert_ptr_nonnull(strstr(scl_error(), "xxx..., wanted one of adam, sgd, lars"));
    ck_assert_uint_lt(strlen(scl_error()), 200);
}
END_TEST

/* SMALL in block style, `key` having `value` there. */
static void print_with(char *out, const char *key, const char *value)
{
    static const char *const base[][2] = { { "name", "run" },
                                           { "data.kind", "synthetic" },
                                           { "method.kind", "simclr" },
                                           { "train.epochs", "2" } };
    bool printed = false;

    *out = '\0';
    for (int i = 0; i < 4; i++) {
        const size_t group = strcspn(base[i][0], ".");
        const bool is_key = strcmp(base[i][0], key) == 0;

        if (base[i][0][group])
            sprintf(out + strlen(out), "%.*s:\n  ", (int)group, base[i][0]);
        sprintf(out + strlen(out), "%s: %s\n", base[i][0] + (base[i][0][group] ? group + 1 : 0),
                is_key ? value : base[i][1]);
        if (!is_key && base[i][0][group] && strncmp(base[i][0], key, group + 1) == 0) {
            sprintf(out + strlen(out), "  %s: %s\n", key + group + 1, value);
            printed = true;
        }
        printed = printed || is_key;
    }
    if (printed)
        return;
    if (strchr(key, '.'))
        sprintf(out + strlen(out), "%.*s:\n  ", (int)strcspn(key, "."), key);
    sprintf(out + strlen(out), "%s: %s\n", strchr(key, '.') ? strchr(key, '.') + 1 : key, value);
}

/* The line is FILE:LINE: KEY: found X, wanted Y, or --set KEY=VALUE: found X, wanted Y. */
static void check_words(const char *key, const char *value, const char *begin)
{
    char want[128];

    snprintf(want, sizeof want, "%s: found ", key);
    ck_assert_msg(strncmp(scl_error(), begin, strlen(begin)) == 0, "%s: %s: %s", key, value,
                  scl_error());
    ck_assert_msg(*begin == '-' || strstr(scl_error(), want), "%s: %s: %s", key, value,
                  scl_error());
    ck_assert_msg(strstr(scl_error(), ", wanted ") && !strchr(scl_error(), '\n'), "%s: %s: %s", key,
                  value, scl_error());
}

static void check_value(const char *key, const char *value)
{
    char text[1024], set[512], begin[128];

    print_with(text, key, value);
    ck_assert_msg(config_load(&c, text) == SCL_CONFIG, "%s: %s is taken in the file", key, value);
    check_words(key, value, "run.yaml:");
    snprintf(set, sizeof set, "%s=%s", key, value);
    ck_assert_msg(config_load_set(&c, set) == SCL_CONFIG, "%s: %s is taken by --set", key, value);
    snprintf(begin, sizeof begin, "--set %s=", key);
    check_words(key, value, begin);
}

/* What no value of a type is; the numbers are out of every range. */
static const char *const no_text[] = { "[a]", "{ a: 1 }", "~", "null", "\"a\\tb\"", NULL };
static const char *const no_word[] = { "nonesuch", "1", "", "~", "[a]", "{ a: 1 }", "TRUE", NULL };
static const char *const no_bool[] = { "yes",    "on", "True", "1",        "0", "'true'",
                                       "[true]", "",   "~",    "{ a: 1 }", NULL };
static const char *const no_number[] = { "words", "'1'",    "\"1\"", "0x10",   "0o17", "1_000",
                                         ".inf",  "-.inf",  "inf",   "nan",    ".nan", "infinity",
                                         "1e999", "-1e999", "1e308", "-1e308", "true", "--1",
                                         "1e",    "+",      ".",     "",       "~",    "{ a: 1 }",
                                         "[[1]]", "1 2",    "1;",    NULL };
static const char *const no_whole[] = {
    "1.5", "1.0", "1e3", "010", "-010", "+1", "99999999999999999999", "-99999999999999999999", NULL
};
static const char *const no_int[] = { "2147483648000", "-2147483649", NULL };

static int check_all(const char *key, const char *const value[], const char *before,
                     const char *after)
{
    char text[128];
    int n = 0;

    for (; value[n]; n++) {
        if (*before && !*value[n])
            continue; /* between commas it is YAML's own fault */
        snprintf(text, sizeof text, "%s%s%s", before, value[n], after);
        check_value(key, text);
    }
    return n;
}

START_TEST(no_key_takes_a_value_of_another_type_or_size)
{
    struct scl_leaf leaf = { 0 };
    int n = 0, keys = 0;

    for (; scl_leaf_next(&leaf); keys++) {
        const cyaml_schema_value_t *v = &leaf.field->value, *item = scl_leaf_item(&leaf);
        const bool list = v != item, number = item->type == CYAML_INT || item->type == CYAML_UINT ||
                                              item->type == CYAML_FLOAT;
        const bool fixed = v->type == CYAML_SEQUENCE_FIXED;
        const char *before = fixed ? "[1, " : list ? "[" : "";
        const char *after = fixed && v->sequence.max == 3 ? ", 1]" : list ? "]" : "";

        if (item->type == CYAML_STRING)
            n += check_all(leaf.key, no_text, before, after);
        else if (item->type == CYAML_BOOL)
            n += check_all(leaf.key, no_bool, before, after);
        else if (item->type == CYAML_ENUM)
            n += check_all(leaf.key, no_word, before, after);
        else
            n += check_all(leaf.key, no_number, before, after);
        if (number && item->type != CYAML_FLOAT)
            n += check_all(leaf.key, no_whole, before, after);
        if (item->type == CYAML_INT)
            n += check_all(leaf.key, no_int, before, after);
        if (number && !list)
            check_value(leaf.key, "[1, 1]"), n++;
        if (list)
            check_value(leaf.key, "[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"), n++;
    }
    ck_assert_int_gt(keys, 100);
    ck_assert_int_gt(n, 2000);
}
END_TEST

START_TEST(value_in_the_place_of_a_group_is_refused)
{
    static const char *const group[] = { "data",  "augment", "encoder", "head",    "method",
                                         "probe", "score",   "weight",  "optim",   "schedule",
                                         "train", "eval",    "linear",  "finetune" };
    char text[256], words[160];

    for (size_t i = 0; i < sizeof group / sizeof *group; i++) {
        static const char *const value[] = { "3", "~", "", "words", "[1]", "[]" };

        for (size_t v = 0; v < sizeof value / sizeof *value; v++) {
            sprintf(text, "name: run\n%s: %s\n", group[i], value[v]);
            ck_assert_int_eq(config_load(&c, text), SCL_CONFIG);
            sprintf(words, "run.yaml:2: %s: found a value, wanted a group of keys below it",
                    group[i]);
            ck_assert_str_eq(scl_error(), words);
        }
        sprintf(text, "name: run\n%s: { zzzzzz: 1 }\n", group[i]);
        ck_assert_int_eq(config_load(&c, text), SCL_CONFIG);
        sprintf(words, "run.yaml:2: %s.zzzzzz: found an unknown key, wanted one of ", group[i]);
        ck_assert_msg(strncmp(scl_error(), words, strlen(words)) == 0, "%s", scl_error());
    }
}
END_TEST

/* One letter left out, doubled or changed: the key that was meant is named. */
START_TEST(misspelt_key_finds_the_one_that_was_meant)
{
    struct scl_leaf leaf = { 0 };
    char key[96], text[256], words[160];
    int found = 0, n = 0;

    while (scl_leaf_next(&leaf)) {
        char *last = strchr(strcpy(key, leaf.key), '.');

        last = last ? last + 1 : key;
        if (strlen(last) < 5)
            continue;
        memmove(last + 2, last + 3, strlen(last + 2));
        print_with(text, key, "1");
        ck_assert_int_eq(config_load(&c, text), SCL_CONFIG);
        sprintf(words, "did you mean %s?", leaf.key);
        found += strstr(scl_error(), words) != NULL;
        n++;
    }
    ck_assert_int_gt(n, 60);
    ck_assert_int_eq(found, n);
}
END_TEST

const char *const suite_name = "config/check";

void suite_fill(TCase *tc)
{
    tcase_add_loop_test(tc, fault_is_one_line_with_place_found_and_wanted, 0,
                        (int)(sizeof refused / sizeof *refused));
    tcase_add_test(tc, no_key_takes_a_value_of_another_type_or_size);
    tcase_add_test(tc, value_in_the_place_of_a_group_is_refused);
    tcase_add_test(tc, misspelt_key_finds_the_one_that_was_meant);
    tcase_add_test(tc, long_and_dirty_words_are_cut_in_errors);
}
