/* test_look.c - what is read from a machine's files and settings. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/fake_machine.h"
#include "support/temp_folder.h"

static const struct scl_machine *const m = &fake.machine;

START_TEST(system_is_told_by_its_files)
{
    fake_look();
    ck_assert_str_eq(m->id, "debian");
    ck_assert_str_eq(m->version, "12");
    ck_assert_str_eq(m->name, "Debian GNU/Linux 12 (bookworm)");
    ck_assert_int_eq(m->n_cpu, 4);
    ck_assert(!m->is_wsl && !m->is_container && m->cpu_limit == 0);
}
END_TEST

START_TEST(wsl_and_containers_are_recognised)
{
    fake_file("/proc/version", "Linux version 5.15.153.1-microsoft-standard-WSL2\n");
    fake_file("/dev/dxg", "");
    fake_file("/.dockerenv", "");
    fake_look();
    ck_assert(m->is_wsl && m->has_dxg && m->is_container);
}
END_TEST

START_TEST(container_is_known_by_its_variable)
{
    fake_variable("container=podman");
    fake_look();
    ck_assert(m->is_container);
}
END_TEST

/* Both versions of control groups; no limit is "max" or -1. */
static const struct {
    const char *max, *quota, *period;
    double wanted;
} limit[] = {
    { "150000 100000\n", "", "", 1.5 },
    { "max 100000\n", "", "", 0 },
    { "", "400000\n", "100000\n", 4 },
    { "", "-1\n", "100000\n", 0 },
    { "", "", "", 0 },
};

START_TEST(limit_of_processor_time_is_read)
{
    fake_file("/sys/fs/cgroup/cpu.max", limit[_i].max);
    fake_file("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", limit[_i].quota);
    fake_file("/sys/fs/cgroup/cpu/cpu.cfs_period_us", limit[_i].period);
    fake_look();
    ck_assert_double_eq(m->cpu_limit, limit[_i].wanted);
}
END_TEST

START_TEST(processors_in_several_ranges_are_counted)
{
    fake_file("/sys/devices/system/cpu/online", "0-3,8-11,15\n");
    fake_look();
    ck_assert_int_eq(m->n_cpu, 9);
}
END_TEST

START_TEST(drivers_are_the_icd_files_of_the_folder)
{
    fake_file("/etc/OpenCL/vendors/pocl.icd", "libpocl.so.2.10.0\n");
    fake_file("/etc/OpenCL/vendors/broken.icd", "");
    fake_look();
    ck_assert_int_eq(m->n_icd, 2);
    ck_assert_str_eq(m->icd[0].file, "/etc/OpenCL/vendors/broken.icd");
    ck_assert_str_eq(m->icd[0].library, "");
    ck_assert_str_eq(m->icd[1].library, "libpocl.so.2.10.0");
    ck_assert_str_eq(m->vendors_from, "");
}
END_TEST

/* As ocl-icd reads its variables; the values are paths below the root. */
static const struct {
    const char *variable, *from, *library; /* NULL: no driver */
} named[] = {
    { "OCL_ICD_VENDORS=/opt/vendors", "OCL_ICD_VENDORS", "libfolder.so" },
    { "OCL_ICD_VENDORS=/opt/vendors/a.icd", "OCL_ICD_VENDORS", "libfolder.so" },
    { "OCL_ICD_VENDORS=usual.icd", "OCL_ICD_VENDORS", "libusual.so" },
    { "OCL_ICD_VENDORS=libpocl.so.2", "OCL_ICD_VENDORS", "libpocl.so.2" },
    { "OCL_ICD_VENDORS=/none", "OCL_ICD_VENDORS", NULL },
    { "OCL_ICD_VENDORS=none.icd", "OCL_ICD_VENDORS", NULL },
    { "OCL_ICD_VENDORS=", "", "libusual.so" },
    { "OPENCL_VENDOR_PATH=/opt/vendors", "OPENCL_VENDOR_PATH", "libfolder.so" },
    { "OPENCL_VENDOR_PATH=/none", "OPENCL_VENDOR_PATH", NULL },
};

START_TEST(variable_says_where_drivers_are)
{
    fake_file("/opt/vendors/a.icd", "libfolder.so");
    fake_file("/etc/OpenCL/vendors/usual.icd", "libusual.so\n");
    fake_variable(named[_i].variable);
    fake_look();
    ck_assert_str_eq(m->vendors_from, named[_i].from);
    ck_assert_int_eq(m->n_icd, named[_i].library ? 1 : 0);
    if (named[_i].library)
        ck_assert_str_eq(m->icd[0].library, named[_i].library);
}
END_TEST

START_TEST(filenames_are_libraries_beside_the_folder)
{
    fake_file("/etc/OpenCL/vendors/usual.icd", "libusual.so\n");
    fake_variable("OCL_ICD_FILENAMES=/a.so::/b.so");
    fake_look();
    ck_assert_int_eq(m->n_icd, 3);
    ck_assert_str_eq(m->icd[1].library, "/a.so");
    ck_assert_str_eq(m->icd[2].library, "/b.so");
    ck_assert_str_eq(m->icd[2].file, "OCL_ICD_FILENAMES");
}
END_TEST

