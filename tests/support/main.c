/* main.c - runs the suite of one test file with Check.
 *
 * A test file provides `suite_name` and `suite_fill`, and is linked with this.
 * Nothing forks: a device opened before a fork is not to be relied on, and CTest
 * keeps the time. `CK_RUN_CASE` and `CK_VERBOSITY=verbose` work as in every
 * program that uses Check.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/suite.h"

int main(void)
{
    Suite *suite = suite_create(suite_name);
    TCase *tc = tcase_create(suite_name);
    SRunner *runner = srunner_create(suite);
    int failed, run;

    suite_fill(tc);
    suite_add_tcase(suite, tc);
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    run = srunner_ntests_run(runner);
    srunner_free(runner);
    if (run == 0)
        printf("%s: no test ran\n", suite_name);
    return failed == 0 && run > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
