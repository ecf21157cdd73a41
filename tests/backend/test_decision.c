/* test_decision.c - lines of the tuning database: read, refused, kept, written. */
#include "backend/decision.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "support/temp_folder.h"

#define LINE                                                                                       \
    "pocl:skylake-avx512:2cu | 3.1 | conv2d.fwd n256h32w32c64k64r3s3u1p1 | winograd4.vec T=24 "    \
    "MR=12 | f32 | 11.2 | 2.1e-05 | 1.74 | 9f31c0d2 | tuned | 0.1.0\n"
#define HEAD                                                                                       \
    "# device | driver | operator and shape | plan | class | ms | max error | share of peak | "    \
    "kernel hash | source | tool version\n"

static struct scl_decisions list;

static void setup(void)
{
    temp_folder_open();
    list = (struct scl_decisions){ 0 };
}

static void teardown(void)
{
    scl_decisions_fini(&list);
    temp_folder_close();
}

static void parse(const char *text)
{
    ck_assert_msg(scl_decisions_parse(&list, "t", text, false) == SCL_OK, "%s", scl_error());
}

/* The list as text; yours to free. */
static char *print(void)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(scl_decisions_print(&list, file), SCL_OK);
    ck_assert_int_eq(fclose(file), 0);
    return text;
}

static void check_text(const char *wanted)
{
    char *text = print();

    ck_assert_str_eq(text, wanted);
    free(text);
}

START_TEST(line_is_read_field_by_field)
{
    const struct scl_decision *d;

    parse(HEAD "\n# a remark\n" LINE);
    ck_assert_int_eq(list.n, 1);
    d = &list.decision[0];
    ck_assert_str_eq(d->device, "pocl:skylake-avx512:2cu");
    ck_assert_str_eq(d->driver, "3.1");
    ck_assert_str_eq(d->node, "conv2d.fwd n256h32w32c64k64r3s3u1p1");
    ck_assert_str_eq(d->plan, "winograd4.vec T=24 MR=12");
    ck_assert_str_eq(d->numeric, "f32");
    ck_assert_int_eq(d->verdict, SCL_TIMED);
    ck_assert_double_eq(d->ms, 11.2);
    ck_assert_double_eq(d->max_error, 2.1e-5);
    ck_assert_double_eq(d->share, 1.74);
    ck_assert_str_eq(d->hash, "9f31c0d2");
    ck_assert_int_eq(d->origin, SCL_TUNED);
    ck_assert_str_eq(d->version, "0.1.0");
    ck_assert(scl_decision_wins(d));
}
END_TEST

START_TEST(what_is_printed_is_read_as_the_same)
{
    const char *const text = HEAD "#@ amd:gfx90c:8cu | AMD | amd-gpu | gpu | 65536\n"
                                  "#@ pocl:skylake-avx512:2cu | - | pocl-avx512 | cpu | 1048576\n"
                                  "amd:gfx90c:8cu | - | relu 4 of 4 | direct.tile | f32 | crashed "
                                  "| - | - | 00000000 | imported | 0.2.0-rc1\n" LINE;

    parse(text);
    check_text(text);
}
END_TEST

START_TEST(parameter_may_name_its_kernel)
{
    const char *const text =
        HEAD "x:d:1cu | 1 | a | p SPAN=4 elementwise.vec:SPAN=8 conv2d/direct_vec:MR=2 | f32 | 9 | "
             "- | - | 00000000 | tuned | 1\n";

    parse(text);
    check_text(text);
}
END_TEST

START_TEST(lines_come_by_node_and_the_winner_first)
{
    parse("x:d:1cu | 1 | b | p A=2 | f32 | hung | - | - | 00000000 | measured | 1\n"
          "x:d:1cu | 1 | b | p A=1 | f32 | 2 | - | - | 00000000 | measured | 1\n"
          "x:d:1cu | 1 | b | p | f32 | 3 | - | - | 00000000 | tuned | 1\n"
          "x:d:1cu | 1 | a | p | f32 | 9 | - | - | 00000000 | tuned | 1\n");
    check_text(HEAD "x:d:1cu | 1 | a | p | f32 | 9 | - | - | 00000000 | tuned | 1\n"
                    "x:d:1cu | 1 | b | p | f32 | 3 | - | - | 00000000 | tuned | 1\n"
                    "x:d:1cu | 1 | b | p A=1 | f32 | 2 | - | - | 00000000 | measured | 1\n"
                    "x:d:1cu | 1 | b | p A=2 | f32 | hung | - | - | 00000000 | measured | 1\n");
}
END_TEST

