/* fake_machine.c - files in a temporary folder, facts in a struct. */
#include "support/fake_machine.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/facts_file.h"
#include "base/file.h"
#include "base/status.h"
#include "support/temp_folder.h"

enum { MAX_VARIABLE = 16, MAX_DEVICE = 8, MAX_PLATFORM = 8 };

struct fake fake;
static char *variables[MAX_VARIABLE + 1];
static int n_variable;

void fake_open(void)
{
    temp_folder_open();
    memset(&fake, 0, sizeof fake);
    n_variable = 0;
    variables[0] = NULL;
    fake_file("/etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n"
                                 "VERSION_ID=\"12\"\n");
    fake_file("/proc/version", "Linux version 6.1.0-18-amd64\n");
    fake_file("/sys/devices/system/cpu/online", "0-3\n");
    fake_file("/etc/OpenCL/vendors/README", "not a driver\n");
    fake_file("/home/u/.profile", "");
    fake_variable("HOME=/home/u");
}

void fake_close(void)
{
    scl_diagnosis_fini(&fake.diagnosis);
    scl_machine_fini(&fake.machine);
    for (int i = 0; i < n_variable; i++)
        free(variables[i]);
    temp_folder_close();
}

void fake_file(const char *path, const char *text)
{
    write_file(temp_path("%s", path + 1), text, strlen(text));
}

void fake_variable(const char *text)
{
    ck_assert_int_lt(n_variable, MAX_VARIABLE);
    variables[n_variable++] = strdup(text);
    variables[n_variable] = NULL;
}

void fake_gpu(const char *place, unsigned vendor, unsigned device, const char *driver)
{
    char path[128], text[32];

    snprintf(path, sizeof path, "/sys/bus/pci/devices/%s/class", place);
    fake_file(path, "0x030000\n");
    snprintf(path, sizeof path, "/sys/bus/pci/devices/%s/vendor", place);
    snprintf(text, sizeof text, "0x%04x\n", vendor);
    fake_file(path, text);
    snprintf(path, sizeof path, "/sys/bus/pci/devices/%s/device", place);
    snprintf(text, sizeof text, "0x%04x\n", device);
    fake_file(path, text);
    if (*driver) {
        snprintf(path, sizeof path, "../../../bus/pci/drivers/%s", driver);
        ck_assert_int_eq(symlink(path, temp_path("sys/bus/pci/devices/%s/driver", place)), 0);
    }
}

void fake_look(void)
{
    static char root[512];

    snprintf(root, sizeof root, "%s", temp_path("%s", ""));
    root[strlen(root) - 1] = '\0';
    ck_assert_msg(scl_machine_look(&fake.machine, root, variables) == SCL_OK, "%s", scl_error());
    fake.machine.user = "u"; /* who runs the tests, often root, is nobody's business */
    fake.machine.is_root = false;
    fake.machine.opencl.device = calloc(MAX_DEVICE, sizeof *fake.machine.opencl.device);
    fake.machine.opencl.platform = calloc(MAX_PLATFORM, sizeof *fake.machine.opencl.platform);
}

void fake_judge(void)
{
    ck_assert_msg(scl_doctor_judge(&fake.diagnosis, &fake.machine) == SCL_OK, "%s", scl_error());
}

struct scl_probed_device *fake_device(const char *name)
{
    struct scl_probe *p = &fake.machine.opencl;
    struct scl_probed_device *d = &p->device[p->n_device++];
    char path[128];

    ck_assert_int_le(p->n_device, MAX_DEVICE);
    snprintf(path, sizeof path, "tests/devices/%s.txt", name);
    ck_assert_msg(scl_facts_load(&d->facts, path) == SCL_OK, "%s", scl_error());
    d->is_available = d->has_compiler = d->is_little_endian = d->is_full_profile = true;
    d->address_bits = 64;
    snprintf(d->facts.version, sizeof d->facts.version, "OpenCL 3.0 of a test");
    snprintf(d->facts.driver, sizeof d->facts.driver, "%s",
             strncmp(name, "pocl", 4) == 0 ? "3.1" : "25.0.7");
    d->facts.max_group = 256;
    d->facts.local_bytes = 32768;
    d->facts.global_bytes = (size_t)8 << 30;
    d->facts.max_alloc_bytes = (size_t)2 << 30;
    d->facts.align_bytes = 128;
    return d;
}

void fake_driver(const char *library)
{
    struct scl_machine *m = &fake.machine;

    m->icd[m->n_icd++] =
        (struct scl_icd){ .file = "/etc/OpenCL/vendors/x.icd", .library = library };
}

void fake_expect(enum scl_severity severity, const char *check, const char *found, const char *mend)
{
    const struct scl_findings *f = &fake.diagnosis.findings;

    for (int i = 0; i < f->n; i++) {
        const struct scl_finding *one = &f->finding[i];

        if (one->severity == severity && strcmp(one->check, check) == 0 &&
            strstr(one->found, found) && (*mend ? strstr(one->mend, mend) != NULL : !one->mend[0]))
            return;
    }
    for (int i = 0; i < f->n; i++)
        printf("%s %s: %s\n    %s\n", scl_severity_text(f->finding[i].severity),
               f->finding[i].check, f->finding[i].found, f->finding[i].mend);
    ck_abort_msg("no %s of %s with '%s', mended by '%s'", scl_severity_text(severity), check, found,
                 mend);
}

void fake_expect_fine(const char *check)
{
    const struct scl_findings *f = &fake.diagnosis.findings;

    for (int i = 0; i < f->n; i++)
        ck_assert_msg(f->finding[i].severity == SCL_FINE || strcmp(f->finding[i].check, check) != 0,
                      "found: %s", f->finding[i].found);
}