START_TEST(gpus_are_told_from_other_devices_of_the_bus)
{
    fake_gpu("0000:03:00.0", 0x1002, 0x73ff, "amdgpu");
    fake_gpu("0000:00:02.0", 0x8086, 0x46a6, "");
    fake_gpu("0000:04:00.0", 0x1a03, 0x2000, "ast"); /* a server's own display */
    fake_file("/sys/bus/pci/devices/0000:05:00.0/class", "0x020000\n");
    fake_file("/sys/bus/pci/devices/0000:05:00.0/vendor", "0x8086\n");
    fake_look();
    ck_assert_int_eq(m->n_gpu, 2);
    ck_assert_str_eq(m->gpu[0].place, "0000:00:02.0");
    ck_assert_str_eq(m->gpu[0].driver, "");
    ck_assert_uint_eq(m->gpu[1].vendor, 0x1002);
    ck_assert_uint_eq(m->gpu[1].device, 0x73ff);
    ck_assert_str_eq(m->gpu[1].driver, "amdgpu");
}
END_TEST

START_TEST(files_of_gpus_have_a_group_and_open_or_not)
{
    char group[64];
    struct stat st;

    fake_file("/dev/dri/card0", "");
    fake_file("/dev/dri/renderD128", "");
    fake_file("/dev/nvidia0", "");
    ck_assert_int_eq(mkdir(temp_path("dev/nvidia-caps"), 0700), 0);
    ck_assert_int_eq(stat(temp_path("dev/nvidia0"), &st), 0);
    snprintf(group, sizeof group, "sudo:x:99999:\nrender:x:%u:a,b\n", (unsigned)st.st_gid);
    fake_file("/etc/group", group);
    fake_look();
    ck_assert_int_eq(m->n_node, 2);
    ck_assert_str_eq(m->node[0].path, "/dev/dri/renderD128");
    ck_assert_str_eq(m->node[0].group, "render");
    ck_assert_int_eq(m->node[0].error, 0);
    ck_assert(!m->node[0].is_listed);
    ck_assert_str_eq(m->node[1].path, "/dev/nvidia0");
}
END_TEST

START_TEST(group_without_a_name_is_a_number)
{
    char number[32];
    struct stat st;

    fake_file("/dev/kfd", "");
    ck_assert_int_eq(stat(temp_path("dev/kfd"), &st), 0);
    snprintf(number, sizeof number, "%u", (unsigned)st.st_gid);
    fake_look();
    ck_assert_int_eq(m->n_node, 1);
    ck_assert_str_eq(m->node[0].group, number);
}
END_TEST

START_TEST(nvidia_driver_is_found_where_it_lies)
{
    fake_file("/usr/lib64/libnvidia-opencl.so.1", "");
    fake_file("/proc/driver/nvidia/version", "NVRM version: 535\n");
    fake_look();
    ck_assert_str_eq(m->nvidia_library, "/usr/lib64/libnvidia-opencl.so.1");
    ck_assert(m->has_nvidia_module);
}
END_TEST

START_TEST(kernel_cache_is_measured)
{
    fake_file("/home/u/.cache/scorecl/kernels/a.clbin", "12345");
    fake_file("/home/u/.cache/scorecl/kernels/b.clbin", "123");
    fake_look();
    ck_assert_str_eq(m->cache, "/home/u/.cache/scorecl/kernels");
    ck_assert_uint_eq(m->cache_bytes, 8);
    ck_assert_int_eq(m->cache_error, 0);
    ck_assert(m->cache_free_bytes > 0);
}
END_TEST

START_TEST(file_in_the_place_of_the_cache_is_an_error)
{
    fake_file("/data", "a file");
    fake_variable("SCL_CACHE_DIR=/data/cache");
    fake_look();
    ck_assert_int_eq(m->cache_error, ENOTDIR);
}
END_TEST

const char *const suite_name = "doctor/look";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, fake_open, fake_close);
    tcase_add_test(tc, system_is_told_by_its_files);
    tcase_add_test(tc, wsl_and_containers_are_recognised);
    tcase_add_test(tc, container_is_known_by_its_variable);
    tcase_add_loop_test(tc, limit_of_processor_time_is_read, 0, sizeof limit / sizeof *limit);
    tcase_add_test(tc, processors_in_several_ranges_are_counted);
    tcase_add_test(tc, drivers_are_the_icd_files_of_the_folder);
    tcase_add_loop_test(tc, variable_says_where_drivers_are, 0, sizeof named / sizeof *named);
    tcase_add_test(tc, filenames_are_libraries_beside_the_folder);
    tcase_add_test(tc, gpus_are_told_from_other_devices_of_the_bus);
    tcase_add_test(tc, files_of_gpus_have_a_group_and_open_or_not);
    tcase_add_test(tc, group_without_a_name_is_a_number);
    tcase_add_test(tc, nvidia_driver_is_found_where_it_lies);
    tcase_add_test(tc, kernel_cache_is_measured);
    tcase_add_test(tc, file_in_the_place_of_the_cache_is_an_error);
}
