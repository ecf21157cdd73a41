/* test_judge.c - drivers, the processor, devices and settings: what is said of each. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "support/fake_machine.h"

static struct scl_machine *const m = &fake.machine;

static void set_trial(struct scl_trial *t, const char *step, const char *words, const char *said)
{
    snprintf(t->step, sizeof t->step, "%s", step);
    snprintf(t->words, sizeof t->words, "%s", words);
    snprintf(t->said, sizeof t->said, "%s", said);
    t->is_lost = strstr(words, "crashed") || strstr(words, "hung");
}

/* ---- the loader and its drivers ---------------------------------------------------------- */

START_TEST(healthy_machine_has_nothing_to_mend)
{
    fake_file("/etc/OpenCL/vendors/pocl.icd", "libpocl.so.2.10.0\n");
    fake_look();
    fake_device("pocl-epyc-avx2");
    fake_judge();
    fake_expect(SCL_FINE, "icd", "/etc/OpenCL/vendors/pocl.icd: PoCL (libpocl.so.2.10.0) loads",
                "");
    fake_expect(SCL_FINE, "device", "pocl:haswell-amd-epyc:2cu (pthread-haswell-AMD EPYC", "");
    ck_assert_int_eq(scl_findings_count(&fake.diagnosis.findings, SCL_PROBLEM), 0);
    ck_assert_int_eq(scl_findings_count(&fake.diagnosis.findings, SCL_WARNING), 0);
    ck_assert_int_eq(fake.diagnosis.n_usable, 1);
    ck_assert_str_eq(fake.diagnosis.best, "pocl:haswell-amd-epyc:2cu");
}
END_TEST

START_TEST(variable_that_leads_nowhere_is_unset)
{
    fake_variable("OCL_ICD_VENDORS=/none");
    fake_look();
    fake_judge();
    fake_expect(SCL_PROBLEM, "loader", "OCL_ICD_VENDORS=/none: there is nothing",
                "unset OCL_ICD_VENDORS");
    fake_expect_fine("cpu"); /* PoCL may be there, where nobody looks */
}
END_TEST

START_TEST(variable_of_an_empty_folder_is_unset)
{
    fake_file("/opt/vendors/README", "");
    fake_variable("OPENCL_VENDOR_PATH=/opt/vendors");
    fake_look();
    fake_judge();
    fake_expect(SCL_PROBLEM, "loader", "no driver is registered there", "unset OPENCL_VENDOR_PATH");
}
END_TEST

START_TEST(library_that_does_not_load_is_installed_again)
{
    fake_file("/etc/OpenCL/vendors/pocl.icd", "libpocl.so.2.10.0\n");
    fake_look();
    set_trial(&m->icd[0].trial, "dlopen", "libLLVM-15.so.1: cannot open shared object file", "");
    fake_judge();
    fake_expect(
        SCL_PROBLEM, "icd", "cannot be loaded: libLLVM-15.so.1: cannot open",
        "sudo apt-get install --reinstall pocl-opencl-icd\nor, if you do not want it: sudo mv "
        "/etc/OpenCL/vendors/pocl.icd /etc/OpenCL/vendors/pocl.icd.off");
}
END_TEST

START_TEST(library_that_nobody_knows_is_put_aside)
{
    fake_file("/etc/OpenCL/vendors/old.icd", "/opt/old/libold.so\n");
    fake_look();
    set_trial(&m->icd[0].trial, "dlopen", "no such file", "");
    fake_judge();
    fake_expect(SCL_PROBLEM, "icd", "old.icd",
                "sudo mv /etc/OpenCL/vendors/old.icd /etc/OpenCL/vendors/old.icd.off");
}
END_TEST

START_TEST(library_that_a_variable_names_is_the_variables_fault)
{
    fake_variable("OCL_ICD_FILENAMES=/gone.so");
    fake_look();
    set_trial(&m->icd[0].trial, "dlopen", "no such file", "");
    fake_judge();
    fake_expect(SCL_PROBLEM, "icd", "OCL_ICD_FILENAMES", "unset OCL_ICD_FILENAMES");
}
END_TEST

