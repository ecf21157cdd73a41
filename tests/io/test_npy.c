/* test_npy.c - NumPy's own bytes, round trip, refusals. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "io/npy.h"
#include "support/damage.h"
#include "support/suite.h"

#define PATH "test_npy.tmp"

/* np.save of np.array([[1, 2, 3]], "<f4"), NumPy 1.24. */
static const char numpy[] =
    "\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }"
    "                                                          \n"
    "\x00\x00\x80\x3f\x00\x00\x00\x40\x00\x00\x40\x40";

START_TEST(file_is_what_numpy_writes)
{
    const int64_t dim[] = { 1, 3 };
    const float x[] = { 1, 2, 3 };
    char *bytes = NULL;
    size_t size;

    ck_assert_int_eq(scl_npy_save(PATH, SCL_NPY_F32, 2, dim, x), SCL_OK);
    ck_assert_int_eq(scl_file_read(&bytes, &size, PATH, 4096), SCL_OK);
    ck_assert_uint_eq(size, sizeof numpy - 1);
    ck_assert_mem_eq(bytes, numpy, size);
    free(bytes);
}
END_TEST

START_TEST(every_rank_comes_back)
{
    const int64_t dim[] = { 2, 1, 3, 1, 1, 1, 1, 1 };
    const double x[] = { 1, 2, 3, 4, 5, 6 };
    struct scl_npy array;

    ck_assert_int_eq(scl_npy_save(PATH, SCL_NPY_F64, _i, dim, x), SCL_OK);
    ck_assert_msg(scl_npy_load(&array, PATH) == SCL_OK, "%s", scl_error());
    ck_assert_int_eq(array.rank, _i);
    ck_assert_mem_eq(array.dim, dim, (size_t)_i * sizeof *dim);
    ck_assert_mem_eq(array.data, x, (_i == 0 ? 1 : _i < 3 ? 2 : 6) * sizeof *x);
    scl_npy_fini(&array);
}
END_TEST

static const struct {
    const char *from, *to; /* of the same length */
    const char *words;
} changes[] = {
    { "NUMPY\x01", "NUMPY\x02", "wanted an npy file of version 1.0" },
    { "<f4", ">f4", "found a header that is not descr, fortran_order: False, shape" },
    { "<f4", "<f8", "found 12 bytes of data, wanted 24" },
    { "False", "True ", "found a header that is not descr, fortran_order: False, shape" },
    { "1, 3", "1, 4", "found 12 bytes of data, wanted 16" },
    { "1, 3", "1,-3", "found a header that is not descr, fortran_order: False, shape" },
    { "1, 3", "9e99", "found a header that is not descr, fortran_order: False, shape" },
    { "(1, 3), }       ", "(9999999999, 3)}", "found 12 bytes of data, wanted 119999999988" },
    { "(1, 3), }             ", "(9223372036854775808)}", "found a shape too large for memory" },
    { "(1, 3), }                ", "(4611686018427387904, 9)}",
      "found a shape too large for memory" },
    { "), }", ")  }", NULL },
    { "), }", ")   ", "found a header that is not descr, fortran_order: False, shape" },
    { "'shape': (1, 3), }", "'shape':(99999999,", "found a header that is not" },
    { "\x76", "\xf6", "wanted it inside the" },
};

START_TEST(changed_header_is_refused_in_words)
{
    const size_t n = strlen(changes[_i].from);
    char bytes[sizeof numpy];
    struct scl_npy array;
    size_t at = 0;

    memcpy(bytes, numpy, sizeof numpy);
    while (memcmp(bytes + at, changes[_i].from, n))
        at++;
    memcpy(bytes + at, changes[_i].to, n);
    ck_assert_int_eq(scl_file_write(PATH, bytes, sizeof numpy - 1), SCL_OK);
    ck_assert_int_eq(scl_npy_load(&array, PATH), changes[_i].words ? SCL_DATA : SCL_OK);
    if (changes[_i].words)
        check_said(PATH, changes[_i].words);
    scl_npy_fini(&array);
}
END_TEST

START_TEST(no_prefix_of_a_file_is_accepted)
{
    struct scl_npy array;

    for (size_t n = 0; n < sizeof numpy - 1; n++) {
        ck_assert_int_eq(scl_file_write(PATH, numpy, n), SCL_OK);
        ck_assert_int_eq(scl_npy_load(&array, PATH), SCL_DATA);
    }
}
END_TEST

static void teardown(void)
{
    remove(PATH);
}

const char *const suite_name = "io/npy";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, NULL, teardown);
    tcase_add_test(tc, file_is_what_numpy_writes);
    tcase_add_loop_test(tc, every_rank_comes_back, 0, 9);
    tcase_add_loop_test(tc, changed_header_is_refused_in_words, 0,
                        (int)(sizeof changes / sizeof *changes));
    tcase_add_test(tc, no_prefix_of_a_file_is_accepted);
}
