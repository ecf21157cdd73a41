/* test_search.c - a whole search over an operator whose candidates fail in every way: each is named
 * once, kept in the database and never used; what was tried is never tried again, after a kill too.
 * This process opens no device. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "backend/decision.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/status.h"
#include "support/faulty.h"
#include "support/temp_folder.h"
#include "tune/tune_impl.h"

#define MUST(call) ck_assert_msg((call) >= 0, "%s", scl_error())

enum { N_CANDIDATE = 8 }; /* that can be tried: half.vec is of another class, huge.vec cannot be */

static struct scl_graph *g;
static struct scl_config config;
static struct scl_tune_report report;
static const struct scl_node *full, *small;

static void setup(void)
{
    temp_folder_open();
    setenv("SCL_SOURCE_DIR", ".", 1);
    setenv("SCL_CONFIG_DIR", temp_path("config"), 1);
    ck_assert_ptr_nonnull(g = scl_graph_new());
    full = faulty_node(g, 4096);
    small = faulty_node(g, 64);
}

static void teardown(void)
{
    scl_tune_report_fini(&report);
    scl_graph_free(g);
    unsetenv("SCL_CONFIG_DIR");
    unsetenv("SCL_SOURCE_DIR");
    temp_folder_close();
}

/* A tuner with one task, as scl_tune_run() would have made it from a configuration. */
static struct scl_tuner *open_tuner(const struct scl_tune_spec *spec)
{
    struct scl_tuner *t = calloc(1, sizeof *t);

    ck_assert_ptr_nonnull(t);
    t->spec = spec;
    t->report = &report;
    t->end = scl_clock() + spec->seconds;
    MUST(scl_tuner_look(t));
    MUST(scl_profile_open(&t->profile, &t->facts));
    MUST(scl_tuning_open(&t->tuning, &t->facts, t->profile));
    ck_assert_ptr_nonnull(t->task = calloc(1, sizeof *t->task));
    t->n_task = 1;
    t->task[0] = (struct scl_task){ .key = "faulty 4096",
                                    .node = full,
                                    .small = small,
                                    .narrow = small,
                                    .n_node = 1,
                                    .step_ms = 1,
                                    .usual = -1,
                                    .best = -1 };
    return t;
}

static const struct scl_tune_spec spec = { .config = &config, .seconds = 600, .trial_seconds = 10 };

/* What the database says of a candidate. */
static const struct scl_decision *said_of(const struct scl_tuner *t, const char *plan)
{
    const struct scl_decision *d = scl_tuning_tried(t->tuning, "faulty 4096", plan, "f32");

    ck_assert_msg(d != NULL, "nothing is known of %s", plan);
    return d;
}

static void check_database(const struct scl_tuner *t)
{
    static const struct {
        const char *plan;
        enum scl_verdict verdict;
    } wanted[] = {
        { "right.vec", SCL_TIMED }, { "wrong.vec", SCL_WRONG },  { "crash.vec", SCL_CRASHED },
        { "hang.vec", SCL_HUNG },   { "behind.vec", SCL_WRONG }, { "broken.vec", SCL_BUILD_ERROR },
        { "large.vec", SCL_WRONG }, { "hole.vec", SCL_WRONG },
    };
    const struct scl_decision *best;

    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        ck_assert_msg(said_of(t, wanted[i].plan)->verdict == wanted[i].verdict, "%s: found %s",
                      wanted[i].plan, scl_verdict_text(said_of(t, wanted[i].plan)->verdict));
    ck_assert_ptr_nonnull(best = scl_tuning_find(t->tuning, "faulty 4096", NULL));
    ck_assert_str_eq(best->plan, "right.vec");
    ck_assert_int_eq(best->origin, SCL_TUNED);
    ck_assert(best->ms > 0);
    ck_assert_ptr_null(scl_tuning_find(t->tuning, "faulty 4096", best));
    ck_assert_ptr_null(scl_tuning_tried(t->tuning, "faulty 4096", "half.vec", "f32"));
    ck_assert_ptr_null(scl_tuning_tried(t->tuning, "faulty 4096", "huge.vec", "f32"));
}

START_TEST(every_fault_is_named_and_kept_and_the_search_goes_on)
{
    struct scl_tuner *t = open_tuner(&spec);

    MUST(scl_tuner_search(t));
    ck_assert_int_eq(t->n_trial, N_CANDIDATE);
    ck_assert_int_eq(t->n_failed, N_CANDIDATE - 1);
    ck_assert_int_eq(t->n_known, 0);
    check_database(t);
    ck_assert_int_eq(report.n_said, N_CANDIDATE - 1);
    ck_assert_msg(strncmp(report.said[0], "faulty 4096: wrong.vec: wrong: element 7 of ", 44) == 0,
                  "%s", report.said[0]);
    scl_tuner_close(t);

    t = open_tuner(&spec); /* nothing is left to be tried */
    MUST(scl_tuner_search(t));
    ck_assert_int_eq(t->n_trial, 0);
    ck_assert_int_eq(t->n_known, N_CANDIDATE);
    ck_assert_str_eq(t->task[0].tried[t->task[0].best].plan, "right.vec");
    scl_tuner_close(t);
}
END_TEST

/* The lines of the one file in the database's folder that are decisions. */
static int count_lines(void)
{
    const char *path = temp_path("config/tuned");
    struct scl_folder folder = { 0 };
    int n = 0;

    if (scl_path_kind(path) != SCL_PATH_FOLDER)
        return 0;
    MUST(scl_folder_load(&folder, path));
    for (size_t i = 0; i < folder.n; i++) {
        const char *name = folder.entry[i].name;
        char *text, *line, *rest;
        size_t size;

        if (strlen(name) < 4 || strcmp(name + strlen(name) - 4, ".txt") != 0)
            continue;
        rest = text = read_file(&size, temp_path("config/tuned/%s", name));
        while ((line = strsep(&rest, "\n")))
            n += *line && *line != '#';
        free(text);
    }
    scl_folder_fini(&folder);
    return n;
}

START_TEST(killed_search_loses_no_more_than_the_trial_at_work)
{
    const pid_t pid = fork();
    struct scl_tuner *t;
    int before;

    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        scl_tuner_search(open_tuner(&spec));
        _exit(0);
    }
    while (count_lines() < 3)
        nanosleep(&(struct timespec){ 0, 10000000 }, NULL);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    before = count_lines();
    ck_assert_int_lt(before, N_CANDIDATE);

    t = open_tuner(&spec);
    MUST(scl_tuner_search(t));
    ck_assert_int_eq(t->n_known, before);
    ck_assert_int_eq(t->n_trial, N_CANDIDATE - before);
    ck_assert_int_eq(count_lines(), N_CANDIDATE);
    check_database(t);
    scl_tuner_close(t);
}
END_TEST

START_TEST(search_ends_with_its_time)
{
    const struct scl_tune_spec short_spec = { .config = &config,
                                              .seconds = 0,
                                              .trial_seconds = 10 };
    struct scl_tuner *t = open_tuner(&short_spec);

    MUST(scl_tuner_search(t));
    ck_assert_int_eq(t->n_trial, 0);
    scl_tuner_close(t);
}
END_TEST

const char *const suite_name = "tune/search";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, every_fault_is_named_and_kept_and_the_search_goes_on);
    tcase_add_test(tc, killed_search_loses_no_more_than_the_trial_at_work);
    tcase_add_test(tc, search_ends_with_its_time);
}
