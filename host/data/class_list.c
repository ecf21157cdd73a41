/* class_list.c - which class folders are used, and in which order. */
#include "data/class_list_impl.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/status.h"

#define MAX_BYTES (1 << 20)

/* The line without the blanks around it, cut in place. */
static char *trim(char *line)
{
    static const char blanks[] = " \t\r\v\f";
    char *end = line + strlen(line);

    while (end > line && strchr(blanks, end[-1]))
        end--;
    *end = '\0';
    return line + strspn(line, blanks);
}

static int add_lines(struct scl_class_list *list, struct scl_arena *arena, char *text)
{
    static const char mark[] = "\xEF\xBB\xBF"; /* some editors put it in front of UTF-8 */
    char *next = strncmp(text, mark, strlen(mark)) == 0 ? text + strlen(mark) : text;

    for (int number = 1; next; number++) {
        char *line = strsep(&next, "\n"), *name = trim(line);

        if (*name == '\0' || *name == '#')
            continue;
        list->line[list->n] = number;
        list->name[list->n] = scl_arena_text(arena, "%s", name);
        if (!list->name[list->n++])
            return SCL_NOMEM;
    }
    return SCL_OK;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The lines of a name that is there more than once. */
static int fail_twice(const struct scl_class_list *list, const char *name)
{
    int first = 0, second;

    while (strcmp(list->name[first], name) != 0)
        first++;
    second = first + 1;
    while (strcmp(list->name[second], name) != 0)
        second++;
    return scl_fail(SCL_DATA, "%s:%d: names class '%s' again, which line %d has", list->path,
                    list->line[second], name, list->line[first]);
}

static int check_names(const struct scl_class_list *list, struct scl_arena *arena)
{
    const size_t bytes = (size_t)list->n * sizeof *list->name;
    const char **sorted = scl_arena_copy(arena, list->name, bytes);

    if (!sorted)
        return SCL_NOMEM;
    qsort(sorted, (size_t)list->n, sizeof *sorted, compare);
    for (int i = 1; i < list->n; i++)
        if (strcmp(sorted[i], sorted[i - 1]) == 0)
            return fail_twice(list, sorted[i]);
    return SCL_OK;
}

int scl_class_list_load(struct scl_class_list *out, struct scl_arena *arena, const char *path)
{
    char *text = NULL;
    size_t size, n_lines = 1;
    int rc;

    SCL_TRY(scl_file_read(&text, &size, path, MAX_BYTES));
    if (strlen(text) != size) {
        rc = scl_fail(SCL_DATA, "%s: has a zero byte, wanted a list of classes, a name a line",
                      path);
        goto out;
    }
    for (const char *p = text; (p = strchr(p, '\n')); p++)
        n_lines++;
    *out = (struct scl_class_list){
        .path = scl_arena_text(arena, "%s", path),
        .name = scl_arena_alloc(arena, n_lines * sizeof *out->name),
        .line = scl_arena_alloc(arena, n_lines * sizeof *out->line),
    };
    rc = SCL_NOMEM;
    if (!out->path || !out->name || !out->line)
        goto out;
    SCL_TRY(add_lines(out, arena, text));
    if (out->n == 0)
        rc = scl_fail(SCL_DATA, "%s: names no class, wanted a name a line", path);
    else
        rc = check_names(out, arena);
out:
    free(text);
    return rc;
}

static int compare_entry(const void *name, const void *entry)
{
    return strcmp(name, ((const struct scl_folder_entry *)entry)->name);
}

int scl_class_list_check(const struct scl_class_list *list, const struct scl_folder *folder,
                         const char *path)
{
    for (int c = 0; c < list->n; c++) {
        const struct scl_folder_entry *found =
            folder->n ? bsearch(list->name[c], folder->entry, folder->n, sizeof *folder->entry,
                                compare_entry)
                      : NULL;

        if (!found || found->kind != SCL_PATH_FOLDER)
            return scl_fail(SCL_DATA, "%s:%d: class '%s' has no folder %s/%s", list->path,
                            list->line[c], list->name[c], path, list->name[c]);
    }
    return SCL_OK;
}