START_TEST(empty_icd_file_is_a_warning)
{
    fake_file("/etc/OpenCL/vendors/none.icd", "\n");
    fake_look();
    fake_judge();
    fake_expect(SCL_WARNING, "icd", "none.icd: is empty", "sudo mv");
}
END_TEST

START_TEST(driver_that_crashes_is_named_with_its_last_words)
{
    fake_file("/etc/OpenCL/vendors/amdocl64.icd", "libamdocl64.so\n");
    fake_look();
    set_trial(&m->icd[0].trial, "clIcdGetPlatformIDsKHR", "crashed (Segmentation fault)",
              "HSA: no memory");
    set_trial(&m->opencl.trial, "clGetPlatformIDs", "crashed (Segmentation fault)", "");
    fake_judge();
    fake_expect(SCL_PROBLEM, "icd",
                "libamdocl64.so, asked for its platforms: crashed (Segmentation fault); it said: "
                "HSA: no memory",
                "sudo mv /etc/OpenCL/vendors/amdocl64.icd");
    fake_expect_fine("loader"); /* one cause, said once */
}
END_TEST

START_TEST(crash_of_all_drivers_together_is_told)
{
    fake_look();
    fake_driver("libpocl.so");
    set_trial(&m->opencl.trial, "clGetPlatformIDs", "hung for more than 60 s", "");
    fake_judge();
    fake_expect(SCL_PROBLEM, "loader", "hung for more than 60 s", "OCL_ICD_VENDORS=$i");
}
END_TEST

START_TEST(one_gpu_through_two_drivers_is_a_pair)
{
    fake_look();
    snprintf(fake_device("amd-rusticl")->pci, 24, "0000:03:00.0");
    snprintf(fake_device("amd-rocm")->pci, 24, "0000:03:00.0");
    fake_judge();
    fake_expect(SCL_WARNING, "twins", "are the same GPU at 0000:03:00.0",
                "--device rusticl:amd-radeon-rx-590-gme:36cu");
}
END_TEST

START_TEST(two_gpus_are_no_pair)
{
    fake_look();
    snprintf(fake_device("amd-rocm")->pci, 24, "0000:03:00.0");
    snprintf(fake_device("amd-rocm")->pci, 24, "0000:04:00.0");
    fake_judge();
    fake_expect_fine("twins");
    ck_assert_int_eq(fake.diagnosis.n_usable, 2);
}
END_TEST

START_TEST(two_pocls_are_a_pair_and_one_pocl_twice_is_not)
{
    fake_look();
    fake_device("pocl-epyc-avx2");
    fake_device("pocl-epyc-avx2");
    fake_judge();
    fake_expect_fine("twins");
    scl_diagnosis_fini(&fake.diagnosis);
    snprintf(m->opencl.device[1].facts.driver, 128, "6.0");
    fake_judge();
    fake_expect(SCL_WARNING, "twins", "are the same processor", "--device pocl:");
}
END_TEST

/* ---- the processor ----------------------------------------------------------------------- */

START_TEST(pocl_that_was_told_of_other_devices_shows_none)
{
    fake_variable("POCL_DEVICES=cuda");
    fake_look();
    fake_driver("libpocl.so.2.10.0");
    fake_judge();
    fake_expect(SCL_PROBLEM, "cpu", "POCL_DEVICES=cuda", "unset POCL_DEVICES");
}
END_TEST

START_TEST(pocl_without_a_device_and_without_a_reason_is_installed_again)
{
    fake_look();
    fake_driver("libpocl.so.2.10.0");
    fake_judge();
    fake_expect(SCL_PROBLEM, "cpu", "is registered, and shows no device", "pocl-opencl-icd");
}
END_TEST

START_TEST(fewer_processors_by_the_control_group_want_fewer_threads)
{
    fake_file("/sys/fs/cgroup/cpu.max", "150000 100000\n");
    fake_look();
    fake_device("pocl-epyc-avx2"); /* of two units */
    fake_judge();
    fake_expect_fine("cpu"); /* 1.5 is as good as 2 */
    scl_diagnosis_fini(&fake.diagnosis);
    m->opencl.device[0].facts.compute_units = 4;
    fake_judge();
    fake_expect(SCL_WARNING, "cpu", "the time of 1.5 processors, and PoCL starts 4",
                "export POCL_MAX_PTHREAD_COUNT=1");
}
END_TEST

