/* suite.h - what a test file provides to the runner in main.c. The build includes it in
 * every file of a test, which need not name it.
 *
 *     const char *const suite_name = "ops/l2_normalize";
 *
 *     void suite_fill(TCase *tc)
 *     {
 *         tcase_add_test(tc, zero_row_stays_zero);
 *     }
 */
#ifndef SCL_SUPPORT_SUITE_H
#define SCL_SUPPORT_SUITE_H

#include <check.h>

/* Check writes a file at each assertion that holds, for a parent that would read where its child
 * was when it crashed. Nothing forks here (main.c), and tensors have a million elements. */
#define _mark_point(file, line) ((void)0)

/* FOLDER/NAME, as in tests/FOLDER/test_NAME.c. */
extern const char *const suite_name;

/* Adds the tests of the file. */
void suite_fill(TCase *tc);

#endif
