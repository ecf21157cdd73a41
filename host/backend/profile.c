/* profile.c - choosing a profile, and asking it. */
#define _GNU_SOURCE /* FNM_CASEFOLD */
#include "backend/profile.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/profile_impl.h"
#include "base/status.h"

struct scl_profile {
    struct scl_arena arena;
    const struct scl_profile_file *file;
};

static const char *const match_keys[] = { "platform", "type", "vector_width", "vendor", "device" };
enum { N_KEY = sizeof match_keys / sizeof *match_keys };

/* The device's facts as texts, in the order of match_keys. */
struct fact_texts {
    const char *text[N_KEY];
    char vector_width[16];
};

static void get_facts(struct fact_texts *out, const struct scl_facts *facts)
{
    snprintf(out->vector_width, sizeof out->vector_width, "%d", facts->vector_width);
    out->text[0] = facts->platform;
    out->text[1] = facts->is_cpu ? "cpu" : "gpu";
    out->text[2] = out->vector_width;
    out->text[3] = facts->vendor;
    out->text[4] = facts->name;
}

static int find_key(const char *key)
{
    for (int i = 0; i < N_KEY; i++)
        if (strcmp(match_keys[i], key) == 0)
            return i;
    return -1;
}

bool scl_match_key_known(const char *key)
{
    return find_key(key) >= 0;
}

static bool rule_holds(const struct scl_match_rule *rule, const struct fact_texts *facts)
{
    const char *text = facts->text[find_key(rule->key)];

    for (int i = 0; i < rule->n_glob; i++)
        if (fnmatch(rule->glob[i], text, FNM_CASEFOLD) == 0)
            return true;
    return false;
}

/* How many rules the device fulfils; -1 when it misses one. */
static int specificity(const struct scl_profile_file *file, const struct fact_texts *facts)
{
    int n = 0;

    for (const struct scl_match_rule *rule = file->match; rule; rule = rule->next, n++)
        if (!rule_holds(rule, facts))
            return -1;
    return n;
}

static const struct scl_profile_file *find_best(const struct scl_profile_file *list,
                                                const struct scl_facts *facts)
{
    const struct scl_profile_file *best = NULL;
    struct fact_texts texts;
    int most = -1;

    get_facts(&texts, facts);
    for (const struct scl_profile_file *f = list; f; f = f->next) {
        const int n = specificity(f, &texts);

        if (n > most || (best && n == most && f->depth > best->depth)) {
            best = f;
            most = n;
        }
    }
    return best;
}

/* By the facts, or by the name where there are none. */
static int open_one(struct scl_profile **out, const struct scl_facts *facts, const char *name)
{
    struct scl_profile *profile = calloc(1, sizeof *profile);
    struct scl_profile_file *list;
    int rc;

    if (!profile)
        return scl_fail(SCL_NOMEM, "out of memory for a profile");
    SCL_TRY(scl_profile_load_all(&list, &profile->arena));
    if (facts)
        profile->file = find_best(list, facts);
    for (; name && list && !profile->file; list = list->next)
        if (strcmp(list->name, name) == 0)
            profile->file = list;
    if (!profile->file) {
        rc = scl_fail(SCL_CONFIG, "profile: found \"%s\", wanted one of backends/",
                      name ? name : facts->name);
        goto out;
    }
    *out = profile;
    profile = NULL;
out:
    scl_profile_close(profile);
    return rc;
}

int scl_profile_open(struct scl_profile **out, const struct scl_facts *facts)
{
    return open_one(out, facts, NULL);
}

int scl_profile_open_named(struct scl_profile **out, const char *name)
{
    return open_one(out, NULL, name);
}

void scl_profile_close(struct scl_profile *profile)
{
    if (!profile)
        return;
    scl_arena_fini(&profile->arena);
    free(profile);
}

const char *scl_profile_name(const struct scl_profile *profile)
{
    return profile->file->name;
}

const char *scl_profile_build_options(const struct scl_profile *profile)
{
    const struct scl_profile_file *f = profile->file;

    while (!f->build_options)
        f = f->parent; /* the root has some */
    return f->build_options;
}

const char *scl_profile_families(const struct scl_profile *profile)
{
    const struct scl_profile_file *f = profile->file;

    while (!f->families)
        f = f->parent; /* the root has some */
    return f->families;
}

int scl_profile_get(int *out, const struct scl_profile *profile, const char *kernel,
                    const char *param)
{
    for (const struct scl_profile_file *f = profile->file; f; f = f->parent)
        for (const struct scl_kernel_param *p = f->param; p; p = p->next)
            if (strcmp(p->kernel, kernel) == 0 && strcmp(p->param, param) == 0) {
                *out = p->value;
                return SCL_OK;
            }
    return scl_fail(SCL_CONFIG, "profile %s: neither it nor an ancestor has kernels: %s: { %s }",
                    profile->file->name, kernel, param);
}

/* Whether a nearer one says it, too. */
static bool is_said_before(const struct scl_profile_file *f, const struct scl_profile_file *end,
                           const struct scl_search *search)
{
    for (; f != end; f = f->parent)
        for (const struct scl_search_line *line = f->search; line; line = line->next)
            if (strcmp(line->search.kernel, search->kernel) == 0 &&
                strcmp(line->search.params, search->params) == 0)
                return true;
    return false;
}

const struct scl_search *scl_profile_search(const struct scl_profile *profile, const char *kernel,
                                            int i)
{
    for (const struct scl_profile_file *f = profile->file; f; f = f->parent)
        for (const struct scl_search_line *line = f->search; line; line = line->next)
            if (strcmp(line->search.kernel, kernel) == 0 &&
                !is_said_before(profile->file, f, &line->search) && i-- == 0)
                return &line->search;
    return NULL;
}
