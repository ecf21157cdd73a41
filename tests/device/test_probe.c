/* test_probe.c - what OpenCL says of this machine, asked from processes of their own. */
#include <check.h>
#include <string.h>

#include "base/status.h"
#include "device/probe.h"

START_TEST(devices_are_fit_and_compute)
{
    struct scl_probe probe;

    ck_assert_msg(scl_probe_list(&probe) == SCL_OK, "%s", scl_error());
    ck_assert_str_eq(probe.trial.words, "");
    ck_assert_int_ge(probe.n_platform, 1);
    ck_assert_int_ge(probe.n_device, 1);
    for (int i = 0; i < probe.n_device; i++) {
        struct scl_probed_device *d = &probe.device[i];

        ck_assert(d->facts.name[0] && d->facts.compute_units > 0);
        ck_assert(d->is_available && d->has_compiler && d->is_little_endian && d->is_full_profile);
        ck_assert_int_eq(d->address_bits, 64);
        ck_assert_msg(scl_probe_run(&d->trial, probe.device, i) == SCL_OK, "%s", scl_error());
        ck_assert_str_eq(d->trial.words, "");
        ck_assert_str_eq(d->trial.step, "comparing what a kernel gave");
    }
    scl_probe_fini(&probe);
}
END_TEST

START_TEST(device_that_is_gone_fails_at_its_opening)
{
    struct scl_probed_device gone = { .facts = { .name = "gone", .platform = "nowhere" } };

    ck_assert_msg(scl_probe_run(&gone.trial, &gone, 0) == SCL_OK, "%s", scl_error());
    ck_assert_str_eq(gone.trial.step, "opening the device");
    ck_assert_ptr_nonnull(strstr(gone.trial.words, "there is no device 'other:gone:0cu'"));
}
END_TEST

START_TEST(library_that_is_not_there_keeps_the_words_of_the_loader)
{
    struct scl_trial trial;

    ck_assert_msg(scl_probe_library(&trial, "libabsent.so.9") == SCL_OK, "%s", scl_error());
    ck_assert_str_eq(trial.step, "dlopen");
    ck_assert_ptr_nonnull(strstr(trial.words, "libabsent.so.9: cannot open shared object file"));
}
END_TEST

START_TEST(library_of_something_else_is_no_driver)
{
    struct scl_trial trial;

    ck_assert_msg(scl_probe_library(&trial, "libm.so.6") == SCL_OK, "%s", scl_error());
    ck_assert_ptr_nonnull(strstr(trial.words, "libm.so.6 is no OpenCL driver"));
}
END_TEST

const char *const suite_name = "device/probe";

void suite_fill(TCase *tc)
{
    tcase_add_test(tc, devices_are_fit_and_compute);
    tcase_add_test(tc, device_that_is_gone_fails_at_its_opening);
    tcase_add_test(tc, library_that_is_not_there_keeps_the_words_of_the_loader);
    tcase_add_test(tc, library_of_something_else_is_no_driver);
}
