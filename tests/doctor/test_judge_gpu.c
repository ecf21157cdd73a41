/* test_judge_gpu.c - a GPU that OpenCL does not show, and the line that mends it. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "support/fake_machine.h"

#define RUSTICL "libRusticlOpenCL.so.1"

static struct scl_machine *const m = &fake.machine;

/* A Linux with an RX 6600 whose file is there. */
static void lay_out_amd(void)
{
    fake_gpu("0000:03:00.0", 0x1002, 0x73ff, "amdgpu");
    fake_file("/dev/dri/renderD128", "");
}

START_TEST(fresh_debian_12_with_an_amd_gpu_wants_mesa_of_the_backports)
{
    lay_out_amd();
    fake_look();
    fake_judge();
    fake_expect(SCL_PROBLEM, "gpu", "AMD GPU 1002:73ff at 0000:03:00.0 (amdgpu): no OpenCL driver",
                "install -t bookworm-backports mesa-opencl-icd");
    fake_expect(SCL_PROBLEM, "gpu", "no OpenCL driver", "export RUSTICL_ENABLE=radeonsi");
    fake_expect(SCL_PROBLEM, "cpu", "PoCL", "sudo apt-get install pocl-opencl-icd");
    ck_assert_int_eq(fake.diagnosis.n_usable, 0);
}
END_TEST

static const struct {
    const char *release;
    const char *amd, *intel, *nvidia, *cpu;
} distribution[] = {
    { "ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"24.04\"\n", "sudo apt-get install mesa-opencl-icd\n",
      "sudo apt-get install intel-opencl-icd", "sudo ubuntu-drivers install",
      "sudo apt-get install pocl-opencl-icd" },
    { "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "sudo apt-get install mesa-opencl-icd\n",
      "sudo apt-get install intel-opencl-icd", "sudo ubuntu-drivers install",
      "sudo apt-get install pocl-opencl-icd" },
    { "ID=debian\nVERSION_ID=\"13\"\n", "sudo apt-get install mesa-opencl-icd\n",
      "sudo apt-get install intel-opencl-icd", "nvidia-opencl-icd",
      "sudo apt-get install pocl-opencl-icd" },
    { "ID=fedora\n", "sudo dnf install mesa-libOpenCL", "sudo dnf install intel-compute-runtime",
      "akmod-nvidia", "sudo dnf install pocl" },
    { "ID=nobara\nID_LIKE=\"rhel centos fedora\"\n", "sudo dnf install mesa-libOpenCL",
      "sudo dnf install intel-compute-runtime", "akmod-nvidia", "sudo dnf install pocl" },
    { "ID=manjaro\nID_LIKE=arch\n", "sudo pacman -S opencl-mesa",
      "sudo pacman -S intel-compute-runtime", "opencl-nvidia", "sudo pacman -S pocl" },
    { "ID=void\n", "apt-get install mesa-opencl-icd\nFedora: sudo dnf",
      "\nArch: sudo pacman -S intel-compute-runtime", "\nFedora: sudo dnf install akmod-nvidia",
      "\nArch: sudo pacman -S pocl" },
};

START_TEST(each_distribution_has_its_own_packages)
{
    fake_file("/etc/os-release", distribution[_i].release);
    lay_out_amd();
    fake_gpu("0000:00:02.0", 0x8086, 0x46a6, "i915");
    fake_gpu("0000:01:00.0", 0x10de, 0x2504, "nouveau");
    fake_look();
    fake_judge();
    fake_expect(SCL_PROBLEM, "gpu", "AMD GPU", distribution[_i].amd);
    fake_expect(SCL_PROBLEM, "gpu", "Intel GPU", distribution[_i].intel);
    fake_expect(SCL_PROBLEM, "gpu", "NVIDIA GPU", distribution[_i].nvidia);
    fake_expect(SCL_PROBLEM, "cpu", "PoCL", distribution[_i].cpu);
    for (int i = 0; i < fake.diagnosis.findings.n; i++) /* others are listed where none is known */
        ck_assert(!strstr(fake.diagnosis.findings.finding[i].mend, "Fedora: ") ||
                  strstr(distribution[_i].release, "void"));
}
END_TEST

START_TEST(root_is_not_told_of_sudo)
{
    lay_out_amd();
    fake_look();
    m->is_root = true;
    fake_judge();
    for (int i = 0; i < fake.diagnosis.findings.n; i++)
        ck_assert_ptr_null(strstr(fake.diagnosis.findings.finding[i].mend, "sudo"));
    fake_expect(SCL_PROBLEM, "cpu", "PoCL", "apt-get install pocl-opencl-icd");
}
END_TEST

