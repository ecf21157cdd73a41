/* profile_load.c - all profiles, from the program itself or from its source tree. */
#include "backend/profile_impl.h"

#include <stdlib.h>
#include <string.h>

#include "base/source.h"
#include "base/status.h"

/* Where loading stands. */
struct loading {
    struct scl_arena *arena;
    struct scl_profile_file *first, **tail;
};

static struct scl_profile_file *find(struct scl_profile_file *list, const char *name)
{
    for (; list; list = list->next)
        if (strcmp(list->name, name) == 0)
            return list;
    return NULL;
}

static int add(void *user, const char *path, const char *text, size_t size)
{
    struct loading *loading = user;
    struct scl_profile_file *file = scl_arena_alloc(loading->arena, sizeof *file);
    const char *kept = scl_arena_text(loading->arena, "%s", path);
    const struct scl_profile_file *other;
    int rc;

    if (!file || !kept)
        return SCL_NOMEM;
    SCL_TRY(scl_profile_parse(file, loading->arena, kept, text, size));
    if ((other = find(loading->first, file->name)))
        return scl_fail(SCL_CONFIG, "%s:1: name: found \"%s\", which is %s's", path, file->name,
                        other->path);
    *loading->tail = file;
    loading->tail = &file->next;
out:
    return rc;
}

static int find_parents(struct scl_profile_file *list)
{
    for (struct scl_profile_file *f = list; f; f = f->next)
        if (f->inherits && !(f->parent = find(list, f->inherits)))
            return scl_fail(SCL_CONFIG, "%s:%d: inherits: there is no profile \"%s\"", f->path,
                            f->inherits_line, f->inherits);
    for (struct scl_profile_file *f = list; f; f = f->next)
        for (const struct scl_profile_file *up = f->parent; up; up = up->parent)
            if (up == f || ++f->depth > 16)
                return scl_fail(SCL_CONFIG, "%s:%d: inherits: %s inherits itself, or from too far",
                                f->path, f->inherits_line, f->name);
    return SCL_OK;
}

int scl_profile_load_all(struct scl_profile_file **out, struct scl_arena *arena)
{
    const char *const set = getenv("SCL_SOURCE_DIR"), *const source = set && *set ? set : NULL;
    struct loading loading = { .arena = arena, .tail = &loading.first };
    int rc;

    SCL_TRY(scl_source_walk("backends", ".yaml", add, &loading));
    if (!find(loading.first, SCL_PROFILE_ROOT))
        return scl_fail(SCL_CONFIG, "there is no profile \"" SCL_PROFILE_ROOT "\" in backends/%s%s",
                        source ? " under " : "", source ? source : "");
    SCL_TRY(find_parents(loading.first));
    *out = loading.first;
out:
    return rc;
}
