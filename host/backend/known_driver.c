/* known_driver.c - one line a range of versions, six fields between bars. */
#define _GNU_SOURCE /* FNM_CASEFOLD */
#include "backend/known_driver.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/bars_impl.h"
#include "base/source.h"
#include "base/status.h"

enum { PLATFORM, TYPE, FROM, BELOW, WHAT, MEND, N_FIELD, LINE_BYTES = 640 };

/* Numbers between dots, the first before the others: below, the same or above zero as a is
 * below, the same as or above b. What comes before the first digit is no number. */
static int compare_versions(const char *a, const char *b)
{
    a += strcspn(a, "0123456789");
    b += strcspn(b, "0123456789");
    while (*a || *b) {
        char *after_a, *after_b;
        const unsigned long x = strtoul(a, &after_a, 10), y = strtoul(b, &after_b, 10);

        if (x != y)
            return x < y ? -1 : 1;
        a = *after_a == '.' ? after_a + 1 : "";
        b = *after_b == '.' ? after_b + 1 : "";
    }
    return 0;
}

static bool fits(char *const field[N_FIELD], const struct scl_facts *facts)
{
    const char *const type = facts->is_cpu ? "cpu" : "gpu";

    return fnmatch(field[PLATFORM], facts->platform, FNM_CASEFOLD) == 0 &&
           (strcmp(field[TYPE], "any") == 0 || strcmp(field[TYPE], type) == 0) &&
           (strcmp(field[FROM], "*") == 0 || compare_versions(facts->driver, field[FROM]) >= 0) &&
           (strcmp(field[BELOW], "*") == 0 || compare_versions(facts->driver, field[BELOW]) < 0);
}

static int split(char *field[N_FIELD], char *line, const char *path, int number)
{
    const int n = scl_bars_split(field, N_FIELD, line);

    if (n != N_FIELD)
        return scl_fail(SCL_CONFIG, "%s:%d: found %d fields between bars, wanted %d", path, number,
                        n, N_FIELD);
    if (strcmp(field[TYPE], "cpu") != 0 && strcmp(field[TYPE], "gpu") != 0 &&
        strcmp(field[TYPE], "any") != 0)
        return scl_fail(SCL_CONFIG, "%s:%d: found type '%s', wanted cpu, gpu or any", path, number,
                        field[TYPE]);
    return SCL_OK;
}

int scl_known_driver_find_in(struct scl_known_driver out[SCL_MAX_KNOWN], int *n,
                             const struct scl_facts *facts, const char *path, const char *text)
{
    int number = 0;

    *n = 0;
    for (size_t length; *text; text += length + (text[length] == '\n')) {
        char line[LINE_BYTES], *field[N_FIELD];
        int rc;

        length = strcspn(text, "\n");
        number++;
        if (length == 0 || *text == '#')
            continue;
        if (length >= sizeof line)
            return scl_fail(SCL_CONFIG, "%s:%d: found %zu bytes, wanted fewer than %d", path,
                            number, length, LINE_BYTES);
        snprintf(line, sizeof line, "%.*s", (int)length, text);
        if ((rc = split(field, line, path, number)) < 0)
            return rc;
        if (*n == SCL_MAX_KNOWN || !fits(field, facts))
            continue;
        snprintf(out[*n].what, sizeof out->what, "%s", field[WHAT]);
        snprintf(out[*n].mend, sizeof out->mend, "%s", field[MEND]);
        (*n)++;
    }
    return SCL_OK;
}

int scl_known_driver_find(struct scl_known_driver out[SCL_MAX_KNOWN], int *n,
                          const struct scl_facts *facts)
{
    const char *const path = "backends/drivers.txt";
    char *text = NULL;
    int rc;

    SCL_TRY(scl_source_load(&text, path));
    rc = scl_known_driver_find_in(out, n, facts, path, text);
out:
    free(text);
    return rc;
}
