/* fake_machine.h - a machine laid out in a folder, for host/doctor.
 *
 *     tcase_add_checked_fixture(tc, fake_open, fake_close);
 *     ...
 *     fake_gpu("0000:03:00.0", 0x1002, 0x73ff, "amdgpu");
 *     fake_look();
 *     fake_judge();
 *     fake_expect(SCL_PROBLEM, "gpu", "no OpenCL driver", "mesa-opencl-icd");
 *
 * It begins as a Debian 12 with four processors, a home folder, a loader without drivers, and no
 * GPU. Facts that no folder can show (a library that loads, a file that cannot be opened, devices)
 * are put into fake.machine between fake_look() and fake_judge().
 */
#ifndef SCL_SUPPORT_FAKE_MACHINE_H
#define SCL_SUPPORT_FAKE_MACHINE_H

#include "doctor/judge.h"

extern struct fake {
    struct scl_machine machine;
    struct scl_diagnosis diagnosis;
} fake;

void fake_open(void);
void fake_close(void);

/* A file with this text, a GPU in /sys, "NAME=value". */
void fake_file(const char *path, const char *text);
void fake_gpu(const char *place, unsigned vendor, unsigned device, const char *driver);
void fake_variable(const char *text);

void fake_look(void);
void fake_judge(void);

/* A device of tests/devices/NAME.txt, with 8 GiB, that is fit and does what it should. */
struct scl_probed_device *fake_device(const char *name);

/* A driver that loads. */
void fake_driver(const char *library);

/* A finding of this kind with these words, and in its mending lines these; `mend` "" wants none. */
void fake_expect(enum scl_severity severity, const char *check, const char *found,
                 const char *mend);

/* No finding of this check is worse than SCL_FINE. */
void fake_expect_fine(const char *check);

#endif