START_TEST(rusticl_without_its_variable_is_the_cause)
{
    lay_out_amd();
    fake_look();
    fake_driver(RUSTICL);
    fake_judge();
    fake_expect(SCL_PROBLEM, "gpu", "only when RUSTICL_ENABLE",
                "export RUSTICL_ENABLE=radeonsi >> ~/.profile");
}
END_TEST

START_TEST(rusticl_for_another_vendor_is_not_enough)
{
    fake_gpu("0000:00:02.0", 0x8086, 0x46a6, "i915");
    fake_file("/dev/dri/renderD128", "");
    fake_variable("RUSTICL_ENABLE=radeonsi");
    fake_look();
    fake_driver(RUSTICL);
    fake_judge();
    fake_expect(SCL_PROBLEM, "gpu", "Intel GPU",
                "install intel-opencl-icd\nor, through Mesa: echo export RUSTICL_ENABLE=iris");
}
END_TEST

START_TEST(driver_of_intel_without_a_device_asks_the_kernel)
{
    fake_gpu("0000:00:02.0", 0x8086, 0x46a6, "i915");
    fake_file("/dev/dri/renderD128", "");
    fake_look();
    fake_driver("/usr/lib/x86_64-linux-gnu/intel-opencl/libigdrcl.so");
    fake_judge();
    fake_expect(SCL_PROBLEM, "gpu", "registered and loads, but shows no device",
                "sudo dmesg | grep -i i915");
}
END_TEST

START_TEST(closed_file_and_disabled_driver_are_told_together)
{
    lay_out_amd();
    fake_look();
    fake_driver(RUSTICL);
    m->node[0].error = EACCES;
    m->node[0].group = "render";
    fake_judge();
    fake_expect(SCL_PROBLEM, "permission", "/dev/dri/renderD128", "usermod -aG render u");
    fake_expect(SCL_PROBLEM, "gpu", "RUSTICL_ENABLE", "RUSTICL_ENABLE=radeonsi");
}
END_TEST

START_TEST(driver_of_the_kernel_without_its_files_is_told)
{
    fake_gpu("0000:03:00.0", 0x1002, 0x73ff, "amdgpu");
    fake_gpu("0000:01:00.0", 0x10de, 0x2504, "nvidia");
    fake_file("/proc/driver/nvidia/version", "NVRM version: 535.183.01\n");
    fake_look();
    fake_judge();
    fake_expect(SCL_PROBLEM, "gpu", "there is no /dev/dri/renderD*", "sudo dmesg | grep drm");
    fake_expect(SCL_PROBLEM, "gpu", "there is no /dev/nvidia*", "sudo modprobe -a nvidia");
}
END_TEST

START_TEST(enabled_rusticl_without_a_device_is_too_old)
{
    lay_out_amd();
    fake_variable("RUSTICL_ENABLE=radeonsi");
    fake_look();
    fake_driver(RUSTICL);
    fake_judge();
    fake_expect(SCL_PROBLEM, "gpu", "Mesa 23.1", "bookworm-backports");
}
END_TEST

START_TEST(clover_is_no_driver_for_it)
{
    fake_file("/etc/os-release", "ID=ubuntu\nVERSION_ID=\"22.04\"\n");
    lay_out_amd();
    fake_look();
    fake_driver("libMesaOpenCL.so.1");
    fake_judge();
    fake_expect(SCL_PROBLEM, "gpu", "only Mesa's Clover", "rocm-opencl-runtime");
}
END_TEST

START_TEST(device_of_clover_leads_to_rusticl)
{
    struct scl_probed_device *d;

    lay_out_amd();
    fake_variable("RUSTICL_ENABLE=radeonsi");
    fake_look();
    fake_driver("libMesaOpenCL.so.1");
    fake_driver(RUSTICL);
    d = fake_device("amd-rusticl");
    snprintf(d->facts.platform, sizeof d->facts.platform, "Clover");
    snprintf(d->facts.version, sizeof d->facts.version, "OpenCL 1.1 Mesa 22.3.6");
    fake_judge();
    fake_expect(SCL_PROBLEM, "device", "unfit: OpenCL 1.2 is wanted", "--device");
    fake_expect(SCL_PROBLEM, "gpu", "rusticl shows no device", "bookworm-backports");
    fake_expect(SCL_WARNING, "driver", "Clover is OpenCL 1.1", "rusticl");
}
END_TEST

START_TEST(gpu_that_opencl_shows_is_fine)
{
    lay_out_amd();
    fake_look();
    fake_driver(RUSTICL);
    fake_device("amd-rusticl");
    fake_judge();
    fake_expect(SCL_FINE, "gpu", "OpenCL shows it", "");
    fake_expect_fine("cpu");
    ck_assert_int_eq(fake.diagnosis.n_usable, 1);
}
END_TEST