/* ---- which of two lines stays ------------------------------------------------------------ */

static void put(const char *plan, enum scl_verdict verdict, double ms, enum scl_origin origin)
{
    const struct scl_decision d = { .device = "x:d:1cu",
                                    .driver = "1",
                                    .node = "n",
                                    .plan = plan,
                                    .numeric = "f32",
                                    .verdict = verdict,
                                    .ms = ms,
                                    .max_error = -1,
                                    .share = -1,
                                    .hash = "00000000",
                                    .origin = origin,
                                    .version = "1" };

    ck_assert_int_eq(scl_decisions_put(&list, &d), SCL_OK);
}

#define ROW(plan, ms, origin)                                                                      \
    "x:d:1cu | 1 | n | " plan " | f32 | " ms " | - | - | 00000000 | " origin " | 1\n"

START_TEST(the_same_plan_again_takes_its_place)
{
    put("p A=1", SCL_TIMED, 2, SCL_MEASURED);
    put("p A=1", SCL_WRONG, -1, SCL_MEASURED);
    check_text(HEAD ROW("p A=1", "wrong", "measured"));
}
END_TEST

START_TEST(a_node_has_one_winner)
{
    put("p A=1", SCL_TIMED, 2, SCL_TUNED);
    put("p A=2", SCL_TIMED, 1, SCL_TUNED);
    check_text(HEAD ROW("p A=2", "1", "tuned") ROW("p A=1", "2", "measured"));
}
END_TEST

START_TEST(winner_that_is_measured_again_stays_the_winner)
{
    put("p", SCL_TIMED, 2, SCL_TUNED);
    put("p", SCL_TIMED, 3, SCL_MEASURED);
    check_text(HEAD ROW("p", "3", "tuned"));
    put("p", SCL_CRASHED, -1, SCL_MEASURED);
    check_text(HEAD ROW("p", "crashed", "measured"));
}
END_TEST

START_TEST(import_never_replaces_what_was_measured_here)
{
    put("p", SCL_TIMED, 2, SCL_MEASURED);
    put("p", SCL_TIMED, 1, SCL_IMPORTED);
    check_text(HEAD ROW("p", "2", "measured"));
}
END_TEST

START_TEST(later_import_replaces_the_earlier_winner_of_its_kind)
{
    put("p", SCL_TIMED, 2, SCL_TUNED);
    put("q", SCL_TIMED, 1, SCL_IMPORTED);
    put("r", SCL_HUNG, -1, SCL_IMPORTED);
    put("s", SCL_TIMED, 3, SCL_IMPORTED);
    check_text(HEAD ROW("p", "2", "tuned") ROW("s", "3", "imported") ROW("r", "hung", "imported"));
}
END_TEST

START_TEST(what_lost_elsewhere_is_not_imported)
{
    struct scl_decision d = { .verdict = SCL_TIMED, .origin = SCL_MEASURED };

    ck_assert(!scl_decision_import(&d));
    d.verdict = SCL_CRASHED;
    ck_assert(scl_decision_import(&d));
    ck_assert_int_eq(d.origin, SCL_IMPORTED);
}
END_TEST

START_TEST(thousands_of_lines_are_kept_apart)
{
    char plan[32];

    for (int i = 0; i < 3000; i++) {
        snprintf(plan, sizeof plan, "p A=%d", i % 1500 + 1);
        put(plan, SCL_TIMED, i, SCL_MEASURED);
    }
    ck_assert_int_eq(list.n, 1500);
    for (int i = 0; i < list.n; i++)
        ck_assert_double_ge(list.decision[i].ms, 1500);
}
END_TEST

/* ---- refusals ---------------------------------------------------------------------------- */

#define BAD(device, driver, node, plan, class, ms, error, share, hash, origin, version)            \
    device " | " driver " | " node " | " plan " | " class " | " ms " | " error " | " share         \
                                                          " | " hash " | " origin " | " version

