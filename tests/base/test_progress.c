/* test_progress.c - what the line says, and how often, on a terminal and off it. */
#include <math.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/progress.h"

/* 1200 of 3900 done, ten of them in the last second, 40 views each. */
static struct scl_progress at_work(void)
{
    return (struct scl_progress){ .what = "encoder",
                                  .unit = "views",
                                  .per_done = 40,
                                  .done = 1200,
                                  .total = 3900,
                                  .loss = 4.231,
                                  .mark = { { 99, 1190 }, { 99, 1190 } } };
}

START_TEST(line_says_done_rate_loss_and_time_left)
{
    const struct scl_progress p = at_work();
    char text[SCL_PROGRESS_BYTES];

    scl_progress_text(text, &p, 100);
    ck_assert_str_eq(text, "encoder 1200/3900 30 %  400 views/s  loss 4.2310  left 4:30");
}
END_TEST

START_TEST(work_that_ends_at_a_time_says_how_long_that_is)
{
    struct scl_progress p = at_work();
    char text[SCL_PROGRESS_BYTES];

    p.loss = NAN;
    p.total = 0;
    p.ends = 165;
    strcpy(p.note, "step 2.310 s");
    scl_progress_text(text, &p, 100);
    ck_assert_str_eq(text, "encoder 1200  400 views/s  step 2.310 s  left 1:05");
    scl_progress_text(text, &p, 166);
    ck_assert_str_eq(text, "encoder 1200  5.97 views/s  step 2.310 s");
}
END_TEST

START_TEST(what_is_not_known_is_left_out)
{
    struct scl_progress p = at_work();
    char text[SCL_PROGRESS_BYTES];

    p.loss = NAN;
    p.unit = NULL;
    scl_progress_text(text, &p, 100);
    ck_assert_str_eq(text, "encoder 1200/3900 30 %  left 4:30");
    p.total = 0;
    scl_progress_text(text, &p, 100);
    ck_assert_str_eq(text, "encoder 1200");
    p.total = 3900;
    p.mark[0].done = 1200; /* nothing was done yet */
    scl_progress_text(text, &p, 100);
    ck_assert_str_eq(text, "encoder 1200/3900 30 %");
}
END_TEST

START_TEST(absurd_values_are_cut_off_not_written_past_the_end)
{
    struct scl_progress p = at_work();
    char text[SCL_PROGRESS_BYTES], what[400];

    memset(what, 'w', sizeof what - 1);
    what[sizeof what - 1] = '\0';
    p.what = what;
    p.loss = 1e300;
    p.per_done = 1e300;
    scl_progress_text(text, &p, 100);
    ck_assert_uint_eq(strlen(text), sizeof text - 1);
}
END_TEST

START_TEST(a_file_gets_one_line_of_short_work)
{
    struct scl_progress p = { .what = "test", .total = 1000 };
    FILE *file = tmpfile();
    char text[SCL_PROGRESS_BYTES] = "";

    ck_assert_ptr_nonnull(file);
    scl_progress_open(&p, file);
    for (unsigned i = 1; i <= 1000; i++)
        scl_progress_set(&p, i, NAN);
    scl_progress_close(&p);
    rewind(file);
    ck_assert_ptr_nonnull(fgets(text, sizeof text, file));
    ck_assert_int_eq(strncmp(text, "test 1000/1000 100 %", 20), 0);
    ck_assert_int_eq(text[strlen(text) - 1], '\n');
    ck_assert_int_eq(fgetc(file), EOF);
    fclose(file);
}
END_TEST

START_TEST(nothing_is_said_of_work_that_did_nothing)
{
    struct scl_progress p = { .what = "test", .done = 7, .total = 7 };
    FILE *file = tmpfile();

    ck_assert_ptr_nonnull(file);
    scl_progress_open(&p, file);
    scl_progress_close(&p);
    ck_assert_int_eq(ftell(file), 0);
    fclose(file);
}
END_TEST

START_TEST(without_a_file_nothing_happens)
{
    struct scl_progress p = { .what = "test", .total = 2 };

    scl_progress_open(&p, NULL);
    scl_progress_set(&p, 1, 1.0);
    scl_progress_close(&p);
    ck_assert_uint_eq(p.done, 1);
}
END_TEST

/* The other end of a new terminal; *terminal is what a program writes to. */
static int open_terminal(FILE **terminal)
{
    int other, own;

    ck_assert_int_eq(openpty(&other, &own, NULL, NULL, NULL), 0);
    *terminal = fdopen(own, "w");
    ck_assert_ptr_nonnull(*terminal);
    return other;
}

START_TEST(a_terminal_is_redrawn_at_most_ten_times_a_second)
{
    struct scl_progress p = { .what = "test", .total = 100 };
    FILE *terminal;
    const int other = open_terminal(&terminal);
    const double begin = scl_clock();
    char text[4096] = "";
    int n_drawn = 0;
    size_t n = 0;

    scl_progress_open(&p, terminal);
    for (unsigned i = 1; i <= 100; i++) {
        scl_progress_set(&p, i, 0.5);
        usleep(4000);
    }
    scl_progress_close(&p);
    while (!strchr(text, '\n')) { /* a terminal hands on what it has */
        const ssize_t more = read(other, text + n, sizeof text - 1 - n);

        ck_assert_int_gt(more, 0);
        n += (size_t)more;
    }
    for (const char *at = text; (at = strstr(at, "\r\033[K")); at++)
        n_drawn++;
    ck_assert_int_ge(n_drawn, 2);
    ck_assert_int_le(n_drawn, (int)((scl_clock() - begin) / 0.1) + 1); /* and the last */
    ck_assert_ptr_nonnull(strstr(text, "test 100/100 100 %  loss 0.5000"));
    ck_assert_int_eq(text[n - 1], '\n');
    fclose(terminal);
    close(other);
}
END_TEST

START_TEST(loss_stays_until_there_is_news)
{
    struct scl_progress p = { .what = "test", .total = 3 };

    scl_progress_open(&p, NULL);
    ck_assert(isnan(p.loss));
    scl_progress_set(&p, 1, 2.5);
    scl_progress_set(&p, 2, NAN);
    ck_assert_double_eq(p.loss, 2.5);
    scl_progress_close(&p);
}
END_TEST

const char *const suite_name = "base/progress";

void suite_fill(TCase *tc)
{
    tcase_add_test(tc, line_says_done_rate_loss_and_time_left);
    tcase_add_test(tc, work_that_ends_at_a_time_says_how_long_that_is);
    tcase_add_test(tc, what_is_not_known_is_left_out);
    tcase_add_test(tc, absurd_values_are_cut_off_not_written_past_the_end);
    tcase_add_test(tc, a_file_gets_one_line_of_short_work);
    tcase_add_test(tc, nothing_is_said_of_work_that_did_nothing);
    tcase_add_test(tc, without_a_file_nothing_happens);
    tcase_add_test(tc, a_terminal_is_redrawn_at_most_ten_times_a_second);
    tcase_add_test(tc, loss_stays_until_there_is_news);
}
