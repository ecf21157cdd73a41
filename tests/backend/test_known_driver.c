/* test_known_driver.c - which lines of backends/drivers.txt fit a device, and bad lines. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "backend/known_driver.h"
#include "base/status.h"

static struct scl_known_driver known[SCL_MAX_KNOWN];
static int n_known;

static struct scl_facts device(const char *platform, const char *driver, bool is_cpu)
{
    struct scl_facts facts = { .is_cpu = is_cpu };

    snprintf(facts.platform, sizeof facts.platform, "%s", platform);
    snprintf(facts.driver, sizeof facts.driver, "%s", driver);
    return facts;
}

static const struct {
    const char *platform, *driver;
    bool is_cpu;
    int wanted;
} driver[] = {
    { "Portable Computing Language", "1.4", true, 1 },
    { "Portable Computing Language", "1.5", true, 0 },
    { "Portable Computing Language", "1.10", true, 0 },
    { "Portable Computing Language", "3.1+debian", true, 0 },
    { "Portable Computing Language", "pocl 7.1", true, 1 },
    { "Portable Computing Language", "7.2", true, 0 },
    { "Portable Computing Language", "1.4", false, 0 },
    { "Clover", "22.3.6", false, 1 },
    { "NVIDIA CUDA", "440.33.01", false, 1 },
    { "NVIDIA CUDA", "440.64.00", false, 0 },
    { "NVIDIA CUDA", "535.183.01", false, 0 },
    { "rusticl", "25.0.7", false, 0 },
};

START_TEST(file_names_the_versions_that_are_known)
{
    const struct scl_facts facts =
        device(driver[_i].platform, driver[_i].driver, driver[_i].is_cpu);

    ck_assert_msg(scl_known_driver_find(known, &n_known, &facts) == SCL_OK, "%s", scl_error());
    ck_assert_msg(n_known == driver[_i].wanted, "%s %s: found %d, wanted %d", driver[_i].platform,
                  driver[_i].driver, n_known, driver[_i].wanted);
    ck_assert(n_known == 0 || (known[0].what[0] && known[0].mend[0]));
}
END_TEST

START_TEST(fields_come_without_the_blanks_around_them)
{
    const struct scl_facts facts = device("P", "1", false);

    ck_assert_int_eq(scl_known_driver_find_in(known, &n_known, &facts, "t",
                                              "# none\n\np* |gpu| * |*|  a b |c d \n"),
                     SCL_OK);
    ck_assert_int_eq(n_known, 1);
    ck_assert_str_eq(known[0].what, "a b");
    ck_assert_str_eq(known[0].mend, "c d");
}
END_TEST

START_TEST(bad_line_is_refused_with_its_place)
{
    const struct scl_facts facts = device("P", "1", false);

    ck_assert_int_eq(scl_known_driver_find_in(known, &n_known, &facts, "t", "# one\na | b\n"),
                     SCL_CONFIG);
    ck_assert_str_eq(scl_error(), "t:2: found 2 fields between bars, wanted 6");
    ck_assert_int_eq(scl_known_driver_find_in(known, &n_known, &facts, "t", "a|fpga|*|*|x|y"),
                     SCL_CONFIG);
    ck_assert_str_eq(scl_error(), "t:1: found type 'fpga', wanted cpu, gpu or any");
}
END_TEST

const char *const suite_name = "backend/known_driver";

void suite_fill(TCase *tc)
{
    tcase_add_loop_test(tc, file_names_the_versions_that_are_known, 0,
                        sizeof driver / sizeof *driver);
    tcase_add_test(tc, fields_come_without_the_blanks_around_them);
    tcase_add_test(tc, bad_line_is_refused_with_its_place);
}
