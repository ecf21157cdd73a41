/* folder.c - paths and folders; declared in file.h. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/status.h"

enum scl_path_kind scl_path_kind(const char *path)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return SCL_PATH_NONE;
    if (S_ISREG(st.st_mode))
        return SCL_PATH_FILE;
    return S_ISDIR(st.st_mode) ? SCL_PATH_FOLDER : SCL_PATH_OTHER;
}

char *scl_path_join(const char *folder, const char *name)
{
    const size_t length = strlen(folder), size = length + strlen(name) + 2;
    char *path = malloc(size);

    if (!path)
        scl_fail(SCL_NOMEM, "%s: no memory for a path", name);
    else if (length == 0 || name[0] == '/')
        snprintf(path, size, "%s", name);
    else
        snprintf(path, size, "%s%s%s", folder, folder[length - 1] == '/' ? "" : "/", name);
    return path;
}

int scl_folder_make(const char *path)
{
    char *part = strdup(path);
    int rc = SCL_OK;

    if (!part)
        return scl_fail(SCL_NOMEM, "%s: no memory for a path", path);
    /* Each prefix that ends before a slash, then the whole. */
    for (char *end = part + (part[0] == '/'); rc == SCL_OK; end++) {
        const char c = *end;
        int why;

        if (c != '/' && c != '\0')
            continue;
        *end = '\0';
        why = mkdir(part, 0777) < 0 ? errno : 0;
        if (why && scl_path_kind(part) != SCL_PATH_FOLDER)
            rc = scl_fail(SCL_IO, "%s: the folder cannot be created: %s", part, strerror(why));
        *end = c;
        if (c == '\0')
            break;
    }
    free(part);
    return rc;
}

/* The directory says what most names are; only links and odd ones are asked. */
static int entry_kind(enum scl_path_kind *out, const char *folder, const struct dirent *d)
{
    char *path;

    if (d->d_type == DT_REG || d->d_type == DT_DIR) {
        *out = d->d_type == DT_REG ? SCL_PATH_FILE : SCL_PATH_FOLDER;
        return SCL_OK;
    }
    path = scl_path_join(folder, d->d_name);
    if (!path)
        return SCL_NOMEM;
    *out = scl_path_kind(path);
    free(path);
    return SCL_OK;
}

static int push(struct scl_folder *folder, size_t *room, const char *path, const struct dirent *d)
{
    struct scl_folder_entry entry;

    if (folder->n == *room) {
        const size_t more = *room ? 2 * *room : 64;
        struct scl_folder_entry *grown = realloc(folder->entry, more * sizeof *grown);

        if (!grown)
            return scl_fail(SCL_NOMEM, "%s: no memory for %zu names", path, more);
        folder->entry = grown;
        *room = more;
    }
    if (entry_kind(&entry.kind, path, d) < 0)
        return SCL_NOMEM;
    entry.name = strdup(d->d_name);
    if (!entry.name)
        return scl_fail(SCL_NOMEM, "%s: no memory for %zu names", path, folder->n + 1);
    folder->entry[folder->n++] = entry;
    return SCL_OK;
}

static int compare(const void *a, const void *b)
{
    const struct scl_folder_entry *x = a, *y = b;

    return strcmp(x->name, y->name);
}

int scl_folder_load(struct scl_folder *out, const char *path)
{
    struct scl_folder folder = { 0 };
    DIR *dir = opendir(path);
    const struct dirent *d;
    size_t room = 0;
    int rc = SCL_OK;

    if (!dir)
        return scl_fail(SCL_IO, "%s: the folder cannot be opened: %s", path, strerror(errno));
    while (errno = 0, (d = readdir(dir))) {
        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
            continue;
        SCL_TRY(push(&folder, &room, path, d));
    }
    if (errno) {
        rc = scl_fail(SCL_IO, "%s: the folder cannot be read: %s", path, strerror(errno));
        goto out;
    }
    if (folder.n > 0)
        qsort(folder.entry, folder.n, sizeof *folder.entry, compare);
    *out = folder;
    folder = (struct scl_folder){ 0 };
out:
    scl_folder_fini(&folder);
    closedir(dir);
    return rc;
}

void scl_folder_fini(struct scl_folder *folder)
{
    for (size_t i = 0; i < folder->n; i++)
        free(folder->entry[i].name);
    free(folder->entry);
    *folder = (struct scl_folder){ 0 };
}

bool scl_user_folder(char *out, size_t size, const char *set, const char *xdg, const char *home,
                     const char *hidden, const char *name)
{
    int length = 0;

    if (set && *set)
        length = snprintf(out, size, "%s/%s", set, name);
    else if (!set && xdg && *xdg)
        length = snprintf(out, size, "%s/scorecl/%s", xdg, name);
    else if (!set && home && *home)
        length = snprintf(out, size, "%s/%s/scorecl/%s", home, hidden, name);
    return length > 0 && (size_t)length < size;
}

/* NAME.tmp-PROCESS-NUMBER, as open_beside() of file.c calls it, and nobody writes it any more.
 * A process number may come again: in a container it is often the same at each start. */
static bool is_left_over(const char *name)
{
    const char *mark = NULL;
    unsigned number;
    int end = 0;
    long pid;

    for (const char *at = name; (at = strstr(at, ".tmp-")); at++)
        mark = at;
    if (!mark || sscanf(mark, ".tmp-%ld-%u%n", &pid, &number, &end) != 2 || mark[end] || pid <= 0)
        return false;
    return pid == (long)getpid() || (kill((pid_t)pid, 0) < 0 && errno == ESRCH);
}

void scl_folder_sweep(const char *path)
{
    struct scl_folder folder = { 0 };

    if (scl_folder_load(&folder, path) < 0)
        return;
    for (size_t i = 0; i < folder.n; i++) {
        char *name = NULL;

        if (folder.entry[i].kind == SCL_PATH_FILE && is_left_over(folder.entry[i].name))
            name = scl_path_join(path, folder.entry[i].name);
        if (name)
            unlink(name);
        free(name);
    }
    scl_folder_fini(&folder);
}
