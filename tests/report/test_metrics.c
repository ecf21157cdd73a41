/* test_metrics.c - metrics.jsonl: its lines, and what a resumed run keeps of them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "report/metrics.h"
#include "support/temp_folder.h"

static const struct scl_field fields[] = { { "loss", "" }, { "seconds", "s" }, { 0 } };

#define HEADER                                                                                     \
    "{\"format\":\"scorecl-metrics/1\",\"fields\":{\"phase\":\"\",\"step\":\"\",\"loss\":\"\","    \
    "\"seconds\":\"s\"}}\n"
#define SCORE(step) "{\"phase\":\"score\",\"step\":" #step ",\"loss\":0.5}\n"
#define ENCODER(step) "{\"phase\":\"encoder\",\"step\":" #step ",\"loss\":0.5}\n"

static struct scl_metrics *open_metrics(const char *phase, int step)
{
    struct scl_metrics *metrics;

    ck_assert_msg(scl_metrics_open(&metrics, temp_path("m"), fields, phase, step) == SCL_OK, "%s",
                  scl_error());
    return metrics;
}

static void push(struct scl_metrics *metrics, const char *phase, int step)
{
    const struct scl_metric loss = { "loss", 0.5 };

    ck_assert_int_eq(scl_metrics_push(metrics, phase, step, 1, &loss), SCL_OK);
}

static void check_file(const char *want)
{
    size_t size;
    char *text = read_file(&size, temp_path("m"));

    ck_assert_str_eq(text, want);
    free(text);
}

/* The file of a run that got through its score network and to step 30. */
static void write_whole(void)
{
    struct scl_metrics *metrics = open_metrics(NULL, 0);

    push(metrics, "score", 10);
    push(metrics, "score", 20);
    push(metrics, "encoder", 10);
    push(metrics, "encoder", 20);
    push(metrics, "encoder", 30);
    scl_metrics_close(metrics);
}

START_TEST(first_line_names_fields_and_units)
{
    const struct scl_metric values[] = { { "loss", 1.25 }, { "seconds", 3 } };
    struct scl_metrics *metrics = open_metrics(NULL, 0);

    ck_assert_int_eq(scl_metrics_push(metrics, "score", 10, 2, values), SCL_OK);
    scl_metrics_close(metrics);
    check_file(HEADER "{\"phase\":\"score\",\"step\":10,\"loss\":1.25,\"seconds\":3}\n");
}
END_TEST

START_TEST(value_that_is_not_finite_becomes_null)
{
    const struct scl_metric values[] = { { "loss", NAN }, { "seconds", INFINITY } };
    struct scl_metrics *metrics = open_metrics(NULL, 0);

    ck_assert_int_eq(scl_metrics_push(metrics, "score", 1, 2, values), SCL_OK);
    scl_metrics_close(metrics);
    check_file(HEADER "{\"phase\":\"score\",\"step\":1,\"loss\":null,\"seconds\":null}\n");
}
END_TEST

START_TEST(resumed_run_writes_what_an_uninterrupted_one_writes)
{
    struct scl_metrics *metrics;

    write_whole();
    metrics = open_metrics("encoder", 20);
    check_file(HEADER SCORE(10) SCORE(20) ENCODER(10) ENCODER(20));
    push(metrics, "encoder", 30);
    scl_metrics_close(metrics);
    check_file(HEADER SCORE(10) SCORE(20) ENCODER(10) ENCODER(20) ENCODER(30));
}
END_TEST

START_TEST(earlier_phase_takes_the_later_ones_with_it)
{
    write_whole();
    scl_metrics_close(open_metrics("score", 20));
    check_file(HEADER SCORE(10) SCORE(20));
    write_whole();
    scl_metrics_close(open_metrics("score", 15));
    check_file(HEADER SCORE(10));
}
END_TEST

START_TEST(step_0_of_a_phase_keeps_the_phase_before)
{
    write_whole();
    scl_metrics_close(open_metrics("encoder", 0));
    check_file(HEADER SCORE(10) SCORE(20));
}
END_TEST

START_TEST(half_a_line_is_cut_off)
{
    static const char *const damaged[] = { HEADER SCORE(10) "{\"phase\":\"score\",\"st",
                                           HEADER SCORE(10) "{\"phase\":\"sco\n" SCORE(20),
                                           HEADER SCORE(10) "[]\n" };

    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        write_file(temp_path("m"), damaged[i], strlen(damaged[i]));
        scl_metrics_close(open_metrics("score", 100));
        check_file(HEADER SCORE(10));
    }
    write_file(temp_path("m"), "{", 1);
    scl_metrics_close(open_metrics("score", 100));
    check_file(HEADER);
}
END_TEST

START_TEST(new_run_forgets_what_was_there)
{
    write_whole();
    scl_metrics_close(open_metrics(NULL, 0));
    check_file(HEADER);
}
END_TEST

START_TEST(file_that_cannot_be_made_is_named)
{
    struct scl_metrics *metrics;

    ck_assert_int_eq(scl_metrics_open(&metrics, temp_path("absent/m"), fields, NULL, 0), SCL_IO);
    ck_assert_ptr_nonnull(strstr(scl_error(), "absent/m: cannot be created: No such file"));
    ck_assert_ptr_null(metrics);
}
END_TEST

const char *const suite_name = "report/metrics";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, temp_folder_open, temp_folder_close);
    tcase_add_test(tc, first_line_names_fields_and_units);
    tcase_add_test(tc, value_that_is_not_finite_becomes_null);
    tcase_add_test(tc, resumed_run_writes_what_an_uninterrupted_one_writes);
    tcase_add_test(tc, earlier_phase_takes_the_later_ones_with_it);
    tcase_add_test(tc, step_0_of_a_phase_keeps_the_phase_before);
    tcase_add_test(tc, half_a_line_is_cut_off);
    tcase_add_test(tc, new_run_forgets_what_was_there);
    tcase_add_test(tc, file_that_cannot_be_made_is_named);
}
