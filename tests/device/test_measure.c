/* test_measure.c - the kernels that measure a device do what their times are divided by. */
#include "device/measure.h"

#include <math.h>
#include <stdio.h>

#include "base/status.h"
#include "device/device_impl.h"
#include "support/op_check.h"

#define MUST(call) ck_assert_msg((call) >= 0, "%s", scl_error())

const char *const suite_name = "device/measure";

enum { ROUNDS = 5, MOST = 8192 };
static const char *const keys[] = { "measure.vec", "measure.tile" };

struct measure {
    int acc, span, wg;
    cl_kernel kernel;
    cl_mem y, x;
};

/* The kernel with the parameters of keys[which], and two buffers of n floats: y of -1, x of i. */
static struct measure open_measure(const char *name, int which, size_t n)
{
    struct scl_device *device = test_device();
    const struct scl_profile *profile = scl_device_profile(device);
    static float start[2][MOST];
    struct measure m;
    char defines[128];
    cl_program program;
    cl_int err;

    MUST(scl_profile_get(&m.acc, profile, keys[which], "ACC"));
    MUST(scl_profile_get(&m.span, profile, keys[which], "SPAN"));
    MUST(scl_profile_get(&m.wg, profile, keys[which], "WG"));
    if (m.span > 64)
        m.span = 64; /* several items, and few floats */
    snprintf(defines, sizeof defines, "-DACC=%d -DROUNDS=%d -DSPAN=%d -DWG=%d ", m.acc, ROUNDS,
             m.span, m.wg);
    MUST(scl_program_find(&program, device, "measure", defines));
    m.kernel = clCreateKernel(program, name, &err);
    ck_assert_int_eq(err, CL_SUCCESS);
    ck_assert_uint_le(n, MOST);
    for (size_t i = 0; i < n; i++) {
        start[0][i] = -1;
        start[1][i] = (float)i;
    }
    m.y = clCreateBuffer(device->context, CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR,
                         n * sizeof(float), start[0], &err);
    ck_assert_int_eq(err, CL_SUCCESS);
    m.x = clCreateBuffer(device->context, CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR,
                         n * sizeof(float), start[1], &err);
    ck_assert_int_eq(err, CL_SUCCESS);
    return m;
}

/* Runs `items` items, and reads n floats of y. */
static void run_measure(const struct measure *m, size_t items, float *y, size_t n)
{
    struct scl_device *device = test_device();
    const size_t local = (size_t)m->wg;

    ck_assert_int_eq(
        clEnqueueNDRangeKernel(device->queue, m->kernel, 1, NULL, &items, &local, 0, NULL, NULL),
        CL_SUCCESS);
    ck_assert_int_eq(
        clEnqueueReadBuffer(device->queue, m->y, CL_TRUE, 0, n * sizeof(float), y, 0, NULL, NULL),
        CL_SUCCESS);
    clReleaseMemObject(m->x);
    clReleaseMemObject(m->y);
    clReleaseKernel(m->kernel);
}

START_TEST(chains_end_where_the_host_ends_them)
{
    const float a = 0.5f, b = 1.0f;
    static float y[MOST];
    struct measure m = open_measure("measure_fma", _i, MOST);
    const size_t items = 2 * (size_t)m.wg;

    clSetKernelArg(m.kernel, 0, sizeof m.y, &m.y);
    clSetKernelArg(m.kernel, 1, sizeof a, &a);
    clSetKernelArg(m.kernel, 2, sizeof b, &b);
    run_measure(&m, items, y, items + 1);
    for (size_t i = 0; i < items; i++) {
        double sum = 0;

        for (int k = 0; k < m.acc; k++) {
            double x = 0.5 * k + (double)i;

            for (int r = 0; r < ROUNDS; r++)
                x = x * a + b;
            sum += 16 * x;
        }
        ck_assert_msg(fabs(y[i] - sum) <= 1e-5 * sum, "item %zu: %g, %g is wanted", i, y[i], sum);
    }
    ck_assert_float_eq(y[items], -1);
}
END_TEST

START_TEST(every_float_is_copied_and_none_behind_them)
{
    static float y[MOST];
    struct measure m = open_measure("measure_copy", _i, MOST);
    const cl_int n = m.span * (m.wg + 1) + 16; /* the last group is not full */

    clSetKernelArg(m.kernel, 0, sizeof m.y, &m.y);
    clSetKernelArg(m.kernel, 1, sizeof m.x, &m.x);
    clSetKernelArg(m.kernel, 2, sizeof n, &n);
    ck_assert_int_lt(n, MOST);
    run_measure(&m, (size_t)((m.wg + 1) / m.wg + 1) * (size_t)m.wg, y, (size_t)n + 1);
    for (int i = 0; i < n; i++)
        ck_assert_msg(y[i] == (float)i, "float %d: %g", i, y[i]);
    ck_assert_float_eq(y[n], -1);
}
END_TEST

START_TEST(launch_that_does_nothing_changes_nothing)
{
    static float y[MOST];
    struct measure m = open_measure("measure_launch", _i, MOST);

    clSetKernelArg(m.kernel, 0, sizeof m.y, &m.y);
    run_measure(&m, 2 * (size_t)m.wg, y, MOST);
    for (int i = 0; i < MOST; i++)
        ck_assert_float_eq(y[i], -1);
}
END_TEST

void suite_fill(TCase *tc)
{
    tcase_add_loop_test(tc, chains_end_where_the_host_ends_them, 0, 2);
    tcase_add_loop_test(tc, every_float_is_copied_and_none_behind_them, 0, 2);
    tcase_add_loop_test(tc, launch_that_does_nothing_changes_nothing, 0, 2);
}
