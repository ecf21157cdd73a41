/* test_document.c - what is no configuration: YAML that is broken, and YAML that is not wanted. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/status.h"
#include "config/config_impl.h"
#include "support/config_text.h"
#include "support/temp_folder.h"

static struct scl_config c;

static const struct config_refusal refused[] = {
    /* syntax */
    { SMALL "device: \"a\n", "run.yaml:6: found no valid YAML (found unexpected end of stream "
                             "while scanning a quoted scalar from line 5), wanted `key: value`" },
    { SMALL "device: 'a\n", "run.yaml:6: found no valid YAML (found unexpected end of stream while "
                            "scanning a quoted scalar from line 5), wanted `key: value`" },
    { SMALL "optim: { lr: 1\n", "run.yaml:6: found no valid YAML (did not find expected ',' or '}' "
                                "while parsing a flow mapping from line 5), wanted `key: value`" },
    { SMALL "optim: { lr: 1 ]\n",
      "run.yaml:5: found no valid YAML (did not find expected ',' or '}'), wanted `key: value`" },
    { SMALL "optim: lr: 1 }\n", "run.yaml:5: found no valid YAML (mapping values are not allowed "
                                "in this context), wanted `key: value`" },
    { SMALL "optim:\n  lr: 1\n eps: 1\n",
      "run.yaml:7: found no valid YAML (did not find expected key while parsing a block mapping "
      "from line 1), wanted `key: value`" },
    { SMALL "  seed: 1\n", "run.yaml:5: found no valid YAML (did not find expected key while "
                           "parsing a block mapping from line 1), wanted `key: value`" },
    { SMALL "optim:\n  lr: 1\n    eps: 1\n", "run.yaml:7: found no valid YAML (mapping values are "
                                             "not allowed in this context), wanted `key: value`" },
    { SMALL "seed 1\n", "run.yaml:6: found no valid YAML (could not find expected ':' while "
                        "scanning a simple key from line 5), wanted `key: value`" },
    { SMALL "seed: 1\nwords\n", "run.yaml:7: found no valid YAML (could not find expected ':' "
                                "while scanning a simple key from line 6), wanted `key: value`" },
    { SMALL "optim: { lr: 1, lr: 2 }\n",
      "run.yaml:5: optim.lr: found the key again, wanted it once" },
    { SMALL "device: \"\\q\"\n",
      "run.yaml:5: found no valid YAML (found unknown escape character), wanted `key: value`" },
    { SMALL "device: @a\n", "run.yaml:5: found no valid YAML (found character that cannot start "
                            "any token), wanted `key: value`" },
    { SMALL "device: `a`\n", "run.yaml:5: found no valid YAML (found character that cannot start "
                             "any token), wanted `key: value`" },
    { SMALL "device: %a\n", "run.yaml:5: found no valid YAML (found character that cannot start "
                            "any token), wanted `key: value`" },
    { SMALL "\tseed: 1\n", "run.yaml:5: found a tab, wanted spaces before a key" },
    { SMALL "optim:\n  \tlr: 1\n", "run.yaml:6: found a tab, wanted spaces before a key" },
    { "%YAML 2.0\n---\n" SMALL,
      "run.yaml:1: found no valid YAML (found incompatible YAML document), wanted `key: value`" },
    { "%TAG\n" SMALL,
      "run.yaml:1: found no valid YAML (did not find expected '!'), wanted `key: value`" },
    { SMALL "...\nname: b\n", "run.yaml:6: found no valid YAML (did not find expected <document "
                              "start>), wanted `key: value`" },
    { SMALL "- 1\n", "run.yaml:5: found no valid YAML (did not find expected key while parsing a "
                     "block mapping from line 1), wanted `key: value`" },
    { "- " SMALL, "run.yaml:1: found a single value or list, wanted `key: value` lines" },
    { "{}\n", "run.yaml: name: found no such key, wanted text of at most 63 bytes" },
    { "---\n", "run.yaml:2: found a single value or list, wanted `key: value` lines" },
    { "~\n", "run.yaml:1: found a single value or list, wanted `key: value` lines" },
    /* bytes */
    { SMALL "device: a\x01\n",
      "run.yaml:5: found no valid YAML (control characters are not allowed), wanted `key: value`" },
    { "\x89PNG\r\n\x1a\n",
      "run.yaml:1: found no valid YAML (invalid leading UTF-8 octet), wanted `key: value`" },
    { "\xff\xfen\0a\0",
      "run.yaml:1: found no valid YAML (invalid leading UTF-8 octet), wanted `key: value`" },
    { SMALL "device: \xc0\xaf\n",
      "run.yaml:5: found no valid YAML (invalid length of a UTF-8 sequence), wanted `key: value`" },
    { SMALL "device: \xed\xa0\x80\n",
      "run.yaml:5: found no valid YAML (invalid Unicode character), wanted `key: value`" },
    { SMALL "device: \xf5\x80\x80\x80\n",
      "run.yaml:5: found no valid YAML (invalid Unicode character), wanted `key: value`" },
    { SMALL "device: \xe2\x82\n",
      "run.yaml:5: found no valid YAML (invalid trailing UTF-8 octet), wanted `key: value`" },
    { SMALL "device: \x80\n",
      "run.yaml:5: found no valid YAML (invalid leading UTF-8 octet), wanted `key: value`" },
    { SMALL "\"seed\\0x\": 3\n", "run.yaml:5: found a zero byte in a key, wanted a name" },
    { SMALL "device: \"a\xe2\x80\xa8z\"\n",
      "run.yaml:5: device: found the text \"a???z\", wanted text of at most 1023 bytes" },
    /* what a configuration does not need */
    { "&a { name: run }\n", "run.yaml:1: found an anchor or alias (& or *), wanted a plain value" },
    { SMALL "&k seed: 3\n", "run.yaml:5: found an anchor or alias (& or *), wanted a plain value" },
    { SMALL "optim: &o { lr: 1 }\n",
      "run.yaml:5: found an anchor or alias (& or *), wanted a plain value" },
    { SMALL "augment: { mean: &m [0, 0, 0] }\n",
      "run.yaml:5: found an anchor or alias (& or *), wanted a plain value" },
    { SMALL "augment: { mean: *m }\n",
      "run.yaml:5: found an anchor or alias (& or *), wanted a plain value" },
    { SMALL "*k : 3\n", "run.yaml:5: found an anchor or alias (& or *), wanted a plain value" },
    { "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
      "run.yaml:1: found an anchor or alias (& or *), wanted a plain value" },
    { SMALL "!!str seed: 3\n", "run.yaml:5: found a tag (!), wanted a plain value" },
    { SMALL "optim: !!map { lr: 1 }\n", "run.yaml:5: found a tag (!), wanted a plain value" },
    { SMALL "augment: { mean: !!seq [0, 0, 0] }\n",
      "run.yaml:5: found a tag (!), wanted a plain value" },
    { SMALL "optim: { a: { b: { c: { d: 1 } } } }\n",
      "run.yaml:5: optim.a: found a group inside a group, wanted a value" },
    { SMALL "{ a: 1 }: 3\n", "run.yaml:5: found a list or group as a key, wanted a name" },
    { "", "run.yaml: found no keys at all, wanted a configuration" },
    { "# nothing\n", "run.yaml: found no keys at all, wanted a configuration" },
    { "hello\n", "run.yaml:1: found a single value or list, wanted `key: value` lines" },
    { "- 1\n", "run.yaml:1: found a single value or list, wanted `key: value` lines" },
    { SMALL "optim:\n\tlr: 1\n", "run.yaml:6: found a tab, wanted spaces before a key" },
    { SMALL "optim: [1\n", "run.yaml:6: found no valid YAML (did not find expected ',' or ']' "
                           "while parsing a flow sequence from line 5), wanted `key: value`" },
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
    { SMALL "optim.lr: 2\n",
      "run.yaml:5: optim.lr: found a dot in a key, wanted the group as a key of its own" },
    { SMALL "seed: 1\nseed: 2\n", "run.yaml:6: seed: found the key again, wanted it once" },
    { SMALL "optim: { lr: 1 }\noptim: { eps: 1 }\n",
      "run.yaml:6: optim: found the key again, wanted it once" },
    { SMALL "? [a]\n: 1\n", "run.yaml:5: found a list or group as a key, wanted a name" },
    { SMALL "optim: { lr: { a: 1 } }\n",
      "run.yaml:5: optim.lr: found a group inside a group, wanted a value" },
    { SMALL "augment: { mean: [[1], 2, 3] }\n",
      "run.yaml:5: augment.mean: found a list of lists or groups, wanted plain values" },
    { SMALL "device: \"a\\0b\"\n", "run.yaml:5: device: found a zero byte, wanted text" },
    { SMALL "method: { views: 1 }\n", "run.yaml:5: method: found the key again, wanted it once" },
};

