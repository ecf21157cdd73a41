/* test_tuning.c - which decisions a device is given, in which order, and where they are kept. */
#include "backend/tuning.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "support/temp_folder.h"

#define ME "pocl:skylake-avx512-me:2cu"

static struct scl_facts facts;
static struct scl_profile *profile;
static struct scl_tuning *tuning;

static void setup(void)
{
    temp_folder_open();
    setenv("SCL_CONFIG_DIR", temp_path("config"), 1);
    unsetenv("SCL_SOURCE_DIR");
    facts = (struct scl_facts){ .platform = "Portable Computing Language",
                                .vendor = "AuthenticAMD",
                                .name = "pthread-skylake-avx512-me",
                                .driver = "3.1",
                                .is_cpu = true,
                                .compute_units = 2,
                                .vector_width = 16,
                                .local_bytes = 1 << 20 };
    ck_assert_int_eq(scl_profile_open(&profile, &facts), SCL_OK);
}

static void teardown(void)
{
    scl_tuning_close(tuning);
    tuning = NULL;
    scl_profile_close(profile);
    unsetenv("SCL_CONFIG_DIR");
    unsetenv("SCL_SOURCE_DIR");
    temp_folder_close();
}

static void use(const char *text)
{
    struct scl_decisions list = { 0 };

    ck_assert_msg(scl_decisions_parse(&list, "t", text, false) == SCL_OK, "%s", scl_error());
    ck_assert_int_eq(scl_tuning_new(&tuning, &list, &facts, profile), SCL_OK);
    ck_assert_int_eq(list.n, 0);
}

static void reopen(void)
{
    scl_tuning_close(tuning);
    tuning = NULL;
    ck_assert_msg(scl_tuning_open(&tuning, &facts, profile) == SCL_OK, "%s", scl_error());
}

/* The plans for a node, in their order, a blank between two. */
static const char *plans(const char *node)
{
    static char text[256];

    text[0] = '\0';
    for (const struct scl_decision *d = NULL; (d = scl_tuning_find(tuning, node, d));)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", text[0] ? " " : "",
                 d->plan);
    return text;
}

static enum scl_origin origin(const struct scl_decision *d)
{
    const char *from;

    return scl_tuning_origin(&from, tuning, d);
}

#define ROW(device, driver, node, plan, ms, origin)                                                \
    device " | " driver " | " node " | " plan " | f32 | " ms " | - | - | 00000000 | " origin       \
           " | 1\n"

START_TEST(own_comes_before_imported_before_relatives)
{
    use("#@ pocl:other:2cu | AuthenticAMD | pocl-avx512 | cpu | 1048576\n" //
        ROW("pocl:other:2cu", "3.1", "n", "relative", "1", "tuned")        //
        ROW(ME, "3.0", "n", "older", "1", "tuned")                         //
        ROW(ME, "3.1", "n", "imported", "1", "imported")                   //
        ROW(ME, "3.1", "n", "own", "9", "tuned")                           //
        ROW(ME, "3.1", "n", "slower", "8", "measured")                     //
        ROW(ME, "3.1", "m", "another", "1", "tuned"));
    ck_assert_str_eq(plans("n"), "own imported older relative");
    ck_assert_str_eq(plans("m"), "another");
    ck_assert_str_eq(plans("absent"), "");
}
END_TEST

START_TEST(decision_says_where_it_is_from)
{
    const struct scl_decision *d;

    use("#@ pocl:other:2cu | x | pocl-avx512 | cpu | 1048576\n" //
        ROW("pocl:other:2cu", "3.1", "a", "p", "1", "tuned")    //
        ROW(ME, "3.0", "b", "p", "1", "tuned")                  //
        ROW(ME, "3.1", "c", "p", "1", "tuned"));
    ck_assert_ptr_nonnull(d = scl_tuning_find(tuning, "a", NULL));
    ck_assert_int_eq(origin(d), SCL_RELATIVE);
    ck_assert_ptr_nonnull(d = scl_tuning_find(tuning, "b", NULL));
    ck_assert_int_eq(origin(d), SCL_IMPORTED);
    ck_assert_ptr_nonnull(d = scl_tuning_find(tuning, "c", NULL));
    ck_assert_int_eq(origin(d), SCL_TUNED);
}
END_TEST

/* Each differs from the device in the one thing that its plan is called after; the nearest first.
 */