START_TEST(setting_that_leaves_processors_idle_is_named)
{
    fake_variable("POCL_MAX_PTHREAD_COUNT=2");
    fake_look();
    fake_device("pocl-epyc-avx2");
    fake_judge();
    fake_expect(SCL_WARNING, "cpu", "POCL_MAX_PTHREAD_COUNT=2: PoCL uses 2 of 4",
                "unset POCL_MAX_PTHREAD_COUNT");
}
END_TEST

START_TEST(settings_of_pocl_are_named)
{
    fake_variable("POCL_MAX_WORK_GROUP_SIZE=16");
    fake_look();
    fake_device("pocl-epyc-avx2")->facts.max_group = 16;
    fake_judge();
    fake_expect(SCL_WARNING, "cpu", "groups of 16 items", "unset POCL_MAX_WORK_GROUP_SIZE");
}
END_TEST

START_TEST(wsl_is_told_which_gpus_it_reaches)
{
    fake_file("/proc/version", "Linux version 5.15.153.1-microsoft-standard-WSL2\n");
    fake_file("/dev/dxg", "");
    fake_look();
    fake_judge();
    fake_expect(SCL_WARNING, "wsl", "only Intel's", "intel-opencl-icd");
    fake_expect(SCL_PROBLEM, "cpu", "PoCL", "pocl-opencl-icd");
}
END_TEST

START_TEST(wsl_without_its_file_wants_windows_to_update)
{
    fake_file("/proc/version", "Linux version 5.15.153.1-microsoft-standard-WSL2\n");
    fake_look();
    fake_judge();
    fake_expect(SCL_WARNING, "wsl", "/dev/dxg", "wsl.exe --update");
}
END_TEST

/* ---- devices ----------------------------------------------------------------------------- */

/* What makes a GPU unfit, by number; its words. */
static void spoil(struct scl_probed_device *d, int what)
{
    switch (what) {
    case 0:
        d->is_available = false;
        break;
    case 1:
        d->has_compiler = false;
        break;
    case 2:
        d->is_little_endian = false;
        break;
    case 3:
        d->address_bits = 32;
        break;
    case 4:
        d->is_full_profile = false;
        break;
    case 5:
        snprintf(d->facts.version, sizeof d->facts.version, "OpenCL 1.1 Mesa 22.3.6");
        break;
    case 6:
        set_trial(&d->trial, "building a kernel", "crashed (Aborted)", "LLVM ERROR: no");
        break;
    case 7:
        set_trial(&d->trial, "comparing what a kernel gave", "item 3 gave 0, wanted -503", "");
        break;
    default:
        d->facts.max_group = 16;
        break;
    }
}

static const char *const unfit[] = {
    "unfit: its driver says that it is not available",
    "unfit: its driver has no compiler",
    "unfit: it is big-endian",
    "unfit: its address space has 32 bits",
    "unfit: it has the embedded profile",
    "OpenCL 1.1 Mesa 22.3.6): unfit: OpenCL 1.2 is wanted",
    "unfit: building a kernel: crashed (Aborted); the driver said: LLVM ERROR: no",
    "unfit: comparing what a kernel gave: item 3 gave 0, wanted -503",
    "unfit: the quickstart does not fit: ",
};

START_TEST(unfit_device_is_told_why_and_not_counted)
{
    fake_look();
    spoil(fake_device("amd-rusticl"), _i);
    fake_judge();
    fake_expect(SCL_PROBLEM, "device", unfit[_i], "--device");
    ck_assert_int_eq(fake.diagnosis.n_usable, 0);
    ck_assert_str_eq(fake.diagnosis.best, "");
}
END_TEST

START_TEST(unfit_processor_wants_its_package)
{
    fake_look();
    fake_device("pocl-epyc-avx2")->has_compiler = false;
    fake_judge();
    fake_expect(SCL_PROBLEM, "device", "no compiler", "sudo apt-get install pocl-opencl-icd");
}
END_TEST

