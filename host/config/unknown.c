/* unknown.c - words for a key that does not exist: the nearest one, or all there are. */
#include "config/config_impl.h"

#include <stdio.h>
#include <string.h>

#include "base/status.h"

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance of two texts; those too long for a key are far from all. */
static int distance(const char *a, const char *b)
{
    const int n = (int)strlen(a), m = (int)strlen(b);
    int row[SCL_KEY_BYTES + 1];

    if (n >= SCL_KEY_BYTES || m >= SCL_KEY_BYTES)
        return SCL_KEY_BYTES;
    for (int j = 0; j <= m; j++)
        row[j] = j;
    for (int i = 1; i <= n; i++) {
        int diagonal = row[0];

        row[0] = i;
        for (int j = 1; j <= m; j++) {
            const int above = row[j];

            row[j] = least(least(above, row[j - 1]) + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[m];
}

static const char *last_part(const char *key)
{
    const char *dot = strrchr(key, '.');

    return dot ? dot + 1 : key;
}

/* Appends one more name to the words; drops it when there is no room. */
static void append(char *words, size_t size, const char *name)
{
    const size_t n = strlen(words);

    if (n + strlen(name) + 3 < size)
        snprintf(words + n, size - n, "%s%s", n ? ", " : "", name);
}

/* Whether what stands before the dot is a group. */
static bool is_group(const char *key, const char *dot)
{
    char name[SCL_KEY_BYTES];

    snprintf(name, sizeof name, "%.*s", (int)(dot - key), key);
    return scl_leaf_is_group(name);
}

int scl_config_unknown(const struct scl_entry *entry)
{
    const char *key = entry->key, *dot = strchr(key, '.');
    const size_t group = dot && is_group(key, dot) ? (size_t)(dot - key) + 1 : 0;
    char near[SCL_KEY_BYTES] = "", siblings[512] = "", top[SCL_KEY_BYTES] = "";
    struct scl_leaf leaf = { 0 };
    int best = 3; /* further away than two letters is another word */

    while (scl_leaf_next(&leaf)) {
        char name[SCL_KEY_BYTES]; /* at the top a group counts as one name */
        const int top_length = (int)strcspn(leaf.key, ".");
        int d;

        snprintf(name, sizeof name, "%.*s", dot ? SCL_KEY_BYTES - 1 : top_length, leaf.key);
        d = distance(key, name);
        if (!strcmp(last_part(key), last_part(leaf.key)) && best > 2) {
            d = 2; /* the right name in the wrong place */
            snprintf(name, sizeof name, "%s", leaf.key);
        }
        if (d < best) {
            best = d;
            snprintf(near, sizeof near, "%s", name);
        }
        if (group && !strncmp(key, leaf.key, group)) {
            append(siblings, sizeof siblings, last_part(leaf.key));
        } else if (!group && (strncmp(top, leaf.key, (size_t)top_length) || top[top_length])) {
            snprintf(top, sizeof top, "%.*s", top_length, leaf.key);
            append(siblings, sizeof siblings, top);
        }
    }
    if (*near)
        return scl_fail(SCL_CONFIG,
                        "%s: found an unknown key, wanted one that exists: did you mean %s?",
                        entry->origin, near);
    return scl_fail(SCL_CONFIG, "%s: found an unknown key, wanted one of %s", entry->origin,
                    siblings);
}