static const struct {
    const char *line, *words;
} bad[] = {
    { "a | b | c", "t:2: found 3 fields between bars, wanted 11" },
    { LINE "|", "t:3: found 2 fields between bars, wanted 11" },
    { BAD("pocl", "1", "n", "p", "f32", "1", "-", "-", "00000000", "tuned", "1"),
      "t:2: device: found \"pocl\", wanted a key, as scorecl devices prints them" },
    { BAD("a:b:c:1cu", "1", "n", "p", "f32", "1", "-", "-", "00000000", "tuned", "1"),
      "t:2: device: found \"a:b:c:1cu\", wanted a key, as scorecl devices prints them" },
    { BAD("../x:b:1cu", "1", "n", "p", "f32", "1", "-", "-", "00000000", "tuned", "1"),
      "t:2: device: found \"../x:b:1cu\", wanted a key, as scorecl devices prints them" },
    { BAD("a:b:1cu", "", "n", "p", "f32", "1", "-", "-", "00000000", "tuned", "1"),
      "t:2: driver: found \"\", wanted a version of up to 127 bytes, or -" },
    { BAD("a:b:1cu", "1", "", "p", "f32", "1", "-", "-", "00000000", "tuned", "1"),
      "t:2: operator and shape: found \"\", wanted a text of up to 255 bytes" },
    { BAD("a:b:1cu", "1", "n", "p MR", "f32", "1", "-", "-", "00000000", "tuned", "1"),
      "t:2: plan: found \"p MR\", wanted a candidate, and for each parameter NAME=NUMBER, 1 to "
      "16777216" },
    { BAD("a:b:1cu", "1", "n", "p MR=16777217", "f32", "1", "-", "-", "00000000", "tuned", "1"),
      "t:2: plan: found \"p MR=16777217\", wanted a candidate, and for each parameter "
      "NAME=NUMBER, 1 to 16777216" },
    { BAD("a:b:1cu", "1", "n", "p A=0", "f32", "1", "-", "-", "00000000", "tuned", "1"),
      "t:2: plan: found \"p A=0\", wanted a candidate, and for each parameter NAME=NUMBER, 1 to "
      "16777216" },
    { BAD("a:b:1cu", "1", "n", "p A=1 A=2", "f32", "1", "-", "-", "00000000", "tuned", "1"),
      "t:2: plan: found \"p A=1 A=2\", wanted a candidate, and for each parameter NAME=NUMBER, 1 "
      "to 16777216" },
    { BAD("a:b:1cu", "1", "n", "p K:A=1", "f32", "1", "-", "-", "00000000", "tuned", "1"),
      "t:2: plan: found \"p K:A=1\", wanted a candidate, and for each parameter NAME=NUMBER, 1 to "
      "16777216" },
    { BAD("a:b:1cu", "1", "n", "p  A=1", "f32", "1", "-", "-", "00000000", "tuned", "1"),
      "t:2: plan: found \"p  A=1\", wanted a candidate, and for each parameter NAME=NUMBER, 1 to "
      "16777216" },
    { BAD("a:b:1cu", "1", "n", "p", "f64", "1", "-", "-", "00000000", "tuned", "1"),
      "t:2: class: found \"f64\", wanted f32, tf32 or f16" },
    { BAD("a:b:1cu", "1", "n", "p", "f32", "fast", "-", "-", "00000000", "tuned", "1"),
      "t:2: ms: found \"fast\", wanted milliseconds, wrong, crashed, hung or build-error" },
    { BAD("a:b:1cu", "1", "n", "p", "f32", "1e999", "-", "-", "00000000", "tuned", "1"),
      "t:2: ms: found \"1e999\", wanted milliseconds, wrong, crashed, hung or build-error" },
    { BAD("a:b:1cu", "1", "n", "p", "f32", "-1", "-", "-", "00000000", "tuned", "1"),
      "t:2: ms: found \"-1\", wanted milliseconds, wrong, crashed, hung or build-error" },
    { BAD("a:b:1cu", "1", "n", "p", "f32", "-", "-", "-", "00000000", "tuned", "1"),
      "t:2: ms: found \"-\", wanted the time that was measured" },
    { BAD("a:b:1cu", "1", "n", "p", "f32", "0", "-", "-", "00000000", "tuned", "1"),
      "t:2: ms: found \"0\", wanted the time that was measured" },
    { BAD("a:b:1cu", "1", "n", "p", "f32", "1", "nan", "-", "00000000", "tuned", "1"),
      "t:2: max error: found \"nan\", wanted a number, or -" },
    { BAD("a:b:1cu", "1", "n", "p", "f32", "1", "-", "0x1p3", "00000000", "tuned", "1"),
      "t:2: share of peak: found \"0x1p3\", wanted a number, or -" },
    { BAD("a:b:1cu", "1", "n", "p", "f32", "1", "-", "-", "0000000G", "tuned", "1"),
      "t:2: kernel hash: found \"0000000G\", wanted 8 hexadecimal digits in small letters" },
    { BAD("a:b:1cu", "1", "n", "p", "f32", "1", "-", "-", "00000000", "default", "1"),
      "t:2: source: found \"default\", wanted tuned, measured or imported" },
    { BAD("a:b:1cu", "1", "n", "p", "f32", "wrong", "-", "-", "00000000", "tuned", "1"),
      "t:2: source: found \"tuned\", wanted measured or imported of a plan that failed" },
    { BAD("a:b:1cu", "1", "n", "p", "f32", "1", "-", "-", "00000000", "tuned", "1 2"),
      "t:2: tool version: found \"1 2\", wanted a version, as in 0.1.0" },
    { "#@ a:b:1cu | v | p | cpu", "t:2: found 4 fields between bars behind #@, wanted 5" },
    { "#@ a:b:1cu | v | p | fpga | 1", "t:2: type: found \"fpga\", wanted cpu or gpu" },
    { "#@ a:b:1cu | v | p | cpu | 64k",
      "t:2: local memory: found \"64k\", wanted bytes, a whole number" },
};