START_TEST(best_device_is_a_usable_gpu)
{
    fake_look();
    fake_device("pocl-epyc-avx2");
    fake_device("amd-rusticl");
    fake_judge();
    ck_assert_int_eq(fake.diagnosis.n_usable, 2);
    ck_assert_str_eq(fake.diagnosis.best, "rusticl:amd-radeon-rx-590-gme:36cu");
    scl_diagnosis_fini(&fake.diagnosis);
    m->opencl.device[1].has_compiler = false;
    fake_judge();
    ck_assert_int_eq(fake.diagnosis.n_usable, 1);
    ck_assert_str_eq(fake.diagnosis.best, "pocl:haswell-amd-epyc:2cu");
}
END_TEST

START_TEST(little_memory_is_a_warning_with_a_batch_that_fits)
{
    fake_look();
    fake_device("amd-rusticl")->facts.global_bytes = (size_t)1 << 30;
    fake_judge();
    fake_expect(SCL_WARNING, "memory", "1024 MiB of memory are too little", "--set train.batch=");
    ck_assert_int_eq(fake.diagnosis.n_usable, 1);
}
END_TEST

START_TEST(memory_for_no_step_at_all_makes_it_unfit)
{
    fake_look();
    fake_device("amd-rusticl")->facts.global_bytes = (size_t)16 << 20;
    fake_judge();
    fake_expect(SCL_PROBLEM, "device", "the quickstart does not fit", "--device");
}
END_TEST

START_TEST(device_that_no_profile_knows_is_said_to_be_generic)
{
    fake_look();
    fake_device("unknown");
    fake_judge();
    fake_expect(SCL_FINE, "device", "profile generic, as none knows it", "");
}
END_TEST

START_TEST(watchdog_of_a_display_is_a_warning)
{
    fake_look();
    fake_device("nvidia")->has_watchdog = true;
    fake_judge();
    fake_expect(SCL_WARNING, "device", "ends kernels that take seconds", "train.batch");
    ck_assert_int_eq(fake.diagnosis.n_usable, 1);
}
END_TEST

START_TEST(driver_that_is_known_to_be_bad_is_a_warning)
{
    fake_look();
    snprintf(fake_device("pocl-epyc-avx2")->facts.driver, 128, "7.0");
    fake_judge();
    fake_expect(SCL_WARNING, "driver", "PoCL 7.0 and 7.1", "scorecl verify");
    ck_assert_int_eq(fake.diagnosis.n_usable, 1);
}
END_TEST

/* ---- settings ---------------------------------------------------------------------------- */

START_TEST(empty_cache_folder_is_no_cache)
{
    fake_variable("SCL_CACHE_DIR=");
    fake_look();
    fake_judge();
    fake_expect(SCL_WARNING, "cache", "SCL_CACHE_DIR is empty", "unset SCL_CACHE_DIR");
}
END_TEST

START_TEST(cache_that_cannot_be_written_wants_another_place)
{
    fake_look();
    m->cache_error = EACCES;
    fake_judge();
    fake_expect(SCL_WARNING, "cache", "Permission denied",
                "export SCL_CACHE_DIR=/var/tmp/scorecl-u");
}
END_TEST

START_TEST(machine_without_a_home_is_told_so)
{
    fake_look();
    m->cache[0] = '\0';
    fake_judge();
    fake_expect(SCL_WARNING, "cache", "HOME is not set", "export SCL_CACHE_DIR=");
}
END_TEST

START_TEST(full_disk_is_a_warning)
{
    fake_look();
    m->cache_free_bytes = 10 << 20;
    fake_judge();
    fake_expect(SCL_WARNING, "cache", "10 MiB are left", "rm -r /home/u/.cache/scorecl/kernels");
}
END_TEST

