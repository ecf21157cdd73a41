/* test_status.c - what is said of a failure: one line, whatever is in it. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"

START_TEST(code_comes_back_and_words_are_kept)
{
    ck_assert_int_eq(scl_fail(SCL_DATA, "%s: found %d, wanted %s", "a/b.png", 3, "4"), SCL_DATA);
    ck_assert_str_eq(scl_error(), "a/b.png: found 3, wanted 4");
    ck_assert_int_eq(scl_fail(SCL_IO, "%s (again)", scl_error()), SCL_IO);
    ck_assert_str_eq(scl_error(), "a/b.png: found 3, wanted 4 (again)");
}
END_TEST

START_TEST(name_with_control_characters_stays_in_the_line)
{
    scl_fail(SCL_DATA, "%s: is empty", "two\nlines\r\tand \x1b[2J\x7F.png");
    ck_assert_str_eq(scl_error(), "two\\nlines\\r\\tand \\x1b[2J\\x7f.png: is empty");
    scl_fail(SCL_DATA, "%s", scl_error());
    ck_assert_str_eq(scl_error(), "two\\nlines\\r\\tand \\x1b[2J\\x7f.png: is empty");
    scl_fail(SCL_DATA, "%s", "\xC3\xA9\xF0\x9F\x90\x88 \xFF");
    ck_assert_str_eq(scl_error(), "\xC3\xA9\xF0\x9F\x90\x88 \xFF");
}
END_TEST

START_TEST(two_longest_paths_leave_room_for_words)
{
    char path[4096];

    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    scl_fail(SCL_DATA, "%s:1: class has no folder %s, wanted one", path, path);
    ck_assert_ptr_nonnull(strstr(scl_error(), "x, wanted one"));
}
END_TEST

START_TEST(text_without_an_end_in_sight_is_cut)
{
    static char text[3 * SCL_ERROR_BYTES];
    char small[8];

    memset(text, '\n', sizeof text - 1);
    scl_fail(SCL_DATA, "%s", text);
    ck_assert_uint_lt(strlen(scl_error()), SCL_ERROR_BYTES);
    ck_assert_str_eq(scl_line_text(small, sizeof small, "\n\x01\n"), "\\n\\x01");
    ck_assert_str_eq(scl_line_text(small, sizeof small, "0123456789"), "0123");
    ck_assert_str_eq(scl_line_text(small, 1, "0123456789"), "");
}
END_TEST

const char *const suite_name = "base/status";

void suite_fill(TCase *tc)
{
    tcase_add_test(tc, code_comes_back_and_words_are_kept);
    tcase_add_test(tc, name_with_control_characters_stays_in_the_line);
    tcase_add_test(tc, two_longest_paths_leave_room_for_words);
    tcase_add_test(tc, text_without_an_end_in_sight_is_cut);
}
