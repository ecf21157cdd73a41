/* source.c - from the source tree where one is named, else from the program. */
#include "base/source.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "base/file.h"
#include "base/status.h"

enum { MAX_BYTES = 1 << 20, MAX_DEPTH = 8 };

/* NULL: the program carries its files itself. */
static const char *source_tree(void)
{
    const char *const root = getenv("SCL_SOURCE_DIR");

    return root && *root ? root : NULL;
}

int scl_source_load(char **out, const char *name)
{
    const char *const root = source_tree();
    const struct scl_embedded *file;
    char *path;
    size_t size;
    int rc;

    if (root) {
        if (!(path = scl_path_join(root, name)))
            return SCL_NOMEM;
        rc = scl_file_read(out, &size, path, MAX_BYTES);
        free(path);
        return rc;
    }
    if (!(file = scl_embedded_find(name)))
        return scl_fail(SCL_BUILD, "%s is not among the files that the program carries", name);
    if (!(*out = strdup((const char *)file->data)))
        return scl_fail(SCL_NOMEM, "out of memory for %s", name);
    return SCL_OK;
}

/* Whether the file is of a family, named behind the last slash or underscore: NAME/tile or
 * NAME/METHOD_tile. */
static bool is_of(const char *family, const char *file)
{
    const size_t n = strlen(file), n_family = strlen(family);

    return n > n_family && strcmp(file + n - n_family, family) == 0;
}

/* The common.clh of the folder that `file` lies in, or "" where there is none. */
static void folder_common(char *out, size_t size, const char *file)
{
    const char *slash = strchr(file, '/');

    snprintf(out, size, "cl_kernels/%.*s/common.clh", slash ? (int)(slash - file) : 0, file);
    if (!slash || !scl_embedded_find(out))
        *out = '\0';
}

int scl_source_kernel(char **out, const char *file)
{
    static const char sub[] = "subgroup"; /* the same products as tile's */
    const bool is_sub = is_of(sub, file);
    const int stem = (int)(strlen(file) - (is_sub ? strlen(sub) : 0));
    enum { N = 6 };
    char name[N][256] = { "cl_kernels/common.clh" }, *part[N] = { NULL };
    size_t size = 1, at = 0;
    int rc = SCL_OK;

    *out = NULL;
    folder_common(name[1], sizeof name[1], file);
    if (is_sub || is_of("tile", file)) {
        snprintf(name[2], sizeof name[2], "backends/nvidia/mma.clh");
        snprintf(name[3], sizeof name[3], "cl_kernels/tile.clh");
    }
    if (is_of("vec", file))
        snprintf(name[2], sizeof name[2], "cl_kernels/vec.clh");
    if (is_sub)
        snprintf(name[4], sizeof name[4], "cl_kernels/subgroup.clh");
    snprintf(name[N - 1], sizeof name[N - 1], "cl_kernels/%.*s%s.cl", stem, file,
             is_sub ? "tile" : "");
    for (int i = 0; i < N; i++)
        if (name[i][0]) {
            SCL_TRY(scl_source_load(&part[i], name[i]));
            size += strlen(part[i]) + sizeof name[i] + 16;
        }
    if (!(*out = malloc(size))) {
        rc = scl_fail(SCL_NOMEM, "out of memory for %s", name[N - 1]);
        goto out;
    }
    for (int i = 0; i < N; i++)
        if (part[i])
            at += (size_t)snprintf(*out + at, size - at, "#line 1 \"%s\"\n%s\n", name[i], part[i]);
out:
    for (int i = 0; i < N; i++)
        free(part[i]);
    return rc;
}

struct walk {
    const char *suffix;
    int (*visit)(void *user, const char *path, const char *text, size_t size);
    void *user;
};

static bool ends_in(const char *name, const char *suffix)
{
    const size_t length = strlen(name), end = strlen(suffix);

    return length > end && strcmp(name + length - end, suffix) == 0;
}

static int walk_embedded(const struct walk *w, const char *folder)
{
    const size_t length = strlen(folder);
    int rc = SCL_OK;

    for (const struct scl_embedded *f = scl_embedded_files; f->name; f++)
        if (strncmp(f->name, folder, length) == 0 && f->name[length] == '/' &&
            ends_in(f->name, w->suffix))
            SCL_TRY(w->visit(w->user, f->name, (const char *)f->data, f->size));
out:
    return rc;
}

static int visit_file(const struct walk *w, const char *path)
{
    char *text = NULL;
    size_t size;
    int rc;

    SCL_TRY(scl_file_read(&text, &size, path, MAX_BYTES));
    rc = w->visit(w->user, path, text, size);
out:
    free(text);
    return rc;
}

static int walk_tree(const struct walk *w, const char *path, int depth)
{
    struct scl_folder folder = { 0 };
    char *inner = NULL;
    int rc;

    SCL_TRY(scl_folder_load(&folder, path));
    for (size_t i = 0; i < folder.n; i++) {
        const struct scl_folder_entry *entry = &folder.entry[i];

        free(inner);
        if (!(inner = scl_path_join(path, entry->name))) {
            rc = SCL_NOMEM;
            goto out;
        }
        if (entry->kind == SCL_PATH_FOLDER && depth < MAX_DEPTH)
            SCL_TRY(walk_tree(w, inner, depth + 1));
        else if (entry->kind == SCL_PATH_FILE && ends_in(entry->name, w->suffix))
            SCL_TRY(visit_file(w, inner));
    }
out:
    free(inner);
    scl_folder_fini(&folder);
    return rc;
}

int scl_source_walk(const char *folder, const char *suffix,
                    int (*visit)(void *user, const char *path, const char *text, size_t size),
                    void *user)
{
    const struct walk w = { .suffix = suffix, .visit = visit, .user = user };
    const char *const root = source_tree();
    char *path;
    int rc;

    if (!root)
        return walk_embedded(&w, folder);
    if (!(path = scl_path_join(root, folder)))
        return SCL_NOMEM;
    rc = walk_tree(&w, path, 0);
    free(path);
    return rc;
}