START_TEST(source_folder_without_kernels_is_a_problem_and_with_them_a_warning)
{
    fake_variable("SCL_SOURCE_DIR=/src");
    fake_look();
    fake_judge();
    fake_expect(SCL_PROBLEM, "settings", "SCL_SOURCE_DIR=/src: there is no",
                "unset SCL_SOURCE_DIR");
    scl_diagnosis_fini(&fake.diagnosis);
    fake_file("/src/cl_kernels/common.clh", "");
    fake_judge();
    fake_expect(SCL_WARNING, "settings", "come from there", "unset SCL_SOURCE_DIR");
}
END_TEST

START_TEST(variable_that_nothing_reads_is_a_slip)
{
    fake_variable("SCL_CHACHE_DIR=/x");
    fake_look();
    fake_judge();
    fake_expect(SCL_WARNING, "settings", "SCL_CHACHE_DIR: nothing reads it",
                "unset SCL_CHACHE_DIR");
}
END_TEST

START_TEST(options_for_clblast_are_named)
{
    fake_variable("CLBLAST_BUILD_OPTIONS=-cl-fast-relaxed-math");
    fake_look();
    fake_judge();
    fake_expect(SCL_WARNING, "settings", "CLBLAST_BUILD_OPTIONS=-cl-fast-relaxed-math",
                "unset CLBLAST_BUILD_OPTIONS");
}
END_TEST

const char *const suite_name = "doctor/judge";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, fake_open, fake_close);
    tcase_add_test(tc, healthy_machine_has_nothing_to_mend);
    tcase_add_test(tc, variable_that_leads_nowhere_is_unset);
    tcase_add_test(tc, variable_of_an_empty_folder_is_unset);
    tcase_add_test(tc, library_that_does_not_load_is_installed_again);
    tcase_add_test(tc, library_that_nobody_knows_is_put_aside);
    tcase_add_test(tc, library_that_a_variable_names_is_the_variables_fault);
    tcase_add_test(tc, empty_icd_file_is_a_warning);
    tcase_add_test(tc, driver_that_crashes_is_named_with_its_last_words);
    tcase_add_test(tc, crash_of_all_drivers_together_is_told);
    tcase_add_test(tc, one_gpu_through_two_drivers_is_a_pair);
    tcase_add_test(tc, two_gpus_are_no_pair);
    tcase_add_test(tc, two_pocls_are_a_pair_and_one_pocl_twice_is_not);
    tcase_add_test(tc, pocl_that_was_told_of_other_devices_shows_none);
    tcase_add_test(tc, pocl_without_a_device_and_without_a_reason_is_installed_again);
    tcase_add_test(tc, fewer_processors_by_the_control_group_want_fewer_threads);
    tcase_add_test(tc, setting_that_leaves_processors_idle_is_named);
    tcase_add_test(tc, settings_of_pocl_are_named);
    tcase_add_test(tc, wsl_is_told_which_gpus_it_reaches);
    tcase_add_test(tc, wsl_without_its_file_wants_windows_to_update);
    tcase_add_loop_test(tc, unfit_device_is_told_why_and_not_counted, 0,
                        sizeof unfit / sizeof *unfit);
    tcase_add_test(tc, unfit_processor_wants_its_package);
    tcase_add_test(tc, best_device_is_a_usable_gpu);
    tcase_add_test(tc, little_memory_is_a_warning_with_a_batch_that_fits);
    tcase_add_test(tc, memory_for_no_step_at_all_makes_it_unfit);
    tcase_add_test(tc, device_that_no_profile_knows_is_said_to_be_generic);
    tcase_add_test(tc, watchdog_of_a_display_is_a_warning);
    tcase_add_test(tc, driver_that_is_known_to_be_bad_is_a_warning);
    tcase_add_test(tc, empty_cache_folder_is_no_cache);
    tcase_add_test(tc, cache_that_cannot_be_written_wants_another_place);
    tcase_add_test(tc, machine_without_a_home_is_told_so);
    tcase_add_test(tc, full_disk_is_a_warning);
    tcase_add_test(tc, source_folder_without_kernels_is_a_problem_and_with_them_a_warning);
    tcase_add_test(tc, variable_that_nothing_reads_is_a_slip);
    tcase_add_test(tc, options_for_clblast_are_named);
}
