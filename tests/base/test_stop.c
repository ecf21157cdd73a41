/* test_stop.c - the first signal asks, the second ends. Signals are sent to children. */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
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

static void check_exit(int status)
{
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
}

/* Whether the flag is set before ten seconds are over. */
static bool is_asked(void)
{
    for (int i = 0; i < 10000 && !scl_stop_asked(); i++)
        nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
    return scl_stop_asked();
}

static int signal_once(void)
{
    if (scl_stop_install() < 0 || scl_stop_asked())
        return 1;
    kill(getpid(), SIGTERM);
    return is_asked() ? 0 : 2;
}

static int signal_twice(void)
{
    scl_stop_install();
    kill(getpid(), SIGTERM);
    if (is_asked())
        kill(getpid(), SIGINT);
    sleep(10);
    return 0;
}

/* A SIGINT that counted would make the SIGTERM the second. */
static int signal_ignored(void)
{
    signal(SIGINT, SIG_IGN);
    scl_stop_install();
    kill(getpid(), SIGINT);
    kill(getpid(), SIGINT);
    if (scl_stop_asked())
        return 1;
    kill(getpid(), SIGTERM);
    return is_asked() ? 0 : 2;
}

static int signal_and_install_again(void)
{
    scl_stop_install();
    kill(getpid(), SIGINT);
    if (!is_asked())
        return 1;
    scl_stop_install();
    if (scl_stop_asked())
        return 2;
    kill(getpid(), SIGINT);
    return is_asked() ? 0 : 3;
}

/* As the terminal does to all that run in it. */
static int signal_program(void)
{
    scl_stop_install();
    execl("/bin/sh", "sh", "-c", "kill -INT $$; kill -TERM $$; exit 0", (char *)NULL);
    return 1;
}

START_TEST(first_signal_only_sets_the_flag)
{
    check_exit(status_of(signal_once));
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
    check_exit(status_of(signal_ignored));
}
END_TEST

START_TEST(install_begins_anew)
{
    check_exit(status_of(signal_and_install_again));
}
END_TEST

START_TEST(program_that_the_process_starts_is_not_interrupted)
{
    check_exit(status_of(signal_program));
}
END_TEST

const char *const suite_name = "base/stop";

void suite_fill(TCase *tc)
{
    tcase_add_test(tc, first_signal_only_sets_the_flag);
    tcase_add_test(tc, second_signal_ends_the_process_whichever_it_is);
    tcase_add_test(tc, signal_that_was_ignored_stays_ignored);
    tcase_add_test(tc, install_begins_anew);
    tcase_add_test(tc, program_that_the_process_starts_is_not_interrupted);
}
