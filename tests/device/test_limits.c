/* test_limits.c - measured limits that are kept: found again, or measured anew, never half
 * believed. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "device/device_impl.h"
#include "device/measure.h"
#include "support/op_check.h"
#include "support/temp_folder.h"

static const struct scl_facts device = { .platform = "Portable Computing Language",
                                         .name = "pthread-epyc",
                                         .driver = "3.1",
                                         .version = "OpenCL 3.0",
                                         .is_cpu = true,
                                         .compute_units = 2 };
static const struct scl_limits measured = { .gflops = 100.0 / 3,
                                            .copy_gbps = 20,
                                            .launch_us = 1e-3,
                                            .write_gbps = 1e300,
                                            .read_gbps = 8,
                                            .cores = 0.7,
                                            .date = "2026-11-26T04:44:44Z" };
static struct scl_limits found;
static char *before;

static void setup(void)
{
    temp_folder_open();
    before = getenv("SCL_CACHE_DIR") ? strdup(getenv("SCL_CACHE_DIR")) : NULL;
    setenv("SCL_CACHE_DIR", temp_path("."), 1);
}

static void teardown(void)
{
    if (before)
        setenv("SCL_CACHE_DIR", before, 1);
    else
        unsetenv("SCL_CACHE_DIR");
    free(before);
    temp_folder_close();
}

/* The one file of limits. */
static const char *kept(void)
{
    struct scl_folder folder = { 0 };
    const char *path;

    ck_assert_msg(scl_folder_load(&folder, temp_path("limits")) == SCL_OK, "%s", scl_error());
    ck_assert_uint_eq(folder.n, 1);
    path = temp_path("limits/%s", folder.entry[0].name);
    scl_folder_fini(&folder);
    return path;
}

START_TEST(kept_limits_are_found_to_the_last_bit)
{
    ck_assert(!scl_limits_find(&found, &device));
    scl_limits_save(&measured, &device);
    ck_assert(scl_limits_find(&found, &device) && found.is_kept);
    ck_assert(found.gflops == measured.gflops && found.copy_gbps == measured.copy_gbps);
    ck_assert(found.launch_us == measured.launch_us && found.write_gbps == measured.write_gbps);
    ck_assert(found.read_gbps == measured.read_gbps && found.cores == measured.cores);
    ck_assert_str_eq(found.date, measured.date);
}
END_TEST

START_TEST(another_device_or_driver_has_limits_of_its_own)
{
    struct scl_facts other[4] = { device, device, device, device };

    strcpy(other[0].name, "pthread-xeon");
    strcpy(other[1].driver, "3.2");
    strcpy(other[2].version, "OpenCL 3.1");
    other[3].compute_units = 3;
    scl_limits_save(&measured, &device);
    for (int i = 0; i < 4; i++)
        ck_assert_msg(!scl_limits_find(&found, &other[i]), "device %d", i);
    scl_limits_save(&measured, &other[1]);
    ck_assert(scl_limits_find(&found, &device) && scl_limits_find(&found, &other[1]));
}
END_TEST

START_TEST(no_bit_of_kept_limits_flips_unseen)
{
    const char *path;
    char *bytes;
    size_t size;

    scl_limits_save(&measured, &device);
    bytes = read_file(&size, path = kept());
    for (size_t i = 0; i < 8 * size; i++) {
        bytes[i / 8] ^= (char)(1 << i % 8);
        write_file(path, bytes, size);
        ck_assert_msg(!scl_limits_find(&found, &device), "byte %zu bit %zu", i / 8, i % 8);
        ck_assert_double_eq(found.gflops, 0);
        bytes[i / 8] ^= (char)(1 << i % 8);
    }
    for (size_t n = 0; n < size; n++) {
        write_file(path, bytes, n);
        ck_assert_msg(!scl_limits_find(&found, &device), "the first %zu bytes", n);
    }
    write_file(path, bytes, size);
    ck_assert(scl_limits_find(&found, &device));
    free(bytes);
}
END_TEST

START_TEST(value_that_no_device_has_is_not_found)
{
    const double wrong[] = { 0, -1, NAN, INFINITY };

    for (int i = 0; i < 4; i++) {
        struct scl_limits limits = measured;

        limits.read_gbps = wrong[i];
        scl_limits_save(&limits, &device);
        ck_assert_msg(!scl_limits_find(&found, &device), "%g", wrong[i]);
    }
}
END_TEST

START_TEST(limits_that_cannot_be_kept_are_no_error)
{
    setenv("SCL_CACHE_DIR", "", 1);
    scl_limits_save(&measured, &device);
    ck_assert(!scl_limits_find(&found, &device));
    write_file(temp_path("file"), "words", 5);
    setenv("SCL_CACHE_DIR", temp_path("file"), 1);
    scl_limits_save(&measured, &device);
    ck_assert(!scl_limits_find(&found, &device));
    setenv("SCL_CACHE_DIR", temp_path("."), 1);
    scl_limits_save(&measured, &device);
    ck_assert_int_eq(remove(kept()), 0);
    ck_assert(!scl_limits_find(&found, &device));
}
END_TEST

/* What is kept here had 70 % of its cores. */
START_TEST(limits_measured_on_a_busy_machine_are_measured_again_where_more_is_wanted)
{
    const struct scl_facts *facts = scl_device_facts(test_device());

    scl_limits_save(&measured, facts);
    ck_assert_msg(scl_limits_get(&found, test_device(), 0.5) == SCL_OK, "%s", scl_error());
    ck_assert(found.is_kept && found.gflops == measured.gflops);
    ck_assert_msg(scl_limits_get(&found, test_device(), 0.75) == SCL_OK, "%s", scl_error());
    ck_assert(!found.is_kept && found.gflops > 0 && found.gflops != measured.gflops);
    ck_assert(found.copy_gbps > 0 && found.launch_us > 0 && found.read_gbps > 0);
    ck_assert(found.write_gbps > 0 && found.cores > 0 && found.cores <= 1);
    ck_assert_uint_eq(strlen(found.date), strlen(measured.date));
    ck_assert_msg(scl_limits_get(&found, test_device(), 0) == SCL_OK, "%s", scl_error());
    ck_assert(found.is_kept && found.gflops != measured.gflops);
}
END_TEST

const char *const suite_name = "device/limits";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, kept_limits_are_found_to_the_last_bit);
    tcase_add_test(tc, another_device_or_driver_has_limits_of_its_own);
    tcase_add_test(tc, no_bit_of_kept_limits_flips_unseen);
    tcase_add_test(tc, value_that_no_device_has_is_not_found);
    tcase_add_test(tc, limits_that_cannot_be_kept_are_no_error);
    tcase_add_test(tc, limits_measured_on_a_busy_machine_are_measured_again_where_more_is_wanted);
}
