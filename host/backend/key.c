/* key.c - a short name for a device, the same after a driver's update. */
#define _GNU_SOURCE /* FNM_CASEFOLD */
#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "backend/profile.h"

static const struct {
    const char *glob, *word;
} platforms[] = {
    { "Portable Computing Language*", "pocl" },
    { "Intel*", "intel" },
    { "AMD *", "amd" },
    { "NVIDIA*", "nvidia" },
    { "rusticl*", "rusticl" },
    { "*", "other" },
};

/* How PoCL's drivers begin the names of CPUs. */
static const char *const prefixes[] = { "pthread-", "cpu-", "basic-" };

static const char *platform_word(const char *platform)
{
    size_t i = 0;

    while (fnmatch(platforms[i].glob, platform, FNM_CASEFOLD) != 0)
        i++;
    return platforms[i].word;
}

/* Letters and digits in lower case, '-' for what lies between them; what is in
 * parentheses ("(R)", Mesa's versions of LLVM and DRM) is left out. */
static void write_name(char *out, size_t size, const char *name)
{
    size_t n = 0;
    int depth = 0;
    bool gap = false;

    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            name += strlen(prefixes[i]);
    for (; *name && n + 2 < size; name++) {
        if (*name == '(' || *name == ')') {
            depth += *name == '(' ? 1 : depth > 0 ? -1 : 0;
            gap = true;
        } else if (depth == 0 && isalnum((unsigned char)*name)) {
            if (gap && n > 0)
                out[n++] = '-';
            out[n++] = (char)tolower((unsigned char)*name);
            gap = false;
        } else {
            gap = true;
        }
    }
    out[n] = '\0';
}

void scl_device_key(char *out, size_t size, const struct scl_facts *facts)
{
    char name[sizeof facts->name];

    write_name(name, sizeof name, facts->name);
    snprintf(out, size, "%s:%s:%dcu", platform_word(facts->platform), name[0] ? name : "unknown",
             facts->compute_units);
}

static const struct scl_facts *at(const struct scl_facts *first, size_t stride, int i)
{
    return (const struct scl_facts *)((const char *)first + (size_t)i * stride);
}

void scl_device_key_numbered(char *out, size_t size, const struct scl_facts *first, size_t stride,
                             int i)
{
    char before[SCL_KEY_BYTES];
    int n_same = 0;

    scl_device_key(out, size, at(first, stride, i));
    for (int k = i - 1; k >= 0; k--, n_same++) {
        scl_device_key(before, sizeof before, at(first, stride, k));
        if (strcmp(before, out) != 0)
            break;
    }
    if (n_same)
        snprintf(out + strlen(out), size - strlen(out), "#%d", n_same);
}
