/* facts_file.c - one table for reading and writing. */
#include "backend/facts_file.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"

enum { MAX_BYTES = 1 << 16 };

#define TEXT(key, member, must)                                                                    \
    {                                                                                              \
        key, IS_TEXT, offsetof(struct scl_facts, member), sizeof((struct scl_facts *)0)->member,   \
            must                                                                                   \
    }
#define NUMBER(key, kind, member, must)                                                            \
    {                                                                                              \
        key, kind, offsetof(struct scl_facts, member), 0, must                                     \
    }

static const struct fact {
    const char *key;
    enum { IS_TEXT, IS_TYPE, IS_YES, IS_COUNT, IS_SIZE } kind;
    size_t offset, size;
    bool must;
} facts_table[] = {
    TEXT("platform", platform, true),
    NUMBER("type", IS_TYPE, is_cpu, true),
    TEXT("vendor", vendor, false),
    TEXT("device", name, true),
    TEXT("driver", driver, false),
    TEXT("version", version, false),
    NUMBER("width", IS_COUNT, vector_width, false),
    NUMBER("units", IS_COUNT, compute_units, true),
    NUMBER("memory", IS_SIZE, global_bytes, false),
    NUMBER("buffer", IS_SIZE, max_alloc_bytes, false),
    NUMBER("align", IS_SIZE, align_bytes, false),
    NUMBER("group", IS_SIZE, max_group, false),
    NUMBER("local", IS_SIZE, local_bytes, false),
    NUMBER("subgroups", IS_YES, has_subgroups, false),
    NUMBER("exact", IS_YES, rounds_exactly, false),
    NUMBER("tf32", IS_YES, has_tf32, false),
};
enum { N_FACT = sizeof facts_table / sizeof *facts_table };

static const char *const derived[] = { "profile", "families", "key" };

/* Whether `text` is one of two words; *out is whether it is the first. */
static bool read_word(bool *out, const char *text, const char *first, const char *second)
{
    *out = strcmp(text, first) == 0;
    return *out || strcmp(text, second) == 0;
}

static bool read_number(unsigned long long *out, const char *text, unsigned long long most)
{
    errno = 0;
    if (!*text || text[strspn(text, "0123456789")] != '\0')
        return false;
    *out = strtoull(text, NULL, 10);
    return errno == 0 && *out <= most;
}

/* False when the value is not of the fact's kind; *wanted says what is. */
static bool set(struct scl_facts *facts, const struct fact *fact, const char *value,
                const char **wanted)
{
    char *at = (char *)facts + fact->offset;
    unsigned long long number;

    switch (fact->kind) {
    case IS_TEXT:
        *wanted = "a shorter text";
        if (strlen(value) >= fact->size)
            return false;
        strcpy(at, value);
        return true;
    case IS_TYPE:
        *wanted = "cpu or gpu";
        return read_word((bool *)at, value, "cpu", "gpu");
    case IS_YES:
        *wanted = "yes or no";
        return read_word((bool *)at, value, "yes", "no");
    case IS_COUNT:
        *wanted = "a whole number up to 2147483647";
        if (!read_number(&number, value, INT_MAX))
            return false;
        *(int *)at = (int)number;
        return true;
    default:
        *wanted = "a whole number";
        if (!read_number(&number, value, SIZE_MAX))
            return false;
        *(size_t *)at = (size_t)number;
        return true;
    }
}

static bool is_derived(const char *key)
{
    for (size_t i = 0; i < sizeof derived / sizeof *derived; i++)
        if (strcmp(key, derived[i]) == 0)
            return true;
    return false;
}

static int read_line(struct scl_facts *facts, bool seen[N_FACT], char *line, const char *path,
                     int number)
{
    char *value = line + strcspn(line, " \t");
    const char *wanted;

    if (*value)
        *value++ = '\0';
    value += strspn(value, " \t");
    for (int i = 0; i < N_FACT; i++) {
        const struct fact *fact = &facts_table[i];

        if (strcmp(line, fact->key) != 0)
            continue;
        if (seen[i])
            return scl_fail(SCL_DATA, "%s:%d: %s: found it again, wanted it once", path, number,
                            line);
        seen[i] = true;
        return set(facts, fact, value, &wanted)
                   ? SCL_OK
                   : scl_fail(SCL_DATA, "%s:%d: %s: found \"%.80s\", wanted %s", path, number, line,
                              value, wanted);
    }
    return is_derived(line) ? SCL_OK
                            : scl_fail(SCL_DATA,
                                       "%s:%d: found \"%.80s\", wanted the name of a fact: "
                                       "platform, type, device, units, memory ...",
                                       path, number, line);
}

int scl_facts_load(struct scl_facts *out, const char *path)
{
    bool seen[N_FACT] = { false };
    char *text = NULL, *line, *rest;
    size_t size;
    int rc, number = 0;

    memset(out, 0, sizeof *out);
    SCL_TRY(scl_file_read(&text, &size, path, MAX_BYTES));
    if (strlen(text) != size) {
        rc = scl_fail(SCL_DATA, "%s: has a zero byte, wanted a fact a line", path);
        goto out;
    }
    for (rest = text; (line = strsep(&rest, "\n"));) {
        number++;
        line[strcspn(line, "\r")] = '\0';
        if (*line && *line != '#')
            SCL_TRY(read_line(out, seen, line, path, number));
    }
    for (int i = 0; i < N_FACT; i++)
        if (facts_table[i].must && !seen[i]) {
            rc = scl_fail(SCL_DATA, "%s: found no line %s, wanted one", path, facts_table[i].key);
            goto out;
        }
out:
    free(text);
    return rc;
}

void scl_facts_print(const struct scl_facts *facts, FILE *file)
{
    for (int i = 0; i < N_FACT; i++) {
        const struct fact *fact = &facts_table[i];
        const char *at = (const char *)facts + fact->offset;

        fprintf(file, "%-9s ", fact->key);
        if (fact->kind == IS_TEXT)
            fprintf(file, "%s\n", at);
        else if (fact->kind == IS_TYPE)
            fprintf(file, "%s\n", *(const bool *)at ? "cpu" : "gpu");
        else if (fact->kind == IS_YES)
            fprintf(file, "%s\n", *(const bool *)at ? "yes" : "no");
        else if (fact->kind == IS_COUNT)
            fprintf(file, "%d\n", *(const int *)at);
        else
            fprintf(file, "%zu\n", *(const size_t *)at);
    }
}
