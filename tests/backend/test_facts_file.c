/* test_facts_file.c - facts as text: what comes back, and what is refused in which words. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/facts_file.h"
#include "base/status.h"
#include "support/temp_folder.h"

#define SMALL "platform  P Q\ntype      gpu\ndevice    D 7\nunits     20\n"

static struct scl_facts facts;

static int load(const char *text)
{
    write_file(temp_path("device.txt"), text, strlen(text));
    return scl_facts_load(&facts, temp_path("device.txt"));
}

START_TEST(four_facts_are_enough)
{
    ck_assert_msg(load("# a comment\n\n" SMALL) == SCL_OK, "%s", scl_error());
    ck_assert_str_eq(facts.platform, "P Q");
    ck_assert_str_eq(facts.name, "D 7");
    ck_assert_int_eq(facts.compute_units, 20);
    ck_assert(!facts.is_cpu && !facts.has_subgroups);
    ck_assert_uint_eq(facts.global_bytes, 0);
}
END_TEST

START_TEST(printed_facts_are_loaded_back)
{
    const struct scl_facts all = { .platform = "Portable Computing Language",
                                   .vendor = "AMD",
                                   .name = "pthread EPYC",
                                   .driver = "3.1",
                                   .version = "OpenCL 3.0 PoCL",
                                   .is_cpu = true,
                                   .compute_units = 2,
                                   .vector_width = 8,
                                   .max_group = 4096,
                                   .local_bytes = 524288,
                                   .global_bytes = (size_t)5 << 30,
                                   .max_alloc_bytes = (size_t)1 << 31,
                                   .align_bytes = 128,
                                   .has_subgroups = true,
                                   .rounds_exactly = true,
                                   .has_tf32 = true };
    FILE *file = fopen(temp_path("device.txt"), "w");

    scl_facts_print(&all, file);
    fprintf(file, "profile   pocl\nfamilies  vec\nkey       pocl:epyc:2cu\n");
    fclose(file);
    ck_assert_msg(scl_facts_load(&facts, temp_path("device.txt")) == SCL_OK, "%s", scl_error());
    ck_assert_str_eq(facts.version, all.version);
    ck_assert(facts.is_cpu && facts.has_subgroups);
    ck_assert(facts.rounds_exactly && facts.has_tf32);
    ck_assert(facts.vector_width == 8 && facts.max_group == 4096 && facts.align_bytes == 128);
    ck_assert(facts.global_bytes == all.global_bytes && facts.local_bytes == all.local_bytes);
    ck_assert_uint_eq(facts.max_alloc_bytes, all.max_alloc_bytes);
}
END_TEST

/* In the words behind the file's name. */
static const struct {
    const char *text, *words;
} refused[] = {
    { "", ": found no line platform, wanted one" },
    { "platform  P\ntype      gpu\nunits     2\n", ": found no line device, wanted one" },
    { SMALL "units 3\n", ":5: units: found it again, wanted it once" },
    { SMALL "speed 3\n", ":5: found \"speed\", wanted the name of a fact: platform, type, device, "
                         "units, memory ..." },
    { SMALL "memory lots\n", ":5: memory: found \"lots\", wanted a whole number" },
    { SMALL "memory -1\n", ":5: memory: found \"-1\", wanted a whole number" },
    { SMALL "memory\n", ":5: memory: found \"\", wanted a whole number" },
    { SMALL "memory 99999999999999999999\n",
      ":5: memory: found \"99999999999999999999\", wanted a whole number" },
    { SMALL "width 3000000000\n",
      ":5: width: found \"3000000000\", wanted a whole number up to 2147483647" },
    { SMALL "subgroups maybe\n", ":5: subgroups: found \"maybe\", wanted yes or no" },
    { "type fpga\n", ":1: type: found \"fpga\", wanted cpu or gpu" },
};

START_TEST(fault_is_one_line_with_its_place)
{
    const char *said;

    ck_assert_int_eq(load(refused[_i].text), SCL_DATA);
    said = strstr(scl_error(), "device.txt");
    ck_assert_ptr_nonnull(said);
    ck_assert_str_eq(said + strlen("device.txt"), refused[_i].words);
}
END_TEST

START_TEST(text_that_is_too_long_is_refused)
{
    char text[512] = "platform ";

    memset(text + 9, 'x', 300);
    ck_assert_int_eq(load(text), SCL_DATA);
    ck_assert_ptr_nonnull(strstr(scl_error(), "wanted a shorter text"));
}
END_TEST

START_TEST(what_stands_behind_a_zero_byte_is_not_left_unread)
{
    static const char text[] = SMALL "\0width nonsense\n";

    write_file(temp_path("device.txt"), text, sizeof text - 1);
    ck_assert_int_eq(scl_facts_load(&facts, temp_path("device.txt")), SCL_DATA);
    ck_assert_ptr_nonnull(strstr(scl_error(), "device.txt: has a zero byte, wanted a fact a line"));
}
END_TEST

const char *const suite_name = "backend/facts_file";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, temp_folder_open, temp_folder_close);
    tcase_add_test(tc, four_facts_are_enough);
    tcase_add_test(tc, printed_facts_are_loaded_back);
    tcase_add_loop_test(tc, fault_is_one_line_with_its_place, 0, sizeof refused / sizeof *refused);
    tcase_add_test(tc, what_stands_behind_a_zero_byte_is_not_left_unread);
    tcase_add_test(tc, text_that_is_too_long_is_refused);
}
