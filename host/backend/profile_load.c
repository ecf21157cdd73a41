/* profile_load.c - all profiles, from the program itself or from its source tree. */
#include "backend/profile_impl.h"

#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "base/file.h"
#include "base/status.h"

enum { MAX_FILE_BYTES = 1 << 20 };

/* Where loading stands. */
struct loading {
    struct scl_arena *arena;
    struct scl_profile_file *first, **tail;
};

static bool is_profile(const char *name)
{
    const size_t length = strlen(name), end = strlen(".yaml");

    return length > end && strcmp(name + length - end, ".yaml") == 0;
}

static struct scl_profile_file *find(struct scl_profile_file *list, const char *name)
{
    for (; list; list = list->next)
        if (strcmp(list->name, name) == 0)
            return list;
    return NULL;
}

static int add(struct loading *loading, const char *path, const char *text, size_t size)
{
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

static int load_embedded(struct loading *loading)
{
    const char *folder = "backends/";
    int rc = SCL_OK;

    for (const struct scl_embedded *f = scl_embedded_files; f->name; f++)
        if (strncmp(f->name, folder, strlen(folder)) == 0 && is_profile(f->name))
            SCL_TRY(add(loading, f->name, (const char *)f->data, f->size));
out:
    return rc;
}

static int load_file(struct loading *loading, const char *folder, const char *name)
{
    char *path = scl_path_join(folder, name), *text = NULL;
    size_t size;
    int rc = SCL_NOMEM;

    if (!path)
        goto out;
    SCL_TRY(scl_file_read(&text, &size, path, MAX_FILE_BYTES));
    SCL_TRY(add(loading, path, text, size));
out:
    free(text);
    free(path);
    return rc;
}

/* The profiles in `parent`/`name`; with `depth`, those in its folders. */
static int load_folder(struct loading *loading, const char *parent, const char *name, int depth)
{
    char *path = scl_path_join(parent, name);
    struct scl_folder folder = { 0 };
    int rc = SCL_NOMEM;

    if (!path)
        goto out;
    SCL_TRY(scl_folder_load(&folder, path));
    for (size_t i = 0; i < folder.n; i++) {
        const struct scl_folder_entry *entry = &folder.entry[i];

        if (depth > 0 && entry->kind == SCL_PATH_FOLDER)
            SCL_TRY(load_folder(loading, path, entry->name, depth - 1));
        else if (depth == 0 && entry->kind == SCL_PATH_FILE && is_profile(entry->name))
            SCL_TRY(load_file(loading, path, entry->name));
    }
out:
    scl_folder_fini(&folder);
    free(path);
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

    SCL_TRY(source ? load_folder(&loading, source, "backends", 1) : load_embedded(&loading));
    if (!find(loading.first, SCL_PROFILE_ROOT))
        return scl_fail(SCL_CONFIG, "there is no profile \"" SCL_PROFILE_ROOT "\" in backends/%s%s",
                        source ? " under " : "", source ? source : "");
    SCL_TRY(find_parents(loading.first));
    *out = loading.first;
out:
    return rc;
}
