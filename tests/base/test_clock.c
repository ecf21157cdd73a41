/* test_clock.c - durations and the time of day as people read them. */
#include <string.h>

#include "base/clock.h"

START_TEST(durations_are_short_to_read)
{
    static const struct {
        double seconds;
        const char *text;
    } table[] = {
        { -3, "0:00" },
        { 0, "0:00" },
        { 0.4, "0:00" },
        { 7, "0:07" },
        { 59.6, "1:00" },
        { 754, "12:34" },
        { 11109, "3:05:09" },
        { 86399, "23:59:59" },
        { 183909, "2d 03:05:09" },
        { 0.0 / 0.0, "0:00" },
        { 1e300, "34722d 05:20:00" },
    };
    char text[SCL_DURATION_BYTES];

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        ck_assert_str_eq(scl_clock_duration(text, table[i].seconds), table[i].text);
}
END_TEST

START_TEST(time_of_day_has_the_form_of_iso_8601)
{
    static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
    char text[SCL_TIME_BYTES];

    scl_clock_time(text);
    ck_assert_uint_eq(strlen(text), strlen(form));
    for (size_t i = 0; form[i]; i++)
        ck_assert(form[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == form[i]);
}
END_TEST

START_TEST(clock_does_not_run_backwards)
{
    double before = scl_clock();

    for (int i = 0; i < 1000; i++) {
        const double now = scl_clock();

        ck_assert(now >= before);
        before = now;
    }
}
END_TEST

const char *const suite_name = "base/clock";

void suite_fill(TCase *tc)
{
    tcase_add_test(tc, durations_are_short_to_read);
    tcase_add_test(tc, time_of_day_has_the_form_of_iso_8601);
    tcase_add_test(tc, clock_does_not_run_backwards);
}
