/* test_trial.c - candidates that fail in every way are told from one that does not, each in a
 * process of its own. This one opens no device. */
#include "tune/trial.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "support/faulty.h"

#define MUST(call) ck_assert_msg((call) >= 0, "%s", scl_error())

static struct scl_graph *g;
static struct scl_subject *subject;
static struct scl_outcome outcome;

static void setup(void)
{
    setenv("SCL_SOURCE_DIR", ".", 1);
    ck_assert_ptr_nonnull(g = scl_graph_new());
    MUST(scl_subject_new(&subject, faulty_node(g, 4096), faulty_node(g, 64)));
}

static void teardown(void)
{
    scl_outcome_fini(&outcome);
    scl_subject_free(subject);
    scl_graph_free(g);
    unsetenv("SCL_SOURCE_DIR");
}

static const struct scl_candidate *candidate(const char *name)
{
    const struct scl_candidate *c = faulty_op.candidates;

    while (strcmp(c->name, name) != 0)
        c++;
    return c;
}

/* With the values of another trial to compare with, or NULL. */
static void try(const char *name, const struct scl_outcome *right)
{
    const struct scl_trial trial = { .subject = subject,
                                     .device = "",
                                     .candidate = candidate(name),
                                     .params = "",
                                     .seconds = strcmp(name, "hang.vec") == 0 ? 3 : 120,
                                     .sample = right ? right->sample : NULL,
                                     .n_sample = right ? right->n_sample : 0 };

    MUST(scl_trial_run(&outcome, &trial));
}

START_TEST(right_candidate_is_timed_and_leaves_a_sample)
{
    try("right.vec", NULL);
    ck_assert_msg(outcome.verdict == SCL_TIMED, "%s", outcome.words);
    ck_assert(outcome.ms > 0);
    ck_assert(outcome.error == 0);
    ck_assert_uint_eq(outcome.n_sample, 4096);
    ck_assert_uint_eq(strlen(outcome.compiled), 16);
    ck_assert_str_eq(outcome.words, "");
}
END_TEST

static const struct {
    const char *name;
    enum scl_verdict verdict;
    const char *words; /* a glob */
} faults[] = {
    { "wrong.vec", SCL_WRONG, "element 7 of *, and * is wanted (largest 2*)" },
    { "crash.vec", SCL_CRASHED, "crashed (*)*" },
    { "hang.vec", SCL_HUNG, "hung for more than 3 s*" },
    { "behind.vec", SCL_WRONG, "writes 12 bytes behind *" },
    { "broken.vec", SCL_BUILD_ERROR, "clBuildProgram: CL_BUILD_PROGRAM_FAILURE: *faulty.cl*" },
    { "hole.vec", SCL_WRONG, "element 5 of * is *nan, and * is wanted*" },
    { "huge.vec", SCL_BUILD_ERROR, "*wants groups of 1073741824 items, and the device's have *" },
};

START_TEST(fault_is_named)
{
    try(faults[_i].name, NULL);
    ck_assert_msg(outcome.verdict == faults[_i].verdict, "%s: found %s: %s", faults[_i].name,
                  scl_verdict_text(outcome.verdict), outcome.words);
    ck_assert_msg(fnmatch(faults[_i].words, outcome.words, 0) == 0, "%s: found '%s', wanted '%s'",
                  faults[_i].name, outcome.words, faults[_i].words);
    ck_assert_ptr_null(outcome.sample);
}
END_TEST

START_TEST(what_is_wrong_at_the_full_size_alone_differs_from_one_that_is_right)
{
    struct scl_outcome right;

    try("right.vec", NULL);
    right = outcome;
    try("large.vec", &right);
    ck_assert_int_eq(outcome.verdict, SCL_WRONG);
    ck_assert_msg(strstr(outcome.words, "by a candidate that is right at a smaller size"), "%s",
                  outcome.words);
    try("right.vec", &right);
    ck_assert_msg(outcome.verdict == SCL_TIMED, "%s", outcome.words);
    scl_outcome_fini(&right);
}
END_TEST

START_TEST(device_that_is_not_there_is_no_verdict)
{
    const struct scl_trial trial = { .subject = subject,
                                     .device = "nobody:nothing:1cu",
                                     .candidate = candidate("right.vec"),
                                     .params = "",
                                     .seconds = 120 };

    ck_assert_int_eq(scl_trial_run(&outcome, &trial), SCL_USAGE);
    ck_assert_msg(strncmp(scl_error(), "there is no device 'nobody:nothing:1cu'", 39) == 0, "%s",
                  scl_error());
}
END_TEST

const char *const suite_name = "tune/trial";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, right_candidate_is_timed_and_leaves_a_sample);
    tcase_add_loop_test(tc, fault_is_named, 0, sizeof faults / sizeof *faults);
    tcase_add_test(tc, what_is_wrong_at_the_full_size_alone_differs_from_one_that_is_right);
    tcase_add_test(tc, device_that_is_not_there_is_no_verdict);
}
