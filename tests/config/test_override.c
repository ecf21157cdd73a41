/* test_override.c - --set: what takes the place of the file, and what is refused. */
#include <check.h>
#include <string.h>

#include "base/status.h"
#include "support/config_text.h"

static struct scl_config c;

START_TEST(set_takes_the_place_of_the_file)
{
    ck_assert_msg(config_load_set(&c, "train.epochs=7") == SCL_OK, "%s", scl_error());
    ck_assert_int_eq(c.train.epochs, 7);
    ck_assert_msg(config_load_set(&c, "augment.crop_scale=[0.5, 0.75]") == SCL_OK, "%s",
                  scl_error());
    ck_assert_double_eq(c.augment.crop_scale[1], 0.75);
    ck_assert_msg(config_load_set(&c, "augment.blur=0.5") == SCL_OK, "%s", scl_error());
    ck_assert(c.augment.n_blur == 1 && c.augment.blur[0] == 0.5);
    ck_assert_msg(config_load_set(&c, "device=a:b,c:d") == SCL_OK, "%s", scl_error());
    ck_assert_str_eq(c.device, "a:b,c:d");
    ck_assert_msg(config_load_set(&c, "device=") == SCL_OK, "%s", scl_error());
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
    { "optim.lr=[1", "--set optim.lr=[1: found no valid YAML (did not find expected ',' or "
                     "']'), wanted one value or [list]" },
    { "", "--set : found no key or no `=`, wanted key.path=value" },
    { "=", "--set =: found no key or no `=`, wanted key.path=value" },
    { ".=1",
      "--set .=1: found an unknown key, wanted one of name, runs, seed, device, "
      "memory_bytes, determinism, precision, data, augment, encoder, head, method, probe, score, "
      "weight, optim, schedule, train, eval, linear, finetune" },
    { "optim.=1",
      "--set optim.=1: found an unknown key, wanted one that exists: did you mean optim.lr?" },
    { ".lr=1",
      "--set .lr=1: found an unknown key, wanted one that exists: did you mean probe.lr?" },
    { "optim.lr.x=1",
      "--set optim.lr.x=1: found an unknown key, wanted one that exists: did you mean optim.lr?" },
    { "optim..lr=1",
      "--set optim..lr=1: found an unknown key, wanted one that exists: did you mean optim.lr?" },
    { " optim.lr=1",
      "--set  optim.lr=1: found an unknown key, wanted one that exists: did you mean optim.lr?" },
    { "optim.lr =1",
      "--set optim.lr =1: found an unknown key, wanted one that exists: did you mean optim.lr?" },
    { "Optim.lr=1",
      "--set Optim.lr=1: found an unknown key, wanted one that exists: did you mean optim.lr?" },
    { "optim/lr=1",
      "--set optim/lr=1: found an unknown key, wanted one of name, runs, seed, "
      "device, memory_bytes, determinism, precision, data, augment, encoder, head, method, "
      "probe, score, weight, optim, schedule, train, eval, linear, finetune" },
    { "colour=1",
      "--set colour=1: found an unknown key, wanted one of name, runs, seed, device, "
      "memory_bytes, determinism, precision, data, augment, encoder, head, method, probe, score, "
      "weight, optim, schedule, train, eval, linear, finetune" },
    { "optim.colour=1",
      "--set optim.colour=1: found an unknown key, wanted one of kind, lr, weight_decay, momentum, "
      "beta1, beta2, eps, nesterov, eta, clip_lr, exclude_bias_norm, static_predictor" },
    { "optim.lr=", "--set optim.lr=: found nothing, wanted a number from 0 to 1000" },
    { "optim.lr=1 2", "--set optim.lr=1 2: found 1 2, wanted a number from 0 to 1000" },
    { "optim.lr==1", "--set optim.lr==1: found =1, wanted a number from 0 to 1000" },
    { "optim.lr=\"1", "--set optim.lr=\"1: found no valid YAML (found unexpected end of stream), "
                      "wanted one value or [list]" },
    { "optim.lr={", "--set optim.lr={: found no valid YAML (did not find expected node content), "
                    "wanted one value or [list]" },
    { "optim.lr=]", "--set optim.lr=]: found no valid YAML (did not find expected node content), "
                    "wanted one value or [list]" },
    { "optim.lr=&a 1",
      "--set optim.lr=&a 1: found an anchor or alias (& or *), wanted a plain value" },
    { "optim.lr=*a", "--set optim.lr=*a: found an anchor or alias (& or *), wanted a plain value" },
    { "optim.lr=!!float 1", "--set optim.lr=!!float 1: found a tag (!), wanted a plain value" },
    { "optim.lr=- 1", "--set optim.lr=- 1: found no valid YAML (block sequence entries are not "
                      "allowed in this context), wanted one value or [list]" },
    { "optim.lr=1: 2", "--set optim.lr=1: 2: found no valid YAML (mapping values are not allowed "
                       "in this context), wanted one value or [list]" },
    { "optim.lr=1\n---\n2", "--set optim.lr=1?---?2: found a second document, wanted one" },
    { "optim.lr=\xff",
      "--set optim.lr=\xff"
      ": found no valid YAML (invalid leading UTF-8 octet), wanted one value or [list]" },
    { "optim.lr=a\tb", "--set optim.lr=a?b: found a?b, wanted a number from 0 to 1000" },
    { "device=\"a\\0b\"", "--set device=\"a\\0b\": found a zero byte, wanted text" },
    { "device=\"a\\nb\"",
      "--set device=\"a\\nb\": found the text \"a?b\", wanted text of at most 1023 bytes" },
    { "name=a/b",
      "--set name=a/b: found \"a/b\", wanted letters, digits and . _ - with no dot first" },
    { "name=..",
      "--set name=..: found \"..\", wanted letters, digits and . _ - with no dot first" },
    { "name=", "--set name=: found \"\", wanted letters, digits and . _ - with no dot first" },
    { "runs=", "--set runs=: found nothing, wanted a folder" },
    { "name=0123456789012345678901234567890123456789012345678901234567890123",
      "--set name=0123456789012345678901234567890123456789012345678901234...: found "
      "012345678901234567890123456789012345678901234567890123456789..., wanted text of at most 63 "
      "bytes" },
    { "score.width=9", "--set score.width=9: found 9, wanted a multiple of 8" },
};

START_TEST(bad_set_is_named)
{
    ck_assert_int_eq(config_load_set(&c, bad_sets[_i].set), SCL_CONFIG);
    ck_assert_str_eq(scl_error(), bad_sets[_i].words);
}
END_TEST

const char *const suite_name = "config/override";

void suite_fill(TCase *tc)
{
    tcase_add_test(tc, set_takes_the_place_of_the_file);
    tcase_add_loop_test(tc, bad_set_is_named, 0, (int)(sizeof bad_sets / sizeof *bad_sets));
}