START_TEST(relatives_come_by_how_much_they_differ)
{
    use("#@ pocl:skylake-avx512-me:4cu | AuthenticAMD | pocl-avx512 | cpu | 1048576\n"
        "#@ pocl:skylake-avx512-me:64cu | AuthenticAMD | pocl-avx512 | cpu | 1048576\n"
        "#@ pocl:small:2cu | AuthenticAMD | pocl-avx512 | cpu | 65536\n"
        "#@ pocl:model:2cu | AuthenticAMD | pocl-avx512 | cpu | 1048576\n"
        "#@ pocl:vendor:2cu | GenuineIntel | pocl-avx512 | cpu | 1048576\n"
        "#@ pocl:narrow:2cu | AuthenticAMD | pocl-avx2 | cpu | 1048576\n"
        "#@ pocl:foreign:2cu | GenuineIntel | pocl-avx2 | cpu | 1048576\n"
        "#@ amd:gfx90c:2cu | AuthenticAMD | amd-gpu | gpu | 1048576\n" //
        ROW("pocl:foreign:2cu", "1", "n", "foreign", "1", "tuned")     //
        ROW("pocl:narrow:2cu", "1", "n", "narrow", "1", "tuned")       //
        ROW("pocl:vendor:2cu", "1", "n", "vendor", "1", "tuned")       //
        ROW("pocl:small:2cu", "1", "n", "small", "1", "tuned")         //
        ROW("pocl:model:2cu", "1", "n", "model", "1", "tuned")         //
        ROW("pocl:skylake-avx512-me:64cu", "1", "n", "more", "1", "tuned")
            ROW("pocl:skylake-avx512-me:4cu", "1", "n", "twice", "1", "tuned")
                ROW("amd:gfx90c:2cu", "1", "n", "gpu", "1", "tuned")
                    ROW("pocl:unknown:2cu", "1", "n", "unknown", "1", "tuned"));
    ck_assert_str_eq(plans("n"), "twice more model small vendor");
    ck_assert_int_eq(scl_tuning_count(tuning).relative, 5);
    ck_assert_str_eq(scl_tuning_count(tuning).nearest, "pocl:skylake-avx512-me:4cu");
}
END_TEST

START_TEST(plan_that_failed_here_is_not_offered)
{
    use("#@ pocl:other:2cu | AuthenticAMD | pocl-avx512 | cpu | 1048576\n"
        "pocl:other:2cu | 3.1 | n | p A=1 | f32 | 1 | - | - | 00000000 | tuned | 1\n" //
        ROW(ME, "3.1", "n", "p A=1", "wrong", "measured") "pocl:other:2cu | 3.1 | m | p A=1 | f32 "
                                                          "| 1 | - | - | 11111111 | tuned | 1\n" //
        ROW(ME, "3.1", "m", "p A=1", "wrong", "measured") "pocl:other:2cu | 3.1 | o | p A=1 | f32 "
                                                          "| 1 | - | - | 00000000 | tuned | 1\n" //
        ROW(ME, "3.0", "o", "p A=1", "wrong", "measured"));
    ck_assert_str_eq(plans("n"), "");
    ck_assert_str_eq(plans("m"), "p A=1"); /* it was another kernel that failed */
    ck_assert_str_eq(plans("o"), "p A=1"); /* and here another driver */
}
END_TEST

START_TEST(what_was_tried_is_known_to_the_plan_and_the_driver)
{
    const struct scl_decision *d;

    use(ROW(ME, "3.1", "n", "p A=1", "hung", "measured")
            ROW(ME, "3.0", "n", "p A=2", "7", "measured") ROW(ME, "3.1", "n", "q", "1", "imported")
                ROW(ME, "3.1", "n", "r", "wrong", "imported"));
    ck_assert_ptr_null(scl_tuning_tried(tuning, "n", "q", "f32")); /* not tried here */
    ck_assert_ptr_nonnull(scl_tuning_tried(tuning, "n", "r", "f32"));
    ck_assert_ptr_nonnull(d = scl_tuning_tried(tuning, "n", "p A=1", "f32"));
    ck_assert_int_eq(d->verdict, SCL_HUNG);
    ck_assert_ptr_null(scl_tuning_tried(tuning, "n", "p A=2", "f32"));
    ck_assert_ptr_null(scl_tuning_tried(tuning, "n", "p A=1", "f16"));
    ck_assert_ptr_null(scl_tuning_tried(tuning, "m", "p A=1", "f32"));
}
END_TEST

/* ---- on disk ------------------------------------------------------------------------------ */

static struct scl_decision decision(const char *node, const char *plan, enum scl_origin origin)
{
    return (struct scl_decision){ .node = node,
                                  .plan = plan,
                                  .numeric = "f32",
                                  .ms = 1,
                                  .max_error = 1e-6,
                                  .share = 0.5,
                                  .hash = "00000000",
                                  .origin = origin };
}

START_TEST(saved_decisions_are_there_the_next_time)
{
    const struct scl_decision d[] = { decision("n", "p A=1", SCL_MEASURED),
                                      decision("n", "p A=2", SCL_TUNED) };
    const struct scl_decision *found;

    reopen();
    ck_assert_msg(scl_tuning_save(tuning, 2, d) == SCL_OK, "%s", scl_error());
    ck_assert_str_eq(plans("n"), "p A=2");
    reopen();
    ck_assert_str_eq(plans("n"), "p A=2");
    ck_assert_ptr_nonnull(found = scl_tuning_tried(tuning, "n", "p A=1", "f32"));
    ck_assert_str_eq(found->device, ME);
    ck_assert_str_eq(found->driver, "3.1");
    ck_assert_str_eq(found->version, SCL_VERSION);
}
END_TEST