START_TEST(bad_line_is_refused_with_its_place)
{
    char text[1024];

    snprintf(text, sizeof text, "# head\n%s\n", bad[_i].line);
    ck_assert_int_eq(scl_decisions_parse(&list, "t", text, false), SCL_CONFIG);
    ck_assert_str_eq(scl_error(), bad[_i].words);
}
END_TEST

START_TEST(endless_line_is_refused)
{
    char text[3000];

    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    ck_assert_int_eq(scl_decisions_parse(&list, "t", text, false), SCL_CONFIG);
    ck_assert_str_eq(scl_error(), "t:1: found 2999 bytes, wanted fewer than 1536");
}
END_TEST

START_TEST(only_a_record_tells_of_defaults_and_relatives)
{
    const char *const text = HEAD ROW("p", "-", "default") ROW("q", "-", "relative:a:b:2cu");

    ck_assert_int_eq(scl_decisions_parse(&list, "t", text, false), SCL_CONFIG);
    ck_assert_msg(scl_decisions_parse(&list, "t", text, true) == SCL_OK, "%s", scl_error());
    ck_assert_int_eq(list.decision[0].origin, SCL_DEFAULT);
    ck_assert_int_eq(list.decision[1].origin, SCL_RELATIVE);
    ck_assert_str_eq(list.decision[1].from, "a:b:2cu");
    check_text(text);
}
END_TEST

START_TEST(file_that_is_not_there_is_empty)
{
    ck_assert_int_eq(scl_decisions_load(&list, temp_path("none.txt"), false), SCL_OK);
    ck_assert_int_eq(list.n, 0);
}
END_TEST

START_TEST(file_with_a_zero_byte_is_refused)
{
    write_file(temp_path("zero.txt"), "# a\0b\n", 6);
    ck_assert_int_eq(scl_decisions_load(&list, temp_path("zero.txt"), false), SCL_CONFIG);
    ck_assert_ptr_nonnull(strstr(scl_error(), "has a zero byte, wanted a decision a line"));
}
END_TEST

START_TEST(driver_without_a_version_is_a_dash)
{
    struct scl_facts facts = { .driver = "" };
    char text[SCL_DRIVER_BYTES];

    ck_assert_str_eq(scl_driver_text(text, &facts), "-");
    strcpy(facts.driver, " 1.2 | a\tb ");
    ck_assert_str_eq(scl_driver_text(text, &facts), "1.2 _ a_b");
}
END_TEST

const char *const suite_name = "backend/decision";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, line_is_read_field_by_field);
    tcase_add_test(tc, what_is_printed_is_read_as_the_same);
    tcase_add_test(tc, parameter_may_name_its_kernel);
    tcase_add_test(tc, lines_come_by_node_and_the_winner_first);
    tcase_add_test(tc, the_same_plan_again_takes_its_place);
    tcase_add_test(tc, a_node_has_one_winner);
    tcase_add_test(tc, winner_that_is_measured_again_stays_the_winner);
    tcase_add_test(tc, import_never_replaces_what_was_measured_here);
    tcase_add_test(tc, later_import_replaces_the_earlier_winner_of_its_kind);
    tcase_add_test(tc, what_lost_elsewhere_is_not_imported);
    tcase_add_test(tc, thousands_of_lines_are_kept_apart);
    tcase_add_loop_test(tc, bad_line_is_refused_with_its_place, 0, sizeof bad / sizeof *bad);
    tcase_add_test(tc, endless_line_is_refused);
    tcase_add_test(tc, only_a_record_tells_of_defaults_and_relatives);
    tcase_add_test(tc, file_that_is_not_there_is_empty);
    tcase_add_test(tc, file_with_a_zero_byte_is_refused);
    tcase_add_test(tc, driver_without_a_version_is_a_dash);
}