START_TEST(fault_is_named_by_its_line)
{
    config_check_refused(&refused[_i]);
}
END_TEST

START_TEST(more_keys_than_a_configuration_has_are_refused)
{
    char text[32768] = "";
    size_t n = 0;

    for (int i = 0; i < 1000; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "k%d: 1\n", i);
    ck_assert_int_eq(config_load(&c, text), SCL_CONFIG);
    ck_assert_str_eq(scl_error(), "run.yaml: found more than 512 keys, wanted a configuration");
}
END_TEST

/* A megabyte of one thing after another, as the value of a key and as the whole file: refused in
 * one line, and soon. */
START_TEST(deep_and_endless_things_are_refused_soon)
{
    static const char *const piece[] = {
        "[",   "{",  "- ", "? ", "a: ", "{a: ", "[[1],",  "'",  "\"",   "&a ",   "*a ", "!a ",
        "#\n", "\n", " ",  "\t", "x",   "x, ",  "x: 1\n", "\\", "--- ", "...\n", ": ",  ", "
    };
    const double begin = scl_clock();
    const size_t size = SCL_CONFIG_BYTES - 64, length = strlen(piece[_i]);

    for (int whole = 0; whole < 2; whole++) {
        char *text = malloc(size + 64);
        size_t n = (size_t)sprintf(text, "%s", whole ? "" : SMALL "device: ");

        for (; n + length < size; n += length)
            memcpy(text + n, piece[_i], length);
        if (scl_config_load_text(&c, "run.yaml", text, n, 0, NULL) != SCL_OK) {
            ck_assert_msg(strncmp(scl_error(), "run.yaml:", 9) == 0, "%s", scl_error());
            ck_assert_ptr_null(strchr(scl_error(), '\n'));
            ck_assert_uint_lt(strlen(scl_error()), 300);
        }
        free(text);
    }
    ck_assert_double_lt(scl_clock() - begin, 10);
}
END_TEST