START_TEST(second_gpu_is_told_apart_by_its_place)
{
    lay_out_amd();
    fake_gpu("0000:0a:00.0", 0x1002, 0x1638, "amdgpu");
    fake_look();
    fake_driver("libamdocl64.so");
    snprintf(fake_device("amd-rocm")->pci, 24, "0000:03:00.0");
    fake_judge();
    fake_expect(SCL_FINE, "gpu", "at 0000:03:00.0", "");
    fake_expect(SCL_WARNING, "gpu", "at 0000:0a:00.0 (amdgpu): ROCm loads and shows no device",
                "mesa-opencl-icd\necho export RUSTICL_ENABLE=radeonsi");
}
END_TEST

START_TEST(processor_of_amd_is_not_its_gpu)
{
    lay_out_amd();
    fake_look();
    fake_driver("libpocl.so.2");
    fake_device("pocl-epyc-avx2");
    fake_judge();
    fake_expect(SCL_PROBLEM, "gpu", "no OpenCL driver", "mesa-opencl-icd");
    ck_assert_int_eq(fake.diagnosis.n_usable, 1);
}
END_TEST

START_TEST(gpu_without_a_kernel_driver_wants_one)
{
    fake_gpu("0000:03:00.0", 0x1002, 0x73ff, "");
    fake_look();
    fake_judge();
    fake_expect(SCL_PROBLEM, "gpu", "no driver of the kernel", "sudo modprobe amdgpu");
    fake_expect(SCL_PROBLEM, "gpu", "no driver of the kernel", "firmware-amd-graphics");
}
END_TEST

START_TEST(gpu_of_a_virtual_machine_is_not_ours)
{
    fake_gpu("0000:03:00.0", 0x1002, 0x73ff, "vfio-pci");
    fake_look();
    fake_judge();
    fake_expect(SCL_PROBLEM, "gpu", "vfio-pci holds it", "vfio-pci.ids=");
}
END_TEST

START_TEST(container_without_the_files_wants_them)
{
    fake_gpu("0000:03:00.0", 0x1002, 0x73ff, "amdgpu");
    fake_file("/.dockerenv", "");
    fake_look();
    fake_judge();
    fake_expect(SCL_PROBLEM, "gpu", "the container has no file", "docker run --device /dev/dri");
}
END_TEST

START_TEST(variable_that_hides_devices_is_named)
{
    lay_out_amd();
    fake_variable("ROCR_VISIBLE_DEVICES=7");
    fake_look();
    fake_driver("libamdocl64.so");
    fake_judge();
    fake_expect(SCL_PROBLEM, "gpu", "ROCR_VISIBLE_DEVICES=7", "unset ROCR_VISIBLE_DEVICES");
}
END_TEST

/* ---- NVIDIA ------------------------------------------------------------------------------ */

static void lay_out_nvidia(void)
{
    fake_gpu("0000:01:00.0", 0x10de, 0x2504, "nvidia");
    fake_file("/dev/nvidia0", "");
    fake_file("/proc/driver/nvidia/version", "NVRM version: 535.183.01\n");
}

START_TEST(nouveau_has_to_give_way)
{
    fake_gpu("0000:01:00.0", 0x10de, 0x2504, "nouveau");
    fake_file("/dev/dri/renderD128", "");
    fake_look();
    fake_judge();
    fake_expect(SCL_PROBLEM, "gpu", "nouveau", "nvidia-driver nvidia-opencl-icd");
}
END_TEST

START_TEST(nvidia_library_without_its_icd_file_gets_one)
{
    lay_out_nvidia();
    fake_file("/usr/lib/x86_64-linux-gnu/libnvidia-opencl.so.1", "");
    fake_file("/.dockerenv", "");
    fake_look();
    fake_judge();
    fake_expect(SCL_PROBLEM, "gpu", "installed, and not registered",
                "sudo mkdir -p /etc/OpenCL/vendors && echo libnvidia-opencl.so.1 | "
                "sudo tee /etc/OpenCL/vendors/nvidia.icd");
}
END_TEST

START_TEST(container_without_the_capability_has_no_library)
{
    lay_out_nvidia();
    fake_file("/.dockerenv", "");
    fake_variable("NVIDIA_DRIVER_CAPABILITIES=utility,video");
    fake_look();
    fake_judge();
    fake_expect(SCL_PROBLEM, "gpu", "lacks compute",
                "-e NVIDIA_DRIVER_CAPABILITIES=compute,utility");
}
END_TEST

START_TEST(nvidia_module_without_the_library_wants_the_package)
{
    lay_out_nvidia();
    fake_variable("NVIDIA_DRIVER_CAPABILITIES=all");
    fake_look();
    fake_judge();
    fake_expect(SCL_PROBLEM, "gpu", "no OpenCL driver for it", "nvidia-opencl-icd");
}
END_TEST

