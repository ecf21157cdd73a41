/* test_child.c - work in a process of its own: what comes back of each way to end. */
#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/status.h"
#include "base/stop.h"

static struct scl_child child;

static void run(double seconds, int (*work)(FILE *answer, void *user), void *user)
{
    ck_assert_msg(scl_child_run(&child, seconds, work, user) == SCL_OK, "%s", scl_error());
}

static int say(FILE *answer, void *user)
{
    fprintf(answer, "one\ntwo %d", *(int *)user);
    fprintf(stderr, "first\nlast words\n\n");
    *(int *)user = 0;
    return 7;
}

START_TEST(answer_and_code_come_back_and_the_parent_stays_as_it_is)
{
    int value = 5;

    run(60, say, &value);
    ck_assert_int_eq(child.end, SCL_CHILD_DONE);
    ck_assert_int_eq(child.rc, 7);
    ck_assert_str_eq(child.answer, "one\ntwo 5");
    ck_assert_uint_eq(child.size, strlen("one\ntwo 5"));
    ck_assert_str_eq(child.said, "last words");
    ck_assert_str_eq(child.words, "");
    ck_assert_int_eq(value, 5);
}
END_TEST

static int refuse(FILE *answer, void *user)
{
    (void)answer, (void)user;
    return scl_fail(SCL_BUILD, "no kernel today");
}

START_TEST(failure_keeps_its_words)
{
    run(60, refuse, NULL);
    ck_assert_int_eq(child.end, SCL_CHILD_DONE);
    ck_assert_int_eq(child.rc, SCL_BUILD);
    ck_assert_str_eq(child.words, "no kernel today");
}
END_TEST

static int crash(FILE *answer, void *user)
{
    (void)user;
    fprintf(answer, "so far");
    fflush(answer);
    signal(SIGSEGV, SIG_DFL); /* a sanitizer's handler would print pages */
    raise(SIGSEGV);
    return SCL_OK;
}

START_TEST(crash_is_told_with_what_was_flushed_before)
{
    run(60, crash, NULL);
    ck_assert_int_eq(child.end, SCL_CHILD_CRASHED);
    ck_assert_str_eq(child.answer, "so far");
    ck_assert_str_eq(child.words, "crashed (Segmentation fault)");
}
END_TEST

static int leave(FILE *answer, void *user)
{
    (void)answer, (void)user;
    fprintf(stderr, "LLVM ERROR: cannot select\n");
    _exit(0);
}

START_TEST(exit_in_the_middle_is_a_crash)
{
    run(60, leave, NULL);
    ck_assert_int_eq(child.end, SCL_CHILD_CRASHED);
    ck_assert_str_eq(child.words, "crashed (ended the process)");
    ck_assert_str_eq(child.said, "LLVM ERROR: cannot select");
}
END_TEST

static int hang(FILE *answer, void *user)
{
    (void)answer, (void)user;
    while (pause() < 0)
        ;
    return SCL_OK;
}

START_TEST(hanging_child_is_ended_when_its_time_is_over)
{
    const double begin = scl_clock();

    run(1, hang, NULL);
    ck_assert_int_eq(child.end, SCL_CHILD_HUNG);
    ck_assert_str_eq(child.words, "hung for more than 1 s");
    ck_assert(scl_clock() - begin < 30);
}
END_TEST

static int ask_to_stop(FILE *answer, void *user)
{
    struct scl_child inner;
    int rc;

    SCL_TRY(scl_stop_install());
    kill(getpid(), SIGTERM);
    rc = scl_child_run(&inner, 600, hang, user);
    fprintf(answer, "%s", scl_error());
    scl_child_fini(&inner);
out:
    return rc;
}

/* Asked in a child: signals stay blocked where they once were. */
START_TEST(signal_that_asks_to_stop_ends_the_child)
{
    run(60, ask_to_stop, NULL);
    ck_assert_int_eq(child.end, SCL_CHILD_DONE);
    ck_assert_int_eq(child.rc, SCL_INTERRUPTED);
    ck_assert_str_eq(child.answer, "stopped while another process was at work");
}
END_TEST

static int hang_with_pipe(FILE *answer, void *user)
{
    const int *fd = user;

    (void)answer;
    close(fd[0]);
    if (write(fd[1], "!", 1) != 1)
        return SCL_IO;
    return hang(NULL, NULL);
}

/* The pipe ends when nobody has its other end any more. */
START_TEST(child_does_not_outlive_a_parent_that_is_killed)
{
    char byte;
    int fd[2];
    pid_t parent;

    ck_assert_int_eq(pipe(fd), 0);
    if ((parent = fork()) == 0) {
        close(fd[0]);
        scl_child_run(&child, 600, hang_with_pipe, fd);
        _exit(0);
    }
    close(fd[1]);
    ck_assert_int_eq(read(fd[0], &byte, 1), 1);
    kill(parent, SIGKILL);
    waitpid(parent, NULL, 0);
    ck_assert_int_eq(poll(&(struct pollfd){ .fd = fd[0], .events = POLLIN }, 1, 30000), 1);
    ck_assert_int_eq(read(fd[0], &byte, 1), 0);
    close(fd[0]);
}
END_TEST

static int write_much(FILE *answer, void *user)
{
    (void)user;
    for (int i = 0; i < 100000; i++) {
        fputc('x', answer);
        fputs("noise on the error stream\n", stderr);
    }
    return SCL_OK;
}

START_TEST(more_than_a_pipe_holds_blocks_neither_stream)
{
    run(60, write_much, NULL);
    ck_assert_int_eq(child.end, SCL_CHILD_DONE);
    ck_assert_uint_eq(child.size, 100000);
}
END_TEST

static void close_child(void)
{
    scl_child_fini(&child);
}

const char *const suite_name = "base/child";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, NULL, close_child);
    tcase_add_test(tc, answer_and_code_come_back_and_the_parent_stays_as_it_is);
    tcase_add_test(tc, failure_keeps_its_words);
    tcase_add_test(tc, crash_is_told_with_what_was_flushed_before);
    tcase_add_test(tc, exit_in_the_middle_is_a_crash);
    tcase_add_test(tc, hanging_child_is_ended_when_its_time_is_over);
    tcase_add_test(tc, signal_that_asks_to_stop_ends_the_child);
    tcase_add_test(tc, child_does_not_outlive_a_parent_that_is_killed);
    tcase_add_test(tc, more_than_a_pipe_holds_blocks_neither_stream);
}