static int load_file(const char *path, const char *text, size_t size)
{
    write_file(path, text, size);
    return scl_config_load(&c, path, 0, NULL);
}

/* As editors of other systems write it. */
START_TEST(mark_of_the_byte_order_and_other_line_ends_change_nothing)
{
    static const char lines[] =
        "name: run\r\ndata:\r\n  kind: synthetic\r\nmethod: { kind: simclr }\r\n"
        "train: { epochs: 2 }\r\ndevice: ab\r\n";
    char text[256];

    temp_folder_open();
    ck_assert_msg(load_file(temp_path("crlf.yaml"), lines, sizeof lines - 1) == SCL_OK, "%s",
                  scl_error());
    ck_assert_str_eq(c.device, "ab");
    sprintf(text, "\xef\xbb\xbf%s", lines);
    ck_assert_msg(load_file(temp_path("bom.yaml"), text, strlen(text)) == SCL_OK, "%s",
                  scl_error());
    ck_assert_str_eq(c.name, "run");
    for (char *p; (p = strchr(text, '\n'));) /* a lone CR ends a line too */
        memmove(p, p + 1, strlen(p));
    ck_assert_msg(load_file(temp_path("cr.yaml"), text, strlen(text)) == SCL_OK, "%s", scl_error());
    ck_assert_msg(load_file(temp_path("end.yaml"), SMALL "device: ab", sizeof SMALL + 9) == SCL_OK,
                  "%s", scl_error());
    ck_assert_str_eq(c.device, "ab");
    ck_assert_msg(load_file(temp_path("marks.yaml"), "%YAML 1.1\n---\n" SMALL "...\n",
                            sizeof SMALL + 17) == SCL_OK,
                  "%s", scl_error());
    temp_folder_close();
}
END_TEST

START_TEST(pipe_and_endless_device_are_refused_without_waiting)
{
    temp_folder_open();
    ck_assert_int_eq(mkfifo(temp_path("pipe.yaml"), 0600), 0);
    ck_assert_int_eq(scl_config_load(&c, temp_path("pipe.yaml"), 0, NULL), SCL_IO);
    ck_assert_ptr_nonnull(
        strstr(scl_error(), "pipe.yaml: is a device, a pipe or a socket, not a file"));
    ck_assert_int_eq(scl_config_load(&c, "/dev/zero", 0, NULL), SCL_IO);
    ck_assert_str_eq(scl_error(), "/dev/zero: is a device, a pipe or a socket, not a file");
    temp_folder_close();
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

const char *const suite_name = "config/document";

void suite_fill(TCase *tc)
{
    tcase_add_loop_test(tc, fault_is_named_by_its_line, 0, (int)(sizeof refused / sizeof *refused));
    tcase_add_test(tc, more_keys_than_a_configuration_has_are_refused);
    tcase_add_loop_test(tc, deep_and_endless_things_are_refused_soon, 0, 24);
    tcase_add_test(tc, mark_of_the_byte_order_and_other_line_ends_change_nothing);
    tcase_add_test(tc, pipe_and_endless_device_are_refused_without_waiting);
    tcase_add_test(tc, folder_missing_file_and_huge_file_are_refused_by_name);
    tcase_add_test(tc, no_prefix_or_changed_byte_of_a_configuration_crashes);
}