START_TEST(cuda_variable_hides_a_gpu_of_nvidia)
{
    lay_out_nvidia();
    fake_file("/usr/lib64/libnvidia-opencl.so.1", "");
    fake_variable("CUDA_VISIBLE_DEVICES=-1");
    fake_look();
    fake_driver("libnvidia-opencl.so.1");
    fake_judge();
    fake_expect(SCL_PROBLEM, "gpu", "CUDA_VISIBLE_DEVICES=-1", "unset CUDA_VISIBLE_DEVICES");
}
END_TEST

/* ---- permissions ------------------------------------------------------------------------- */

static void close_node(int error, const char *group, bool is_listed)
{
    lay_out_amd();
    fake_look();
    fake_driver("libamdocl64.so");
    m->node[0].error = error;
    m->node[0].group = group;
    m->node[0].is_listed = is_listed;
}

START_TEST(closed_file_wants_its_group)
{
    close_node(EACCES, "render", false);
    fake_judge();
    fake_expect(SCL_PROBLEM, "permission", "/dev/dri/renderD128: user u cannot open it",
                "sudo usermod -aG render u\nlog out and in again");
    fake_expect_fine("gpu"); /* one cause, said once */
}
END_TEST

START_TEST(two_closed_files_are_one_line)
{
    fake_file("/dev/kfd", "");
    close_node(EACCES, "video", false);
    m->node[1].error = EACCES;
    m->node[1].group = "render";
    fake_judge();
    fake_expect(SCL_PROBLEM, "permission", "/dev/dri/renderD128",
                "sudo usermod -aG video,render u");
    fake_expect(SCL_PROBLEM, "permission", "/dev/kfd", "");
}
END_TEST

START_TEST(member_of_the_group_has_to_log_in_again)
{
    close_node(EACCES, "render", true);
    fake_judge();
    fake_expect(SCL_PROBLEM, "permission", "this login has not",
                "log out and in again (until then: sg render -c");
}
END_TEST

START_TEST(group_that_a_container_does_not_know_is_added_by_number)
{
    fake_file("/.dockerenv", "");
    close_node(EACCES, "992", false);
    fake_judge();
    fake_expect(SCL_PROBLEM, "permission", "group 992 may", "docker run --group-add 992");
}
END_TEST

START_TEST(file_that_the_container_may_not_open_is_a_device_to_give)
{
    close_node(EPERM, "render", false);
    fake_judge();
    fake_expect(SCL_PROBLEM, "permission", "Operation not permitted",
                "docker run --device /dev/dri/renderD128");
}
END_TEST

const char *const suite_name = "doctor/judge_gpu";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, fake_open, fake_close);
    tcase_add_test(tc, fresh_debian_12_with_an_amd_gpu_wants_mesa_of_the_backports);
    tcase_add_loop_test(tc, each_distribution_has_its_own_packages, 0,
                        sizeof distribution / sizeof *distribution);
    tcase_add_test(tc, root_is_not_told_of_sudo);
    tcase_add_test(tc, rusticl_without_its_variable_is_the_cause);
    tcase_add_test(tc, rusticl_for_another_vendor_is_not_enough);
    tcase_add_test(tc, driver_of_intel_without_a_device_asks_the_kernel);
    tcase_add_test(tc, closed_file_and_disabled_driver_are_told_together);
    tcase_add_test(tc, driver_of_the_kernel_without_its_files_is_told);
    tcase_add_test(tc, enabled_rusticl_without_a_device_is_too_old);
    tcase_add_test(tc, clover_is_no_driver_for_it);
    tcase_add_test(tc, device_of_clover_leads_to_rusticl);
    tcase_add_test(tc, gpu_that_opencl_shows_is_fine);
    tcase_add_test(tc, second_gpu_is_told_apart_by_its_place);
    tcase_add_test(tc, processor_of_amd_is_not_its_gpu);
    tcase_add_test(tc, gpu_without_a_kernel_driver_wants_one);
    tcase_add_test(tc, gpu_of_a_virtual_machine_is_not_ours);
    tcase_add_test(tc, container_without_the_files_wants_them);
    tcase_add_test(tc, variable_that_hides_devices_is_named);
    tcase_add_test(tc, nouveau_has_to_give_way);
    tcase_add_test(tc, nvidia_library_without_its_icd_file_gets_one);
    tcase_add_test(tc, container_without_the_capability_has_no_library);
    tcase_add_test(tc, nvidia_module_without_the_library_wants_the_package);
    tcase_add_test(tc, cuda_variable_hides_a_gpu_of_nvidia);
    tcase_add_test(tc, closed_file_wants_its_group);
    tcase_add_test(tc, two_closed_files_are_one_line);
    tcase_add_test(tc, member_of_the_group_has_to_log_in_again);
    tcase_add_test(tc, group_that_a_container_does_not_know_is_added_by_number);
    tcase_add_test(tc, file_that_the_container_may_not_open_is_a_device_to_give);
}