START_TEST(save_keeps_what_another_process_wrote_meanwhile)
{
    struct scl_tuning *other;
    const struct scl_decision mine = decision("mine", "p", SCL_TUNED);
    const struct scl_decision its = decision("its", "q", SCL_TUNED);

    reopen();
    ck_assert_int_eq(scl_tuning_open(&other, &facts, profile), SCL_OK);
    ck_assert_int_eq(scl_tuning_save(other, 1, &its), SCL_OK);
    scl_tuning_close(other);
    ck_assert_int_eq(scl_tuning_save(tuning, 1, &mine), SCL_OK);
    reopen();
    ck_assert_str_eq(plans("mine"), "p");
    ck_assert_str_eq(plans("its"), "q");
}
END_TEST

START_TEST(what_the_program_carries_counts_as_imported)
{
    const char *const shipped = ROW(ME, "3.1", "n", "shipped", "1", "tuned")
        ROW(ME, "3.1", "n", "p A=1", "wrong", "measured") //
        ROW(ME, "3.1", "n", "p A=2", "5", "measured");
    const struct scl_decision mine = decision("n", "mine", SCL_TUNED);

    write_file(temp_path("tree/backends/pocl/tuned/one.txt"), shipped, strlen(shipped));
    write_file(temp_path("tree/backends/drivers.txt"), "no table\n", 9);
    setenv("SCL_SOURCE_DIR", temp_path("tree"), 1);
    reopen();
    ck_assert_str_eq(plans("n"), "shipped");
    ck_assert_int_eq(scl_tuning_count(tuning).imported, 1);
    ck_assert_int_eq(origin(scl_tuning_find(tuning, "n", NULL)), SCL_IMPORTED);
    ck_assert_int_eq(scl_tuning_tried(tuning, "n", "p A=1", "f32")->verdict, SCL_WRONG);
    ck_assert_ptr_null(scl_tuning_tried(tuning, "n", "p A=2", "f32"));
    ck_assert_int_eq(scl_tuning_save(tuning, 1, &mine), SCL_OK);
    reopen();
    ck_assert_str_eq(plans("n"), "mine shipped");
}
END_TEST

START_TEST(bad_file_of_the_user_is_refused_by_name)
{
    write_file(temp_path("config/tuned/x.txt"), "one | two\n", 10);
    ck_assert_int_eq(scl_tuning_open(&tuning, &facts, profile), SCL_CONFIG);
    ck_assert_ptr_nonnull(
        strstr(scl_error(), "config/tuned/x.txt:1: found 2 fields between bars, wanted 11"));
    ck_assert_ptr_null(tuning);
}
END_TEST

START_TEST(empty_variable_turns_the_users_database_off)
{
    const struct scl_decision d = decision("n", "p", SCL_TUNED);

    write_file(temp_path("home/.config/scorecl/tuned/x.txt"), "one | two\n", 10);
    setenv("HOME", temp_path("home"), 1);
    setenv("SCL_CONFIG_DIR", "", 1);
    reopen();
    ck_assert_int_eq(scl_tuning_save(tuning, 1, &d), SCL_IO);
    ck_assert_str_eq(scl_error(), "there is no folder for a tuning database: HOME is not set, or "
                                  "SCL_CONFIG_DIR is empty");
}
END_TEST

START_TEST(devices_have_files_of_their_own)
{
    char a[64], b[64], long_key[340] = "pocl:", c[200], d[200];

    scl_tuning_file_name(a, sizeof a, ME);
    scl_tuning_file_name(b, sizeof b, "pocl:skylake-avx512-me:4cu");
    ck_assert_str_eq(a, "pocl_skylake-avx512-me_2cu.txt");
    ck_assert_str_ne(a, b);
    memset(long_key + 5, 'x', 300);
    strcpy(long_key + 305, ":2cu");
    scl_tuning_file_name(c, sizeof c, long_key);
    long_key[306] = '4';
    scl_tuning_file_name(d, sizeof d, long_key);
    ck_assert_uint_le(strlen(c), 150);
    ck_assert_str_ne(c, d);
}
END_TEST

const char *const suite_name = "backend/tuning";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, own_comes_before_imported_before_relatives);
    tcase_add_test(tc, decision_says_where_it_is_from);
    tcase_add_test(tc, relatives_come_by_how_much_they_differ);
    tcase_add_test(tc, plan_that_failed_here_is_not_offered);
    tcase_add_test(tc, what_was_tried_is_known_to_the_plan_and_the_driver);
    tcase_add_test(tc, saved_decisions_are_there_the_next_time);
    tcase_add_test(tc, save_keeps_what_another_process_wrote_meanwhile);
    tcase_add_test(tc, what_the_program_carries_counts_as_imported);
    tcase_add_test(tc, bad_file_of_the_user_is_refused_by_name);
    tcase_add_test(tc, empty_variable_turns_the_users_database_off);
    tcase_add_test(tc, devices_have_files_of_their_own);
}
