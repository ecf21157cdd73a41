/* test_stop.c - the first signal asks, the second ends. Signals are raised in children. */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/stop.h"

/* The status of a child that runs `child`. */
static int status_of(int (*child)(void))
{
    const pid_t pid = fork();
    int status = 0;

    ck_assert_int_ge(pid, 0);
    if (pid == 0)
        _exit(child());
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return status;
}

static int signal_once(void)
{
    scl_stop_install();
    if (scl_stop_asked())
        return 1;
    raise(SIGTERM);
    return scl_stop_asked() ? 0 : 2;
}

static int signal_twice(void)
{
    scl_stop_install();
    raise(SIGTERM);
    raise(SIGINT);
    return 0;
}

static int signal_ignored(void)
{
    signal(SIGINT, SIG_IGN);
    scl_stop_install();
    raise(SIGINT);
    return scl_stop_asked();
}

static int signal_and_install_again(void)
{
    scl_stop_install();
    raise(SIGINT);
    scl_stop_install();
    if (scl_stop_asked())
        return 1;
    raise(SIGINT);
    return scl_stop_asked() ? 0 : 2;
}

START_TEST(first_signal_only_sets_the_flag)
{
    const int status = status_of(signal_once);

    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

START_TEST(second_signal_ends_the_process_whichever_it_is)
{
    const int status = status_of(signal_twice);

    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGINT);
}
END_TEST

START_TEST(signal_that_was_ignored_stays_ignored)
{
    const int status = status_of(signal_ignored);

    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

START_TEST(install_begins_anew)
{
    const int status = status_of(signal_and_install_again);

    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

const char *const suite_name = "base/stop";

void suite_fill(TCase *tc)
{
    tcase_add_test(tc, first_signal_only_sets_the_flag);
    tcase_add_test(tc, second_signal_ends_the_process_whichever_it_is);
    tcase_add_test(tc, signal_that_was_ignored_stays_ignored);
    tcase_add_test(tc, install_begins_anew);
}
